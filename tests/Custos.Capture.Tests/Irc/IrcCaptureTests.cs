using System.Text;
using Custos.Authority;
using Custos.Capture.Gaps;
using Custos.Capture.Irc;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Capture.Tests.Irc;

public class IrcCaptureTests
{
    static readonly string[] MayBeSent = ["CAP", "AUTHENTICATE", "PASS", "NICK", "USER", "PONG", "PING", "JOIN", "QUIT", "PART"];

    [Fact]
    public async Task Every_byte_received_is_in_exactly_one_exhibit_in_order()
    {
        var sent = new List<byte>();
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            async Task SayAsync(byte[] bytes)
            {
                sent.AddRange(bytes);
                await peer.SendAsync(bytes);
            }

            await peer.ReadUntilAsync("USER ");
            await SayAsync(Raw(":irc.test.invalid 001 watcher :Welcome\r\n"));
            await peer.ReadUntilAsync("JOIN ");
            await SayAsync(Raw(":watcher!guest@host.invalid JOIN #room\r\n"));
            await SayAsync(Raw($":a!a@h.invalid PRIVMSG #room :{new string('x', 3_000)}\r\n"));
            await SayAsync(Raw(":a!a@h.invalid PRIVMSG #room :no\0thing\r\n"));
            await SayAsync(Raw(":a!a@h.invalid PRIVMSG #room :caf\u00e9\u00ff\u00c0\r\n"));
            await SayAsync(Encoding.UTF8.GetBytes(":a!a@h.invalid PRIVMSG #room :\u202eright to left\u2066\u200f\n"));
            await SayAsync(Raw("\r\n\n   \r\n:\r\n@\r\n@;=; :\r\n"));
            await SayAsync(Raw(new string('y', 100_000) + "\r\n"));
            await SayAsync(Raw(":a!a@h.invalid PRIVMSG #room :cut off in the mid"));
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        await watch.HappensAsync(CaptureEventName.Disconnected);
        await watch.StopAsync();

        var firstConnection = watch.Log.Kept.Received().TakeWhile(exhibit => Recorded.Line(exhibit).Header.Id!.Contains(".1/", StringComparison.Ordinal));
        firstConnection.SelectMany(Recorded.Bytes).ToArray().AsSpan().SequenceEqual(sent.ToArray()).ShouldBeTrue("what is recorded differs from what was sent");
        Flags(watch, 3_000).ShouldBe("overlong");
        Flags(watch, "no\0thing").ShouldBe("nul");
        Flags(watch, "caf\u00e9").ShouldBe("not-utf8");
        Flags(watch, "cut off").ShouldBe("unfinished");
        watch.Log.Kept.Received().Count(exhibit => Recorded.Line(exhibit).Header.Context!.GetValueOrDefault("flags")?.Contains("piece", StringComparison.Ordinal) == true)
            .ShouldBe((100_002 + IrcFrameReader.MaxFrame - 1) / IrcFrameReader.MaxFrame);
    }

    [Fact]
    public async Task A_connection_that_breaks_leaves_a_gap_from_its_last_bytes_and_keeps_the_line_it_cut()
    {
        var heard = new TaskCompletionSource();
        await using var server = new FakeIrcServer(async (peer, number) =>
        {
            await peer.AdmitAsync();
            if (number > 1)
            {
                await peer.ReadToEndAsync();
                return;
            }

            await peer.SendAsync(":a!a@h.invalid PRIVMSG #room :whole\r\n:a!a@h.invalid PRIVMSG #room :cut in the mid");
            await heard.Task;
            peer.Break();
        });
        await using var watch = new Watching(Watching.Options(server.Port));
        var whole = await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat");
        heard.SetResult();

        var gap = await watch.HappensAsync(CaptureEventName.GapBegan);
        await watch.HappensAsync(CaptureEventName.GapEnded);
        await watch.StopAsync();

        gap.Cause.ShouldBe(GapCause.ConnectionLost);
        gap.From!.Value.ShouldBeGreaterThanOrEqualTo(Recorded.ArrivedAt(whole));
        gap.From.Value.ShouldBeLessThanOrEqualTo(gap.At);
        Flags(watch, "cut in the mid").ShouldBe("unfinished");
    }

