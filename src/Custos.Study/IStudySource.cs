namespace Custos.Study;

/// <summary>A person as a study sees one: a keyed hash of a cluster of accounts, of one study only. Keys of two studies cannot be joined.</summary>
/// <param name="Value">The pseudonym.</param>
public readonly record struct PersonKey(UInt128 Value);

/// <summary>What is known of one account in a study: no name, no words.</summary>
/// <param name="Account">The account's own pseudonym.</param>
/// <param name="Venue">Where it was seen.</param>
/// <param name="Anchored">True if it carries a durable selector; a throwaway name nothing can tie together does not.</param>
/// <param name="Strict">The person by the strict view.</param>
/// <param name="Permissive">The person by the permissive view.</param>
/// <param name="Alerts">Alerts the account has in this venue.</param>
/// <param name="Confirmed">Of these, the ones a person confirmed by attaching them to a case.</param>
/// <param name="Dismissed">Of these, the ones a person dismissed.</param>
/// <param name="Identified">True if a person is known by one source or better.</param>
/// <param name="ClaimedCountries">Countries the account named, ISO 3166-1.</param>
/// <param name="InferredCountries">Countries that follow from its selectors; never added to the claimed ones.</param>
public sealed record StudyAccount(
    PersonKey Account,
    VenueKey Venue,
    bool Anchored,
    PersonKey Strict,
    PersonKey Permissive,
    int Alerts,
    int Confirmed,
    int Dismissed,
    bool Identified,
    IReadOnlyList<string> ClaimedCountries,
    IReadOnlyList<string> InferredCountries);

/// <summary>Content that was deleted by order: what rested on it alone is in no count.</summary>
/// <param name="Order">The exhibit of the order, as it is cited.</param>
/// <param name="Day">The day it was recorded, UTC.</param>
/// <param name="Exhibits">Exhibits whose content is gone.</param>
public sealed record StudyDeletion(string Order, DateOnly Day, long Exhibits);

/// <summary>Where a study reads: pseudonyms, times, venues and flags, at one checkpoint; never words, handles or names.</summary>
public interface IStudySource
{
    /// <summary>The operation's name.</summary>
    string Operation { get; }

    /// <summary>Exhibits at the checkpoint the study is made at.</summary>
    long TreeSize { get; }

    /// <summary>The root at that checkpoint, base64.</summary>
    string RootHash { get; }

    /// <summary>Accounts with at least one alert, one row an account and venue.</summary>
    IAsyncEnumerable<StudyAccount> AccountsAsync(CancellationToken cancel);

    /// <summary>Stretches in which sessions were joined and hearing.</summary>
    IAsyncEnumerable<ListeningSession> SessionsAsync(CancellationToken cancel);

    /// <summary>What was deleted by order before the checkpoint, in the order of the log.</summary>
    IAsyncEnumerable<StudyDeletion> DeletionsAsync(CancellationToken cancel);

    /// <summary>Stretches in which they were not.</summary>
    IAsyncEnumerable<ListeningGap> GapsAsync(CancellationToken cancel);
}
