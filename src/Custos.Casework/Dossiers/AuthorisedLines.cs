using Custos.Authority;
using Custos.Detection;
using Custos.Vocabulary;

namespace Custos.Casework;

/// <summary>Holds our lines of a conversation against what was signed. Detection sees no authorisation, so this deviation is found here.</summary>
public static class AuthorisedLines
{
    /// <summary>The record with <c>outside-authorisation</c> where the place, the persona or the time of a line of ours is not covered.</summary>
    /// <param name="record">A conduct record.</param>
    /// <param name="authorization">What was signed; null if the log holds none, which is a gap of the whole dossier and no deviation of a line.</param>
    /// <remarks>A line whose time is not known is not held to be outside. The first and the last line say it for all: the window is one stretch.</remarks>
    public static ConductRecord Review(ConductRecord record, Authorization? authorization)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (authorization is null || record.FirstOwn is not { } first || record.LastOwn is not { } last)
            return record;
        var uncovered = Scope.CheckVenue(authorization, new(record.Pair.Venue)) is not null || Scope.CheckPersona(authorization, new(record.Pair.Counterpart)) is not null;
        var line = uncovered || !Covers(authorization, first.At) ? first : Covers(authorization, last.At) ? null : last;
        return line is null ? record : record with { Deviations = [.. record.Deviations, new("outside-authorisation", null, line)] };
    }

    // What is taken in later is held to the time it was said at, what is said live to the window.
    static bool Covers(Authorization authorization, SpokenAt? at) =>
        at?.Instant is not { } instant || Scope.WindowOf(authorization, Act.Import).Holds(instant) || Scope.WindowOf(authorization, Act.Converse).Holds(instant);
}
