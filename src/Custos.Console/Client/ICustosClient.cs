namespace Custos.Console.Client;

/// <summary>All that pages know of the program behind them. What it answers holds no words of a chat unless the method's name begins with <c>Open</c>.</summary>
/// <remarks>
/// Whoever asks is known to the client itself: one is made for each sign-in.
/// A method that shows or changes something first records who, what, when and why, and answers only when that is durable.
/// A refusal is a <see cref="RefusedException"/>, whose message is a sentence for the person.
/// </remarks>
public interface ICustosClient
{
    /// <summary>What is looked for, and a unit's change of it.</summary>
    IPackDesk Packs { get; }

    /// <summary>The operations this sign-in may open, by name.</summary>
    ValueTask<IReadOnlyList<OperationRow>> OperationsAsync(CancellationToken cancellation);

    /// <summary>A stretch of the queue, in order of risk to a child.</summary>
    ValueTask<QueueSlice> QueueAsync(QueueFilter filter, int start, int count, CancellationToken cancellation);

    /// <summary>A conversation without its words: who spoke when, what was found where, who raised what first.</summary>
    /// <returns>Null if there is no such alert.</returns>
    ValueTask<ConversationReview?> ConversationAsync(AlertAddress alert, CancellationToken cancellation);

    /// <summary>Records the opening of a conversation, then returns its words, by the lines' ordinals.</summary>
    ValueTask<OpenedText> OpenConversationAsync(AlertAddress alert, string reason, CancellationToken cancellation);

    /// <summary>Records an analyst's decision on an alert.</summary>
    ValueTask DecideAsync(AlertAddress alert, AlertDecision decision, CancellationToken cancellation);

    /// <summary>Accounts that are proposed as one subject, or were decided on.</summary>
    ValueTask<IReadOnlyList<ProposalRow>> ProposalsAsync(string? operation, CancellationToken cancellation);

    /// <summary>One proposal, with the reasons for it and against it.</summary>
    /// <returns>Null if there is none.</returns>
    ValueTask<SubjectProposal?> ProposalAsync(ProposalAddress proposal, CancellationToken cancellation);

    /// <summary>Records a judgement on a proposal, or takes one back.</summary>
    ValueTask JudgeAsync(ProposalAddress proposal, ProposalVerdict verdict, string reason, CancellationToken cancellation);

    /// <summary>What the log holds of an exhibit, and everything that was done with it. No content.</summary>
    /// <returns>Null if the log has no such exhibit.</returns>
    ValueTask<RecordedExhibit?> ExhibitAsync(ExhibitAddress exhibit, CancellationToken cancellation);

    /// <summary>Records the opening of an exhibit, then returns its content.</summary>
    ValueTask<OpenedExhibit> OpenExhibitAsync(ExhibitAddress exhibit, string reason, CancellationToken cancellation);

    /// <summary>Records that what was opened is closed again, and for how long it was open. Nothing if it is closed already.</summary>
    /// <param name="opening">The custody event of the opening.</param>
    /// <param name="cancellation">Stops before it is recorded.</param>
    ValueTask CloseAsync(ExhibitAddress opening, CancellationToken cancellation);

    /// <summary>The inclusion proof of an exhibit as a <c>.tlog-proof</c> file (C2SP tlog-proof): no content in it.</summary>
    /// <returns>Null if the log has no such exhibit.</returns>
    ValueTask<byte[]?> ProofAsync(ExhibitAddress exhibit, CancellationToken cancellation);

    /// <summary>The state of an operation's log.</summary>
    /// <returns>Null if there is no such operation.</returns>
    ValueTask<LogHealth?> LogHealthAsync(string operation, CancellationToken cancellation);

    /// <summary>Verifies an operation's log from its files, now.</summary>
    ValueTask<VerifyAnswer> VerifyAsync(string operation, CancellationToken cancellation);

    /// <summary>Where was listened, for how long, and with what found.</summary>
    ValueTask<IReadOnlyList<VenueRow>> VenuesAsync(string? operation, CancellationToken cancellation);

    /// <summary>Records a search in each operation whose data it shows, then returns where the words occur.</summary>
    /// <param name="words">What to look for.</param>
    /// <param name="operation">Where; null for everywhere this sign-in may look.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellation">Stops the search.</param>
    ValueTask<SearchAnswer> OpenSearchAsync(string words, string? operation, string reason, CancellationToken cancellation);
}

/// <summary>The program did not do what a page asked; the message says what happened, what was kept and what to do.</summary>
/// <param name="message">A sentence for the person; never the words of a chat.</param>
/// <param name="inner">What failed underneath.</param>
public sealed class RefusedException(string message, Exception? inner = null) : Exception(message, inner);
