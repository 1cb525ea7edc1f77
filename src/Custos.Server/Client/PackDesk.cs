using Custos.Casework;
using Custos.Console.Client;
using Custos.Console.Reading;
using Custos.Detection;
using Custos.Evidence;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Server.Client;

/// <summary>The vocabulary's pages over a data folder: changes go into the changed pack alone, a publication is a decision in the unit's own log.</summary>
sealed class PackDesk(OperationDesk desk, ActorId actor) : IPackDesk
{
    const int MostRows = 40;

    PackShelf Shelf => desk.Workspace.Packs;

    PackWorkshop Workshop => desk.Packs;

    public PackTrialView? Trial => Workshop.Trial;

    // Reading packs takes a moment: not on the thread that draws the page.
    public async ValueTask<PackOverview> OverviewAsync(CancellationToken cancellation) => await Task.Run(() => Refusing(() =>
    {
        var inForce = Shelf.InForce();
        var pack = Workshop.Load(inForce.Directory);
        return new PackOverview(
            Row(inForce.Hash, inForce.Publication),
            [.. pack.Languages.Select(language => new PackLanguageRow(language.Language, language.Lists.Count, language.Rules.Count))],
            LocalPack.Read(inForce.Directory),
            [.. Shelf.Published().Reverse().Skip(1).Select(earlier => Row(earlier.Decision.Hash, earlier))],
            Candidate(),
            inForce.Publication is not null && Pack.HashOf(PackShelf.Shipped.Directory, withLocal: false) != Pack.HashOf(inForce.Directory, withLocal: false),
            desk.Operations());
    }), cancellation);

