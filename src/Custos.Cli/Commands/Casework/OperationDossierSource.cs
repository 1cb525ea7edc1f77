using System.Security.Cryptography;
using Custos.Authority;
using Custos.Capture.Decoding;
using Custos.Capture.Import;
using Custos.Casework;
using Custos.Evidence;
using Custos.Identity;
using Custos.Identity.Reference;
using Custos.Pipeline;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Casework;

/// <summary>An operation as a dossier is gathered from it: what stands in its index, checked against its log.</summary>
sealed class OperationDossierSource : IDossierSource
{
    // builtin/1 and its options: a measure, not a frequency (detection-spec, section 8).
    const string Uncalibrated = "builtin/";

    readonly OperationRoom _room;
    readonly MachineRun _run;
    readonly Checkpoint _checkpoint;
    readonly DateTimeOffset _recordedUntil;
    readonly string? _signerKey;

    OperationDossierSource(OperationRoom room, MachineRun run, Checkpoint checkpoint, DateTimeOffset recordedUntil, DossierVersions versions, DossierAuthorization? authorization, string? signerKey)
    {
        (_room, _run, _checkpoint, _recordedUntil, _signerKey) = (room, run, checkpoint, recordedUntil, signerKey);
        (Versions, Authorization) = (versions, authorization);
    }

    public OperationSlug Operation => _room.Slug;

    public DossierVersions Versions { get; }

    public DossierAuthorization? Authorization { get; }

    /// <summary>Exhibits cited by what was gathered.</summary>
    internal IReadOnlyList<ExhibitNumber> Cited { get; private set; } = [];

    internal static async Task<OperationDossierSource> OpenAsync(OperationRoom room, MachineRun run, string operationFolder, CancellationToken cancel)
    {
        await room.SettleAsync(cancel);
        // From here on nothing is read from beyond this checkpoint, though reading itself adds custody events after it.
        var checkpoint = room.Evidence.Checkpoint;
        var position = await room.Index.PositionAsync(cancel);
        var from = position.From;
        var versions = new DossierVersions(
            run.Tool, from?.Engine ?? "none", from?.Pack ?? "none", from?.Model ?? "none", from is not null && !from.Model.StartsWith(Uncalibrated, StringComparison.Ordinal),
            SelectorData.BuiltIn.Sha256, new LibPhoneNumbers().DataVersion, TriageRules.BuiltIn.Sha256);
        var last = await room.Evidence.Reader.EntryAsync(new(checkpoint.Size - 1), cancel);
        return new(room, run, checkpoint, last.RecordedAt, versions, await AuthorizationAsync(room, checkpoint.Size, cancel), SignerKey(operationFolder));
    }

    public ValueTask<IReadOnlyList<AccountKey>> AccountsAsync(string handle, CancellationToken cancel) => _room.Index.AccountsAsync(handle, cancel);

    public async ValueTask<IReadOnlyList<RecordedDecision>> DecisionsAsync(CancellationToken cancel) =>
        [.. (await _room.Index.DecisionsAsync(cancel)).Select(stored => new RecordedDecision(stored.Exhibit, stored.At, stored.Decision))];

    public ValueTask<SelectorReading?> ReadingAsync(AccountKey account, CancellationToken cancel) => _room.Index.ReadingOfAsync(account, cancel);

    public ValueTask<LinkView> LinksAsync(CancellationToken cancel) => _room.Index.LinksAsync(cancel);

    public async ValueTask<IReadOnlyList<SourcedConversation>> ConversationsAsync(AccountKey account, CancellationToken cancel)
    {
        var conversations = new List<SourcedConversation>();
        foreach (var stored in await _room.Index.ConversationsAsync(account, cancel))
        {
            var findings = await _room.Index.FindingsAsync(stored, cancel);
            var alert = await _room.Index.AlertOfAsync(stored, cancel);
            conversations.Add(new(
                stored.Scope, stored.Venue, stored.Thread, stored.Account, stored.Counterpart, stored.FirstAt, stored.LastAt,
                [.. findings.Select(found => found.Finding)], alert?.Finding, alert?.Exhibit,
                await _room.Index.ConductAsync(stored, cancel), await _room.Index.RiskFactsAsync(stored, cancel), stored.Peer));
        }

        return conversations;
    }

    public async ValueTask<IReadOnlyList<TranscriptLine>> LinesAsync(string venue, string thread, AccountKey account, ExhibitNumber exhibit, int before, int after, CancellationToken cancel) =>
        [.. (await _room.Index.LinesAroundAsync(exhibit, before, after, cancel)).Select(line => new TranscriptLine(line.Exhibit, line.Message, IdentityPass.RoleOf(account, line.Message)))];

    public async ValueTask<IReadOnlyList<DossierDeletion>> DeletionsAsync(CancellationToken cancel) =>
        [.. (await RecordedDeletion.OfAsync(_room, cancel)).Select(deletion => new DossierDeletion(deletion.Order, deletion.At, deletion.Authority, deletion.Exhibits))];

