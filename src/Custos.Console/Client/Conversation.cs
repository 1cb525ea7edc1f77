namespace Custos.Console.Client;

/// <summary>Who wrote a line, as seen from the alert.</summary>
public enum Side
{
    /// <summary>The account in question.</summary>
    Account,

    /// <summary>The other side.</summary>
    Counterpart,

    /// <summary>Someone else in the room.</summary>
    Other,
}

/// <summary>A stretch of a line that an indicator cites, in Unicode code points.</summary>
/// <param name="Start">First code point, zero-based.</param>
/// <param name="Length">Code points.</param>
/// <param name="Code">The indicator's code.</param>
/// <param name="Exculpatory">It speaks for its author.</param>
public sealed record TextSpan(int Start, int Length, string Code, bool Exculpatory);

/// <summary>A line of a conversation, without its words.</summary>
/// <param name="Ordinal">Its place in the conversation, from 0.</param>
/// <param name="Exhibit">Where it is recorded.</param>
/// <param name="At">When it was said, as the source wrote it; null if unknown.</param>
/// <param name="From">The handle as shown.</param>
/// <param name="Side">Which side wrote it.</param>
/// <param name="Length">How long it is, in code points.</param>
/// <param name="Spans">What indicators cite in it.</param>
public sealed record TranscriptLine(int Ordinal, ExhibitAddress Exhibit, string? At, string From, Side Side, int Length, IReadOnlyList<TextSpan> Spans);

/// <summary>One indicator in a conversation.</summary>
/// <param name="Code">From the closed list.</param>
/// <param name="Ordinal">The line it stands in.</param>
/// <param name="At">When that line was said.</param>
/// <param name="Side">Who wrote it.</param>
/// <param name="Exculpatory">It speaks for its author.</param>
/// <param name="Rule">The rule that fired.</param>
/// <param name="Exhibit">The exhibit that holds the line.</param>
public sealed record IndicatorMark(string Code, int Ordinal, string? At, Side Side, bool Exculpatory, string Rule, ExhibitAddress Exhibit);

/// <summary>A fact of the conduct record: where it is known, or why it is not.</summary>
/// <param name="State"><c>known</c>, <c>none</c> or <c>unknown</c>.</param>
/// <param name="At">When, if known.</param>
/// <param name="Exhibit">Where, if known.</param>
/// <param name="Ordinal">The line in this conversation, if it is one of it.</param>
/// <param name="Why">Why it is unknown.</param>
public sealed record FactView(string State, string? At, ExhibitAddress? Exhibit, int? Ordinal, string? Why);

/// <summary>Who raised a topic first.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="ByAccount">The account's first.</param>
/// <param name="ByCounterpart">The other side's first.</param>
/// <param name="First"><c>account</c>, <c>counterpart</c>, <c>nobody</c> or <c>unknown</c>.</param>
/// <param name="LaterByAccount">Later times by the account.</param>
/// <param name="LaterByCounterpart">Later times by the other side.</param>
public sealed record TopicRow(string Topic, FactView ByAccount, FactView ByCounterpart, string First, int LaterByAccount, int LaterByCounterpart);

/// <summary>A statement, refusal, exit or deviation, in words.</summary>
/// <param name="Sentence">What it is.</param>
/// <param name="Where">Its place.</param>
public sealed record ConductNote(string Sentence, FactView? Where);

/// <summary>The conduct record as a page shows it: it lists, it never concludes.</summary>
/// <param name="HasPersona">True if the other side is our persona.</param>
/// <param name="AgeStated">When the other side stated an age below the law's.</param>
/// <param name="AgeAcknowledged">When the account acknowledged it.</param>
/// <param name="MessagesToNextCore">Messages between the statement and the account's next core indicator.</param>
/// <param name="Topics">Who raised what first.</param>
/// <param name="Ages">Every statement of age.</param>
/// <param name="RefusalsAndExits">Refusals and leave-takings of either side.</param>
/// <param name="Deviations">Departures from the rules of conduct.</param>
/// <param name="Pressure">The persona's share, as a sentence; null without a persona.</param>
public sealed record ConductView(
    bool HasPersona,
    FactView AgeStated,
    FactView AgeAcknowledged,
    int? MessagesToNextCore,
    IReadOnlyList<TopicRow> Topics,
    IReadOnlyList<ConductNote> Ages,
    IReadOnlyList<ConductNote> RefusalsAndExits,
    IReadOnlyList<ConductNote> Deviations,
    string? Pressure);

/// <summary>A conversation for review, without its words.</summary>
/// <param name="Alert">Its row in the queue.</param>
/// <param name="Lines">The lines between the two, in the order they were recorded.</param>
/// <param name="Indicators">What was found, in order.</param>
/// <param name="Conduct">Who raised what first; null if no record was made.</param>
/// <param name="Proposals">Proposals that hold this account.</param>
/// <param name="Engine">What derived it: engine, pack and model.</param>
public sealed record ConversationReview(
    QueueRow Alert,
    IReadOnlyList<TranscriptLine> Lines,
    IReadOnlyList<IndicatorMark> Indicators,
    ConductView? Conduct,
    IReadOnlyList<ProposalRow> Proposals,
    string Engine);

/// <summary>The words of a conversation, and the event that records their opening.</summary>
/// <param name="Texts">The words by ordinal.</param>
/// <param name="CustodyEvent">The exhibit that says who opened it, when and why.</param>
public sealed record OpenedText(IReadOnlyList<string> Texts, ExhibitAddress CustodyEvent)
{
    /// <summary>How many lines, never their words.</summary>
    public override string ToString() => $"{Texts.Count} lines, {CustodyEvent}";
}
