using Custos.Console.Client;
using Custos.Detection;
using Custos.Server.Workspaces;

namespace Custos.EndToEnd.Console;

/// <summary>A unit's changed pack over a real data folder: what is kept, what a crash costs, what is refused.</summary>
public class PackDeskTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static PackChange Term(string term = "heb je een lookie") => new("nl", [new("cam-own", term)], [], [], [], "seen at night", "A. Analyst");

    [Fact]
    public async Task A_publication_that_the_log_has_and_the_folder_does_not_is_taken_over_at_the_next_opening()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var packs = made.Client().Packs;
        (await packs.ChangeAsync(Term(), Cancel)).File.ShouldBe("local/nl-001.yaml");
        var hash = (await packs.OverviewAsync(Cancel)).Candidate!.Hash;
        (await packs.PublishAsync(hash, "our own words", "supervisor-2", Cancel)).Problems.ShouldBeEmpty();
        await made.ReleaseAsync();

        // As a process leaves it that ended right after the decision was durable.
        Directory.Delete(Path.Combine(made.Folder, "packs/published"), recursive: true);
        await using (var workspace = await Workspace.OpenAsync(made.Folder, TimeProvider.System, Cancel))
        {
            workspace.Packs.InForce().Hash.ShouldBe(PackShelf.Shipped.Hash);
            await using var room = await workspace.OpenOperationAsync(new(RecordedFolder.Operation), Cancel);
            room.PackHash.ShouldBe(hash);
        }

        var published = new PackShelf(made.Folder).Published().ShouldHaveSingleItem();
        (published.Decision.By.Value, published.Decision.Second.Value, published.Decision.Hash, published.Decision.Reason, published.Decision.Tried).ShouldBe(("analyst", "supervisor-2", hash, "our own words", null));
    }

    [Fact]
    public async Task A_publication_that_no_log_holds_does_not_survive_a_rebuild()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var packs = made.Client().Packs;
        await packs.ChangeAsync(Term(), Cancel);
        var hash = (await packs.OverviewAsync(Cancel)).Candidate!.Hash;
        await packs.PublishAsync(hash, "our own words", "supervisor-2", Cancel);
        await made.ReleaseAsync();
        var published = Path.Combine(made.Folder, "packs/published");
        var genuine = Directory.GetFiles(published).ShouldHaveSingleItem();
        var text = await File.ReadAllTextAsync(genuine, Cancel);

        // Someone with the folder puts the program's pack back in force, and says the decision was another person's.
        await File.WriteAllTextAsync(Path.Combine(published, "EX-00000900.decision"), text.Replace(hash, PackShelf.Shipped.Hash, StringComparison.Ordinal), Cancel);
        await File.WriteAllTextAsync(genuine, text.Replace("supervisor-2", "nobody", StringComparison.Ordinal), Cancel);
        await using var workspace = await Workspace.OpenAsync(made.Folder, TimeProvider.System, Cancel);
        workspace.Packs.InForce().Hash.ShouldBe(PackShelf.Shipped.Hash);
        await workspace.RebuildPublishedAsync(Cancel);
        workspace.Packs.InForce().Hash.ShouldBe(hash);
        (await File.ReadAllTextAsync(Directory.GetFiles(published).ShouldHaveSingleItem(), Cancel)).ShouldBe(text);
    }

    [Fact]
    public async Task What_was_not_looked_at_is_not_published()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var packs = made.Client().Packs;
        await packs.ChangeAsync(Term(), Cancel);
        var seen = (await packs.OverviewAsync(Cancel)).Candidate!.Hash;
        await made.Client("inspector-3").Packs.ChangeAsync(Term("laat je lookie aan"), Cancel);
        (await Should.ThrowAsync<RefusedException>(async () => await packs.PublishAsync(seen, "our own words", "supervisor-2", Cancel))).Message.ShouldContain("someone changed it meanwhile");
        (await Should.ThrowAsync<RefusedException>(async () => await packs.PublishAsync(seen, "our own words", "Not A Pseudonym", Cancel))).Message.ShouldContain("pseudonym");
        new PackShelf(made.Folder).Published().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_term_is_taken_back_and_what_was_put_away_is_kept()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var packs = made.Client().Packs;
        await packs.ChangeAsync(Term(), Cancel);
        await packs.ChangeAsync(new("nl", [], [new("sport", "onze-club")], [new("nl.camera.own.child", RuleStrength.Strong)], [], "seen at night", "A. Analyst"), Cancel);
        var candidate = (await packs.OverviewAsync(Cancel)).Candidate!;
        candidate.Entries.Select(e => (e.Kind, e.Name, e.Value)).ShouldBe([
            (LocalEntryKind.Term, "cam-own", "heb je een lookie"), (LocalEntryKind.Sign, "sport", "onze-club"), (LocalEntryKind.Strength, "nl.camera.own.child", "strong")]);
        foreach (var entry in candidate.Entries)
            (await packs.TakeBackAsync(entry, Cancel)).Problems.ShouldBeEmpty();
        (await packs.OverviewAsync(Cancel)).Candidate!.Hash.ShouldBe(PackShelf.Shipped.Hash);
        (await Should.ThrowAsync<RefusedException>(async () => await packs.StartTrialAsync(RecordedFolder.Operation, Cancel))).Message.ShouldContain("is the one in force");
        await packs.PutAwayAsync(Cancel);
        (await packs.OverviewAsync(Cancel)).Candidate.ShouldBeNull();
        File.ReadAllText(Path.Combine(made.Folder, "packs/earlier/001/local/nl-001.yaml.1")).ShouldContain("heb je een lookie");
    }

    [Fact]
    public async Task A_file_spoiled_by_hand_is_named_by_place_and_the_pack_in_force_stays()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var packs = made.Client().Packs;
        await packs.ChangeAsync(Term(), Cancel);
        await File.WriteAllTextAsync(Path.Combine(made.Folder, "packs/candidate/local/nl-001.yaml"), "pack-format: 1\nlanguage: nl\nlist: {cam-own: [x]}\n", Cancel);
        var problem = (await packs.OverviewAsync(Cancel)).Candidate!.Problems.ShouldHaveSingleItem();
        (problem.File, problem.Line).ShouldBe(("local/nl-001.yaml", 3));
        problem.Text.ShouldContain("write one of");
        (await Should.ThrowAsync<RefusedException>(async () => await packs.ChangeAsync(Term(), Cancel))).Message.ShouldContain("local/nl-001.yaml:3");
        new PackShelf(made.Folder).InForce().Hash.ShouldBe(PackShelf.Shipped.Hash);
    }

    [Fact]
    public async Task A_program_that_comes_with_other_words_changes_nothing_until_they_are_published_and_the_units_own_are_kept()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var packs = made.Client().Packs;
        await packs.ChangeAsync(Term(), Cancel);
        var services = Path.Combine(made.Folder, "packs/candidate/services.yaml");
        await File.AppendAllTextAsync(services, "# as an older program had it\n", Cancel);
        var older = (await packs.OverviewAsync(Cancel)).Candidate!.Hash;
        (await packs.PublishAsync(older, "our own words", "supervisor-2", Cancel)).Problems.ShouldBeEmpty();
        var overview = await packs.OverviewAsync(Cancel);
        overview.ProgramDiffers.ShouldBeTrue();
        overview.InForce.Hash.ShouldBe(older);
        (await packs.BeginAgainAsync(Cancel)).Problems.ShouldBeEmpty();
        var shelf = new PackShelf(made.Folder);
        Pack.HashOf(shelf.Candidate, withLocal: false).ShouldBe(Pack.HashOf(PackShelf.Shipped.Directory, withLocal: false));
        (await packs.OverviewAsync(Cancel)).Candidate!.Entries.ShouldHaveSingleItem().Value.ShouldBe("heb je een lookie");
        shelf.InForce().Hash.ShouldBe(older);
    }

    [Fact]
    public async Task A_trial_that_is_stopped_compares_nothing()
    {
        await using var made = await RecordedFolder.MakeAsync();
        await made.Client().Packs.ChangeAsync(Term(), Cancel);
        var shelf = new PackShelf(made.Folder);
        await using var lease = await made.Desk.EnterAsync(RecordedFolder.Operation, Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var run = new PackTrialRun(Pack.Load(shelf.InForce().Directory), Pack.Load(shelf.Candidate), lease.Room, new("analyst", "custos console", "try a changed pack"));
        await Should.ThrowAsync<OperationCanceledException>(() => run.RunAsync((_, _) => stop.Cancel(), stop.Token));
        (await run.RunAsync(null, Cancel)).Messages.ShouldBeGreaterThan(500);
        run.Days.ShouldBe(1);
    }

    [Fact]
    public async Task A_pack_in_force_that_is_gone_or_changed_is_no_reason_to_take_another()
    {
        await using var made = await RecordedFolder.MakeAsync();
        var packs = made.Client().Packs;
        await packs.ChangeAsync(Term(), Cancel);
        var hash = (await packs.OverviewAsync(Cancel)).Candidate!.Hash;
        await packs.PublishAsync(hash, "our own words", "supervisor-2", Cancel);
        await made.ReleaseAsync();
        Directory.Move(new PackShelf(made.Folder).Kept(hash), Path.Combine(made.Folder, "moved"));
        await using var workspace = await Workspace.OpenAsync(made.Folder, TimeProvider.System, Cancel);
        var refused = await Should.ThrowAsync<WorkspaceException>(() => workspace.OpenOperationAsync(new(RecordedFolder.Operation), Cancel));
        refused.Message.ShouldContain(hash);
        refused.Message.ShouldContain("no other pack takes its place");
    }
}
