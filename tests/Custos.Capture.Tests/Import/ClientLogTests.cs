using Custos.Capture.Decoding;
using Custos.Capture.Import;
using Custos.Evidence;
using Custos.Fixtures;
using Custos.Vocabulary;

namespace Custos.Capture.Tests.Import;

// The logs under samples/clients were written by the real clients; sent.jsonl is what was said in the room, in order.
public class ClientLogTests
{
    const string Venue = "irc://irc1.example.net/#lighthouse";

    static string Sample(params string[] path) => Path.Combine([Checkout.Root, "samples", "clients", .. path]);

    static async Task<List<DecodedMessage>> Read(string path, ReadingOptions options, ReadingReport? report = null)
    {
        var file = TranscriptFile.Open(path, options, mustSettle: true);
        var messages = new List<DecodedMessage>();
        await foreach (var message in file.RecordAsync(new ScratchLog(TimeProvider.System), "import", report ?? new(), CancellationToken.None))
            messages.Add(message);
        return messages;
    }

    static async Task<List<ChatMessage>> Sent(string thread) =>
        [.. (await Read(Sample("sent.jsonl"), new())).Select(message => message.Message).Where(message => message.Thread == thread)];

    static void ShouldEqualSent(List<DecodedMessage> read, List<ChatMessage> sent)
    {
        // Counts and positions only: a failing test prints no words.
        read.Count.ShouldBe(sent.Count);
        for (var i = 0; i < sent.Count; i++)
            (read[i].Message.From == sent[i].From && read[i].Message.Text == sent[i].Text).ShouldBeTrue($"message {i} differs from what was sent");
    }

    static void ShouldCiteTheirBytes(string path, List<DecodedMessage> read)
    {
        var bytes = File.ReadAllBytes(path);
        foreach (var message in read)
        {
            RecordedForm.TryRead(message.Exhibit.Content, out var header, out var received).ShouldBeTrue();
            bytes.AsSpan((int)header!.Offset!.Value, received.Length).SequenceEqual(received.Span).ShouldBeTrue();
            message.Exhibit.Content.Slice(message.Start, message.Length).Span.SequenceEqual(received.Span).ShouldBeTrue();
            ExhibitDecoder.TryDecode(message.Exhibit).ShouldNotBeNull().Message.ShouldBe(message.Message);
        }
    }

    [Fact]
    public async Task An_irssi_log_gives_what_was_said_and_the_day_of_each_line()
    {
        var path = Sample("irssi", "#lighthouse.log");
        var report = new ReadingReport();
        var read = await Read(path, new() { Venue = Venue, Zone = "UTC" }, report);
        ShouldEqualSent(read, await Sent(""));
        ShouldCiteTheirBytes(path, read);
        report.UnreadableCount.ShouldBe(0);
        read[0].Message.At.ShouldBe(new SpokenAt(new DateTime(2026, 11, 2, 23, 57, 0), TimeSpan.Zero));
        read[^1].Message.At.ShouldBe(new SpokenAt(new DateTime(2026, 11, 3, 8, 15, 0), TimeSpan.Zero));
        read.Count(message => message.Message.At!.Value.Local.Day == 3).ShouldBe(5);
        read.ShouldAllBe(message => message.Message.Venue.Value == Venue && message.Message.Thread == "");
    }

    [Fact]
    public async Task An_irssi_query_gives_the_private_line()
    {
        var path = Sample("irssi", "oriel.log");
        var read = await Read(path, new() { Venue = Venue, Thread = "oriel", Zone = "UTC", Persona = "keeper" });
        ShouldEqualSent(read, await Sent("oriel"));
        ShouldCiteTheirBytes(path, read);
        read[0].Message.Direction.ShouldBe(Direction.In);
    }

    [Fact]
    public async Task A_WeeChat_log_gives_what_was_said_to_the_second()
    {
        var path = Sample("weechat", "irc.samples.#lighthouse.weechatlog");
        var report = new ReadingReport();
        var read = await Read(path, new() { Venue = Venue, Zone = "Europe/Amsterdam" }, report);
        ShouldEqualSent(read, await Sent(""));
        ShouldCiteTheirBytes(path, read);
        report.UnreadableCount.ShouldBe(0);
        read[^1].Message.At.ShouldBe(new SpokenAt(new DateTime(2026, 11, 3, 8, 15, 0), TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task ZNC_logs_give_what_was_said_on_the_day_of_their_names_and_keep_stray_bytes()
    {
        var read = new List<DecodedMessage>();
        var report = new ReadingReport();
        foreach (var day in (string[])["2026-11-02.log", "2026-11-03.log"])
        {
            var part = await Read(Sample("znc", day), new() { Venue = Venue, Zone = "UTC" }, report);
            ShouldCiteTheirBytes(Sample("znc", day), part);
            part.ShouldAllBe(message => message.Message.At!.Value.Local.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) + ".log" == day);
            read.AddRange(part);
        }

        ShouldEqualSent(read, await Sent(""));
        report.UnreadableCount.ShouldBe(0);
        // ZNC wrote the two Latin-1 letters as they came; the other clients had made UTF-8 of them.
        report.OtherCharset.ShouldBe(1);
    }

    [Theory]
    [InlineData("irssi", "irssi/#lighthouse.log")]
    [InlineData("irssi", "irssi/oriel.log")]
    [InlineData("weechat", "weechat/irc.samples.#lighthouse.weechatlog")]
    [InlineData("znc", "znc/2026-11-02.log")]
    [InlineData("znc", "znc/2026-11-03.log")]
    [InlineData("custos-transcript/1", "sent.jsonl")]
    public void Each_clients_log_is_known_by_its_content(string format, string path)
    {
        var file = TranscriptFile.Open(Sample(path.Split('/')), new(), mustSettle: true);
        file.Format.ShouldBe(format);
        file.Why.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("harbour-lights.irssi.log", "irssi")]
    [InlineData("marlow_77.irssi.log", "irssi")]
    [InlineData("lantern-chat.transcript.jsonl", "custos-transcript/1")]
    [InlineData("evening-talk.telegram.json", "telegram")]
    public async Task The_demos_files_are_read_without_a_line_left_out(string name, string format)
    {
        var path = Path.Combine(Checkout.Root, "samples", "demo", name);
        var report = new ReadingReport();
        var read = await Read(path, new() { Venue = format == "irssi" ? "irc://demo.example/#harbour-lights" : null }, report);
        TranscriptFile.Open(path, new(), mustSettle: true).Format.ShouldBe(format);
        report.UnreadableCount.ShouldBe(0);
        read.Count.ShouldBeGreaterThan(10);
        ShouldCiteTheirBytes(path, read);
    }
}
