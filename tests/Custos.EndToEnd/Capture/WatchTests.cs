using System.Text;
using System.Text.Json;
using Custos.Capture.Gaps;
using Custos.Capture.Transcripts;
using Custos.Evidence;
using Custos.Fixtures;
using Custos.Server.Workspaces;

namespace Custos.EndToEnd.Capture;

/// <summary>The program itself, against a real server: <c>custos watch</c> as a child process.</summary>
public class WatchTests
{
    const string Room = "#room";
    static readonly string Program = Path.Combine(Checkout.Root, "artifacts", "bin", "Custos.Cli", "release", "custos");

    // Issue 2: twenty clients, two of them real irssi, and ten thousand lines, heard by the program and kept in a sealed log.
    [Fact]
    public async Task Ten_thousand_lines_of_twenty_clients_are_exported_as_they_were_said()
    {
        Needs("ngircd", "irssi", "tmux");
        using var folder = new ScratchFolder();
        await using var server = await NgircdServer.StartAsync();
        await OperationAsync(folder["data"], server.Port);
        await using var watch = Watch(folder["data"], server.Port);
        await watch.PrintsAsync("joined as visitor: hearing");

        await using var party = await RoomParty.GatherAsync(server.Port, Room, scripted: 18, typing: 2);
        await party.TalkAsync(10_000);
        watch.Interrupt();
        (await watch.EndAsync()).ShouldBe(0);

        party.Lines.ShouldBe(10_000);
        Summary(watch).GetProperty("chatLines").GetInt64().ShouldBe(10_000);
        await ChildProgram.RunAsync(Program, "export", "transcript", "--operation", "lantern", "--data", folder["data"], "--output", folder["exported.jsonl"]);
        (await ChildProgram.RunAsync(Program, "verify", folder["data"])).ShouldContain("Verified");
        var messages = Parse(folder["exported.jsonl"]);
        messages.Count.ShouldBe(10_000);
        foreach (var (nick, lines) in party.Said)
            messages.Where(message => message.From == nick).Select(message => message.Text).SequenceEqual(lines).ShouldBeTrue($"the lines of {nick} differ");
        messages.Select(message => message.Id).Distinct().Count().ShouldBe(10_000);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_watch_with_everything_it_heard_durable_and_verified()
    {
        Needs("ngircd");
        using var folder = new ScratchFolder();
        await using var server = await NgircdServer.StartAsync();
        await OperationAsync(folder["data"], server.Port);

        await using var watch = Watch(folder["data"], server.Port);
        await watch.PrintsAsync("joined as visitor: hearing");
        await using (var client = await RawIrcClient.JoinAsync(server.Port, "client", Room))
        {
            await client.SendAsync(string.Concat(Enumerable.Range(0, 500).Select(n => $"PRIVMSG {Room} :line {n}\r\n")));
            await client.SettleAsync();
        }

        watch.Interrupt();
        (await watch.EndAsync()).ShouldBe(0);

        var summary = Summary(watch);
        summary.GetProperty("stopped").GetString().ShouldBe("asked");
        summary.GetProperty("appended").GetInt64().ShouldBe(summary.GetProperty("durable").GetInt64());
        summary.GetProperty("chatLines").GetInt64().ShouldBe(500);
        var (exhibits, messages) = await ReadAsync(folder["data"]);
        messages.Select(message => message.Text).ShouldBe(Enumerable.Range(0, 500).Select(n => $"line {n}"));
        ExposureReader.Of(exhibits).Hearing.ShouldHaveSingleItem().Ended.ShouldBeTrue();
        // The capture stands in the chain of custody of each line: begun before the first exhibit, ended with the stretch that it filled.
        var began = exhibits.Single(exhibit => exhibit.Entry.Kind == "custody.capture-started");
        var ended = CustodyEvent.Parse(exhibits.Single(exhibit => exhibit.Entry.Kind == "custody.capture-ended"));
        (ended.Previous, ended.Range!.From).ShouldBe((began.Number.LeafIndex, began.Number.LeafIndex + 1));
        ended.Purpose.ShouldBe($"live capture of irc://127.0.0.1:{server.Port}/{Room} as 'visitor'; ended: asked");
        exhibits.Where(exhibit => exhibit.Entry.Kind == "chat").ShouldAllBe(exhibit => exhibit.Number.LeafIndex >= ended.Range.From && exhibit.Number.LeafIndex <= ended.Range.Through);
        exhibits[^1].Entry.Kind.ShouldStartWith("custody.");
    }

    [Fact]
    public async Task A_server_that_hangs_holds_nobody_after_a_second_Ctrl_C()
    {
        Needs("ngircd");
        using var folder = new ScratchFolder();
        await using var server = await NgircdServer.StartAsync();
        await OperationAsync(folder["data"], server.Port);

        await using var watch = Watch(folder["data"], server.Port);
        await watch.PrintsAsync("joined as visitor: hearing");
        server.Freeze();
        watch.Interrupt();
        await watch.PrintsAsync("A second Ctrl-C ends at once.");
        watch.Interrupt();

        (await watch.EndAsync()).ShouldBe(1);
        watch.Output.ShouldContain("Ended at the second Ctrl-C.");
        var (exhibits, _) = await ReadAsync(folder["data"]);
        ExposureReader.Of(exhibits).Hearing.Count.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task A_watch_survives_a_restart_of_the_server_and_says_that_it_has_a_gap()
    {
        Needs("ngircd");
        using var folder = new ScratchFolder();
        await using var server = await NgircdServer.StartAsync();
        await OperationAsync(folder["data"], server.Port);

        await using var watch = Watch(folder["data"], server.Port);
        await watch.PrintsAsync("joined as visitor: hearing");
        await server.DownAsync();
        await watch.PrintsAsync("gap: not heard since");
        await server.UpAsync();
        await watch.PrintsAsync("gap over after");
        await using (var client = await RawIrcClient.JoinAsync(server.Port, "client", Room))
        {
            await client.SayAsync(Room, "after the restart");
            await client.SettleAsync();
        }

        watch.Terminate();
        (await watch.EndAsync()).ShouldBe(3);

        var summary = Summary(watch);
        summary.GetProperty("connections").GetInt32().ShouldBe(2);
        summary.GetProperty("gaps").GetArrayLength().ShouldBe(1);
        var (exhibits, messages) = await ReadAsync(folder["data"]);
        messages.Select(message => message.Text).ShouldBe(["after the restart"]);
        ExposureReader.Of(exhibits).Gaps.ShouldHaveSingleItem().Until.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_watch_that_is_killed_loses_nothing_it_had_acknowledged_and_the_next_one_goes_on()
    {
        Needs("ngircd");
        using var folder = new ScratchFolder();
        await using var server = await NgircdServer.StartAsync();
        await OperationAsync(folder["data"], server.Port);

        await using (var killed = Watch(folder["data"], server.Port))
        {
            await killed.PrintsAsync("joined as visitor: hearing");
            await using var client = await RawIrcClient.JoinAsync(server.Port, "client", Room);
            // Goes on talking until some of it is durable; more is on its way when the process dies.
            for (var i = 0; Published(folder["data"]) < 40; i++)
            {
                i.ShouldBeLessThan(100_000);
                await client.SayAsync(Room, $"line {i}");
                await client.SettleAsync();
            }

            killed.Kill();
            await killed.EndAsync();
        }

        await using (var next = Watch(folder["data"], server.Port))
        {
            await next.PrintsAsync(": hearing");
            next.Interrupt();
            (await next.EndAsync()).ShouldBe(0);
        }

        // Whatever was durable when it died is the beginning of what was said, without a hole.
        var (exhibits, messages) = await ReadAsync(folder["data"]);
        messages.ShouldNotBeEmpty();
        messages.Select(message => message.Text).ShouldBe(Enumerable.Range(0, messages.Count).Select(n => $"line {n}"));
        var hearing = ExposureReader.Of(exhibits).Hearing;
        hearing.Count.ShouldBe(2);
        hearing.Count(heard => heard.Ended).ShouldBe(1);
        (await ChildProgram.RunAsync(Program, "verify", folder["data"])).ShouldContain("Verified");
    }

    [Fact]
    public async Task A_venue_the_authorisation_does_not_name_is_refused_with_the_clause_and_nothing_is_sent()
    {
        using var folder = new ScratchFolder();
        await OperationAsync(folder["data"], 6667);

        await using var watch = ChildProgram.Start(Program, ["watch", "irc://127.0.0.1:6667/%23elsewhere", "--operation", "lantern", "--nick", "visitor", "--data", folder["data"]]);

        (await watch.EndAsync()).ShouldBe(4);
        watch.Output.ShouldContain("clause 'venues'");
        (await ReadAsync(folder["data"])).Exhibits.ShouldAllBe(exhibit => !exhibit.Entry.Kind.StartsWith("connection", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://127.0.0.1/%23room", "irc://host:6667/%23room")]
    [InlineData("irc://127.0.0.1:6667/", "names no room")]
    [InlineData("irc://name:secret@127.0.0.1/%23room", "no name or password")]
    public async Task An_address_that_cannot_be_read_is_answered_with_how_to_write_it(string address, string answer)
    {
        using var folder = new ScratchFolder();
        await using var watch = ChildProgram.Start(Program, ["watch", address, "--operation", "lantern", "--nick", "visitor", "--data", folder["data"]]);

        (await watch.EndAsync()).ShouldBe(2);
        watch.Output.ShouldContain(answer);
        Directory.Exists(folder["data"]).ShouldBeFalse();
    }

    [Fact]
    public async Task It_hears_over_tls_by_the_units_own_authority_and_stops_when_its_time_is_up()
    {
        Needs("ngircd", "openssl");
        using var folder = new ScratchFolder();
        await using var server = await NgircdServer.StartAsync(tls: true);
        await OperationAsync(folder["data"], server.TlsPort, "ircs");

        await using var watch = ChildProgram.Start(Program,
        [
            "watch", $"irc://127.0.0.1:{server.TlsPort}/#room", "--tls", "--ca", server.Certificate!.Authority,
            "--operation", "lantern", "--nick", "visitor", "--data", folder["data"], "--for", "2s", "--json",
        ]);

        (await watch.EndAsync()).ShouldBe(0);
        Summary(watch).GetProperty("stopped").GetString().ShouldBe("time-up");
        Summary(watch).GetProperty("venue").GetString().ShouldBe($"ircs://127.0.0.1:{server.TlsPort}/#room");
    }

    // The second line of a checkpoint is the size of the log (C2SP tlog-checkpoint).
    static long Published(string data) =>
        long.Parse(File.ReadAllLines(Path.Combine(data, "operations", "lantern", "log", "checkpoint"))[1], System.Globalization.CultureInfo.InvariantCulture);

    static ChildProgram Watch(string data, int port) => ChildProgram.Start(
        Program, ["watch", $"irc://127.0.0.1:{port}/%23room", "--operation", "lantern", "--nick", "visitor", "--data", data, "--json"]);

    static JsonElement Summary(ChildProgram watch) =>
        JsonDocument.Parse(watch.Output.Split('\n').Single(line => line.StartsWith('{'))).RootElement;

    static async Task OperationAsync(string data, int port, string scheme = "irc")
    {
        var now = TimeProvider.System.GetUtcNow();
        var yaml = $"""
            authorization-format: 1
            operation: lantern
            authority:
              name: Example Unit
            legal-basis:
              - law: Example Act
            window:
              from: "{now.AddHours(-1):yyyy-MM-dd'T'HH:mm:ss}"
              until: "{now.AddHours(1):yyyy-MM-dd'T'HH:mm:ss}"
              zone: UTC
            venues:
              - id: "{scheme}://127.0.0.1:{port}/#room"
                kind: chat-room
            acts:
              - observe
            signatories:
              - name: A. Example
                role: supervisor
                signed: "{now:yyyy-MM-dd}"
            """;
        await using var workspace = await Workspace.OpenAsync(data, TimeProvider.System, TestContext.Current.CancellationToken);
        await using var room = await workspace.CreateOperationAsync(new("lantern"), Encoding.UTF8.GetBytes(yaml), new("a-1"), TestContext.Current.CancellationToken);
    }

    static async Task<(IReadOnlyList<Exhibit> Exhibits, IReadOnlyList<Said> Messages)> ReadAsync(string data)
    {
        await using var workspace = await Workspace.OpenAsync(data, TimeProvider.System, TestContext.Current.CancellationToken);
        await using var room = await workspace.OpenOperationAsync(new("lantern"), TestContext.Current.CancellationToken);
        var run = new MachineRun("a-1", "test", "compare with what was said");
        await TranscriptExport.WriteAsync(room.Reader, room.Custody, run, data + ".jsonl", null, TestContext.Current.CancellationToken);
        var exhibits = new List<Exhibit>();
        await foreach (var exhibit in room.Reader.ReadAsync(new(0), long.MaxValue, run, TestContext.Current.CancellationToken))
            exhibits.Add(exhibit);
        return (exhibits, Parse(data + ".jsonl"));
    }

    static IReadOnlyList<Said> Parse(string transcript) =>
        [.. File.ReadLines(transcript).Skip(1).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(message => new Said(message.GetProperty("from").GetString()!, message.GetProperty("text").GetString()!, message.GetProperty("id").GetString()!))];

    sealed record Said(string From, string Text, string Id);

    static void Needs(params string[] programs)
    {
        if (Programs.Missing(programs) is { } reason)
            Assert.Skip(reason);
    }
}