    public async ValueTask<PackSearch> FindAsync(string words, string? language, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(words);
        words = words.Trim();
        var pack = await Task.Run(() => Refusing(() => Workshop.Load(Directory.Exists(Shelf.Candidate) ? Shelf.Candidate : Shelf.InForce().Directory)), cancellation);
        var languages = pack.Languages.Where(l => language is null || l.Language == language).ToList();
        var lists = languages
            .SelectMany(l => l.Lists.Values.Select(list => (Language: l, List: list, Matches: words.Length == 0 ? [] : list.Terms.Where(Holds).ToList())))
            .Where(found => words.Length == 0 || found.Matches.Count > 0 || Holds(found.List.Name))
            .OrderByDescending(found => found.List.Name == words || found.Matches.Contains(words, StringComparer.OrdinalIgnoreCase))
            .ThenBy(found => found.Language.Language, StringComparer.Ordinal).ThenBy(found => found.List.Name, StringComparer.Ordinal)
            .ToList();
        var inFound = lists.Where(found => found.Matches.Count > 0).Select(found => (found.Language.Language, found.List.Name)).ToHashSet();
        var rules = languages.SelectMany(l => l.Rules)
            .Where(rule => words.Length == 0 || Holds(rule.Id) || Holds(rule.Code) || Holds(InWords.Code(rule.Code)) || rule.Say.Lists.Any(list => inFound.Contains((rule.Language, list))))
            .OrderByDescending(rule => rule.Id == words).ThenBy(rule => rule.Id, StringComparer.Ordinal)
            .ToList();
        var alerts = await AlertsByRuleAsync(cancellation);
        return new(
            [.. lists.Take(MostRows).Select(found => new PackListRow(
                found.Language.Language, found.List, found.Matches, [.. found.Language.Rules.Where(rule => rule.Say.Lists.Contains(found.List.Name)).Select(rule => rule.Id)]))],
            lists.Count,
            [.. rules.Take(MostRows).Select(rule => new PackRuleRow(rule, alerts.GetValueOrDefault(rule.Id).All, alerts.GetValueOrDefault(rule.Id).Dismissed))],
            rules.Count,
            RuleLanguage.WordContexts);

        bool Holds(string text) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    public ValueTask<PackAnswer> ChangeAsync(PackChange change, CancellationToken cancellation) =>
        ChangedAsync(() => LocalPack.Write(Shelf.InForce().Directory, Shelf.Candidate, change), cancellation);

    public ValueTask<PackAnswer> TakeBackAsync(LocalEntry entry, CancellationToken cancellation) =>
        ChangedAsync(() => LocalPack.TakeBack(Shelf.InForce().Directory, Shelf.Candidate, entry), cancellation);

    public ValueTask<PackAnswer> BeginAgainAsync(CancellationToken cancellation) => ChangedAsync(
        () =>
        {
            var own = Directory.Exists(Shelf.Candidate) ? Shelf.Candidate : Shelf.InForce().Directory;
            var begun = Shelf.Candidate + "-begun";
            var result = LocalPack.Begin(PackShelf.Shipped.Directory, own, begun);
            if (result.Problems.Count == 0)
            {
                Shelf.PutAway();
                Directory.Move(begun, Shelf.Candidate);
            }

            return result;
        },
        cancellation);

    public async ValueTask PutAwayAsync(CancellationToken cancellation) => await ChangedAsync(
        () =>
        {
            Shelf.PutAway();
            return new(null, null, []);
        },
        cancellation);

    public ValueTask StartTrialAsync(string operation, CancellationToken cancellation)
    {
        var (inForce, candidate) = Refusing(() => Directory.Exists(Shelf.Candidate)
            ? (Workshop.Load(Shelf.InForce().Directory), Workshop.Load(Shelf.Candidate))
            : throw new RefusedException("There is no changed pack. Nothing was started. Change something first."));
        if (!desk.Operations().Contains(operation))
            throw new RefusedException("There is no operation of that name. Nothing was started.");
        if (inForce.Hash == candidate.Hash)
            throw new RefusedException("The changed pack is the one in force. Nothing was started. Change something first.");
        Workshop.Start(desk, operation, inForce, candidate, new MachineRun(actor.Value, "custos console", "try a changed pack"));
        return ValueTask.CompletedTask;
    }

    public void StopTrial() => Workshop.Stop();

    public async ValueTask<PackAnswer> PublishAsync(string hash, string reason, string second, CancellationToken cancellation)
    {
        if (!ActorId.TryParse(second, out var other))
            throw new RefusedException("The other person is named by a pseudonym: 1 to 32 of a-z, 0-9 and '-'. Nothing was recorded.");
        var tried = Workshop.Trial is { State: PackTrialState.Done, Report: { } report } trial && trial.Hash == hash ? PackTrialRun.Of(trial.Operation, report, trial.Days) : null;
        await Workshop.Changing.WaitAsync(cancellation);
        try
        {
            var (publication, problems) = await desk.Workspace.PublishPackAsync(Shelf.Candidate, hash, actor, other, reason, tried, cancellation);
            if (publication is null)
                return new(problems);
        }
        catch (Exception e) when (e is ArgumentException or WorkspaceException or EvidenceLogException)
        {
            throw new RefusedException(e.Message, e);
        }
        finally
        {
            Workshop.Changing.Release();
        }

        desk.CatchUpBehind();
        return new([]);
    }

    CandidateView? Candidate()
    {
        if (!Directory.Exists(Shelf.Candidate))
            return null;
        try
        {
            Workshop.Load(Shelf.Candidate);
            return new(Pack.HashOf(Shelf.Candidate), LocalPack.Read(Shelf.Candidate), []);
        }
        catch (PackException e)
        {
            // A text editor wrote there: the page says what to put right.
            return new(Pack.HashOf(Shelf.Candidate), [], e.Problems);
        }
    }

    static PackRow Row(string hash, PackPublication? publication) => new(
        hash, publication?.At, publication?.Decision.By.Value, publication?.Decision.Second.Value, publication?.Decision.Reason,
        publication?.Decision.Tried is { } tried ? new(tried.Operation, tried.Messages, tried.Days, tried.Gained, tried.Lost) : null, publication?.Exhibit);

    async ValueTask<PackAnswer> ChangedAsync(Func<PackChangeResult> change, CancellationToken cancellation)
    {
        await Workshop.Changing.WaitAsync(cancellation);
        try
        {
            // Linting reads every example: not on the thread that draws the page.
            var result = await Task.Run(() => Refusing(change), cancellation);
            return new(result.Problems, result.File);
        }
        finally
        {
            Workshop.Changing.Release();
        }
    }

    async ValueTask<Dictionary<string, (int All, int Dismissed)>> AlertsByRuleAsync(CancellationToken cancellation)
    {
        var counts = new Dictionary<string, (int All, int Dismissed)>(StringComparer.Ordinal);
        foreach (var operation in desk.Operations())
        {
            foreach (var alert in await desk.AlertsAsync(operation, cancellation))
            {
                var dismissed = alert.Decided?.Decision is AlertDismissed ? 1 : 0;
                foreach (var rule in alert.Finding.Indicators.Select(indicator => indicator.Rule).Distinct(StringComparer.Ordinal))
                {
                    var before = counts.GetValueOrDefault(rule);
                    counts[rule] = (before.All + 1, before.Dismissed + dismissed);
                }
            }
        }

        return counts;
    }

    static T Refusing<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is PackException or WorkspaceException or ArgumentException)
        {
            throw new RefusedException(e.Message.Split(" (Parameter")[0], e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException("The files of a pack could not be read or written. The pack in force is as it was. Check the disk and the data folder's rights.", e);
        }
    }
}
