using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Custos.Casework;
using Custos.Identity;
using Custos.Server.Workspaces;
using Custos.Storage;
using Custos.Study;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Study;

/// <summary>An operation as a study sees it: pseudonyms, codes, counts. The key that makes the pseudonyms is made for one run and forgotten with it.</summary>
sealed class OperationStudySource : IStudySource
{
    readonly OperationRoom _room;
    readonly byte[] _key;
    readonly IReadOnlyList<StoredVenue> _venues;

    OperationStudySource(OperationRoom room, byte[] key, IReadOnlyList<StoredVenue> venues, long size, string root)
    {
        (_room, _key, _venues, TreeSize, RootHash) = (room, key, venues, size, root);
        Legend = venues.Select((venue, i) => (KeyOf(venue.Venue, i), venue.Venue)).ToList();
    }

    public string Operation => _room.Slug.Value;

    public long TreeSize { get; }

    public string RootHash { get; }

    /// <summary>Which venue a code is: for the unit, beside the table, never in it.</summary>
    internal IReadOnlyList<(VenueKey Key, string Venue)> Legend { get; }

    internal static async Task<OperationStudySource> OpenAsync(OperationRoom room, byte[] key, CancellationToken cancel)
    {
        await room.SettleAsync(cancel);
        var checkpoint = room.Evidence.Checkpoint;
        return new(room, key, await room.Index.VenuesAsync(cancel), checkpoint.Size, Convert.ToBase64String(checkpoint.Root.ToArray()));
    }

    public async IAsyncEnumerable<StudyAccount> AccountsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var alerts = (await _room.Index.AlertsAsync(cancel)).GroupBy(alert => AccountKey.Of(new(alert.Finding.Venue), new(alert.Finding.Author))).OrderBy(group => group.Key).ToList();
        var strict = await _room.Index.LinksAsync(cancel);
        var readings = new Dictionary<AccountKey, SelectorReading>();
        foreach (var placed in strict.Accounts)
        {
            if (await _room.Index.ReadingOfAsync(placed.Account, cancel) is { } reading)
                readings.Add(placed.Account, reading);
        }

        var decisions = await _room.Index.DecisionsAsync(cancel);
        var permissive = SubjectLinker.Propose(
            [.. strict.Accounts.Select(placed => new AccountFacts(placed.Account, readings.TryGetValue(placed.Account, out var reading) ? reading.Hits : []))],
            [.. decisions.Where(recorded => recorded.Decision is AccountsJudged).Select(recorded => ((AccountsJudged)recorded.Decision).At(recorded.Exhibit))],
            [.. decisions.Where(recorded => recorded.Decision is JudgementWithdrawn).Select(recorded => ((JudgementWithdrawn)recorded.Decision).At(recorded.Exhibit))],
            SelectorValidity.Plausible);
        var strictOf = strict.Accounts.ToDictionary(placed => placed.Account);
        var permissiveOf = permissive.Accounts.ToDictionary(placed => placed.Account);
        foreach (var group in alerts)
        {
            var account = group.Key;
            strictOf.TryGetValue(account, out var placed);
            permissiveOf.TryGetValue(account, out var loosely);
            var countries = readings.TryGetValue(account, out var reading) ? CountryReader.View([reading], SelectorData.BuiltIn) : new([], [], []);
            yield return new(
                Pseudonym("account", account.ToString()),
                Legend.First(venue => venue.Venue == account.Space).Key,
                (placed?.Level ?? IdentityLevel.AccountOnly) >= IdentityLevel.SelectorHeld,
                Pseudonym("person", placed?.Cluster ?? account.ToString()),
                Pseudonym("person", loosely?.Cluster ?? account.ToString()),
                group.Count(),
                group.Count(alert => alert.Decided?.Decision is CaseOpened),
                group.Count(alert => alert.Decided?.Decision is AlertDismissed),
                (placed?.Level ?? IdentityLevel.AccountOnly) >= IdentityLevel.PersonOneSource,
                [.. countries.Claimed.Select(claim => claim.Country).Distinct(StringComparer.Ordinal)],
                [.. countries.Inferred.Select(inference => inference.Country).Distinct(StringComparer.Ordinal)]);
        }
    }

    public async IAsyncEnumerable<ListeningSession> SessionsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var (key, name) in Legend)
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var heard in _venues.First(venue => venue.Venue == name).Hearing)
                yield return new(key, heard.Exhibit.ToString(), heard.From, heard.Until);
        }

        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<StudyDeletion> DeletionsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var deletion in await RecordedDeletion.OfAsync(_room, cancel))
            yield return new(deletion.Order.ToString(), DateOnly.FromDateTime(deletion.At.UtcDateTime), deletion.Exhibits);
    }

    // Capture's hearing intervals end where a gap begins, so there is nothing left to take off.
    public async IAsyncEnumerable<ListeningGap> GapsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        yield break;
    }

    VenueKey KeyOf(string name, int place)
    {
        var kind = _room.Authorization.Venues.FirstOrDefault(venue => venue.Id.Value == name)?.Kind ?? VenueKind.ChatRoom;
        return new($"V-{place + 1:D2}", kind);
    }

    PersonKey Pseudonym(string what, string name)
    {
        var mac = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{what}\n{name}"));
        return new(BinaryPrimitives.ReadUInt128BigEndian(mac));
    }
}
