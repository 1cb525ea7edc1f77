using System.Globalization;
using System.Text;
using Custos.Capture.Import;

namespace Custos.Capture.Tests.Import;

public class BadInputTests
{
    [Fact]
    public async Task An_empty_file_and_one_with_only_a_header_hold_no_message_and_say_so()
    {
        var empty = Reading.Of("");
        empty.Format.ShouldBeNull();
        empty.Title.ShouldBe("an empty file");
        (await Reading.AllAsync(empty)).ShouldBeEmpty();
        Reading.Of("\uFEFF").Format.ShouldBeNull();
        foreach (var header in (string[])["{\"format\":\"custos-transcript/1\"}\n", "--- Log opened Mon Nov 02 17:00:00 2026\n", "from,text\n"])
        {
            var report = new ReadingReport();
            (await Reading.AllAsync(Reading.Of(header, new() { Venue = "v" }), report)).ShouldBeEmpty();
            (report.Messages, report.Events, report.UnreadableCount).ShouldBe((0, 1, 0));
        }
    }

    [Fact]
    public async Task An_empty_file_in_an_operation_adds_nothing()
    {
        await using var operation = await Operation.OpenAsync();
        (await operation.ImportAsync(operation.Write("empty.log", ""))).Outcome.ShouldBe(ImportOutcome.Empty);
        (await operation.ExhibitsAsync("file.opened")).ShouldBeEmpty();
    }

    [Fact]
    public void A_picture_an_archive_or_noise_is_refused_as_binary()
    {
        byte[][] files = [[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. new byte[500]], new byte[100_000], [.. Enumerable.Range(0, 5_000).Select(n => (byte)(n * 7 % 251 % 32))]];
        foreach (var bytes in files)
            Should.Throw<ImportException>(() => Reading.Of(bytes)).Fault.ShouldBe(ImportFault.Binary);
    }

