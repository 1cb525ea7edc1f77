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
        const int Scripted = 18, Typed = 2, LinesTyped = 140, Total = 10_000;
        await using var server = await NgircdServer.StartAsync();
        await using var watch = new Watching(Watching.Options(server.Port));
        await watch.HappensAsync(CaptureEventName.Joined);

        var said = new Dictionary<string, List<string>>();
        await using var party = new Party();
        for (var i = 0; i < Typed; i++)
        {
            var nick = $"irssi{i}";
            party.Typists.Add(await IrssiClient.StartAsync(server.Port, nick, Room));
            said[nick] = [.. Enumerable.Range(0, LinesTyped).Select(n => Words(nick, n))];
        }

        foreach (var irssi in party.Typists)
        {
            await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "presence" && Recorded.Line(exhibit).Line.StartsWith($":{irssi.Nick}!", StringComparison.Ordinal));
            await irssi.EnterAsync(Room);
        }

        var share = (Total - (Typed * LinesTyped)) / Scripted;
        for (var i = 0; i < Scripted; i++)
        {
            var client = await RawIrcClient.JoinAsync(server.Port, $"client{i:D2}", Room);
            party.Clients.Add(client);
            var lines = i == 0 ? Total - (Typed * LinesTyped) - (share * (Scripted - 1)) : share;
            said[client.Nick] = [.. Enumerable.Range(0, lines).Select(n => Words(client.Nick, n))];
        }

        await Task.WhenAll(
        [
            .. party.Typists.Select(irssi => irssi.TypeAsync(said[irssi.Nick])),
            .. party.Clients.Select(async client =>
            {
                foreach (var chunk in said[client.Nick].Chunk(50))
                {
                    await client.SendAsync(string.Concat(chunk.Select(words => $"PRIVMSG {Room} :{words}\r\n")));
                    await client.SettleAsync();
                }
            }),
        ]);
        foreach (var irssi in party.Typists)
        {
            var last = said[irssi.Nick][^1];
            await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat" && Decode(exhibit) is { } message && message.From.Value == irssi.Nick && message.Text == last);
        }

        // The server passes lines on in the order in which it took them, and it has answered for all of the others.
        await party.Clients[0].SayAsync(Room, "the end");
        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat" && Decode(exhibit)?.Text == "the end");
        said[party.Clients[0].Nick].Add("the end");
        var outcome = await watch.StopAsync();

        using var file = new MemoryStream();
        var exported = await TranscriptExport.WriteAsync(watch.Log, new("analyst-1", "test", "compare"), file, null, TestContext.Current.CancellationToken);
        exported.Messages.ShouldBe(Total + 1);
        (exported.OtherLines, exported.Unknown).ShouldBe((0, 0));
        var messages = Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Select(message => (From: message.GetProperty("from").GetString()!, Text: message.GetProperty("text").GetString()!, Id: message.GetProperty("id").GetString()!)).ToList();
        foreach (var (nick, lines) in said)
            messages.Where(message => message.From == nick).Select(message => message.Text).SequenceEqual(lines).ShouldBeTrue($"the lines of {nick} differ");
        messages.Select(message => message.Id).Distinct().Count().ShouldBe(Total + 1);
        outcome.Counts.ChatLines.ShouldBe(Total + 1);
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

    // Every line is its own; among them what clients and servers like to break.
    static string Words(string nick, int n) => (n % 10) switch
    {
        0 => $"{nick} {n} hello everyone",
        1 => $":{nick} {n} begins with a colon",
        2 => $"{nick} {n} caf\u00e9 \u4f60\u597d \U0001f642 \u0645\u0631\u062d\u0628\u0627",
        3 => $"{nick}  {n}  two  spaces",
        4 => $"{nick} {n} {new string('x', 300)}",
        5 => $"{nick}: {n} how old is the cat?",
        6 => $"{nick} {n} 100% {{0}} \\n \"quoted\" 'single' `back` $HOME ~",
        7 => $"{nick} {n} ends with a semicolon;",
        8 => $"-{nick} {n} begins with a dash",
        _ => $"{nick} {n} <b>&amp;</b> | a",
    };

    sealed class Party : IAsyncDisposable
    {
        internal List<IrssiClient> Typists { get; } = [];

        internal List<RawIrcClient> Clients { get; } = [];

        public async ValueTask DisposeAsync()
        {
            foreach (var client in Clients)
                await client.DisposeAsync();
            foreach (var irssi in Typists)
                await irssi.DisposeAsync();
        }
    }
}
