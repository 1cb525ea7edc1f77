using Custos.Capture.Gaps;
using Custos.Detection;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Pipeline;

/// <summary>A run of exhibits and what was derived from them, in order.</summary>
/// <param name="From">The first exhibit.</param>
/// <param name="UpTo">The exhibit after the last.</param>
/// <param name="Exhibits">The exhibits themselves, ascending, without holes.</param>
/// <param name="Messages">The messages decoded from them.</param>
/// <param name="Findings">What detection found in those, in the order of detection-spec, section 11.</param>
public sealed record IndexBatch(
    long From,
    long UpTo,
    IReadOnlyList<IndexedExhibit> Exhibits,
    IReadOnlyList<IndexedMessage> Messages,
    IReadOnlyList<IndexedFinding> Findings);

/// <summary>An exhibit as the index takes it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Entry">What the log itself holds of it.</param>
/// <param name="Content">What was recorded, for the kinds that the index keeps whole (a person's decisions, custody events); empty for all others.</param>
public readonly record struct IndexedExhibit(ExhibitNumber Number, LogEntry Entry, ReadOnlyMemory<byte> Content);

/// <summary>A message as the index takes it.</summary>
/// <param name="Exhibit">The exhibit that holds it.</param>
/// <param name="Message">What was said.</param>
/// <param name="Format">The decoder's name.</param>
/// <param name="Source">The exhibit of the file it was imported from; null for live capture.</param>
/// <param name="SourceOffset">Where its bytes begin in that file.</param>
/// <param name="Start">Where they begin in the exhibit's content.</param>
/// <param name="Length">How many they are.</param>
public readonly record struct IndexedMessage(ExhibitNumber Exhibit, ChatMessage Message, string Format, long? Source, long? SourceOffset, int Start, int Length);

/// <summary>A finding as the index takes it.</summary>
/// <param name="Finding">The finding.</param>
/// <param name="Exhibit">The message at hand.</param>
public readonly record struct IndexedFinding(Finding Finding, ExhibitNumber Exhibit);

/// <summary>A conversation in which something was found: a pair, or an account in a place.</summary>
/// <param name="Place">Its place in the order in which conversations came up.</param>
/// <param name="Scope">Pair or place.</param>
/// <param name="Venue">The venue.</param>
/// <param name="Thread">The thread of a pair; <c>""</c> for a place.</param>
/// <param name="Account">Whose conduct.</param>
/// <param name="Counterpart">The other side; null for a place, or while it is not known.</param>
/// <param name="Indicators">Indicators of the account in it.</param>
/// <param name="Score">Evidence after its last message with an indicator.</param>
/// <param name="Probability">Probability after that message.</param>
/// <param name="Peer">Both may be children.</param>
/// <param name="Alert">The alert's place in the order of findings; null while there is none.</param>
/// <param name="Conduct">Who raised what first; null for a place.</param>
/// <param name="RiskFacts">Facts about risk to a child.</param>
public sealed record IndexedConversation(
    long Place,
    FindingScope Scope,
    string Venue,
    string Thread,
    string Account,
    string? Counterpart,
    int Indicators,
    Score? Score,
    Probability? Probability,
    bool Peer,
    long? Alert,
    ConductRecord? Conduct,
    IReadOnlyList<RiskFact> RiskFacts);

/// <summary>What is made at rest, from everything below <see cref="UpTo"/>.</summary>
/// <param name="UpTo">Exhibits below this number are covered.</param>
/// <param name="Conversations">Conversations that changed since the last time.</param>
/// <param name="Exposure">What was listened to; null if nothing changed.</param>
public sealed record SettledRows(
    long UpTo,
    IReadOnlyList<IndexedConversation> Conversations,
    Exposure? Exposure);
