using System.Globalization;
using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Casework;

/// <summary>Gathers a dossier. It chooses nothing: every conversation in which something was found is in it, and all that speaks for the person.</summary>
/// <param name="source">The operation.</param>
/// <param name="rules">How urgency is told.</param>
/// <param name="data">Names of countries.</param>
public sealed class DossierAssembler(IDossierSource source, TriageRules rules, SelectorData data)
{
    // Lines of context on either side of a cited line.
    const int Context = 2;

    /// <summary>A dossier on the accounts of one handle that are proposed as one subject.</summary>
    /// <param name="handle">The handle, as shown; <c>handle@venue</c> where several venues have it.</param>
    /// <param name="author">Pseudonym of who assembles it.</param>
    /// <param name="cancel">Stops the gathering.</param>
    /// <exception cref="DossierException">No account or several accounts answer to the handle.</exception>
    public async Task<Dossier> OfAccountAsync(string handle, ActorId author, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(handle);
        var accounts = await source.AccountsAsync(handle, cancel).ConfigureAwait(false);
        for (var cut = handle.IndexOf('@', StringComparison.Ordinal); accounts.Count == 0 && cut > 0 && cut < handle.Length - 1; cut = handle.IndexOf('@', cut + 1))
        {
            var venue = handle[(cut + 1)..];
            accounts = [.. (await source.AccountsAsync(handle[..cut], cancel).ConfigureAwait(false)).Where(account => account.Space == venue)];
        }

        if (accounts.Count == 0)
            throw new DossierException($"Operation '{source.Operation}' has no account of that handle with a finding. Nothing was written. Look at the queue, or write the handle exactly as shown.{DossierWords.Gone(await source.DeletionsAsync(cancel).ConfigureAwait(false))}");
        var view = await source.LinksAsync(cancel).ConfigureAwait(false);
        var clusters = accounts.Select(account => view.Accounts.FirstOrDefault(placed => placed.Account == account)?.Cluster ?? account.ToString()).Distinct(StringComparer.Ordinal).ToList();
        if (clusters.Count > 1)
            throw new DossierException($"{accounts.Count} accounts in different venues show that handle and nothing ties them together. Nothing was written. Name one as HANDLE@VENUE: {string.Join(", ", accounts.Select(account => account.Space))}.");
        var subject = view.Subjects.FirstOrDefault(proposed => proposed.Accounts.Contains(accounts[0]));
        return await GatherAsync(subject?.Accounts ?? [accounts[0]], null, view, author, cancel).ConfigureAwait(false);
    }

    /// <summary>A dossier on a subject that a person opened: the accounts as signed, whatever is proposed since.</summary>
    /// <param name="subjectId">The subject.</param>
    /// <param name="author">Pseudonym of who assembles it.</param>
    /// <param name="cancel">Stops the gathering.</param>
    /// <exception cref="DossierException">No such subject was opened.</exception>
    public async Task<Dossier> OfSubjectAsync(string subjectId, ActorId author, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(subjectId);
        var decisions = await source.DecisionsAsync(cancel).ConfigureAwait(false);
        var opened = decisions.LastOrDefault(recorded => recorded.Decision is SubjectOpened subject && subject.SubjectId == subjectId)
            ?? throw new DossierException($"No subject of that name was opened in operation '{source.Operation}'. Nothing was written. Open it in a case first, or use --account.");
        var signed = (SubjectOpened)opened.Decision;
        var view = await source.LinksAsync(cancel).ConfigureAwait(false);
        return await GatherAsync(signed.Accounts, new(signed.CaseId, signed.SubjectId, opened.Exhibit, signed.By, signed.Reason), view, author, cancel).ConfigureAwait(false);
    }

