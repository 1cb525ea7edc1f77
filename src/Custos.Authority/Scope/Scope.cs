using System.Globalization;
using Custos.Vocabulary;

namespace Custos.Authority;

/// <summary>The clauses of an authorisation that an act can fall outside of.</summary>
public enum Clause
{
    /// <summary><c>acts</c>.</summary>
    Acts,

    /// <summary><c>venues</c>.</summary>
    Venues,

    /// <summary><c>personas</c>.</summary>
    Personas,

    /// <summary><c>window</c>, or <c>material</c> for what is imported.</summary>
    Window,
}

/// <summary>A clause that would have to be granted.</summary>
/// <param name="Clause">Which.</param>
/// <param name="Sentence">What is missing, in words a supervisor can act on.</param>
/// <param name="GrantedBy">Who can grant it: those who signed this authorisation, and for whom.</param>
public sealed record MissingClause(Clause Clause, string Sentence, string GrantedBy)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Sentence} It can be granted by {GrantedBy}.";
}

/// <summary>May we? Permitted if nothing is missing.</summary>
/// <param name="Missing">Every clause that is missing, not just the first.</param>
public sealed record ScopeAnswer(IReadOnlyList<MissingClause> Missing)
{
    /// <summary>True if the authorisation covers the act.</summary>
    public bool Permitted => Missing.Count == 0;
}

/// <summary>May we? Pure: the same authorisation and act give the same answer.</summary>
public static class Scope
{
    /// <summary>Checks one act against an authorisation.</summary>
    /// <param name="authorization">What was signed.</param>
    /// <param name="act">What is about to be done.</param>
    /// <param name="venue">Where; compared exactly with the venues named.</param>
    /// <param name="persona">As whom, by handle; null if nobody speaks.</param>
    /// <param name="instant">
    /// When: for what is done live, now; for <see cref="Act.Import"/>, when the words were said, so that a log may be
    /// taken in after the window closed but never from outside it.
    /// </param>
    public static ScopeAnswer Check(Authorization authorization, Act act, VenueId venue, Handle? persona, DateTimeOffset instant)
    {
        ArgumentNullException.ThrowIfNull(authorization);
        var missing = new List<MissingClause>();
        if (CheckAct(authorization, act) is { } acts)
            missing.Add(acts);
        if (CheckVenue(authorization, venue) is { } venues)
            missing.Add(venues);
        if (persona is { } handle && CheckPersona(authorization, handle) is { } personas)
            missing.Add(personas);
        if (!WindowOf(authorization, act).Holds(instant))
            missing.Add(OutsideWindow(authorization, act, $"does not hold at {Instant(instant)}"));
        return new(missing);
    }

    /// <summary>The act alone; null if it is permitted.</summary>
    public static MissingClause? CheckAct(Authorization authorization, Act act)
    {
        ArgumentNullException.ThrowIfNull(authorization);
        return authorization.Acts.Contains(act)
            ? null
            : new(Clause.Acts, $"The authorisation of operation '{authorization.Operation}' does not permit the act '{Acts.Word(act)}' (clause 'acts').", GrantedBy(authorization));
    }

    /// <summary>The venue alone; null if it is named.</summary>
    public static MissingClause? CheckVenue(Authorization authorization, VenueId venue)
    {
        ArgumentNullException.ThrowIfNull(authorization);
        foreach (var named in authorization.Venues)
        {
            if (named.Id == venue)
                return null;
        }

        return new(Clause.Venues, $"The authorisation of operation '{authorization.Operation}' does not name the venue '{venue}' (clause 'venues').", GrantedBy(authorization));
    }

    /// <summary>The persona alone; null if it is named.</summary>
    public static MissingClause? CheckPersona(Authorization authorization, Handle persona)
    {
        ArgumentNullException.ThrowIfNull(authorization);
        return authorization.Personas.Any(named => named.Handle == persona)
            ? null
            : new(Clause.Personas, $"The authorisation of operation '{authorization.Operation}' names no persona with the handle '{persona}' (clause 'personas').", GrantedBy(authorization));
    }

    /// <summary>The window an act is held to.</summary>
    public static Window WindowOf(Authorization authorization, Act act)
    {
        ArgumentNullException.ThrowIfNull(authorization);
        return act == Act.Import ? authorization.Material : authorization.Window;
    }

    /// <summary>The missing window, with what fell outside it.</summary>
    /// <param name="authorization">What was signed.</param>
    /// <param name="act">What is about to be done.</param>
    /// <param name="what">A predicate of "The authorisation of operation X", such as "does not cover 12 of the messages".</param>
    public static MissingClause OutsideWindow(Authorization authorization, Act act, string what)
    {
        var window = WindowOf(authorization, act);
        var clause = act == Act.Import && authorization.Material != authorization.Window ? "material" : "window";
        return new(
            Clause.Window,
            $"The authorisation of operation '{authorization.Operation}' {what}: it runs from {Instant(window.From)} until {Instant(window.Until)} (clause '{clause}').",
            GrantedBy(authorization));
    }

    static string GrantedBy(Authorization authorization) =>
        string.Join(" or ", authorization.Signatories.Select(signatory => $"{signatory.Name}, {signatory.Role}")) + $", for {authorization.Authority.Name}";

    static string Instant(DateTimeOffset instant) => instant.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
