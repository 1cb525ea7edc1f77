using System.Buffers;
using System.Globalization;
using System.Text;
using Custos.Capture.Import;
using Custos.Casework;
using Custos.Detection;
using Custos.Evidence;
using Custos.Server.Workspaces;
using Custos.Storage;
using Custos.Vocabulary;

namespace Custos.Pipeline.Tests;

public class WholeLineTests
{
    [Fact]
    public async Task The_pipeline_and_the_command_agree()
    {
        using var folder = new DataFolder();
        var output = Path.Combine(folder.Root, "findings.jsonl");
        await using (var detect = DataFolder.Custos("detect", DataFolder.Sample, "--output", output))
            (await detect.EndAsync()).ShouldBe(0);

        await using var workspace = await folder.OpenAsync();
        await using var room = await ImportAsync(workspace);
        var written = new ArrayBufferWriter<byte>();
        await foreach (var finding in room.Index.FindingsAsync(Cancel))
            FindingWriter.Write(written, finding.Finding, withExhibits: false);

        written.WrittenCount.ShouldBeGreaterThan(1_000);
        Sha256Digest.Of(written.WrittenSpan).ShouldBe(Sha256Digest.Of(await File.ReadAllBytesAsync(output, Cancel)));
    }

    // Detection-spec, section 11: the file, the log, the index and the index derived again hold the same findings; only the log can name exhibits.
    [Fact]
    public async Task The_log_the_index_and_the_rebuilt_index_agree()
    {
        using var folder = new DataFolder();
        var indexed = new ArrayBufferWriter<byte>();
        long middle;
        await using (var workspace = await folder.OpenAsync())
        await using (var room = await ImportAsync(workspace))
        {
            await foreach (var finding in room.Index.FindingsAsync(Cancel))
                FindingWriter.Write(indexed, finding.Finding, withExhibits: true);
            middle = (await room.Index.AlertsAsync(Cancel))[0].Exhibit.LeafIndex;
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        var whole = await DetectAsync("log.jsonl", "--conduct", Path.Combine(folder.Root, "conduct.jsonl"), "--report", Path.Combine(folder.Root, "report.json"));
        whole.ShouldBe(Encoding.UTF8.GetString(indexed.WrittenSpan));
        whole.ShouldContain("\"exhibit\":");

        // Without the exhibits it is what the file alone gives, conduct records too.
        var output = Path.Combine(folder.Root, "findings.jsonl");
        await using (var detect = DataFolder.Custos("detect", DataFolder.Sample, "--output", output, "--conduct", Path.Combine(folder.Root, "conduct-of-file.jsonl")))
            (await detect.EndAsync()).ShouldBe(0);
        System.Text.RegularExpressions.Regex.Replace(whole, ",\"exhibit\":[0-9]+", "").ShouldBe(await File.ReadAllTextAsync(output, Cancel));
        (await File.ReadAllTextAsync(Path.Combine(folder.Root, "conduct.jsonl"), Cancel)).ShouldBe(await File.ReadAllTextAsync(Path.Combine(folder.Root, "conduct-of-file.jsonl"), Cancel));
        (await File.ReadAllTextAsync(Path.Combine(folder.Root, "report.json"), Cancel)).ShouldContain("\"operation\": \"op-lantern\"");

        // A part of the log: what came before it is known, and only its own findings are written.
        var number = new ExhibitNumber(middle).ToString();
        var part = await DetectAsync("part.jsonl", "--from", number, "--to", number);
        part.ShouldNotBeEmpty();
        whole.ShouldContain(part);

        await using (var rebuild = DataFolder.Custos("rebuild", "--data", folder.Data))
            (await rebuild.EndAsync()).ShouldBe(0);
        await using (var workspace = await folder.OpenAsync())
        await using (var room = await workspace.OpenOperationAsync(DataFolder.Lantern, Cancel))
        {
            var again = new ArrayBufferWriter<byte>();
            await foreach (var finding in room.Index.FindingsAsync(Cancel))
                FindingWriter.Write(again, finding.Finding, withExhibits: true);
            Encoding.UTF8.GetString(again.WrittenSpan).ShouldBe(whole);
        }

        async Task<string> DetectAsync(string name, params string[] more)
        {
            var path = Path.Combine(folder.Root, name);
            await using (var detect = DataFolder.Custos(["detect", "--operation", "op-lantern", "--data", folder.Data, "--output", path, .. more]))
                (await detect.EndAsync()).ShouldBe(0, detect.Output);
            return await File.ReadAllTextAsync(path, Cancel);
        }
    }

    [Fact]
    public async Task An_imported_room_is_queued_read_linked_and_found()
    {
        using var folder = new DataFolder();
        await using var workspace = await folder.OpenAsync();
        await using var room = await ImportAsync(workspace);
        var index = room.Index;

        var alerts = await index.AlertsAsync(Cancel);
        alerts.ShouldNotBeEmpty();
        foreach (var alert in alerts)
        {
            (await index.AlertAsync(alert.Id, Cancel)).ShouldNotBeNull().Exhibit.ShouldBe(alert.Exhibit);
            (await index.AlertOfAsync(alert.Conversation, Cancel)).ShouldNotBeNull().Id.ShouldBe(alert.Id);
            alert.Conversation.Messages.ShouldBeGreaterThan(0);
            alert.Conversation.First.ShouldBeLessThanOrEqualTo(alert.Exhibit);
            var lines = await index.LinesAsync(alert.Conversation, 0, 1_000, Cancel);
            lines.Count.ShouldBe((int)alert.Conversation.Messages);
            lines.ShouldContain(line => line.Exhibit == alert.Exhibit);
            (await index.FindingsAsync(alert.Conversation, Cancel)).Count.ShouldBeGreaterThan(1);
            if (alert.Conversation.Scope == FindingScope.Pair)
                (await index.ConductAsync(alert.Conversation, Cancel)).ShouldNotBeNull().Topics.ShouldNotBeEmpty();
            (await index.LinesAroundAsync(alert.Exhibit, 2, 1, Cancel)).Count.ShouldBeInRange(2, 4);
        }

        var queue = TriageQueue.Order(alerts.Select(alert => alert.Waiting(calibrated: false)), TriageRules.BuiltIn, DateTimeOffset.UnixEpoch.AddDays(20_800));
        queue.Count.ShouldBe(alerts.Count);

        var links = await index.LinksAsync(Cancel);
        links.Accounts.ShouldContain(account => account.Account.Name == alerts[0].Conversation.Account);
        var venue = (await index.VenuesAsync(Cancel)).Single();
        venue.Venue.ShouldBe(DataFolder.Venue);
        venue.Heard.ShouldBeNull();

        var hits = await index.SearchAsync("goedemorgen", 10, Cancel);
        hits.Hits.ShouldNotBeEmpty();
        (await index.SearchAsync("goedemorg*", 1_000, Cancel)).Hits.Count.ShouldBeGreaterThanOrEqualTo(hits.Hits.Count);
        var exhibit = (await index.ExhibitAsync(hits.Hits[0].Message.Exhibit, Cancel)).ShouldNotBeNull();
        exhibit.Kind.ShouldBe("chat");
        exhibit.Venue.ShouldBe(DataFolder.Venue);
        exhibit.Leaf.ShouldBe(Merkle.Leaf((await room.Evidence.Reader.EntryAsync(exhibit.Number, Cancel)).Bytes.Span));
    }

    [Fact]
    public async Task What_people_do_and_decide_is_found_beside_what_they_did_it_to()
    {
        using var folder = new DataFolder();
        await using var workspace = await folder.OpenAsync();
        await using var room = await ImportAsync(workspace);
        var alert = (await room.Index.AlertsAsync(Cancel))[0];
        alert.Decided.ShouldBeNull();
        await new DecisionLog(room.Log).AppendAsync(new AlertDismissed(new ActorId("ada"), alert.Address, "a test"), Cancel);
        await using (await room.OpenExhibitAsync(alert.Exhibit, new(new() { Id = "ada" }, "a test"), Cancel))
            await room.Custody.RecordAsync(new() { Kind = CustodyKind.Exported, Actor = new() { Id = "ada" }, Exhibits = [alert.Exhibit.LeafIndex], Purpose = "a test" }, Cancel);
        await room.SettleAsync(Cancel);

        (await room.Index.AlertAsync(alert.Id, Cancel)).ShouldNotBeNull().Decided.ShouldNotBeNull().Decision.ShouldBeOfType<AlertDismissed>();
        var exhibit = (await room.Index.ExhibitAsync(alert.Exhibit, Cancel)).ShouldNotBeNull();
        exhibit.Acts.Select(act => act.Kind).ShouldBe(["alert.dismissed", "custody.viewed", "custody.exported", "custody.view-ended"]);
        exhibit.Acts[1].Custody.ShouldNotBeNull().ShouldContain("a test");
    }

    [Fact]
    public async Task A_search_is_on_record_before_it_is_answered_and_one_without_a_hit_is_the_units_own()
    {
        using var folder = new DataFolder();
        await using (var workspace = await folder.OpenAsync())
            await (await ImportAsync(workspace)).DisposeAsync();

        await using (var search = DataFolder.Custos("search", "goedemorgen", "--operation", "op-lantern", "--reason", "a test", "--actor", "ada", "--data", folder.Data, "--json"))
        {
            (await search.EndAsync()).ShouldBe(0);
            search.Output.ShouldContain("\"exhibit\":\"EX-");
        }

        await using (var search = DataFolder.Custos("search", "zyzzyva", "--operation", "op-lantern", "--reason", "a test", "--actor", "ada", "--data", folder.Data))
        {
            (await search.EndAsync()).ShouldBe(0);
            search.Output.ShouldContain("No hit.");
        }

        (await KindsAsync(folder, "op-lantern")).Count(kind => kind == "custody.searched").ShouldBe(1);
        (await KindsAsync(folder, "unit")).Count(kind => kind == "custody.searched").ShouldBe(1);
    }

    [Fact]
    public async Task Rebuild_gives_back_the_findings_and_says_how_many()
    {
        using var folder = new DataFolder();
        IndexCounts before;
        await using (var workspace = await folder.OpenAsync())
        await using (var room = await ImportAsync(workspace))
            before = await room.Index.CountAsync(Cancel);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        await using (var rebuild = DataFolder.Custos("rebuild", "--data", folder.Data))
        {
            (await rebuild.EndAsync()).ShouldBe(0);
            rebuild.Output.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"{before.Messages:N0} messages, {before.Findings:N0} findings, {before.Alerts:N0} alerts"));
        }

