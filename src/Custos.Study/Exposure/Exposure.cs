using Custos.Vocabulary;

namespace Custos.Study;

/// <summary>A venue inside a study: a code such as <c>V-07</c>; the name stays with the unit.</summary>
/// <param name="Code">The code, in the order in which the operation first heard the venues.</param>
/// <param name="Kind">What kind of place.</param>
public readonly record struct VenueKey(string Code, VenueKind Kind)
{
    /// <inheritdoc/>
    public override string ToString() => Code;
}

/// <summary>A stretch in which one operator's session heard a venue.</summary>
/// <param name="Venue">Which venue.</param>
/// <param name="From">From when.</param>
/// <param name="Until">Until when.</param>
public sealed record ListeningSession(VenueKey Venue, DateTimeOffset From, DateTimeOffset Until);

/// <summary>A stretch in which a session did not hear.</summary>
/// <param name="Venue">Which venue.</param>
/// <param name="From">From when.</param>
/// <param name="Until">Until when.</param>
public sealed record ListeningGap(VenueKey Venue, DateTimeOffset From, DateTimeOffset Until);