    async Task<Dossier> GatherAsync(IReadOnlyList<AccountKey> accounts, DossierCase? opened, LinkView view, ActorId author, CancellationToken cancel)
    {
        var readings = new List<SelectorReading>();
        var conversations = new List<DossierConversation>();
        var places = new List<DossierPlace>();
        var found = new List<(AccountKey Account, SourcedConversation Conversation)>();
        foreach (var account in accounts.Order())
        {
            if (await source.ReadingAsync(account, cancel).ConfigureAwait(false) is { } reading)
                readings.Add(reading);
            found.AddRange((await source.ConversationsAsync(account, cancel).ConfigureAwait(false)).Select(conversation => (account, conversation)));
        }

        var graded = (await source.DecisionsAsync(cancel).ConfigureAwait(false)).Select(recorded => recorded.Decision).OfType<StatementGraded>()
            .GroupBy(grading => grading.StatementId, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Last().Grade, StringComparer.Ordinal);
        var statements = readings.SelectMany(StatementBook.Of)
            .Select(statement => graded.TryGetValue(statement.Id, out var grade) ? statement with { Grade = grade, GradeProposed = false } : statement)
            .OrderBy(statement => statement.Where.Exhibit).ThenBy(statement => statement.Where.Start).ToList();
        var cited = statements.Select(statement => statement.Where.Exhibit).ToList();
        foreach (var (_, conversation) in found)
            cited.AddRange(Cited(conversation).Keys);
        var recording = await source.RecordingAsync(accounts, [.. cited.Distinct().Order()], cancel).ConfigureAwait(false) with { Deletions = await source.DeletionsAsync(cancel).ConfigureAwait(false) };

        // What part 3 rests on is quoted and marked like everything else that is cited.
        var volunteered = statements.GroupBy(statement => statement.Where.Exhibit)
            .ToDictionary(group => group.Key, group => group.Select(statement => new QuotedMark(statement.Property, statement.Where.Start, statement.Where.Length)).ToList());
        var quoted = new HashSet<ExhibitNumber>();
        foreach (var (account, conversation) in found)
        {
            var triage = conversation is { Alert: { } alert, AlertExhibit: { } at } ? rules.Rank(Waiting(conversation, alert, at), recording.RecordedUntil) : null;
            var quotations = await QuoteAsync(account, conversation, volunteered, cancel).ConfigureAwait(false);
            quoted.UnionWith(quotations.SelectMany(quotation => quotation.Lines).Select(line => line.Exhibit));
            if (conversation.Conduct is { } conduct)
            {
                conversations.Add(new(AuthorisedLines.Review(conduct, source.Authorization?.Signed), conversation.First, conversation.Last, Indicators(conversation, account), conversation.Alert, triage, quotations));
            }
            else if (conversation.Alert is not null)
            {
                places.Add(new(account, conversation.Venue, conversation.First, conversation.Last, conversation.Alert, triage, quotations));
            }
        }

        var elsewhere = new List<Quotation>();
        foreach (var statement in statements.Where(statement => !quoted.Contains(statement.Where.Exhibit)).DistinctBy(statement => statement.Where.Exhibit))
        {
            var marks = new SortedDictionary<ExhibitNumber, List<QuotedMark>> { [statement.Where.Exhibit] = volunteered[statement.Where.Exhibit] };
            var lines = await source.LinesAsync(statement.Account.Space, "", statement.Account, statement.Where.Exhibit, Context, Context, cancel).ConfigureAwait(false);
            if (lines.Count > 0)
                elsewhere.Add(new([.. lines.Select(line => Quote(line, marks))]));
        }

        var countries = CountryReader.View(readings, data);
        var among = accounts.ToHashSet();
        var proposal = view.Subjects.FirstOrDefault(subject => subject.Accounts.Any(among.Contains));
        return new()
        {
            Id = $"D-{source.Operation}-{opened?.SubjectId ?? SubjectLinker.Key(accounts)[..8]}",
            Operation = source.Operation,
            Case = opened,
            Accounts = [.. accounts.Order()],
            Author = author,
            // Nothing is left out, only ordered: the most urgent first, then the strongest, then the order of the log.
            Conversations = [.. conversations
                .OrderBy(conversation => conversation.Triage?.Band ?? int.MaxValue).ThenByDescending(conversation => conversation.Triage?.Points ?? int.MinValue)
                .ThenByDescending(conversation => conversation.Indicators.Count).ThenBy(FirstExhibit)],
            Places = [.. places.OrderBy(place => place.Triage?.Band ?? int.MaxValue).ThenBy(place => place.Venue, StringComparer.Ordinal)],
            Elsewhere = elsewhere,
            Statements = statements,
            Links = [.. (proposal?.Reasons ?? []).Where(reason => among.Contains(reason.A) && among.Contains(reason.B))],
            Held = [.. view.Held.Where(held => among.Contains(held.A) || among.Contains(held.B))],
            Level = accounts.Max(account => view.Accounts.FirstOrDefault(placed => placed.Account == account)?.Level ?? IdentityLevel.AccountOnly),
            Countries = countries,
            Law = Law(countries, conversations),
            Authorization = source.Authorization,
            Recording = recording,
            Versions = source.Versions,
        };
    }

    // Compared with the conversation that says most: the youngest age stated, and everything the account's indicators touch.
    static IReadOnlyList<LawMatch> Law(CountryView countries, List<DossierConversation> conversations)
    {
        var named = countries.Claimed.Select(claim => claim.Country).Concat(countries.Inferred.Select(inference => inference.Country)).Distinct(StringComparer.Ordinal).ToList();
        if (named.Count == 0 || conversations.Count == 0)
            return [];
        var elements = conversations.SelectMany(conversation => conversation.Indicators).SelectMany(indicator => LawMatrix.ElementsOf(indicator.Code)).ToHashSet(StringComparer.Ordinal);
        var ages = conversations.SelectMany(conversation => conversation.Conduct.Ages).Where(age => !age.ByAccount).Select(age => age.Years).ToList();
        var last = conversations.Select(conversation => conversation.Last).Where(at => at is not null).Select(at => DateOnly.FromDateTime(at!.Value.Local)).DefaultIfEmpty().Max();
        return LawMatrix.BuiltIn.Match(named, new(elements, ages.Count > 0 ? ages.Min() : null, conversations.Any(conversation => conversation.Conduct.HasPersona), last == default ? null : last));
    }