    public async ValueTask<DossierRecording> RecordingAsync(IReadOnlyList<AccountKey> accounts, IReadOnlyList<ExhibitNumber> cited, CancellationToken cancel)
    {
        Cited = cited;
        var venues = accounts.Select(account => account.Space).ToHashSet(StringComparer.Ordinal);
        var heard = (await _room.Index.VenuesAsync(cancel)).Where(venue => venues.Contains(venue.Venue)).ToList();
        var listened = heard.Where(venue => venue.Heard is not null).Select(venue => venue.Heard!.Value).ToList();
        return new(
            _checkpoint.Origin,
            _checkpoint.Size,
            Convert.ToBase64String(_checkpoint.Root.ToArray()),
            _recordedUntil,
            _signerKey,
            cited.Count == 0 ? null : await VerifiedAsync(cited, cancel),
            Anchored: false,
            await SourcesAsync(cited, cancel),
            [.. heard.SelectMany(venue => venue.Gaps.Select(gap => new DossierGap(venue.Venue, gap.From, gap.Until, gap.Cause, gap.Exhibit))).OrderBy(gap => gap.From).ThenBy(gap => gap.Exhibit)],
            listened.Count == 0 ? null : (long)listened.Sum(time => time.TotalSeconds));
    }

    // The entry's bytes, its place in the tree, the tree's root: what a stranger would check of a number printed in the dossier.
    async Task<bool> VerifiedAsync(IReadOnlyList<ExhibitNumber> cited, CancellationToken cancel)
    {
        foreach (var exhibit in cited)
        {
            if (exhibit.LeafIndex >= _checkpoint.Size)
                return false;
            var entry = await _room.Evidence.Reader.EntryAsync(exhibit, cancel);
            var proof = await _room.Evidence.Reader.ProofAsync(exhibit, cancel);
            if (!proof.Proves(entry.Bytes.Span))
                return false;
        }

        return true;
    }

    async Task<IReadOnlyList<DossierSource>> SourcesAsync(IReadOnlyList<ExhibitNumber> cited, CancellationToken cancel)
    {
        var files = new SortedDictionary<ExhibitNumber, int>();
        var live = new List<ExhibitNumber>();
        foreach (var number in cited)
        {
            if (await _room.Index.ExhibitAsync(number, cancel) is { Source: { } file })
                files[file] = files.GetValueOrDefault(file) + 1;
            else
                live.Add(number);
        }

        var sources = new List<DossierSource>();
        if (live.Count > 0 && await ContentAsync(live[0], cancel) is { } first)
            sources.Add(new("live", RecordedForm.TryRead(first, out var header, out _) ? header!.Format : "as recorded", live[0], live.Count));
        foreach (var (file, count) in files)
            sources.Add(new("import", await ContentAsync(file, cancel) is { } content && FileOpened.TryRead(content.Span, out var opened) ? opened!.Format : "as recorded", file, count));
        return sources;
    }

    async Task<ReadOnlyMemory<byte>?> ContentAsync(ExhibitNumber number, CancellationToken cancel)
    {
        await foreach (var exhibit in _room.Reader.ReadAsync(number, 1, _run, cancel))
            return exhibit.Content;
        return null;
    }

    static async Task<DossierAuthorization?> AuthorizationAsync(OperationRoom room, long size, CancellationToken cancel)
    {
        await foreach (var (number, entry) in room.Evidence.Reader.EntriesAsync(new(0), Math.Min(size, 64), cancel))
        {
            if (entry.Kind != "authorization")
                continue;
            var given = room.Authorization;
            return new(
                number,
                string.Join(", ", new[] { given.Authority.Name, given.Authority.Unit, given.Authority.Reference }.Where(part => !string.IsNullOrEmpty(part))),
                string.Join("; ", given.LegalBasis.Select(basis => basis.Provision is null ? basis.Law : $"{basis.Law}, {basis.Provision}")),
                given.Window.From,
                given.Window.Until,
                [.. given.Venues.Select(venue => venue.Id.Value)],
                [.. given.Personas.Select(persona => persona.StatedAge is { } age ? $"{persona.Handle} (states {age})" : persona.Handle.Value)],
                [.. given.Acts.Select(Acts.Word)],
                [.. given.Signatories.Select(signatory => $"{signatory.Name}, {signatory.Role}, {signatory.Signed:yyyy-MM-dd}")])
            {
                Signed = given,
            };
        }

        return null;
    }

    static string? SignerKey(string operationFolder)
    {
        try
        {
            return Custos.Evidence.Ed25519.OperationLog.PolicyOf(operationFolder).Logs is { Count: > 0 } keys ? keys[0].ToString() : null;
        }
        catch (FormatException)
        {
            // Without the policy the log still verifies with a key from elsewhere; the dossier then says that none is at hand.
            return null;
        }
    }

    /// <summary>What leaves, for the custody event.</summary>
    internal static CustodyEvent Exported(MachineRun run, IReadOnlyList<ExhibitNumber> cited, ReadOnlySpan<byte> written) => new()
    {
        Kind = CustodyKind.Exported,
        Exhibits = [.. cited.Select(exhibit => exhibit.LeafIndex)],
        Actor = new() { Id = run.Actor },
        Purpose = run.Purpose,
        Tool = new() { Name = run.Tool },
        Output = [new() { Sha256 = Convert.ToHexStringLower(SHA256.HashData(written)), Size = written.Length, Mime = "text/html" }],
    };
}
