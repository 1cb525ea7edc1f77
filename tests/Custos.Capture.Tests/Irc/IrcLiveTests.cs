using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Custos.Capture.Gaps;
using Custos.Capture.Irc;
using Custos.Capture.Transcripts;
using Custos.Evidence;
using Custos.Fixtures;
using Custos.Vocabulary;

namespace Custos.Capture.Tests.Irc;

/// <summary>Against a real server and, where it matters, real clients.</summary>
public class IrcLiveTests
{
    const string Room = "#room";

    // Issue 2: 20 clients and 10,000 lines; what was recorded equals what was sent.
    [Fact]
    public async Task Ten_thousand_lines_of_twenty_clients_are_recorded_once_each_in_the_order_of_their_senders()
    {
        Needs("ngircd", "irssi", "tmux");
        const int Total = 10_000;
        await using var server = await NgircdServer.StartAsync();
        await using var watch = new Watching(Watching.Options(server.Port));
        await watch.HappensAsync(CaptureEventName.Joined);
        await using var party = await RoomParty.GatherAsync(server.Port, Room, scripted: 18, typing: 2);
        await party.TalkAsync(Total);
        var outcome = await watch.StopAsync();

        using var file = new MemoryStream();
        var exported = await TranscriptExport.WriteAsync(watch.Log, new("analyst-1", "test", "compare"), file, null, TestContext.Current.CancellationToken);
        exported.Messages.ShouldBe(Total);
        (exported.OtherLines, exported.Unknown).ShouldBe((0, 0));
        var messages = Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Select(message => (From: message.GetProperty("from").GetString()!, Text: message.GetProperty("text").GetString()!, Id: message.GetProperty("id").GetString()!)).ToList();
        foreach (var (nick, lines) in party.Said)
            messages.Where(message => message.From == nick).Select(message => message.Text).SequenceEqual(lines).ShouldBeTrue($"the lines of {nick} differ");
        messages.Select(message => message.Id).Distinct().Count().ShouldBe(Total);
        outcome.Counts.ChatLines.ShouldBe(Total);
        outcome.Counts.Durable.ShouldBe(watch.Log.Kept.Count);
        outcome.Counts.Gaps.ShouldBe(0);
        watch.Log.Kept.OfKind(CaptureKinds.Sent).Select(exhibit => Recorded.Line(exhibit).Line.Split(' ', '\r')[0]).Distinct()
            .ShouldBeSubsetOf(["CAP", "NICK", "USER", "JOIN", "PING", "PONG", "QUIT"]);
    }

    [Fact]
    public async Task A_server_that_restarts_leaves_a_gap_and_is_heard_again()
    {
        Needs("ngircd");
        await using var server = await NgircdServer.StartAsync();
        await using var watch = new Watching(Watching.Options(server.Port));
        await watch.HappensAsync(CaptureEventName.Joined);
        await using (var before = await RawIrcClient.JoinAsync(server.Port, "before", Room))
        {
            await before.SayAsync(Room, "before the restart");
            await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat");
            await server.DownAsync();
        }

        await watch.HappensAsync(CaptureEventName.NotReached);
        await server.UpAsync();
        await watch.HappensAsync(CaptureEventName.GapEnded);
        await using var after = await RawIrcClient.JoinAsync(server.Port, "after", Room);
        await after.SayAsync(Room, "after the restart");
        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat" && Decode(exhibit)!.From.Value == "after");
        var outcome = await watch.StopAsync();

        outcome.Counts.Connections.ShouldBe(2);
        var exposure = ExposureReader.Of(watch.Log.Kept);
        exposure.Hearing.Count.ShouldBe(2);
        exposure.Hearing.ShouldAllBe(heard => heard.Ended);
        var gap = exposure.Gaps.ShouldHaveSingleItem();
        gap.Cause.ShouldBe(GapCause.ClosedByServer);
        gap.From.ShouldBe(exposure.Hearing[0].Until);
        gap.Until.ShouldBe(exposure.Hearing[1].From);
        var ended = watch.Log.Kept.OfKind(CaptureKinds.Gap).Last();
        ended.Entry.About.ShouldBe([gap.Began]);
        watch.Log.Kept.OfKind(CaptureKinds.Chat).Select(exhibit => Decode(exhibit)!.Id).Distinct().Count().ShouldBe(2);
        (outcome.Counts.Heard - exposure.VenueTime(exposure.Venues[0])).Duration().ShouldBeLessThan(TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task A_server_that_proves_who_it_is_is_heard_over_tls()
    {
        Needs("ngircd", "openssl");
        await using var server = await NgircdServer.StartAsync(tls: true);
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(server.Certificate!.Authority);
        await using var watch = new Watching(Watching.Options(server.TlsPort) with { Address = new("127.0.0.1", server.TlsPort, true, Room), Authorities = authorities });
        await watch.HappensAsync(CaptureEventName.Joined);
        await using var client = await RawIrcClient.JoinAsync(server.Port, "client", Room);
        await client.SayAsync(Room, "hello");
        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat");
        await watch.StopAsync();

        var connected = await watch.HappensAsync(CaptureEventName.Connected);
        connected.Venue.ShouldBe($"ircs://127.0.0.1:{server.TlsPort}/#room");
        connected.Detail!["protocol"].ShouldStartWith("Tls1");
        connected.Detail["certificateSha256"].Length.ShouldBe(64);
    }

    [Fact]
    public async Task A_server_that_cannot_prove_who_it_is_is_told_nothing()
    {
        Needs("ngircd", "openssl");
        await using var server = await NgircdServer.StartAsync(tls: true);
        await using var watch = new Watching(Watching.Options(server.TlsPort) with { Address = new("127.0.0.1", server.TlsPort, true, Room) });

        var outcome = await watch.EndsAsync();

        outcome.Stop.ShouldBe(IrcStop.CertificateRefused);
        outcome.Sentence.ShouldContain("--ca");
        watch.Log.Kept.OfKind(CaptureKinds.Sent).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_servers_refusals_are_recorded_as_it_words_them_and_named_as_we_do()
    {
        Needs("ngircd");
        await using var server = await NgircdServer.StartAsync(extra: "[Channel]\n    Name = #closed\n    Modes = +i\n[Channel]\n    Name = #keyed\n    Modes = +k secret");
        foreach (var (room, reply) in new[] { ("#closed", 473), ("#keyed", 475) })
        {
            await using var watch = new Watching(Watching.Options(server.Port, room));
            var outcome = await watch.EndsAsync();
            outcome.Stop.ShouldBe(IrcStop.RoomRefused);
            (await watch.HappensAsync(CaptureEventName.Refused)).Detail!["reply"].ShouldBe(reply.ToString(CultureInfo.InvariantCulture));
            watch.Log.Kept.Received().Count(exhibit => Recorded.Line(exhibit).Line.Contains($" {reply} ", StringComparison.Ordinal)).ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_name_that_is_taken_at_a_real_server_costs_nothing_but_the_name()
    {
        Needs("ngircd");
        await using var server = await NgircdServer.StartAsync();
        await using var holder = await RawIrcClient.JoinAsync(server.Port, "watcher", Room);
        await using var watch = new Watching(Watching.Options(server.Port));

        (await watch.HappensAsync(CaptureEventName.Joined)).Nick.ShouldBe("watcher_");
    }

    static void Needs(params string[] programs)
    {
        if (Programs.Missing(programs) is { } reason)
            Assert.Skip(reason);
    }

    static ChatMessage? Decode(Exhibit exhibit)
    {
        var (header, _) = Recorded.Line(exhibit);
        return new IrcDecoder().Decode(header, Recorded.Bytes(exhibit));
    }
}
