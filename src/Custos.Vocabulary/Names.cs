using System.Diagnostics.CodeAnalysis;

namespace Custos.Vocabulary;

/// <summary>The short neutral name of an operation: a code word, part of its log's origin and of its folder.</summary>
/// <param name="Value">1 to 32 characters of <c>a-z 0-9 -</c>, beginning with a letter or digit.</param>
public readonly record struct OperationSlug(string Value)
{
    /// <summary>The slug of the log that holds custody events belonging to no operation.</summary>
    public const string Unit = "unit";

    /// <summary>Reads a slug.</summary>
    /// <exception cref="FormatException">The text is no slug.</exception>
    public static OperationSlug Parse(string text) => TryParse(text, out var slug)
        ? slug
        : throw new FormatException("An operation's name has 1 to 32 characters of a-z, 0-9 and '-', and begins with a letter or digit.");

    /// <summary>Reads a slug; false if the text is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out OperationSlug slug)
    {
        slug = new(text ?? "");
        return PseudonymGrammar.Holds(text);
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>The pseudonym of a person or of a capture in the log's entries; who that is stands in sealed content.</summary>
/// <param name="Value">1 to 32 characters of <c>a-z 0-9 -</c> (evidence-spec, section 2).</param>
public readonly record struct ActorId(string Value)
{
    /// <summary>Reads an actor's pseudonym.</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static ActorId Parse(string text) => PseudonymGrammar.Holds(text)
        ? new(text)
        : throw new FormatException("An actor's pseudonym has 1 to 32 characters of a-z, 0-9 and '-', and begins with a letter or digit.");

    /// <summary>Reads an actor's pseudonym; false if the text is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ActorId actor)
    {
        var holds = PseudonymGrammar.Holds(text);
        actor = holds ? new(text!) : default;
        return holds;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

static class PseudonymGrammar
{
    internal static bool Holds([NotNullWhen(true)] string? text) =>
        text is { Length: >= 1 and <= 32 } && text[0] != '-' && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}

/// <summary>What kind of place a venue is.</summary>
public enum VenueKind
{
    /// <summary>A public chat room.</summary>
    ChatRoom,

    /// <summary>A social network.</summary>
    SocialNetwork,

    /// <summary>A site for webcam performances.</summary>
    CamSite,

    /// <summary>A dating site.</summary>
    DatingSite,
}

/// <summary>A place people talk, as one stable name: <c>irc://host:port/#room</c>, a room address, a site.</summary>
/// <param name="Value">Non-empty; compared exactly.</param>
public readonly record struct VenueId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A place people talk and what kind of place it is.</summary>
public sealed record Venue(VenueId Id, VenueKind Kind);

/// <summary>The name an account shows, as written: any Unicode, compared exactly.</summary>
public readonly record struct Handle(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>The identity an authorised operator shows in a venue.</summary>
/// <param name="Id">The persona's name in the authorisation.</param>
/// <param name="Handle">The name it shows.</param>
/// <param name="StatedAge">The age it states, in years; null for a persona that is no child.</param>
public sealed record Persona(string Id, Handle Handle, int? StatedAge);
