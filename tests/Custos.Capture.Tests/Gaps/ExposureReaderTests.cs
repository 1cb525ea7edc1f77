using Custos.Capture.Decoding;
using Custos.Capture.Gaps;
using Custos.Evidence;
using Custos.Vocabulary;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Capture.Tests.Gaps;

public class ExposureReaderTests
{
    static readonly DateTimeOffset Start = new(2026, 12, 3, 20, 0, 0, TimeSpan.Zero);
    static readonly VenueId Room = new("irc://irc.example.org:6667/#lobby");

    [Fact]
    public void Hearing_lasts_from_joining_to_stopping()
    {
        var exposure = ExposureReader.Of(Log(
            Event(0, "a", CaptureEventName.Started), Event(2, "a", CaptureEventName.Joined), Event(62, "a", CaptureEventName.Stopped)));

        var heard = exposure.Hearing.ShouldHaveSingleItem();
        heard.ShouldBe(new HearingInterval(Room, "a", At(2), At(62), true, new(1), new(2)));
        exposure.VenueTime(Room).ShouldBe(TimeSpan.FromSeconds(60));
        exposure.Gaps.ShouldBeEmpty();
    }

    [Fact]
    public void A_gap_begins_when_something_was_last_heard_not_when_the_loss_was_noticed()
    {
        var exposure = ExposureReader.Of(Log(
            Event(0, "a", CaptureEventName.Joined),
            Event(100, "a", CaptureEventName.GapBegan) with { From = At(40), Cause = GapCause.NoAnswer },
            Event(130, "a", CaptureEventName.Joined),
            Event(130, "a", CaptureEventName.GapEnded) with { From = At(40) },
            Event(140, "a", CaptureEventName.Stopped)));

        exposure.Gaps.ShouldBe([new Gap(Room, "a", At(40), At(130), GapCause.NoAnswer, new(1))]);
        exposure.VenueTime(Room).ShouldBe(TimeSpan.FromSeconds(50));
        exposure.Heard(Room).ShouldBe([new(At(0), At(40)), new(At(130), At(140))]);
    }

    [Fact]
    public void A_capture_that_ended_without_saying_so_counts_until_the_last_line_it_recorded()
    {
        var exposure = ExposureReader.Of(Log(
            Event(0, "a", CaptureEventName.Joined), Line(17, "a"), Line(23, "a"), Line(90, "somewhere-else")));

        var heard = exposure.Hearing.ShouldHaveSingleItem();
        heard.Ended.ShouldBeFalse();
        heard.Until.ShouldBe(At(23));
        heard.Last.ShouldBe(new ExhibitNumber(2));
    }

    [Fact]
    public void Two_sessions_in_one_room_are_one_venue_hour_and_two_operator_hours()
    {
        var exposure = ExposureReader.Of(Log(
            Event(0, "a", CaptureEventName.Joined), Event(0, "b", CaptureEventName.Joined),
            Event(3600, "a", CaptureEventName.Stopped), Event(3600, "b", CaptureEventName.Stopped)));

        exposure.VenueTime(Room).ShouldBe(TimeSpan.FromHours(1));
        exposure.OperatorTime(Room).ShouldBe(TimeSpan.FromHours(2));
        exposure.Venues.ShouldBe([Room]);
    }

    [Fact]
    public void A_watch_that_never_got_in_is_a_gap_and_no_exposure()
    {
        var exposure = ExposureReader.Of(Log(
            Event(0, "a", CaptureEventName.Started),
            Event(5, "a", CaptureEventName.GapBegan) with { From = At(0), Cause = GapCause.Unreachable },
            Event(30, "a", CaptureEventName.Stopped)));

        exposure.Hearing.ShouldBeEmpty();
        exposure.VenueTime(Room).ShouldBe(TimeSpan.Zero);
        exposure.Gaps.ShouldHaveSingleItem().Until.ShouldBe(At(30));
    }

    [Fact]
    public void A_clock_set_back_gives_an_empty_interval_and_no_negative_one()
    {
        var exposure = ExposureReader.Of(Log(Event(100, "a", CaptureEventName.Joined), Event(40, "a", CaptureEventName.Stopped)));

        exposure.VenueTime(Room).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Reading_half_way_changes_nothing_of_the_answer_at_the_end()
    {
        var log = Log(
            Event(0, "a", CaptureEventName.Joined), Line(5, "a"),
            Event(9, "a", CaptureEventName.GapBegan) with { From = At(8), Cause = GapCause.ClosedByServer },
            Event(20, "a", CaptureEventName.Joined), Event(30, "a", CaptureEventName.Stopped));
        var reader = new ExposureReader();
        foreach (var exhibit in log)
        {
            reader.Add(exhibit);
            reader.Read();
        }

        var whole = ExposureReader.Of(log);
        reader.Read().Hearing.ShouldBe(whole.Hearing);
        reader.Read().Gaps.ShouldBe(whole.Gaps);
    }

    [Fact]
    public void An_event_reads_back_as_it_was_written_and_its_kind_says_whether_it_is_a_gap()
    {
        var gap = Event(9, "a", CaptureEventName.GapBegan) with
        {
            From = At(8),
            Cause = GapCause.ClosedByServer,
            Nick = "visitor",
            Detail = new Dictionary<string, string> { ["line"] = "41" },
        };

        var exhibit = gap.ToExhibit("irc-1");
        exhibit.Kind.ShouldBe("gap");
        CaptureEvent.TryParse(exhibit.Content.Span, out var read).ShouldBeTrue();
        (read with { Detail = null }).ShouldBe(gap with { Detail = null });
        read.Detail!["line"].ShouldBe("41");
        Event(0, "a", CaptureEventName.Joined).ToExhibit("irc-1").Kind.ShouldBe("connection");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"venue":"v","capture":"a","event":"not-yet-invented","at":"2026-12-03T20:00:00Z"}""")]
    public void Content_that_is_no_event_is_passed_over(string content)
    {
        CaptureEvent.TryParse(System.Text.Encoding.UTF8.GetBytes(content), out _).ShouldBeFalse();
        ExposureReader.Of(Log(new NewExhibit("connection", "irc-1", System.Text.Encoding.UTF8.GetBytes(content)))).Hearing.ShouldBeEmpty();
    }

    static DateTimeOffset At(int seconds) => Start.AddSeconds(seconds);

    static CaptureEvent Event(int seconds, string capture, CaptureEventName name) =>
        new() { Venue = Room.Value, Capture = capture, Connection = 1, Event = name, At = At(seconds) };

    static NewExhibit Line(int seconds, string capture) => new("chat", "irc-1", RecordedForm.Write(
        new CaptureHeader
        {
            Format = "irc",
            Venue = Room.Value,
            At = SpokenAt.Utc(At(seconds)).ToString(),
            Context = new Dictionary<string, string> { ["capture"] = capture },
        },
        ":visitor!v@host.example PRIVMSG #lobby :hello\r\n"u8));

    static List<Exhibit> Log(params IEnumerable<object> things)
    {
        var log = new ScratchLog(new FakeTimeProvider(Start));
        return [.. things.Select(thing => log.Append(thing as NewExhibit ?? ((CaptureEvent)thing).ToExhibit("irc-1")))];
    }
}
