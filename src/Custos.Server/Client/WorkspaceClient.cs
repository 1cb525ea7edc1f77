using System.Globalization;
using System.Text;
using Custos.Casework;
using Custos.Console.Client;
using Custos.Detection;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Identity;
using Custos.Server.Workspaces;
using Custos.Storage;
using Custos.Vocabulary;
using SearchHit = Custos.Console.Client.SearchHit;
using Side = Custos.Console.Client.Side;
using SubjectProposal = Custos.Console.Client.SubjectProposal;
using AlertAddress = Custos.Console.Client.AlertAddress;
using TranscriptLine = Custos.Console.Client.TranscriptLine;

namespace Custos.Server.Client;

/// <summary>The pages' client over a data folder. Reading takes no lock; what is opened or decided enters the operation, is recorded, and is answered when durable.</summary>
public sealed class WorkspaceClient : ICustosClient
{
    const int MostHits = 200;

    // What a page itself has just recorded is in the index a moment later.
    const int NotWorthSaying = 64;

    // A conversation longer than this is shown up to here; its transcript is exported whole by the command line.
    const int MostLines = 20_000;

    // An entry's content holds 65,536 bytes; a longer list of exhibits goes into further events.
    const int ExhibitsAnEvent = 5_000;

    static readonly HashSet<string> SpeaksForItsAuthor =
        IndicatorCatalogue.All.Where(definition => definition.Kind == IndicatorKind.Exculpatory).Select(definition => definition.Code).ToHashSet(StringComparer.Ordinal);

    // A derived indicator cites the whole message: it is named beside the line, and what it derives from is highlighted.
    static readonly HashSet<string> Derived = IndicatorCatalogue.All.Where(definition => definition.IsDerived).Select(definition => definition.Code).ToHashSet(StringComparer.Ordinal);

    readonly OperationDesk _desk;
    readonly ActorId _actor;
    readonly TimeProvider _time;
    readonly LogFiles _files;

    // Openings of this sign-in that are not closed: what, and since when.
    readonly Dictionary<ExhibitAddress, (IReadOnlyList<long> Exhibits, string Reason, long Since)> _open = [];

    /// <summary>A client for one sign-in.</summary>
    /// <param name="desk">Where operations are opened.</param>
    /// <param name="actor">The reader's pseudonym.</param>
    /// <param name="time">The clock.</param>
    public WorkspaceClient(OperationDesk desk, string actor, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(desk);
        _desk = desk;
        _actor = ActorId.Parse(actor);
        _time = time;
        _files = new(desk.Workspace.Folder, time, desk.Workspace.Company.Marks);
        Packs = new PackDesk(desk, _actor);
    }

    /// <inheritdoc/>
    public IPackDesk Packs { get; }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<OperationRow>> OperationsAsync(CancellationToken cancellation)
    {
        var rows = new List<OperationRow>();
        foreach (var operation in _desk.Operations())
        {
            var counts = await _desk.Index(operation).CountAsync(cancellation);
            var waiting = (await _desk.AlertsAsync(operation, cancellation)).Count(alert => StateOf(alert) == AlertState.Waiting);
            var known = await _desk.AuthorizationAsync(operation, cancellation);
            var exhibits = await _files.SizeAsync(operation, cancellation);
            rows.Add(new(
                operation, known.Authorization?.Authority.Name, known.Authorization is { } authorization ? string.Join("; ", authorization.LegalBasis.Select(basis => basis.Provision is { } provision ? $"{basis.Law}, {provision}" : basis.Law)) : null,
                known.Authorization?.Window.From, known.Authorization?.Window.Until, [.. known.Authorization?.Venues.Select(venue => venue.Id.Value) ?? []],
                counts.Messages, exhibits, waiting, await _files.FirstOfKindAsync(operation, "authorization", cancellation) is { } first ? new ExhibitAddress(operation, first) : null, known.Note));
        }

        return rows;
    }