    [Fact]
    public void A_folder_a_missing_file_and_one_that_may_not_be_read_are_named()
    {
        var folder = Invented.TemporaryFolder();
        try
        {
            Should.Throw<ImportException>(() => TranscriptFile.Open(folder, new(), true)).Fault.ShouldBe(ImportFault.Folder);
            Should.Throw<ImportException>(() => TranscriptFile.Open(Path.Combine(folder, "none"), new(), true)).Fault.ShouldBe(ImportFault.NotFound);
            Should.Throw<ImportException>(() => TranscriptFile.Open(Path.Combine(folder, "none", "none"), new(), true)).Fault.ShouldBe(ImportFault.NotFound);
            // A link to itself cannot be opened by anyone, not even by root.
            var loop = Path.Combine(folder, "loop");
            File.CreateSymbolicLink(loop, loop);
            Should.Throw<ImportException>(() => TranscriptFile.Open(loop, new(), true)).Fault.ShouldBeOneOf(ImportFault.Unreadable, ImportFault.NotFound);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void UTF_16_is_refused_with_the_command_that_converts_it()
    {
        byte[] bytes = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("[17:01] <anouk> hello\n")];
        Should.Throw<ImportException>(() => Reading.Of(bytes)).Message.ShouldContain("iconv -f UTF-16 -t UTF-8");
    }

    [Fact]
    public async Task A_byte_order_mark_CRLF_and_a_last_line_without_an_end_change_nothing()
    {
        string[] lines = [Invented.Line(1), Invented.Line(2), Invented.Line(3)];
        var plain = await Reading.AllAsync(Reading.Of(string.Join("\n", lines) + "\n"));
        foreach (var text in (string[])["\uFEFF" + string.Join("\n", lines) + "\n", string.Join("\r\n", lines) + "\r\n", string.Join("\n", lines), "\n\n" + string.Join("\n \n", lines) + "\n"])
        {
            var report = new ReadingReport();
            var read = await Reading.AllAsync(Reading.Of(text), report);
            read.Select(message => message.Message).ShouldBe(plain.Select(message => message.Message));
            report.UnreadableCount.ShouldBe(0);
            report.LastLineCut.ShouldBe(!text.EndsWith('\n'));
        }
    }

    [Fact]
    public async Task A_cut_last_line_is_counted_and_the_rest_is_read()
    {
        var report = new ReadingReport();
        (await Reading.AllAsync(Reading.Of(Invented.Transcript(20)[..^15]), report)).Count.ShouldBe(19);
        report.Unreadable.ShouldHaveSingleItem().ShouldBe(new UnreadableLine(20, "not JSON"));
    }

    [Fact]
    public async Task Stray_bytes_are_read_in_the_other_charset_and_none_is_lost()
    {
        byte[] line = [.. "--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < anouk> caf"u8, 0xE9, .. " \n17:02 < anouk> "u8, 0xD0, 0xCF, 0xD2, .. "\n17:03 < anouk> \u00E9\n"u8];
        var report = new ReadingReport();
        var read = await Reading.AllAsync(Reading.Of(line, new() { Venue = "v" }), report);
        report.OtherCharset.ShouldBe(2);
        read.Select(message => message.Message.Text).ShouldBe(["caf\u00E9 ", "\u00D0\u00CF\u00D2", "\u00E9"]);
        (await Reading.AllAsync(Reading.Of(line, new() { Venue = "v", Charset = "koi8-r" })))[1].Message.Text.ShouldBe("\u043F\u043E\u0440");
        read.Sum(message => message.Length).ShouldBe(line.Length - "--- Log opened Mon Nov 02 17:00:00 2026\n\n\n\n"u8.Length);
        Should.Throw<ImportException>(() => Reading.Of(line, new() { Venue = "v", Charset = "klingon" })).Fault.ShouldBe(ImportFault.Option);
    }

    [Fact]
    public async Task A_NUL_is_a_byte_like_another_in_a_line()
    {
        var read = await Reading.AllAsync(Reading.Of("--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < anouk> a\0b\n", new() { Venue = "v" }));
        read.ShouldHaveSingleItem().Message.Text.ShouldBe("a\0b");
    }

    [Theory]
    [InlineData(1 << 20, 2, 0)]
    [InlineData((1 << 20) + 1, 1, 1)]
    [InlineData(5 << 20, 1, 1)]
    public async Task A_line_over_a_mebibyte_is_counted_and_the_next_one_read(int length, int messages, int unreadable)
    {
        const string start = "--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < anouk> ";
        var text = start + new string('x', length - "17:01 < anouk> ".Length) + "\n17:02 < anouk> y\n";
        var report = new ReadingReport();
        var read = await Reading.AllAsync(Reading.Of(text, new() { Venue = "v" }), report);
        (read.Count, report.UnreadableCount).ShouldBe((messages, unreadable));
        read[^1].Message.Text.ShouldBe("y");
        read[^1].Message.Id.ShouldBe((text.Length - "17:02 < anouk> y\n".Length).ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_message_longer_than_an_exhibit_stays_in_the_original_and_is_counted()
    {
        await using var operation = await Operation.OpenAsync();
        var path = operation.Write("chat.jsonl", Invented.Line(1) + "\n" + Invented.Line(2, text: new string('x', 70_000)) + "\n" + Invented.Line(3, text: new string('x', 64_000)) + "\n");
        var result = await operation.ImportAsync(path);
        result.Report.Unreadable.ShouldHaveSingleItem().ShouldBe(new UnreadableLine(2, "longer than 65,536 bytes"));
        (await operation.MessagesAsync()).Select(message => message.Message.Id).ShouldBe(["m1", "m3"]);
        (await operation.ExhibitsAsync("file.part")).Sum(part => part.Content.Length).ShouldBe((int)new FileInfo(path).Length);
    }

    [Fact]
    public void Five_gigabytes_of_nothing_are_refused_at_once()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var sparse = new FileStream(path, FileMode.Create))
                sparse.SetLength(5L << 30);
            Should.Throw<ImportException>(() => TranscriptFile.Open(path, new(), true)).Fault.ShouldBe(ImportFault.Binary);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_imported_is_noticed()
    {
        await using var operation = await Operation.OpenAsync();
        var bytes = Encoding.UTF8.GetBytes(Invented.Transcript(100));
        var opens = 0;
        // The head and the look-through see one file, what follows another of the same length.
        var file = TranscriptFile.Open("chat.jsonl", bytes.Length, () => new MemoryStream(++opens <= 2 ? bytes : [.. bytes[..^3], (byte)'!', .. bytes[^2..]]), new(), mustSettle: true);
        var fault = await Should.ThrowAsync<ImportException>(() => operation.Importer().ImportAsync(file, false, null, CancellationToken.None));
        fault.Fault.ShouldBe(ImportFault.Changed);
        (await operation.ExhibitsAsync("chat")).ShouldBeEmpty();
        (await operation.ExhibitsAsync("file.closed")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stream_is_read_line_by_line_and_asks_where_it_would_have_to_look_ahead()
    {
        using var lines = new MemoryStream(Encoding.UTF8.GetBytes(Invented.Transcript(30)));
        (await Reading.AllAsync(TranscriptFile.Open(lines, "standard input", new()))).Count.ShouldBe(30);
        using var phone = new MemoryStream("02/11/2026, 09:05 - A: x\n"u8.ToArray());
        Should.Throw<ImportException>(() => TranscriptFile.Open(phone, "standard input", new())).Fault.ShouldBe(ImportFault.DateOrder);
    }

    [Fact]
    public void An_unknown_format_or_zone_is_refused_with_what_there_is()
    {
        Should.Throw<ImportException>(() => Reading.Of("x", new() { Format = "telegraph" })).Message.ShouldContain("custos-transcript/1, irssi, weechat, znc, irc-log, telegram, whatsapp, csv");
        Should.Throw<ImportException>(() => Reading.Of(Invented.Line(1), new() { Zone = "Europe/Atlantis" })).Fault.ShouldBe(ImportFault.Option);
    }
}