    static WaitingAlert Waiting(SourcedConversation conversation, Finding alert, ExhibitNumber at) => new(
        AlertAddress.Of(alert, at), conversation.RiskFacts, conversation.First?.Instant ?? DateTimeOffset.UnixEpoch, alert.Score, alert.Probability, alert.Indicators, alert.Exculpatory, conversation.Peer);

    static List<Indicator> Indicators(SourcedConversation conversation, AccountKey account) =>
        [.. conversation.Findings.Where(finding => finding.Author == account.Name).SelectMany(finding => finding.Indicators)];

    static ExhibitNumber FirstExhibit(DossierConversation conversation) =>
        conversation.Quotations.Count > 0 ? conversation.Quotations[0].Lines[0].Exhibit : new(long.MaxValue);

    static SortedDictionary<ExhibitNumber, List<QuotedMark>> Cited(SourcedConversation conversation)
    {
        var cited = new SortedDictionary<ExhibitNumber, List<QuotedMark>>();
        var findings = conversation.Findings.SelectMany(finding => finding.Indicators)
            .Concat(conversation.Alert?.Indicators ?? []).Concat(conversation.Alert?.Exculpatory ?? []).Concat(conversation.Conduct?.Exculpatory ?? []);
        foreach (var indicator in findings)
        {
            if (!cited.TryGetValue(indicator.Exhibit, out var marks))
                cited.Add(indicator.Exhibit, marks = []);
            // What is derived from state cites its whole message: it is named in the conduct record, and a mark over all words would hide the others.
            var mark = new QuotedMark(indicator.Code, indicator.Start, indicator.Length);
            if (!indicator.Rule.StartsWith("derived/", StringComparison.Ordinal) && !marks.Contains(mark))
                marks.Add(mark);
        }

        if (conversation.Conduct is { } conduct)
        {
            // Whatever the conduct record rests on is quoted, also where no indicator of the account stands there.
            var places = conduct.Topics.SelectMany(topic => (FactPlace?[])[topic.ByAccount.Where, topic.ByPersona.Where])
                .Append(conduct.AgeStatedByCounterpart.Where).Append(conduct.AgeAcknowledged.Where)
                .Concat(conduct.Ages.Select(age => age.Where)).Concat(conduct.RefusalsAndExits.Select(refusal => refusal.Where)).Concat(conduct.Deviations.Select(deviation => deviation.Where));
            foreach (var place in places)
            {
                if (place is not null)
                    cited.TryAdd(place.Exhibit, []);
            }
        }

        return cited;
    }

    async Task<IReadOnlyList<Quotation>> QuoteAsync(AccountKey account, SourcedConversation conversation, Dictionary<ExhibitNumber, List<QuotedMark>> volunteered, CancellationToken cancel)
    {
        var cited = Cited(conversation);
        var quotations = new List<List<TranscriptLine>>();
        // One line more than is shown is asked for, so that two stretches that touch are seen to touch.
        foreach (var exhibit in cited.Keys)
        {
            var lines = await source.LinesAsync(conversation.Venue, conversation.Thread, account, exhibit, Context, Context + 1, cancel).ConfigureAwait(false);
            if (lines.Count == 0)
                continue;
            var last = quotations.Count > 0 ? quotations[^1] : null;
            if (last is not null && last[^1].Exhibit >= lines[0].Exhibit)
                last.AddRange(lines.Where(line => line.Exhibit > last[^1].Exhibit));
            else
                quotations.Add([.. lines]);
        }

        var quoted = new List<Quotation>();
        foreach (var stretch in quotations)
        {
            var lastCited = stretch.FindLastIndex(line => cited.ContainsKey(line.Exhibit));
            var shown = stretch.Take(lastCited + 1 + Context).ToList();
            foreach (var line in shown.Where(line => volunteered.ContainsKey(line.Exhibit)))
            {
                if (cited.TryGetValue(line.Exhibit, out var marks))
                    marks.AddRange(volunteered[line.Exhibit]);
                else
                    cited.Add(line.Exhibit, [.. volunteered[line.Exhibit]]);
            }

            quoted.Add(new([.. shown.Select(line => Quote(line, cited))]));
        }

        return quoted;
    }

    static QuotedLine Quote(TranscriptLine line, SortedDictionary<ExhibitNumber, List<QuotedMark>> cited)
    {
        var isCited = cited.TryGetValue(line.Exhibit, out var marks);
        return new(
            line.Exhibit, line.Message.Id, line.Message.At, line.Message.From.Value, line.Role, line.Message.Text, isCited,
            [.. (marks ?? []).OrderBy(mark => mark.Start).ThenBy(mark => mark.Length).ThenBy(mark => mark.Code, StringComparer.Ordinal)]);
    }

    /// <summary>The name of the file a dossier is written to if none is given.</summary>
    public static string FileName(Dossier dossier)
    {
        ArgumentNullException.ThrowIfNull(dossier);
        return string.Create(CultureInfo.InvariantCulture, $"{dossier.Id}-v{dossier.Version}.html");
    }
}