    /// <inheritdoc/>
    public async ValueTask<QueueSlice> QueueAsync(QueueFilter filter, int start, int count, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var ranked = await RankedAsync(filter.Operation, filter.State, cancellation);
        var shown = ranked.Where(alert => filter.Band is null || alert.Ranked.Answer.Band == filter.Band).ToList();
        var rows = new List<QueueRow>();
        foreach (var alert in shown.Skip(start).Take(count))
            rows.Add(await RowAsync(alert, cancellation));
        return new(rows, shown.Count, [.. Enumerable.Range(1, 4).Select(band => ranked.Count(alert => alert.Ranked.Answer.Band == band))], await BehindAsync(filter.Operation, cancellation));
    }

    /// <inheritdoc/>
    public async ValueTask<ConversationReview?> ConversationAsync(AlertAddress alert, CancellationToken cancellation)
    {
        if (await FindAsync(alert, cancellation) is not { } found)
            return null;
        var (index, stored) = found;
        var conversation = stored.Conversation;
        var ranked = (await RankedAsync(null, StateOf(stored), cancellation)).FirstOrDefault(other => other.Operation == alert.Operation && other.Stored.Id == alert.Id)
            ?? new(alert.Operation, stored, new(stored.Waiting(Calibrated(stored)), TriageRules.BuiltIn.Rank(stored.Waiting(Calibrated(stored)), _time.GetUtcNow())), 0);
        var lines = await index.LinesAsync(conversation, 0, MostLines, cancellation);
        var ordinals = new Dictionary<ExhibitNumber, int>();
        for (var i = 0; i < lines.Count; i++)
            ordinals[lines[i].Exhibit] = i;
        var cited = new Dictionary<int, List<TextSpan>>();
        var marks = new List<IndicatorMark>();
        foreach (var found1 in await index.FindingsAsync(conversation, cancellation))
        {
            foreach (var indicator in found1.Finding.Indicators)
            {
                if (!ordinals.TryGetValue(indicator.Exhibit, out var ordinal))
                    continue;
                var speaksFor = SpeaksForItsAuthor.Contains(indicator.Code);
                if (!cited.TryGetValue(ordinal, out var spans))
                    cited.Add(ordinal, spans = []);
                spans.Add(new(indicator.Start, Derived.Contains(indicator.Code) ? 0 : indicator.Length, indicator.Code, speaksFor));
                marks.Add(new(indicator.Code, ordinal, lines[ordinal].Message.At?.ToString(), SideOf(lines[ordinal].Message, conversation), speaksFor, indicator.Rule, new(alert.Operation, indicator.Exhibit)));
            }
        }

        var conduct = await index.ConductAsync(conversation, cancellation);
        return new(
            await RowAsync(ranked, cancellation),
            [.. lines.Select((line, i) => new TranscriptLine(
                i, new(alert.Operation, line.Exhibit), line.Message.At?.ToString(), line.Message.From.Value, SideOf(line.Message, conversation), line.Message.Text.EnumerateRunes().Count(), cited.TryGetValue(i, out var spans) ? spans : []))],
            marks,
            conduct is null ? null : ConductInWords.Of(AuthorisedLines.Review(conduct, (await _desk.AuthorizationAsync(alert.Operation, cancellation)).Authorization), alert.Operation, ordinals),
            [.. (await ProposalRowsAsync(alert.Operation, cancellation)).Where(row => row.Accounts.Contains(conversation.Account, StringComparer.Ordinal))],
            $"{stored.Finding.Engine}, pack {Short(stored.Finding.Pack)}, model {Short(stored.Finding.Model)}");
    }

    /// <inheritdoc/>
    public async ValueTask<OpenedText> OpenConversationAsync(AlertAddress alert, string reason, CancellationToken cancellation)
    {
        var (index, stored) = await FindAsync(alert, cancellation) ?? throw new RefusedException("There is no such alert. Nothing was opened.");
        var lines = await index.LinesAsync(stored.Conversation, 0, MostLines, cancellation);
        var exhibits = lines.Select(line => line.Exhibit.LeafIndex).ToList();
        var opening = await RecordAsync(alert.Operation, CustodyKind.Viewed, exhibits, reason, cancellation);
        return new([.. lines.Select(line => line.Message.Text)], opening);
    }

