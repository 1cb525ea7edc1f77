using System.Globalization;
using Custos.Capture.Gaps;
using Custos.Capture.Irc;
using Custos.Evidence;
using Custos.Fixtures;
using Custos.Vocabulary;

namespace Custos.Capture.Tests.Irc;

/// <summary>Against a real server with IRCv3: tags, ids, times, batches, history.</summary>
public class IrcV3LiveTests
{
    const string Room = "#room";

    [Fact]
    public async Task A_server_that_gives_ids_and_times_names_each_message_and_its_clock_is_compared()
    {
        Needs("inspircd");
        await using var server = await InspircdServer.StartAsync();
        await using var watch = new Watching(Watching.Options(server.Port));
        await watch.HappensAsync(CaptureEventName.Joined);
        await using var client = await RawIrcClient.JoinAsync(server.Port, "client", Room);
        for (var i = 0; i < 100; i++)
            await client.SayAsync(Room, $"line {i}");
        await client.SayAsync(Room, "\u0001ACTION waves\u0001");
        await client.SendAsync($"PRIVMSG watcher :to you alone\r\nNICK renamed\r\nPRIVMSG watcher :still to you\r\nPRIVMSG {Room} :the end\r\n");
        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat" && Decode(exhibit).Text == "the end");
        await watch.StopAsync();

        var messages = watch.Log.Kept.OfKind(CaptureKinds.Chat).Select(Decode).ToList();
        messages.Where(message => message.Thread.Length == 0).Select(message => message.Text)
            .ShouldBe([.. Enumerable.Range(0, 100).Select(n => $"line {n}"), "waves", "the end"]);
        messages.Where(message => message.Thread == "client").Select(message => (message.From.Value, message.Direction))
            .ShouldBe([("client", Direction.In), ("renamed", Direction.In)]);
        messages.Select(message => message.Id).Distinct().Count().ShouldBe(messages.Count);
        messages.ShouldAllBe(message => !message.Id.Contains('/', StringComparison.Ordinal) && message.At!.Value.Offset == TimeSpan.Zero);
        var registered = await watch.HappensAsync(CaptureEventName.Registered);
        registered.Detail!["capabilities"].Split(' ').ShouldBeSubsetOf(
            ["account-notify", "account-tag", "batch", "cap-notify", "chghost", "echo-message", "extended-join", "message-tags", "server-time", "setname"]);
        registered.Detail["capabilities"].ShouldContain("server-time");
        var offset = long.Parse((await watch.HappensAsync(CaptureEventName.ClockOffset)).Detail!["milliseconds"], CultureInfo.InvariantCulture);
        TimeSpan.FromMilliseconds(offset).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task What_the_server_tells_again_after_a_gap_is_recorded_once_and_what_was_missed_is_marked()
    {
        Needs("inspircd");
        await using var server = await InspircdServer.StartAsync();
        await using var host = await RawIrcClient.JoinAsync(server.Port, "host", Room);
        await host.SendAsync($"MODE {Room} +H 50:1h\r\n");
        await host.SettleAsync();
        await using var watch = new Watching(Watching.Options(server.Port));
        await watch.HappensAsync(CaptureEventName.Joined);
        await host.SayAsync(Room, "heard");
        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat");
        // Away and said in one breath, so that the watch cannot be back in between.
        await host.SendAsync($"KICK {Room} watcher :out\r\nPRIVMSG {Room} :missed\r\n");
        await watch.HappensAsync(CaptureEventName.GapEnded);
        await host.SayAsync(Room, "heard again");
        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat" && Decode(exhibit).Text == "heard again");
        await watch.StopAsync();

        var chat = watch.Log.Kept.OfKind(CaptureKinds.Chat).ToList();
        chat.Select(exhibit => Decode(exhibit).Text).ShouldBe(["heard", "missed", "heard again"]);
        chat.Select(exhibit => Recorded.Line(exhibit).Header.Context!.GetValueOrDefault("replayed")).ShouldBe([null, "yes", null]);
        var gap = ExposureReader.Of(watch.Log.Kept).Gaps.ShouldHaveSingleItem();
        gap.Cause.ShouldBe(GapCause.Removed);
    }

    static ChatMessage Decode(Exhibit exhibit) => new IrcDecoder().Decode(Recorded.Line(exhibit).Header, Recorded.Bytes(exhibit))!;

    static void Needs(params string[] programs)
    {
        if (Programs.Missing(programs) is { } reason)
            Assert.Skip(reason);
    }
}