        await using (var one = DataFolder.Custos("rebuild", "--data", folder.Data, "--operation", "op-lantern"))
        {
            (await one.EndAsync()).ShouldBe(0);
            one.Output.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"{before.Messages:N0} messages, {before.Findings:N0} findings"));
        }
    }

    // Killed where chance has it: acknowledged is still there, and everything there is indexed once.
    [Fact]
    public async Task A_killed_import_goes_on_and_ends_with_every_message_once()
    {
        using var folder = new DataFolder();
        var file = folder.Write("long.jsonl", Transcript(6_000));
        var authorization = folder.Write("authorization.yaml", DataFolder.Authorization());
        await using (var open = DataFolder.Custos("operation", "open", "op-lantern", "--authorization", authorization, "--data", folder.Data))
            (await open.EndAsync()).ShouldBe(0);

        // The seed is the test's own; what differs between runs is how far the machine got by then.
        var chance = new Random(20261125);
        var kills = 0;
        for (var i = 0; i < 6; i++)
        {
            await using var import = DataFolder.Custos("import", file, "--operation", "op-lantern", "--data", folder.Data, "--json");
            var size = SizeOf(folder);
            var grow = chance.Next(1, 2_500);
            while (SizeOf(folder) < size + grow && !import.HasEnded)
                await Task.Yield();
            kills += import.HasEnded ? 0 : 1;
            import.Kill();
            await import.EndAsync();
        }

        kills.ShouldBeGreaterThan(0);
        await using (var import = DataFolder.Custos("import", file, "--operation", "op-lantern", "--data", folder.Data, "--json"))
            (await import.EndAsync()).ShouldBe(0, import.Output);
        await using var workspace = await folder.OpenAsync();
        await using var room = await workspace.OpenOperationAsync(DataFolder.Lantern, Cancel);
        await room.SettleAsync(Cancel);
        (await room.Index.CountAsync(Cancel)).Messages.ShouldBe(6_000);
        var hits = await room.Index.SearchAsync("number5999", 10, Cancel);
        hits.Hits.Count.ShouldBe(1);
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static async Task<OperationRoom> ImportAsync(Workspace workspace)
    {
        var room = await workspace.CreateOperationAsync(DataFolder.Lantern, DataFolder.Authorization(), new ActorId("ada"), Cancel);
        var ledger = new LogImportLedger(room.Reader, new("ada", "tests", "import"));
        var done = await new TranscriptImporter(room.Authorization, room.Log, room.Custody, ledger, new ActorId("ada")).ImportAsync(DataFolder.Sample, new(), false, null, Cancel);
        done.Outcome.ShouldBe(ImportOutcome.Recorded);
        await room.SettleAsync(Cancel);
        return room;
    }

    static async Task<List<string>> KindsAsync(DataFolder folder, string slug)
    {
        var reader = new LogReader(new DirectoryLogStore(folder.Data, slug));
        return [.. (await reader.EntriesAsync(new(0), long.MaxValue, Cancel).ToListAsync(Cancel)).Select(entry => entry.Entry.Kind)];
    }

    static long SizeOf(DataFolder folder)
    {
        // While it is being renamed into place there is the old one or the new one, never half of one.
        var lines = File.ReadAllLines(Path.Combine(folder.Data, "operations", "op-lantern", "log", "checkpoint"));
        return long.Parse(lines[1], CultureInfo.InvariantCulture);
    }

    static byte[] Transcript(int messages)
    {
        var text = new StringBuilder("{\"format\":\"custos-transcript/1\"}\n");
        for (var i = 0; i < messages; i++)
            text.Append(CultureInfo.InvariantCulture, $"{{\"venue\":\"{DataFolder.Venue}\",\"thread\":\"t{i % 20}\",\"id\":\"m{i}\",\"at\":\"2026-11-08T19:00:30+01:00\",\"from\":\"nick{i % 37}\",\"text\":\"number{i} {(i % 50 == 0 ? "how old are you" : "nice weather")}\"}}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
