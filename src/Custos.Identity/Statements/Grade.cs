// Values of the grading schemes as identity-spec, section 3, has them from secondary sources;
// a unit confirms them with the text of the body that issued its scheme.
namespace Custos.Identity;

/// <summary>A scheme by which sources and information are graded. A grade keeps its scheme; nothing is averaged or made a number.</summary>
public enum GradeScheme
{
    /// <summary>3x5x2 (College of Policing).</summary>
    ThreeFiveTwo,

    /// <summary>The Admiralty code.</summary>
    Admiralty,

    /// <summary>Europol 4x4.</summary>
    EuropolFourFour,

    /// <summary>Any other, kept as received.</summary>
    AsReceived,
}

/// <summary>A grade in the scheme it was given in.</summary>
public sealed record Grade
{
    static readonly Dictionary<GradeScheme, (string Name, (string Code, string Words)[] Source, (string Code, string Words)[] Information, (string Code, string Words)[] Handling)> Schemes = new()
    {
        [GradeScheme.ThreeFiveTwo] = ("3x5x2",
            [("1", "reliable"), ("2", "untested"), ("3", "not reliable")],
            [("A", "known directly"), ("B", "known indirectly but corroborated"), ("C", "known indirectly"), ("D", "not known"), ("E", "suspected to be false")],
            [("P", "sharing permitted"), ("C", "sharing permitted with conditions")]),
        [GradeScheme.Admiralty] = ("Admiralty",
            [("A", "completely reliable"), ("B", "usually reliable"), ("C", "fairly reliable"), ("D", "not usually reliable"), ("E", "unreliable"), ("F", "cannot be judged")],
            [("1", "confirmed"), ("2", "probably true"), ("3", "possibly true"), ("4", "doubtful"), ("5", "improbable"), ("6", "cannot be judged")],
            []),
        [GradeScheme.EuropolFourFour] = ("Europol 4x4",
            [("A", "no doubt"), ("B", "mostly reliable"), ("C", "mostly unreliable"), ("X", "cannot be assessed")],
            [("1", "not in doubt"), ("2", "known to the source, not to the officer"), ("3", "not known, but corroborated"), ("4", "neither known nor corroborated")],
            [("H0", "for crime purposes"), ("H1", "not in court without permission"), ("H2", "no dissemination without permission"), ("H3", "other")]),
    };

    Grade(GradeScheme scheme, string name, string source, string information, string? handling) =>
        (Scheme, SchemeName, Source, Information, Handling) = (scheme, name, source, information, handling);

    /// <summary>What an account says of itself, until a person grades it: source untested, information not known. That it was said is proved by the log and takes no grade.</summary>
    public static Grade Proposed { get; } = Of(GradeScheme.ThreeFiveTwo, "2", "D", null);

    /// <summary>The scheme.</summary>
    public GradeScheme Scheme { get; }

    /// <summary>The scheme's name, as printed.</summary>
    public string SchemeName { get; }

    /// <summary>The source's grade, in the scheme's own letters.</summary>
    public string Source { get; }

    /// <summary>The information's grade, in the scheme's own letters.</summary>
    public string Information { get; }

    /// <summary>The handling code; null until a person chose one: there is no default.</summary>
    public string? Handling { get; }

    /// <summary>A grade in a known scheme.</summary>
    /// <exception cref="ArgumentException">The scheme has no such value.</exception>
    public static Grade Of(GradeScheme scheme, string source, string information, string? handling)
    {
        if (!Schemes.TryGetValue(scheme, out var values))
            throw new ArgumentException("A grade of an unknown scheme is kept as received, with the scheme's name.", nameof(scheme));
        Check(values.Name, "source", values.Source, source);
        Check(values.Name, "information", values.Information, information);
        if (handling is not null)
            Check(values.Name, "handling", values.Handling, handling);
        return new(scheme, values.Name, source, information, handling);
    }

    /// <summary>A grade of any other scheme, as it was received.</summary>
    public static Grade AsReceived(string schemeName, string source, string information, string? handling) =>
        new(GradeScheme.AsReceived, schemeName, source, information, handling);

    /// <summary>The values a scheme offers and what each means, for a person to choose from.</summary>
    /// <param name="scheme">A known scheme.</param>
    /// <param name="part"><c>source</c>, <c>information</c> or <c>handling</c>.</param>
    public static IReadOnlyList<(string Code, string Words)> Values(GradeScheme scheme, string part) => part switch
    {
        "source" => Schemes[scheme].Source,
        "information" => Schemes[scheme].Information,
        "handling" => Schemes[scheme].Handling,
        _ => throw new ArgumentException("A grade has source, information and handling.", nameof(part)),
    };

    /// <summary>The grade in words; the letters alone for a scheme kept as received.</summary>
    public string InWords
    {
        get
        {
            if (!Schemes.TryGetValue(Scheme, out var values))
                return ToString();
            var words = $"source {Words(values.Source, Source)}, information {Words(values.Information, Information)}";
            return Handling is null ? words : $"{words}, {Words(values.Handling, Handling)}";
        }
    }

    /// <summary>Scheme and letters, e.g. <c>3x5x2: 2 D</c>.</summary>
    public override string ToString() => Handling is null ? $"{SchemeName}: {Source} {Information}" : $"{SchemeName}: {Source} {Information} {Handling}";

    static string Words((string Code, string Words)[] values, string code) => values.First(value => value.Code == code).Words;

    static void Check(string scheme, string part, (string Code, string Words)[] values, string code)
    {
        if (!values.Any(value => value.Code == code))
            throw new ArgumentException($"{scheme} has no {part} value '{code}'; it has {string.Join(", ", values.Select(value => value.Code))}.", nameof(code));
    }
}
