using Custos.Vocabulary;

namespace Custos.Authority;

/// <summary>Permission for investigative acts (CASE <c>investigation:Authorization</c>): who gave it, on what ground, where, as whom, when and what.</summary>
/// <remarks>Signed by people in a file; <see cref="AuthorizationFile"/> reads it. Its bytes are the first exhibit of the operation.</remarks>
public sealed record Authorization
{
    /// <summary>The operation it is for.</summary>
    public required OperationSlug Operation { get; init; }

    /// <summary>Who gives it.</summary>
    public required GrantingAuthority Authority { get; init; }

    /// <summary>The provisions it rests on, at least one.</summary>
    public required IReadOnlyList<LegalBasis> LegalBasis { get; init; }

    /// <summary>When the acts are permitted, by the clock of the source.</summary>
    public required Window Window { get; init; }

    /// <summary>For material handed over: when it was said. Absent in the file, it is <see cref="Window"/>.</summary>
    public required Window Material { get; init; }

    /// <summary>The places, at least one.</summary>
    public required IReadOnlyList<Venue> Venues { get; init; }

    /// <summary>The personas; none if nobody speaks.</summary>
    public required IReadOnlyList<Persona> Personas { get; init; }

    /// <summary>What is permitted, at least one.</summary>
    public required IReadOnlyList<Act> Acts { get; init; }

    /// <summary>Who signed, at least one.</summary>
    public required IReadOnlyList<Signatory> Signatories { get; init; }
}

/// <summary>The body that gives an authorisation.</summary>
/// <param name="Name">The body.</param>
/// <param name="Unit">The unit within it, if named.</param>
/// <param name="Reference">Its own number for this authorisation, if it has one.</param>
public sealed record GrantingAuthority(string Name, string? Unit, string? Reference);

/// <summary>A provision the authorisation rests on.</summary>
/// <param name="Law">The law or policy.</param>
/// <param name="Provision">The article or section, if named.</param>
public sealed record LegalBasis(string Law, string? Provision);

/// <summary>A stretch of time: its beginning is inside, its end is not.</summary>
/// <param name="From">The first instant inside.</param>
/// <param name="Until">The first instant after.</param>
/// <param name="Zone">The IANA name of the zone the file speaks in.</param>
public sealed record Window(DateTimeOffset From, DateTimeOffset Until, string Zone)
{
    /// <summary>True if an instant is inside.</summary>
    public bool Holds(DateTimeOffset instant) => instant >= From && instant < Until;
}

/// <summary>A person who signed.</summary>
/// <param name="Name">The person.</param>
/// <param name="Role">In which office.</param>
/// <param name="Signed">The date beside the signature.</param>
public sealed record Signatory(string Name, string Role, DateOnly Signed);
