using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Detection;

/// <summary>A message that was recorded: the only thing detection reads.</summary>
/// <param name="Exhibit">The exhibit that holds it.</param>
/// <param name="Start">Where its bytes begin in the exhibit's content.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Message">The message decoded from them.</param>
public readonly record struct RecordedMessage(Exhibit Exhibit, int Start, int Length, ChatMessage Message);

/// <summary>What a finding is: an observation, or a conversation that waits for a person.</summary>
public enum FindingKind
{
    /// <summary>One indicator in one message.</summary>
    Indicator,

    /// <summary>The evidence of a key passed the threshold.</summary>
    Alert,
}

/// <summary>What a finding speaks of.</summary>
public enum FindingScope
{
    /// <summary>An account and a counterpart in one thread.</summary>
    Pair,

    /// <summary>An account in a venue.</summary>
    Place,
}

/// <summary>Which side an author is on.</summary>
public enum AuthorRole
{
    /// <summary>An account.</summary>
    Account,

    /// <summary>Our persona: never scored.</summary>
    Persona,
}

/// <summary>Evidence in millibits: thousandths of log2 of a likelihood ratio.</summary>
public readonly record struct Score(int Millibits);

/// <summary>A calibrated probability in millionths, 1 to 999,999.</summary>
public readonly record struct Probability(int Millionths);

/// <summary>A number, a date or a closed word that an indicator carries; never text of the chat.</summary>
public readonly record struct IndicatorAttribute(string Name, string Value, bool IsNumber);

/// <summary>An observation in one message, with its exact place.</summary>
/// <param name="Code">From the closed list of detection-spec, section 6.</param>
/// <param name="MessageId">The message's id in its venue and thread.</param>
/// <param name="Start">First Unicode code point of <c>text</c>, zero-based.</param>
/// <param name="Length">Code points.</param>
/// <param name="Rule">The rule that fired, or <c>derived/&lt;code&gt;</c>.</param>
/// <param name="Folded">The normalising steps the match needed; empty for plain text.</param>
/// <param name="Attributes">In the order they are written.</param>
/// <param name="Exhibit">The exhibit that holds the message.</param>
public sealed record Indicator(
    string Code,
    string MessageId,
    int Start,
    int Length,
    string Rule,
    IReadOnlyList<string> Folded,
    IReadOnlyList<IndicatorAttribute> Attributes,
    ExhibitNumber Exhibit);

/// <summary>An account and a counterpart in one thread of a venue.</summary>
public sealed record PairKey(string Venue, string Thread, string Account, string Counterpart);

/// <summary>An account in a venue.</summary>
public sealed record PlaceKey(string Venue, string Account);

/// <summary>One line of the findings file (detection-spec, section 12).</summary>
/// <param name="Kind">Indicator or alert.</param>
/// <param name="Scope">Pair or place.</param>
/// <param name="Venue">The venue.</param>
/// <param name="Thread">The thread of the message at hand.</param>
/// <param name="Author">The author's handle.</param>
/// <param name="Counterpart">The other side; null for a place.</param>
/// <param name="Role">Account or persona.</param>
/// <param name="MessageId">The message at hand; for an alert, the one that passed the threshold.</param>
/// <param name="At">When it was said, if known.</param>
/// <param name="Score">The author's score after this message; null for a persona.</param>
/// <param name="Probability">The author's probability after this message; null for a persona.</param>
/// <param name="Indicators">One for an indicator; all that contributed for an alert.</param>
/// <param name="Exculpatory">What speaks for the account, for an alert.</param>
/// <param name="Peer">Both may be children: stop, do not engage, safeguard.</param>
/// <param name="Engine"><c>detection/n</c>.</param>
/// <param name="Pack"><c>sha256:...</c>.</param>
/// <param name="Model"><c>builtin/1</c> or <c>sha256:...</c>.</param>
public sealed record Finding(
    FindingKind Kind,
    FindingScope Scope,
    string Venue,
    string Thread,
    string Author,
    string? Counterpart,
    AuthorRole Role,
    string MessageId,
    SpokenAt? At,
    Score? Score,
    Probability? Probability,
    IReadOnlyList<Indicator> Indicators,
    IReadOnlyList<Indicator> Exculpatory,
    bool Peer,
    string Engine,
    string Pack,
    string Model)
{
    /// <summary>Of an alert of a pair: messages of both sides heard up to the one that passed the threshold, that one included. No part of the line that is written.</summary>
    public int? MessagesToAlert { get; init; }
}

/// <summary>Takes findings in the order of detection-spec, section 11.</summary>
public interface IFindingSink
{
    /// <summary>Takes one finding. <paramref name="exhibit"/> is the message at hand.</summary>
    void Add(Finding finding, ExhibitNumber exhibit);
}