    /// <inheritdoc/>
    public async ValueTask DecideAsync(AlertAddress alert, AlertDecision decision, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(decision);
        var (_, stored) = await FindAsync(alert, cancellation) ?? throw new RefusedException("There is no such alert. Nothing was recorded.");
        await AppendAsync(
            alert.Operation,
            decision.State switch
            {
                AlertState.Dismissed => new AlertDismissed(_actor, stored.Address, decision.Reason),
                AlertState.Deferred when decision.Until is { } day => new AlertDeferred(_actor, stored.Address, new(day, TimeOnly.MinValue, TimeSpan.Zero), decision.Reason),
                AlertState.Waiting => new AlertReopened(_actor, stored.Address, decision.Reason),
                _ => throw new RefusedException("That is no decision on an alert. Nothing was recorded."),
            },
            cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ProposalRow>> ProposalsAsync(string? operation, CancellationToken cancellation)
    {
        var rows = new List<ProposalRow>();
        foreach (var slug in _desk.Operations().Where(slug => operation is null || slug == operation))
            rows.AddRange(await ProposalRowsAsync(slug, cancellation));
        return rows;
    }

    /// <inheritdoc/>
    public async ValueTask<SubjectProposal?> ProposalAsync(ProposalAddress proposal, CancellationToken cancellation)
    {
        if (!_desk.Operations().Contains(proposal.Operation))
            return null;
        var index = _desk.Index(proposal.Operation);
        var view = await index.LinksAsync(cancellation);
        var book = JudgementBook.Of(await index.DecisionsAsync(cancellation));
        if (Groups(view).FirstOrDefault(group => group.Id == proposal.Id) is not { } group)
            return null;
        var accounts = new List<AccountRow>();
        var selectors = new List<SelectorRow>();
        foreach (var account in group.Accounts)
        {
            var conversations = await index.ConversationsAsync(account, cancellation);
            string? alert = null;
            foreach (var conversation in conversations)
                alert ??= (await index.AlertOfAsync(conversation, cancellation))?.Id;
            accounts.Add(new(
                account.Name, account.Space,
                conversations.Select(c => c.FirstAt).OfType<SpokenAt>().OrderBy(at => at.Local).Select(at => at.ToString()).FirstOrDefault(),
                conversations.Select(c => c.LastAt).OfType<SpokenAt>().OrderByDescending(at => at.Local).Select(at => at.ToString()).FirstOrDefault(),
                (int)Math.Min(int.MaxValue, MessagesOf(conversations)),
                alert is null ? null : new AlertAddress(proposal.Operation, alert)));
            selectors.AddRange(await SelectorsAsync(index, proposal.Operation, account, cancellation));
        }

        return new(
            Row(proposal.Operation, group, book),
            accounts, selectors,
            [.. group.Reasons.Select(reason => new Reason(
                InSentences.Begin(reason.Sentence),
                [.. reason.WhereA.Concat(reason.WhereB).Select(place => place.Exhibit).Concat(reason.Judged is { } judged ? [judged] : []).Distinct().Order().Select(number => new ExhibitAddress(proposal.Operation, number))]))],
            [.. view.Held.Where(held => group.Accounts.Contains(held.A) || group.Accounts.Contains(held.B))
                .Select(held => new Reason(InSentences.Begin(held.Sentence), held.Judged is { } judged ? [new ExhibitAddress(proposal.Operation, judged)] : []))],
            [.. book.About(group.Accounts).Select(row => new DecisionRow(row.At, row.Decision.By.Value, JudgementBook.InWords(row.Decision), JudgementBook.ReasonOf(row.Decision), new(proposal.Operation, row.Exhibit)))]);
    }

    /// <inheritdoc/>
    public async ValueTask JudgeAsync(ProposalAddress proposal, ProposalVerdict verdict, string reason, CancellationToken cancellation)
    {
        var index = _desk.Index(proposal.Operation);
        var view = await index.LinksAsync(cancellation);
        var book = JudgementBook.Of(await index.DecisionsAsync(cancellation));
        var group = Groups(view).FirstOrDefault(group => group.Id == proposal.Id) ?? throw new RefusedException("There is no such proposal now. Nothing was recorded.");
        var seen = LinkViewJson.Sha256(view);
        var decisions = new List<Decision>();
        switch (verdict)
        {
            case ProposalVerdict.Accepted:
                // One after the other: what is judged of neighbours holds for all of them.
                for (var i = 1; i < group.Accounts.Count; i++)
                    decisions.Add(new AccountsJudged(_actor, group.Accounts[i - 1], group.Accounts[i], JudgementAnswer.Positive, reason, seen));
                break;
            case ProposalVerdict.Refused:
                var linked = group.Reasons.Count > 0 ? group.Reasons.Select(link => (link.A, link.B)).Distinct() : [(group.Accounts[0], group.Accounts[^1])];
                decisions.AddRange(linked.Select(pair => new AccountsJudged(_actor, pair.A, pair.B, JudgementAnswer.Negative, reason, seen)));
                break;
            case ProposalVerdict.None:
                decisions.AddRange(book.Standing(group.Accounts).Select(judgement => new JudgementWithdrawn(_actor, judgement.Exhibit, reason)));
                break;
        }

        if (decisions.Count == 0)
            throw new RefusedException("There is nothing to take back. Nothing was recorded.");
        foreach (var judged in decisions.OfType<AccountsJudged>())
        {
            var chain = SubjectLinker.Contradiction(book.Judgements, book.Withdrawals, judged.A, judged.B, judged.Answer);
            if (chain.Count > 0)
                throw new RefusedException($"This contradicts what was judged before: {string.Join(", ", chain.Select(judgement => judgement.Exhibit))}. Nothing was recorded. Take one of them back first.");
        }

        await AppendAsync(proposal.Operation, decisions, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<RecordedExhibit?> ExhibitAsync(ExhibitAddress exhibit, CancellationToken cancellation)
    {
        if (!_desk.Operations().Contains(exhibit.Operation))
            return null;
        var entry = await _files.EntryAsync(exhibit, cancellation);
        if (entry is not { } found)
            return null;
        var stored = await _desk.Index(exhibit.Operation).ExhibitAsync(exhibit.Number, cancellation);
        var leaf = found.Entry;
        var custody = new List<CustodyRow> { new(leaf.RecordedAt, leaf.Actor, "joined the log", null, exhibit) };
        custody.AddRange(stored?.Acts.Select(act => new CustodyRow(act.At, act.Actor, KindsInWords.Of(act.Kind), InSentences.PurposeOf(act), new(exhibit.Operation, act.Exhibit))) ?? []);
        return new(
            exhibit, leaf.Kind, KindsInWords.Of(leaf.Kind), leaf.RecordedAt, leaf.Actor, leaf.Size, leaf.Commitment.ToString(), Merkle.Leaf(leaf.Bytes.Span).ToString(),
            Encoding.ASCII.GetString(leaf.Bytes.Span), [.. leaf.About.Select(number => new ExhibitAddress(exhibit.Operation, number))], custody, stored?.Venue, found.Size,
            (exhibit.Number.LeafIndex > 0 ? new(exhibit.Operation, new(exhibit.Number.LeafIndex - 1)) : null,
                exhibit.Number.LeafIndex + 1 < found.Size ? new ExhibitAddress(exhibit.Operation, new(exhibit.Number.LeafIndex + 1)) : null));
    }

    /// <inheritdoc/>
    public async ValueTask<OpenedExhibit> OpenExhibitAsync(ExhibitAddress exhibit, string reason, CancellationToken cancellation)
    {
        await using var lease = await _desk.EnterAsync(exhibit.Operation, cancellation);
        try
        {
            // The end is recorded by CloseAsync, when the page collapses it: the operation is not kept from others meanwhile.
            var view = await lease.Room.OpenExhibitAsync(exhibit.Number, new(Person, reason) { Revealed = true }, cancellation);
            await lease.Room.SettleAsync(cancellation);
            var opening = new ExhibitAddress(exhibit.Operation, view.Opening.Number);
            _open[opening] = ([exhibit.Number.LeafIndex], reason, _time.GetTimestamp());
            return ContentInWords.Of(view.Exhibit, opening);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new RefusedException("There is no such exhibit. Nothing was opened.", e);
        }
        catch (EvidenceLogException e)
        {
            throw new RefusedException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask CloseAsync(ExhibitAddress opening, CancellationToken cancellation)
    {
        if (!_open.Remove(opening, out var open))
            return;
        await RecordAsync(
            opening.Operation,
            Event(CustodyKind.ViewEnded, [.. open.Exhibits.Take(ExhibitsAnEvent)], open.Reason) with
            {
                Previous = opening.Number.LeafIndex,
                Viewing = new() { Seconds = Math.Round(_time.GetElapsedTime(open.Since).TotalSeconds, 1) },
            },
            cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ProofAsync(ExhibitAddress exhibit, CancellationToken cancellation) => await _files.ProofAsync(exhibit, cancellation);

    /// <inheritdoc/>
    public async ValueTask<LogHealth?> LogHealthAsync(string operation, CancellationToken cancellation)
    {
        if (await _files.HealthAsync(operation, cancellation) is not { } health)
            return null;
        var position = await _desk.Index(operation).PositionAsync(cancellation);
        var behind = health.Size - position.IndexedUpTo;
        var note = behind <= 0
            ? new HealthNote(NoteLevel.Good, "The index follows the log to its last exhibit.")
            : new HealthNote(NoteLevel.Missing, string.Create(CultureInfo.InvariantCulture, $"The index is {behind:#,0} exhibits behind the log: they are recorded, and searchable once it catches up."));
        return health with { Notes = [.. health.Notes, note] };
    }

    /// <inheritdoc/>
    public async ValueTask<VerifyAnswer> VerifyAsync(string operation, CancellationToken cancellation) => await _files.VerifyAsync(
        operation,
        async (log, keys, verify) =>
        {
            var run = new MachineRun(_actor.Value, "custos console", "verify the log from the log-health page");
            OperationLease lease;
            try
            {
                lease = await _desk.EnterAsync(operation, cancellation);
            }
            catch (RefusedException)
            {
                // Damaged, or at work in another process: the unit's own log takes the record, or nothing is opened.
                return await RecordedVerification.RunAsync(log, keys, _time, run, verify, cancellation, _desk.Workspace.Company);
            }

            await using (lease)
                return await RecordedVerification.RunAsync(log, keys, lease.Room.Custody, lease.Room.Reader.Size, run, verify);
        },
        cancellation);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<VenueRow>> VenuesAsync(string? operation, CancellationToken cancellation)
    {
        var rows = new List<VenueRow>();
        foreach (var slug in _desk.Operations().Where(slug => operation is null || slug == operation))
        {
            var kinds = (await _desk.AuthorizationAsync(slug, cancellation)).Authorization?.Venues.ToDictionary(venue => venue.Id.Value, venue => venue.Kind, StringComparer.Ordinal) ?? [];
            foreach (var venue in await _desk.Index(slug).VenuesAsync(cancellation))
            {
                rows.Add(new(
                    slug, venue.Venue, kinds.TryGetValue(venue.Venue, out var kind) ? KindsInWords.Of(kind) : null, venue.Heard?.TotalHours, venue.Messages,
                    (int)Math.Min(int.MaxValue, venue.Accounts), (int)Math.Min(int.MaxValue, venue.Alerts),
                    [.. venue.Gaps.Select(gap => new GapRow(SpokenAt.Utc(gap.From).ToString(), gap.Until is { } until ? SpokenAt.Utc(until).ToString() : null, InSentences.Gap(gap.Cause), new(slug, gap.Exhibit)))]));
            }
        }

        return rows;
    }

    /// <inheritdoc/>
    public async ValueTask<SearchAnswer> OpenSearchAsync(string words, string? operation, string reason, CancellationToken cancellation)
    {
        var hits = new List<SearchHit>();
        var events = new List<ExhibitAddress>();
        var more = false;
        foreach (var slug in _desk.Operations().Where(slug => operation is null || slug == operation))
        {
            SearchHits found;
            try
            {
                found = await _desk.Index(slug).SearchAsync(words, MostHits, cancellation);
            }
            catch (FormatException e)
            {
                throw new RefusedException(e.Message, e);
            }

            if (found.Hits.Count == 0)
                continue;
            more |= found.More;

            // Recorded before a hit is shown; the words stand in the event's sealed content alone.
            events.Add(await RecordAsync(slug, Event(CustodyKind.Searched, [.. found.Hits.Select(hit => hit.Message.Exhibit.LeafIndex)], $"{reason} (looked for: {words})"), cancellation));
            hits.AddRange(found.Hits.Select(hit => new SearchHit(
                new(slug, hit.Message.Exhibit), hit.Message.Message.Venue.Value, hit.Message.Message.From.Value, hit.Message.Message.At?.ToString(), hit.Message.Message.Text, hit.AlertId is { } id ? new AlertAddress(slug, id) : null)));
        }

        if (events.Count == 0)
            await RecordInUnitAsync(Event(CustodyKind.Searched, [], $"{reason} (looked for: {words})"), cancellation);
        return new(hits, more, events);
    }

    CustodyPerson Person => new() { Id = _actor.Value };

    CustodyEvent Event(string kind, List<long> exhibits, string reason) => new()
    {
        Kind = kind,
        Exhibits = exhibits,
        RootExhibit = exhibits.Count > 0 ? exhibits[0] : null,
        Actor = Person,
        Purpose = reason,
        Tool = new() { Name = "custos console", Version = typeof(WorkspaceClient).Assembly.GetName().Version?.ToString(3) },
    };

    async ValueTask<ExhibitAddress> RecordAsync(string operation, string kind, List<long> exhibits, string reason, CancellationToken cancellation)
    {
        ExhibitAddress? first = null;
        for (var i = 0; i == 0 || i < exhibits.Count; i += ExhibitsAnEvent)
        {
            var recorded = await RecordAsync(operation, Event(kind, exhibits.GetRange(i, Math.Min(ExhibitsAnEvent, exhibits.Count - i)), reason) with { Viewing = new() { Revealed = true } }, cancellation);
            first ??= recorded;
        }

        _open[first!.Value] = (exhibits, reason, _time.GetTimestamp());
        return first.Value;
    }

    async ValueTask<ExhibitAddress> RecordAsync(string operation, CustodyEvent custody, CancellationToken cancellation)
    {
        await using var lease = await _desk.EnterAsync(operation, cancellation);
        try
        {
            return new(operation, (await lease.Room.Custody.RecordAsync(custody, cancellation)).Number);
        }
        catch (EvidenceLogException e)
        {
            throw new RefusedException(e.Message, e);
        }
    }

    async ValueTask RecordInUnitAsync(CustodyEvent custody, CancellationToken cancellation)
    {
        try
        {
            await using var log = await _desk.Workspace.OpenUnitLogAsync(cancellation);
            await log.RecordAsync(custody, cancellation);
        }
        catch (Exception e) when (e is EvidenceLogException or WorkspaceException)
        {
            throw new RefusedException(e.Message, e);
        }
    }

    ValueTask AppendAsync(string operation, Decision decision, CancellationToken cancellation) => AppendAsync(operation, [decision], cancellation);

    async ValueTask AppendAsync(string operation, IReadOnlyList<Decision> decisions, CancellationToken cancellation)
    {
        await using var lease = await _desk.EnterAsync(operation, cancellation);
        try
        {
            var log = new DecisionLog(lease.Room.Log);
            foreach (var decision in decisions)
                await log.AppendAsync(decision, cancellation);
            await lease.Room.SettleAsync(cancellation);
        }
        catch (EvidenceLogException e)
        {
            throw new RefusedException(e.Message, e);
        }
    }

    async ValueTask<(OperationIndex Index, StoredAlert Alert)?> FindAsync(AlertAddress alert, CancellationToken cancellation)
    {
        if (!_desk.Operations().Contains(alert.Operation))
            return null;
        var stored = (await _desk.AlertsAsync(alert.Operation, cancellation)).FirstOrDefault(other => other.Id == alert.Id);
        return stored is null ? null : (_desk.Index(alert.Operation), stored);
    }

    // An empty queue and one that is still being derived look alike; only one of them is good news.
    async ValueTask<string?> BehindAsync(string? operation, CancellationToken cancellation)
    {
        var behind = new List<string>();
        foreach (var slug in _desk.Operations().Where(slug => operation is null || slug == operation))
        {
            var missing = await _files.SizeAsync(slug, cancellation) - (await _desk.Index(slug).PositionAsync(cancellation)).IndexedUpTo;
            if (missing > NotWorthSaying)
                behind.Add(string.Create(CultureInfo.InvariantCulture, $"{missing:#,0} exhibits of {slug}"));
        }

        return behind.Count == 0 ? null : $"Alerts may be missing here: {string.Join(", ", behind)} are recorded and not yet in the index. It catches up by itself; load the page again.";
    }

    async ValueTask<List<Standing>> RankedAsync(string? operation, AlertState state, CancellationToken cancellation)
    {
        var all = new Dictionary<WaitingAlert, (string Operation, StoredAlert Alert)>(ReferenceEqualityComparer.Instance);
        foreach (var slug in _desk.Operations().Where(slug => operation is null || slug == operation))
        {
            foreach (var alert in (await _desk.AlertsAsync(slug, cancellation)).Where(alert => StateOf(alert) == state))
                all.Add(alert.Waiting(Calibrated(alert)), (slug, alert));
        }

        return [.. TriageQueue.Order(all.Keys, TriageRules.BuiltIn, _time.GetUtcNow()).Select((ranked, i) => new Standing(all[ranked.Waiting].Operation, all[ranked.Waiting].Alert, ranked, i + 1))];
    }

    async ValueTask<QueueRow> RowAsync(Standing standing, CancellationToken cancellation)
    {
        var (operation, stored, ranked, rank) = standing;
        var conversation = stored.Conversation;
        var conduct = await _desk.Index(operation).ConductAsync(conversation, cancellation);
        var state = StateOf(stored);
        return new(
            new(operation, stored.Id), rank, ranked.Answer.Band, conversation.Venue, conversation.Account, conversation.Counterpart, conversation.HasPersona, conversation.Peer,
            conversation.FirstAt?.ToString() ?? SpokenAt.Utc(stored.FirstSeen).ToString(), (int)Math.Min(int.MaxValue, conversation.Messages),
            (conversation.Score?.Millibits ?? 0) / 1000.0, ranked.Waiting.Probability is { } probability ? probability.Millionths / 1e6 : null,
            InSentences.Why(operation, ranked.Answer, stored.Finding), InSentences.SpeaksFor(operation, stored.Finding, conduct),
            state, state == AlertState.Waiting ? null : InSentences.Decided(stored.Decided?.Decision))
        {
            AlertAfter = stored.Finding.MessagesToAlert,
        };
    }

    AlertState StateOf(StoredAlert alert) => alert.Decided?.Decision switch
    {
        AlertDismissed => AlertState.Dismissed,
        AlertDeferred deferred => deferred.Until > _time.GetUtcNow() ? AlertState.Deferred : AlertState.Waiting,
        CaseOpened => AlertState.InCase,
        _ => AlertState.Waiting,
    };

    async ValueTask<List<ProposalRow>> ProposalRowsAsync(string operation, CancellationToken cancellation)
    {
        var index = _desk.Index(operation);
        var groups = Groups(await index.LinksAsync(cancellation));
        var book = JudgementBook.Of(await index.DecisionsAsync(cancellation));
        var alerted = (await _desk.AlertsAsync(operation, cancellation)).ToLookup(alert => (alert.Conversation.Venue, alert.Conversation.Account));
        return [.. groups.Select(group => Row(operation, group, book) with { Alerts = group.Accounts.Sum(account => alerted[(account.Space, account.Name)].Count()) })];
    }

    static ProposalRow Row(string operation, Group group, JudgementBook book) => new(
        new(operation, group.Id), [.. group.Accounts.Select(account => account.Name)], InSentences.Begin(group.Reasons.Count > 0 ? group.Reasons[0].Sentence : group.Held ?? ""),
        book.Verdict(group.Accounts), 0);

    // Proposals of two accounts or more, and merges that a person's judgement holds apart: those can be taken back.
    static List<Group> Groups(LinkView view) =>
    [
        .. view.Subjects.Where(subject => subject.Accounts.Count > 1).Select(subject => new Group(subject.Cluster, subject.Accounts, subject.Reasons, null)),
        .. view.Held.Where(held => held.Judged is not null).Select(held => new Group(SubjectLinker.Key([held.A, held.B]), [.. new[] { held.A, held.B }.Order()], [], held.Sentence)).DistinctBy(group => group.Id),
    ];

    static async ValueTask<IEnumerable<SelectorRow>> SelectorsAsync(OperationIndex index, string operation, AccountKey account, CancellationToken cancellation)
    {
        var statements = await index.StatementsAsync(account, cancellation);
        var reading = await index.ReadingOfAsync(account, cancellation);
        return (reading?.Hits ?? []).Where(hit => hit.Speaker == Speaker.Account).Select(hit =>
        {
            var statement = statements.FirstOrDefault(s => s.Where.Exhibit == hit.Where.Exhibit && s.Where.Start == hit.Where.Start && s.Value == hit.Selector.Normal);
            return new SelectorRow(
                KindsInWords.Of(hit.Selector.Kind), hit.Selector.Normal, hit.Selector.Raw, KindsInWords.Of(statement?.Basis ?? StatementBasis.Volunteered), KindsInWords.Of(hit.Validity),
                statement is null ? "–" : statement.GradeProposed ? $"{statement.Grade}, proposed" : statement.Grade.ToString(),
                (hit.Flags & SelectorFlags.Reserved) != 0, account.Name, hit.AskedIn is not null, new(operation, hit.Where.Exhibit));
        });
    }

    // Of its dialogues where it has any; else what it wrote in the room.
    static long MessagesOf(IReadOnlyList<StoredConversation> conversations) =>
        conversations.Any(c => c.Scope == FindingScope.Pair) ? conversations.Where(c => c.Scope == FindingScope.Pair).Sum(c => c.Messages) : conversations.Sum(c => c.Messages);

    static Side SideOf(ChatMessage message, StoredConversation conversation) =>
        message.From.Value == conversation.Account ? Side.Account : message.From.Value == conversation.Counterpart ? Side.Counterpart : Side.Other;

    // builtin/1 gives an order, not a frequency (detection-spec, section 8).
    static bool Calibrated(StoredAlert alert) => !alert.Finding.Model.StartsWith("builtin/", StringComparison.Ordinal);

    static string Short(string hash) => hash.StartsWith("sha256:", StringComparison.Ordinal) && hash.Length > 19 ? hash[..19] + "…" : hash;

    sealed record Standing(string Operation, StoredAlert Stored, RankedAlert Ranked, int Rank);

    sealed record Group(string Id, IReadOnlyList<AccountKey> Accounts, IReadOnlyList<LinkReason> Reasons, string? Held);
}