    [Fact]
    public async Task Hostile_words_decode_without_losing_a_character()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            await peer.SendAsync(Raw(":a!a@h.invalid PRIVMSG #room :caf\u00e9\r\n"));
            await peer.SendAsync(Raw(":a!a@h.invalid PRIVMSG #room :no\0thing\r\n"));
            await peer.SendAsync(":a!a@h.invalid PRIVMSG #room :\u202eleft\u2066 \r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat" && Recorded.Line(exhibit).Line.Contains("left", StringComparison.Ordinal));
        await watch.StopAsync();

        Words(watch).ShouldBe(["caf\u00e9", "no\0thing", "\u202eleft\u2066 "]);
    }

    [Fact]
    public async Task Nothing_but_protocol_lines_is_ever_sent_whatever_the_server_does()
    {
        await using var server = new FakeIrcServer(async (peer, number) =>
        {
            await peer.ReadUntilAsync("CAP LS 302");
            await peer.SendAsync(":irc.test.invalid CAP * LS * :server-time message-tags unknown-thing\r\n:irc.test.invalid CAP * LS :sasl=PLAIN,EXTERNAL echo-message batch\r\n");
            await peer.ReadUntilAsync("CAP REQ");
            await peer.SendAsync(":irc.test.invalid CAP * ACK :server-time message-tags sasl echo-message batch\r\n");
            await peer.ReadUntilAsync("AUTHENTICATE PLAIN");
            await peer.SendAsync("AUTHENTICATE +\r\n");
            await peer.ReadUntilAsync("AUTHENTICATE ");
            await peer.SendAsync(":irc.test.invalid 900 watcher watcher!guest@h.invalid account :in\r\n:irc.test.invalid 903 watcher :in\r\n");
            await peer.ReadUntilAsync("CAP END");
            await peer.SendAsync(":irc.test.invalid 001 watcher :Welcome\r\n");
            await peer.ReadUntilAsync("JOIN");
            await peer.SendAsync(":watcher!guest@h.invalid JOIN #room\r\n");
            // Tries to make us speak: line ends in a token, CTCP, a room we did not ask for, questions by name.
            await peer.SendAsync("PING :x\rPRIVMSG #room :hello\r\n");
            await peer.SendAsync(Raw("PING :y\0NOTICE #room :hello\r\n"));
            await peer.SendAsync("PING\r\nPING :" + new string('z', 2_000) + "\r\n");
            await peer.SendAsync(":a!a@h.invalid PRIVMSG watcher :\u0001VERSION\u0001\r\n:a!a@h.invalid PRIVMSG #room :\u0001PING 1\u0001\r\n");
            await peer.SendAsync(":a!a@h.invalid PRIVMSG #room :watcher: how old are you?\r\n");
            await peer.SendAsync(":watcher!guest@h.invalid JOIN #other\r\n");
            await peer.ReadUntilAsync("PART #other");
            await peer.SendAsync(":a!a@h.invalid KICK #room watcher :out\r\n");
            await peer.ReadUntilAsync("JOIN");
            await peer.SendAsync(":watcher!guest@h.invalid JOIN #room\r\n");
            await peer.SendAsync(":watcher!guest@h.invalid NICK :renamed\r\n:irc.test.invalid CAP renamed NEW :account-tag\r\n");
            await peer.ReadUntilAsync("CAP REQ :account-tag");
            if (number == 1)
                return;
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port) with
        {
            Credentials = new("account", "correct horse battery staple"),
            ServerPassword = "letmein",
        });

        await watch.HappensAsync(CaptureEventName.Joined, 4);
        await watch.StopAsync();

        // A lone CR or a NUL may end a line for some server, so both count as line ends here.
        var lines = Encoding.Latin1.GetString(server.Heard).Split(['\r', '\n', '\0'], StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBeGreaterThan(20);
        lines.Select(line => line.Split(' ')[0]).Except(MayBeSent).ShouldBeEmpty();
        lines.Count(line => line.StartsWith("PONG", StringComparison.Ordinal)).ShouldBe(8);
        lines.Where(line => line.StartsWith("PONG", StringComparison.Ordinal)).ShouldAllBe(line => line.Length <= 510);
    }

    [Fact]
    public async Task What_is_sent_is_recorded_without_credentials()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.ReadUntilAsync("CAP LS 302");
            await peer.SendAsync(":irc.test.invalid CAP * LS :sasl\r\n");
            await peer.ReadUntilAsync("CAP REQ");
            await peer.SendAsync(":irc.test.invalid CAP * ACK :sasl\r\n");
            await peer.ReadUntilAsync("AUTHENTICATE PLAIN");
            await peer.SendAsync("AUTHENTICATE +\r\n");
            await peer.ReadUntilAsync("AUTHENTICATE ");
            await peer.SendAsync(":irc.test.invalid 903 watcher :in\r\n:irc.test.invalid 001 watcher :Welcome\r\n:watcher!guest@h.invalid JOIN #room\r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port) with
        {
            Credentials = new("account", "correct-horse"),
            ServerPassword = "let-me-in",
        });

        await watch.HappensAsync(CaptureEventName.Joined);
        await watch.StopAsync();

        var sent = watch.Log.Kept.OfKind(CaptureKinds.Sent).Select(exhibit => Recorded.Line(exhibit).Line.Split(' ')[0].TrimEnd()).ToList();
        sent.ShouldBe(["PASS", "CAP", "NICK", "USER", "CAP", "AUTHENTICATE", "AUTHENTICATE", "CAP", "JOIN", "PING", "QUIT"]);
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes("\0account\0correct-horse"));
        Encoding.Latin1.GetString(server.Heard).ShouldContain(encoded);
        foreach (var exhibit in watch.Log.Kept)
        {
            var content = Encoding.Latin1.GetString(exhibit.Content.Span);
            (content.Contains("correct-horse", StringComparison.Ordinal) || content.Contains("let-me-in", StringComparison.Ordinal) || content.Contains(encoded, StringComparison.Ordinal))
                .ShouldBeFalse("a credential is in the log");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_server_that_closes_at_any_stage_is_tried_again_until_the_room_is_heard(int stage)
    {
        await using var server = new FakeIrcServer(async (peer, number) =>
        {
            var closing = number == 1;
            if (closing && stage == 0)
                return;
            await peer.ReadUntilAsync("CAP LS 302");
            if (closing && stage == 1)
                return;
            await peer.SendAsync(":irc.test.invalid CAP * LS :server-time\r\n");
            if (closing && stage == 2)
                return;
            await peer.ReadUntilAsync("CAP REQ");
            await peer.SendAsync(":irc.test.invalid CAP * ACK :server-time\r\n");
            if (closing && stage == 3)
                return;
            await peer.ReadUntilAsync("CAP END");
            await peer.SendAsync(closing && stage == 4 ? ":irc.test.invalid 001 wat" : ":irc.test.invalid 001 watcher :Welcome\r\n");
            if (closing && stage == 4)
                return;
            await peer.ReadUntilAsync("JOIN");
            if (closing && stage == 5)
                return;
            await peer.SendAsync(":watcher!guest@h.invalid JOIN #room\r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        await watch.HappensAsync(CaptureEventName.GapEnded);
        var outcome = await watch.StopAsync();

        outcome.Counts.Gaps.ShouldBe(1);
        outcome.Counts.Connections.ShouldBe(2);
        var gap = ExposureReader.Of(watch.Log.Kept).Gaps.ShouldHaveSingleItem();
        gap.Cause.ShouldBe(GapCause.Unreachable);
        gap.Until.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_a_gap_with_its_cause_and_every_attempt_is_recorded()
    {
        await using var watch = new Watching(Watching.Options(Fixtures.FreePort.Next()));

        await watch.HappensAsync(CaptureEventName.NotReached, 3);
        var outcome = await watch.StopAsync();

        outcome.Stop.ShouldBe(IrcStop.Asked);
        outcome.Counts.Heard.ShouldBe(TimeSpan.Zero);
        ExposureReader.Of(watch.Log.Kept).Gaps.ShouldHaveSingleItem().Cause.ShouldBe(GapCause.Unreachable);
        watch.Log.Kept.Events().Count(happened => happened.Event == CaptureEventName.NotReached).ShouldBeGreaterThanOrEqualTo(3);
    }

    [Theory]
    [InlineData(471, null)]
    [InlineData(473, IrcStop.RoomRefused)]
    [InlineData(474, IrcStop.RoomRefused)]
    [InlineData(475, IrcStop.RoomRefused)]
    [InlineData(403, IrcStop.RoomRefused)]
    [InlineData(470, IrcStop.RoomRefused)]
    public async Task A_room_that_is_closed_to_us_is_named_and_only_a_full_one_is_tried_again(int reply, IrcStop? stops)
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.ReadUntilAsync("USER ");
            await peer.SendAsync(":irc.test.invalid 001 watcher :Welcome\r\n");
            await peer.ReadUntilAsync("JOIN ");
            await peer.SendAsync($":irc.test.invalid {reply} watcher #ROOM :Cannot join\r\n");
            if (reply == 471)
            {
                await peer.ReadUntilAsync("JOIN ");
                await peer.SendAsync(":watcher!guest@h.invalid JOIN #room\r\n");
            }

            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port) with { AskAfter = TimeSpan.FromSeconds(1) });

        if (stops is null)
            await watch.HappensAsync(CaptureEventName.Joined);
        var outcome = stops is null ? await watch.StopAsync() : await watch.EndsAsync();

        outcome.Stop.ShouldBe(stops ?? IrcStop.Asked);
        (await watch.HappensAsync(CaptureEventName.Refused)).Detail!["reply"].ShouldBe($"{reply}");
        ExposureReader.Of(watch.Log.Kept).Gaps.ShouldHaveSingleItem().Cause.ShouldBe(GapCause.NotAdmitted);
    }

    [Theory]
    [InlineData("465 * :You are banned", IrcStop.ServerRefused)]
    [InlineData("464 * :Password incorrect", IrcStop.ServerRefused)]
    [InlineData("433 * watcher :Nickname is already in use", IrcStop.NickRefused)]
    public async Task A_server_that_does_not_want_us_ends_the_capture_with_the_reason(string reply, IrcStop stop)
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.ReadUntilAsync("NICK ");
            do
            {
                await peer.SendAsync($":irc.test.invalid {reply}\r\n");
            }
            while (reply.StartsWith("433", StringComparison.Ordinal) && await peer.ReadLineAsync() is not (null or "QUIT"));
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        var outcome = await watch.EndsAsync();

        outcome.Stop.ShouldBe(stop);
        outcome.Sentence.ShouldNotBeEmpty();
        outcome.Counts.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_answered_with_another_of_ours()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.ReadUntilAsync("NICK watcher");
            await peer.SendAsync(":irc.test.invalid 433 * watcher :Nickname is already in use\r\n");
            await peer.ReadUntilAsync("NICK watcher_");
            await peer.SendAsync(":irc.test.invalid 432 * watcher_ :Erroneous nickname\r\n");
            await peer.ReadUntilAsync("NICK watcher_2");
            // It cuts names without a word.
            await peer.SendAsync(":irc.test.invalid 001 watcher_ :Welcome\r\n");
            await peer.ReadUntilAsync("JOIN");
            await peer.SendAsync(":WATCHER_!guest@h.invalid JOIN #Room\r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        (await watch.HappensAsync(CaptureEventName.Joined)).Nick.ShouldBe("watcher_");
    }

    [Fact]
    public async Task An_account_that_cannot_be_used_ends_the_capture_before_anything_is_heard()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.ReadUntilAsync("USER ");
            await peer.SendAsync(":irc.test.invalid 421 * CAP :Unknown command\r\n:irc.test.invalid 001 watcher :Welcome\r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port) with { Credentials = new("account", "secret") });

        (await watch.EndsAsync()).Stop.ShouldBe(IrcStop.AccountRefused);
    }

    [Fact]
    public void A_password_is_not_sent_in_the_clear_to_another_machine()
    {
        var options = Watching.Options(6667) with { Address = new("irc.example.org", 6667, false, "#room"), Credentials = new("account", "secret") };
        Should.Throw<ArgumentException>(() => options.Check()).Message.ShouldContain("ircs://");
        (options with { Address = new("irc.example.org", 6697, true, "#room") }).Check();
    }

    [Fact]
    public async Task Being_removed_is_a_gap_and_after_three_times_the_room_is_left_alone()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            for (var i = 0; i < 3; i++)
            {
                await peer.SendAsync(":a!a@h.invalid KICK #room watcher :out\r\n");
                await peer.ReadUntilAsync("JOIN");
                await peer.SendAsync(":watcher!guest@h.invalid JOIN #room\r\n");
            }

            await peer.SendAsync(":a!a@h.invalid KICK #room watcher :out\r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port) with { AskAfter = TimeSpan.FromMilliseconds(200) });

        var outcome = await watch.EndsAsync();

        outcome.Stop.ShouldBe(IrcStop.Removed);
        var exposure = ExposureReader.Of(watch.Log.Kept);
        exposure.Gaps.Count.ShouldBe(4);
        exposure.Gaps.ShouldAllBe(gap => gap.Cause == GapCause.Removed && gap.Until != null);
        exposure.Hearing.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_silent_server_is_asked_and_then_given_up_and_the_gap_begins_with_its_last_word()
    {
        await using var server = new FakeIrcServer(async (peer, number) =>
        {
            await peer.AdmitAsync();
            await peer.ReadUntilAsync("PING ");
            if (number == 1)
            {
                // Answers once, so that the first silence is survived; the second is not.
                await peer.SendAsync(":irc.test.invalid PONG irc.test.invalid :custos\r\n");
                await peer.ReadUntilAsync("PING ");
            }

            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port) with { AskAfter = TimeSpan.FromMilliseconds(100), AnswerWithin = TimeSpan.FromMilliseconds(400) });

        var gap = await watch.HappensAsync(CaptureEventName.GapBegan);
        await watch.StopAsync();

        gap.Cause.ShouldBe(GapCause.NoAnswer);
        var pong = watch.Log.Kept.OfKind(CaptureKinds.Line).Select(Recorded.Line).Last(line => line.Line.Contains(" PONG ", StringComparison.Ordinal) && line.Header.Id!.Contains(".1/", StringComparison.Ordinal));
        SpokenAt.TryParse(pong.Header.At, out var arrived).ShouldBeTrue();
        gap.From.ShouldBe(arrived.Instant);
    }

    [Fact]
    public async Task A_hundred_thousand_changes_of_name_cost_no_memory()
    {
        const int Changes = 100_000;
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            var text = new StringBuilder();
            for (var i = 0; i < Changes; i++)
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $":n{i}!n@h.invalid NICK :n{i + 1}\r\n");
                if (i % 1_000 != 999)
                    continue;
                await peer.SendAsync(text.ToString());
                text.Clear();
            }

            await peer.SendAsync(":n!n@h.invalid PRIVMSG #room :done\r\n");
            await peer.ReadToEndAsync();
        });
        var counting = new CountingLog();
        await using var watch = new Watching(Watching.Options(server.Port) with { PendingBytes = 256 * 1024 }, counting);

        await counting.Done.WaitAsync(Limits.Patience, TestContext.Current.CancellationToken);
        var outcome = await watch.StopAsync();

        outcome.Counts.Lines.ShouldBeGreaterThanOrEqualTo(Changes);
        counting.Presence.ShouldBeGreaterThanOrEqualTo(Changes);
        watch.Capture.PeakPendingBytes.ShouldBeInRange(1, 256 * 1024);
        outcome.Counts.Durable.ShouldBe(outcome.Counts.Appended);
    }

    [Fact]
    public async Task A_log_that_waits_makes_the_server_wait_and_nothing_is_lost()
    {
        const int Lines = 20_000;
        var sent = 0;
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            for (var i = 0; i < Lines; i++)
            {
                await peer.SendAsync($":a!a@h.invalid PRIVMSG #room :line {i} {new string('.', 400)}\r\n");
                Interlocked.Increment(ref sent);
            }

            await peer.ReadToEndAsync();
        });
        var log = new KeepingLog();
        await using var watch = new Watching(Watching.Options(server.Port) with { PendingBytes = 64 * 1024 }, log);
        await watch.HappensAsync(CaptureEventName.Joined);
        log.Hold();
        // Held until the server itself cannot send: the socket's buffers are full and no line moves any more.
        await StandsStillAsync(() => Volatile.Read(ref sent));
        Volatile.Read(ref sent).ShouldBeLessThan(Lines);
        log.Release();

        await log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat" && Recorded.Line(exhibit).Line.Contains($"line {Lines - 1} ", StringComparison.Ordinal));
        var outcome = await watch.StopAsync();

        watch.Capture.PeakPendingBytes.ShouldBeInRange(1, 64 * 1024);
        outcome.Counts.ChatLines.ShouldBe(Lines);
        outcome.Counts.Gaps.ShouldBe(0);
        Words(watch).Select((words, i) => words.StartsWith($"line {i} ", StringComparison.Ordinal)).ShouldAllBe(inOrder => inOrder);
    }

    [Fact]
    public async Task A_log_that_stops_ends_the_capture_and_the_counts_say_what_was_not_acknowledged()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            await peer.ReadToEndAsync();
        });
        var log = new KeepingLog();
        await using var watch = new Watching(Watching.Options(server.Port) with { AskAfter = TimeSpan.FromMilliseconds(100) }, log);
        await log.RecordsAsync(exhibit => exhibit.Entry.Kind == "line" && Recorded.Line(exhibit).Line.Contains(" 366 ", StringComparison.Ordinal));
        log.FailWith(new NotSupportedException("the log has stopped"));

        await Should.ThrowAsync<NotSupportedException>(watch.EndsAsync());
        watch.Capture.Counts.Durable.ShouldBe(log.Kept.Count);
        watch.Capture.Counts.Appended.ShouldBeGreaterThan(watch.Capture.Counts.Durable);
    }

    [Fact]
    public async Task Without_permission_nothing_is_sent_and_nothing_is_recorded()
    {
        await using var server = new FakeIrcServer((peer, _) => peer.ReadToEndAsync());
        var options = Watching.Options(server.Port);
        foreach (var (authorization, clause) in new[]
        {
            (Watching.Permitting(options.Address with { Room = "#elsewhere" }), "clause 'venues'"),
            (Watching.Permitting(options.Address, act: Act.Import), "clause 'acts'"),
            (Watching.Permitting(options.Address, until: TimeProvider.System.GetUtcNow().AddSeconds(-1)), "clause 'window'"),
        })
        {
            await using var watch = new Watching(options, authorization: authorization);

            var outcome = await watch.EndsAsync();

            outcome.Stop.ShouldBe(IrcStop.NotPermitted);
            outcome.Sentence.ShouldContain(clause);
            outcome.Sentence.ShouldContain("A. Example, supervisor");
            watch.Log.Kept.ShouldBeEmpty();
        }

        server.Heard.ShouldBeEmpty();
    }

    [Fact]
    public async Task When_the_window_ends_the_capture_stops_with_the_clause()
    {
        // It never stops talking, so that something is said at the very moment.
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            while (true)
                await peer.SendAsync(":a!a@h.invalid PRIVMSG #room :still talking\r\n");
        });
        var options = Watching.Options(server.Port);
        var until = TimeProvider.System.GetUtcNow().AddSeconds(2);
        await using var watch = new Watching(options, authorization: Watching.Permitting(options.Address, until));

        var outcome = await watch.EndsAsync();

        outcome.Stop.ShouldBe(IrcStop.NotPermitted);
        outcome.Sentence.ShouldContain("clause 'window'");
        var events = watch.Log.Kept.Events();
        events.ShouldContain(happened => happened.Event == CaptureEventName.Joined);
        events[^1].Detail!["reason"].ShouldBe("not-permitted");
        watch.Log.Kept.OfKind(CaptureKinds.Chat).ShouldNotBeEmpty();
        watch.Log.Kept.Received().Max(exhibit => Recorded.ArrivedAt(exhibit)).ShouldBeLessThan(until);
        Recorded.Line(watch.Log.Kept.OfKind(CaptureKinds.Sent).Last()).Line.ShouldBe("QUIT\r\n");
    }

    [Fact]
    public async Task It_stops_by_itself_when_its_time_is_up()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port) with { For = TimeSpan.FromMilliseconds(300) });

        (await watch.EndsAsync()).Stop.ShouldBe(IrcStop.TimeUp);
        watch.Log.Kept.Events()[^1].Event.ShouldBe(CaptureEventName.Stopped);
    }

    [Fact]
    public async Task A_room_the_server_puts_us_into_is_left_and_nothing_of_it_is_kept()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            await peer.SendAsync(":watcher!guest@h.invalid JOIN #other\r\n:irc.test.invalid 353 watcher = #other :a b watcher\r\n");
            await peer.SendAsync(":b!b@h.invalid PRIVMSG #other :elsewhere\r\n:b!b@h.invalid PRIVMSG +#other :elsewhere\r\n:b!b@h.invalid TOPIC #other :elsewhere\r\n");
            await peer.ReadUntilAsync("PART #other");
            await peer.SendAsync(":a!a@h.invalid PRIVMSG @#ROOM :here\r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat");
        var outcome = await watch.StopAsync();

        Words(watch).ShouldBe(["here"]);
        outcome.Counts.OtherRoomLines.ShouldBe(4);
        watch.Log.Kept.Received().Count(exhibit => Recorded.Line(exhibit).Line.Contains("elsewhere", StringComparison.Ordinal)).ShouldBe(0);
        watch.Log.Kept.Events().Count(happened => happened.Event == CaptureEventName.OtherRoomLeft).ShouldBe(1);
    }

    [Fact]
    public async Task What_is_said_to_us_alone_is_a_thread_that_survives_a_change_of_name()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            await peer.SendAsync(":Kim[1]!k@h.invalid PRIVMSG watcher :one\r\n:kim{1}!k@h.invalid NICK :sam\r\n:sam!k@h.invalid PRIVMSG Watcher :two\r\n");
            await peer.SendAsync(":watcher!guest@h.invalid NICK :w2\r\n:sam!k@h.invalid NOTICE w2 :three\r\n:nick.serv!s@h.invalid PRIVMSG #room :four\r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat" && Recorded.Line(exhibit).Line.Contains(" #room ", StringComparison.Ordinal));
        await watch.StopAsync();

        Decoded(watch).Select(message => (message.Thread, message.From.Value, message.To?.Value, message.Direction)).ShouldBe(
        [
            ("kim{1}", "Kim[1]", "watcher", Direction.In),
            ("kim{1}", "sam", "Watcher", Direction.In),
            ("kim{1}", "sam", "w2", Direction.In),
            ("", "nick.serv", null, Direction.None),
        ]);
    }

    [Fact]
    public async Task A_network_that_splits_is_recorded_once_and_so_is_its_return()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            await peer.SendAsync(":a!a@h.invalid QUIT :one.test.invalid two.test.invalid\r\n:b!b@h.invalid QUIT :one.test.invalid two.test.invalid\r\n");
            await peer.SendAsync(":c!c@h.invalid QUIT :good bye\r\n:c!c@h.invalid JOIN #room\r\n");
            await peer.SendAsync(":b!b@h.invalid JOIN #room\r\n:a!a@h.invalid JOIN #room\r\n:a!a@h.invalid PRIVMSG #room :back\r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat");
        await watch.StopAsync();

        var events = watch.Log.Kept.Events();
        events.Where(happened => happened.Event == CaptureEventName.SplitBegan).ShouldHaveSingleItem().Detail!["far"].ShouldBe("two.test.invalid");
        events.Where(happened => happened.Event == CaptureEventName.SplitEnded).ShouldHaveSingleItem().Detail!["left"].ShouldBe("2");
    }

    [Fact]
    public async Task The_servers_clock_is_compared_with_ours_and_its_ids_and_times_are_taken()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            await peer.SendAsync("@time=2020-01-01T00:00:00.000Z;msgid=m1\\s2 :a!a@h.invalid PRIVMSG #room :hello\r\n");
            await peer.SendAsync("@msgid=;time=yesterday :a!a@h.invalid PRIVMSG #room :\u0001ACTION waves\u0001\r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat" && Recorded.Line(exhibit).Line.Contains("ACTION", StringComparison.Ordinal));
        await watch.StopAsync();

        var messages = Decoded(watch);
        messages[0].Id.ShouldBe("m1 2");
        messages[0].At!.Value.ToString().ShouldBe("2020-01-01T00:00:00Z");
        messages[1].Id.ShouldMatch("^[0-9TZ]+-[0-9a-f]{4}\\.1/[0-9]+$");
        messages[1].At!.Value.Local.Year.ShouldBeGreaterThan(2020);
        messages[1].Text.ShouldBe("waves");
        long.Parse((await watch.HappensAsync(CaptureEventName.ClockOffset)).Detail!["milliseconds"], System.Globalization.CultureInfo.InvariantCulture).ShouldBeLessThan(0);
        watch.Log.Kept.Events().Count(happened => happened.Event == CaptureEventName.ClockOffset).ShouldBe(1);
    }

    [Fact]
    public async Task A_message_told_again_is_one_exhibit_and_other_words_behind_its_id_are_another()
    {
        await using var server = new FakeIrcServer(async (peer, _) =>
        {
            await peer.AdmitAsync();
            await peer.SendAsync("@msgid=m1 :a!a@h.invalid PRIVMSG #room :one\r\n@time=2026-01-01T00:00:00Z;msgid=m1 :a!a@h.invalid PRIVMSG #room :one\r\n");
            await peer.SendAsync("@msgid=m1 :a!a@h.invalid PRIVMSG #room :two\r\n@msgid=m1 :b!b@h.invalid PRIVMSG #room :one\r\n");
            await peer.SendAsync(":a!a@h.invalid PRIVMSG #room :one\r\n:a!a@h.invalid PRIVMSG #room :one\r\n:a!a@h.invalid PRIVMSG #room :the end\r\n");
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        await watch.Log.RecordsAsync(exhibit => exhibit.Entry.Kind == "chat" && Recorded.Line(exhibit).Line.Contains("the end", StringComparison.Ordinal));
        var outcome = await watch.StopAsync();

        Words(watch).ShouldBe(["one", "two", "one", "one", "one", "the end"]);
        outcome.Counts.LastDurable.ShouldBe(watch.Log.Kept[^1].Number);
    }

    [Fact]
    public async Task A_server_that_says_slow_down_is_heard_and_given_the_longest_pause()
    {
        await using var server = new FakeIrcServer(async (peer, number) =>
        {
            if (number == 1)
            {
                await peer.ReadUntilAsync("USER ");
                await peer.SendAsync("ERROR :Closing Link: (Throttled: Reconnecting too fast)\r\n");
                return;
            }

            await peer.AdmitAsync();
            await peer.ReadToEndAsync();
        });
        await using var watch = new Watching(Watching.Options(server.Port));

        await watch.HappensAsync(CaptureEventName.Joined);

        (await watch.HappensAsync(CaptureEventName.RateLimited)).Connection.ShouldBe(1);
    }

    static byte[] Raw(string bytes) => Encoding.Latin1.GetBytes(bytes);

    static List<ChatMessage> Decoded(Watching watch)
    {
        var decoder = new IrcDecoder();
        return [.. watch.Log.Kept.OfKind(CaptureKinds.Chat).Select(exhibit => decoder.Decode(Recorded.Line(exhibit).Header, Recorded.Bytes(exhibit))!)];
    }

    static List<string> Words(Watching watch) => [.. Decoded(watch).Select(message => message.Text)];

    static string? Flags(Watching watch, int longerThan) =>
        Recorded.Line(watch.Log.Kept.OfKind(CaptureKinds.Chat).Single(exhibit => Recorded.Bytes(exhibit).Length > longerThan)).Header.Context!.GetValueOrDefault("flags");

    static string? Flags(Watching watch, string holding) =>
        Recorded.Line(watch.Log.Kept.Received().Single(exhibit => Recorded.Line(exhibit).Line.Contains(holding, StringComparison.Ordinal))).Header.Context!.GetValueOrDefault("flags");

    // There is no event for "nothing happens any more": the count is read until it is the same ten times with other work in between.
    static async Task StandsStillAsync(Func<int> count)
    {
        var same = 0;
        for (var last = count(); same < 10;)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            var now = count();
            same = now == last && now > 0 ? same + 1 : 0;
            last = now;
        }
    }

    sealed class CountingLog : IExhibitLog
    {
        readonly ScratchLog _numbers = new(TimeProvider.System);
        readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Done => _done.Task;

        internal int Presence { get; private set; }

        public ValueTask<Exhibit> AppendAsync(NewExhibit exhibit, CancellationToken cancellation)
        {
            if (exhibit.Kind == CaptureKinds.Presence)
                Presence++;
            if (exhibit.Kind == CaptureKinds.Chat)
                _done.TrySetResult();
            return _numbers.AppendAsync(exhibit, cancellation);
        }

        public async ValueTask<IReadOnlyList<Exhibit>> AppendAsync(ReadOnlyMemory<NewExhibit> exhibits, CancellationToken cancellation)
        {
            var recorded = new Exhibit[exhibits.Length];
            for (var i = 0; i < recorded.Length; i++)
                recorded[i] = await AppendAsync(exhibits.Span[i], cancellation);
            return recorded;
        }
    }
}
