using Custos.Detection;
using Custos.Evidence;

namespace Custos.Console.Client;

/// <summary>What the pages on vocabulary know of the program behind them: what is looked for, a unit's changed pack, its trial and its publication. No words of a chat.</summary>
public interface IPackDesk
{
    /// <summary>The pack in force, the unit's own part of it, and the changed pack.</summary>
    ValueTask<PackOverview> OverviewAsync(CancellationToken cancellation);

    /// <summary>Lists and rules that hold the words, in the changed pack where there is one, else in the pack in force.</summary>
    /// <param name="words">A term, or a part of a list's name, a rule's id or a code; empty for all.</param>
    /// <param name="language">One language; null for all.</param>
    /// <param name="cancellation">Stops the search.</param>
    ValueTask<PackSearch> FindAsync(string words, string? language, CancellationToken cancellation);

    /// <summary>Writes a change into the changed pack, linted; the pack in force stays as it is.</summary>
    ValueTask<PackAnswer> ChangeAsync(PackChange change, CancellationToken cancellation);

    /// <summary>Takes an addition or change of the unit's own out of the changed pack, linted. The older file is kept.</summary>
    ValueTask<PackAnswer> TakeBackAsync(LocalEntry entry, CancellationToken cancellation);

    /// <summary>Begins a changed pack from what came with the program and the unit's own files.</summary>
    ValueTask<PackAnswer> BeginAgainAsync(CancellationToken cancellation);

    /// <summary>Puts the changed pack away; its files are kept.</summary>
    ValueTask PutAwayAsync(CancellationToken cancellation);

    /// <summary>Starts reading an operation's recorded log with both packs. Nothing it finds reaches a queue.</summary>
    ValueTask StartTrialAsync(string operation, CancellationToken cancellation);

    /// <summary>Stops the trial that is under way; nothing is compared.</summary>
    void StopTrial();

    /// <summary>The trial under way, or the last one; null if there was none since the console was started.</summary>
    PackTrialView? Trial { get; }

    /// <summary>Publishes the changed pack as a decision in the unit's own log.</summary>
    /// <param name="hash">The hash that was looked at.</param>
    /// <param name="reason">Why.</param>
    /// <param name="second">Pseudonym of the other person who agreed.</param>
    /// <param name="cancellation">Stops before anything is recorded.</param>
    ValueTask<PackAnswer> PublishAsync(string hash, string reason, string second, CancellationToken cancellation);
}

/// <summary>A pack that is or was in force.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="At">Since when; null for what came with the program.</param>
/// <param name="By">Who published it, by pseudonym.</param>
/// <param name="Second">Who agreed.</param>
/// <param name="Reason">Why.</param>
/// <param name="Tried">What it was tried on, as a sentence's parts; null if on nothing.</param>
/// <param name="Exhibit">The exhibit in the unit's own log.</param>
public sealed record PackRow(string Hash, DateTimeOffset? At, string? By, string? Second, string? Reason, PackTriedOn? Tried, ExhibitNumber? Exhibit);

/// <summary>What a published pack was tried on.</summary>
public sealed record PackTriedOn(string Operation, long Messages, int Days, int Gained, int Lost);

/// <summary>A language of a pack.</summary>
/// <param name="Code">Its letters.</param>
/// <param name="Lists">How many lists it has.</param>
/// <param name="Rules">How many rules.</param>
public sealed record PackLanguageRow(string Code, int Lists, int Rules);

/// <summary>The changed pack.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Entries">Every addition and change of the unit's own in it.</param>
/// <param name="Problems">Why it is refused; empty if it can be read.</param>
public sealed record CandidateView(string Hash, IReadOnlyList<LocalEntry> Entries, IReadOnlyList<PackProblem> Problems);

/// <summary>What is looked for, and what may come.</summary>
/// <param name="InForce">The pack in force.</param>
/// <param name="Languages">Its languages.</param>
/// <param name="Entries">The unit's own additions and changes in it.</param>
/// <param name="Earlier">Earlier publications, latest first.</param>
/// <param name="Candidate">The changed pack; null if there is none.</param>
/// <param name="ProgramDiffers">The program came with other lists or rules than the pack in force has.</param>
/// <param name="Operations">Operations whose log a trial can read.</param>
public sealed record PackOverview(
    PackRow InForce,
    IReadOnlyList<PackLanguageRow> Languages,
    IReadOnlyList<LocalEntry> Entries,
    IReadOnlyList<PackRow> Earlier,
    CandidateView? Candidate,
    bool ProgramDiffers,
    IReadOnlyList<string> Operations);

/// <summary>A list that was found.</summary>
/// <param name="Language">Its language.</param>
/// <param name="List">The list.</param>
/// <param name="Matches">Its terms that hold the words; empty where its name was meant.</param>
/// <param name="Rules">The rules that look for it, by id.</param>
public sealed record PackListRow(string Language, TermList List, IReadOnlyList<string> Matches, IReadOnlyList<string> Rules);

/// <summary>A rule that was found.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Alerts">Alerts it had a part in, of all operations.</param>
/// <param name="Dismissed">How many of them a person dismissed.</param>
public sealed record PackRuleRow(PackRule Rule, int Alerts, int Dismissed);

/// <summary>The answer to a search of the vocabulary.</summary>
/// <param name="Lists">The first lists.</param>
/// <param name="AllLists">How many there are.</param>
/// <param name="Rules">The first rules.</param>
/// <param name="AllRules">How many there are.</param>
/// <param name="Contexts">The contexts to which a sign may be added.</param>
public sealed record PackSearch(IReadOnlyList<PackListRow> Lists, int AllLists, IReadOnlyList<PackRuleRow> Rules, int AllRules, IReadOnlyList<string> Contexts);

/// <summary>What became of a change or a publication.</summary>
/// <param name="Problems">Why it was refused, by file and line; nothing was written then. Empty if it was done.</param>
/// <param name="File">The file a change stands in.</param>
public sealed record PackAnswer(IReadOnlyList<PackProblem> Problems, string? File = null);

/// <summary>How a trial stands.</summary>
public enum PackTrialState
{
    /// <summary>It reads.</summary>
    Running,

    /// <summary>It has read the whole log.</summary>
    Done,

    /// <summary>A person stopped it.</summary>
    Stopped,

    /// <summary>It could not be finished.</summary>
    Failed,
}

/// <summary>How often a rule had a part in alerts that come or go.</summary>
/// <param name="Rule">Its id.</param>
/// <param name="Before">Indicators with the pack in force.</param>
/// <param name="After">Indicators with the changed pack.</param>
/// <param name="Gained">Alerts gained in which it has a part.</param>
/// <param name="Lost">Alerts lost in which it had a part.</param>
public sealed record PackTrialRule(string Rule, long Before, long After, int Gained, int Lost);

/// <summary>A trial of the changed pack over an operation's recorded log.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Hash">The changed pack that was tried.</param>
/// <param name="State">How it stands.</param>
/// <param name="Read">Exhibits read.</param>
/// <param name="Of">Exhibits to read.</param>
/// <param name="Trouble">Why it could not be finished.</param>
/// <param name="Report">What differs; null until it is done.</param>
/// <param name="Rules">The same by rule.</param>
/// <param name="Days">Days from the first message to the last, both counted; 0 where none says when.</param>
public sealed record PackTrialView(
    string Operation, string Hash, PackTrialState State, long Read, long Of, string? Trouble, PackShadowReport? Report, IReadOnlyList<PackTrialRule> Rules, int Days);
