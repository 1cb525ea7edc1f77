using System.Security.Cryptography;
using CsCheck;
using Custos.Authority;
using Custos.Capture.Decoding;
using Custos.Capture.Import;
using Custos.Capture.Transcripts;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Capture.Tests.Import;

public class ImporterTests
{
    [Fact]
    public async Task The_original_is_kept_byte_for_byte_and_every_message_cites_its_place_in_it()
    {
        await using var operation = await Operation.OpenAsync();
        var path = operation.Write("chat.jsonl", Invented.Transcript(1_500));
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes.Length.ShouldBeGreaterThan(2 * 65_536);

        var result = await operation.ImportAsync(path);

        result.Outcome.ShouldBe(ImportOutcome.Recorded);
        result.Appended.ShouldBe(1_500);
        var exhibits = await operation.ExhibitsAsync();
        var opened = exhibits.Single(exhibit => exhibit.Entry.Kind == "file.opened");
        opened.Number.ShouldBe(result.Opened!.Value);
        FileOpened.TryRead(opened.Content.Span, out var about).ShouldBeTrue();
        about!.Name.ShouldBe("chat.jsonl");
        about.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(bytes)));
        about.Format.ShouldBe("custos-transcript/1");
        var parts = exhibits.Where(exhibit => exhibit.Entry.Kind == "file.part").ToList();
        parts.SelectMany(part => part.Content.ToArray()).SequenceEqual(bytes).ShouldBeTrue();
        parts.ShouldAllBe(part => part.Entry.About.Single() == opened.Number && part.Content.Length <= 65_536);
        FileClosed.TryRead(exhibits.Single(exhibit => exhibit.Entry.Kind == "file.closed").Content.Span, out var closed).ShouldBeTrue();
        closed!.ShouldBe(new FileClosed { Parts = parts.Count, Bytes = bytes.Length, Sha256 = about.Sha256, Messages = 1_500, Duplicates = 0, Edits = 0, Unreadable = 0 });

        var chats = exhibits.Where(exhibit => exhibit.Entry.Kind == "chat").ToList();
        chats.Count.ShouldBe(1_500);
        foreach (var chat in chats)
        {
            chat.Entry.About.Single().ShouldBe(opened.Number);
            RecordedForm.TryRead(chat.Content, out var header, out var received).ShouldBeTrue();
            header!.File.ShouldBe(opened.Number.LeafIndex);
            bytes.AsSpan((int)header.Offset!.Value, received.Length).SequenceEqual(received.Span).ShouldBeTrue();
        }

        exhibits.Select(exhibit => exhibit.Entry.Kind).ShouldContain("custody.imported");
        (await operation.MessagesAsync()).Select(message => message.Message.Id).ShouldBe(Enumerable.Range(0, 1_500).Select(n => $"m{n}"));
    }

    [Fact]
    public async Task The_same_file_twice_adds_nothing_under_whatever_name()
    {
        await using var operation = await Operation.OpenAsync();
        await operation.ImportAsync(operation.Write("chat.jsonl", Invented.Transcript(50)));
        var before = (await operation.ExhibitsAsync()).Count(exhibit => !exhibit.Entry.Kind.StartsWith("custody.decrypted", StringComparison.Ordinal));
        await operation.ReopenAsync();

        var again = await operation.ImportAsync(operation.Write("copy-of-chat.jsonl", Invented.Transcript(50)));

        again.Outcome.ShouldBe(ImportOutcome.AlreadyRecorded);
        again.Appended.ShouldBe(0);
        (await operation.ExhibitsAsync()).Count(exhibit => !exhibit.Entry.Kind.StartsWith("custody.decrypted", StringComparison.Ordinal)).ShouldBe(before);
    }

    public static TheoryData<long, bool> Cuts()
    {
        var cuts = new TheoryData<long, bool>();
        foreach (var after in (long[])[0, 1, 2, 3, 4, 300, 602, 603])
        {
            cuts.Add(after, false);
            cuts.Add(after, true);
        }

        // The file is closed as exhibit 604 of its own: only the answer can be lost.
        cuts.Add(604, true);

        return cuts;
    }

    [Theory, MemberData(nameof(Cuts))]
    public async Task A_killed_import_goes_on_and_records_everything_once_in_order(long after, bool answerLost)
    {
        await using var operation = await Operation.OpenAsync();
        var path = operation.Write("chat.jsonl", Invented.Transcript(600));
        await Should.ThrowAsync<IOException>(() => operation.Importer(log: new CutOffLog(operation.Log, after, answerLost)).ImportAsync(path, new(), false, null, CancellationToken.None));
        await operation.ReopenAsync();

        var result = await operation.ImportAsync(path);

        result.Outcome.ShouldBeOneOf(ImportOutcome.Completed, ImportOutcome.Recorded, ImportOutcome.AlreadyRecorded);
        var exhibits = await operation.ExhibitsAsync();
        exhibits.Count(exhibit => exhibit.Entry.Kind == "file.opened").ShouldBe(1);
        exhibits.Count(exhibit => exhibit.Entry.Kind == "file.closed").ShouldBe(1);
        exhibits.Where(exhibit => exhibit.Entry.Kind == "file.part").SelectMany(part => part.Content.ToArray()).SequenceEqual(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken)).ShouldBeTrue();
        (await operation.MessagesAsync()).Select(message => message.Message.Id).ShouldBe(Enumerable.Range(0, 600).Select(n => $"m{n}"));
        (await operation.ImportAsync(path)).Outcome.ShouldBe(ImportOutcome.AlreadyRecorded);
    }

    [Fact]
    public async Task Stopping_leaves_a_consistent_state_and_the_next_run_goes_on()
    {
        await using var operation = await Operation.OpenAsync();
        var path = operation.Write("chat.jsonl", Invented.Transcript(9_000));
        using var stop = new CancellationTokenSource();
        var progress = new Told(told =>
        {
            if (told is { Phase: ImportPhase.Recording, Messages: > 6_000 })
                stop.Cancel();
        });

        var stopped = await operation.Importer().ImportAsync(path, new(), false, progress, stop.Token);

        stopped.Outcome.ShouldBe(ImportOutcome.Stopped);
        stopped.Appended.ShouldBeInRange(1, 8_999);
        (await operation.ExhibitsAsync("chat")).Count.ShouldBe((int)stopped.Appended);
        var rest = await operation.ImportAsync(path);
        rest.Outcome.ShouldBe(ImportOutcome.Completed);
        (rest.Appended + stopped.Appended).ShouldBe(9_000);
        (await operation.MessagesAsync()).Select(message => message.Message.Id).ShouldBe(Enumerable.Range(0, 9_000).Select(n => $"m{n}"));
    }

    [Fact]
    public async Task A_cut_off_import_is_not_continued_with_other_options()
    {
        await using var operation = await Operation.OpenAsync();
        var path = operation.Write("chat.csv", "from,text,at\nanouk,hello,2026-11-02T10:00:00\nelske,hi,2026-11-02T10:00:05\n");
        var options = new ReadingOptions { Venue = Invented.Room, Zone = "UTC" };
        await Should.ThrowAsync<IOException>(() => operation.Importer(log: new CutOffLog(operation.Log, 2, false)).ImportAsync(path, options, false, null, CancellationToken.None));

        var fault = await Should.ThrowAsync<ImportException>(() => operation.ImportAsync(path, options with { Zone = "Europe/Amsterdam" }));

        fault.Fault.ShouldBe(ImportFault.OtherOptions);
        fault.Message.ShouldContain("--zone was UTC");
        (await operation.ImportAsync(path, options)).Outcome.ShouldBe(ImportOutcome.Completed);
    }

    [Fact]
    public async Task Repeats_with_the_same_bytes_are_dropped_and_with_other_bytes_kept_as_edits()
    {
        await using var operation = await Operation.OpenAsync();
        string[] lines = [Invented.Line(1), Invented.Line(2), Invented.Line(1), Invented.Line(1, text: "the tide was at"), Invented.Line(1, text: "the tide was at"), Invented.Line(2)];
        var result = await operation.ImportAsync(operation.Write("chat.jsonl", string.Join("\n", lines) + "\n"));
        (result.Report.Messages, result.Report.Duplicates, result.Report.Edits).ShouldBe((3, 3, 1));
        (await operation.MessagesAsync()).Select(message => message.Message.Id).ShouldBe(["m1", "m2", "m1"]);
    }

    [Fact]
    public async Task A_venue_the_authorisation_does_not_name_is_refused_and_nothing_is_recorded()
    {
        await using var operation = await Operation.OpenAsync();
        var path = operation.Write("chat.jsonl", Invented.Line(1) + "\n" + Invented.Line(2, venue: "https://other.example/room") + "\n");

        var result = await operation.ImportAsync(path);

        result.Outcome.ShouldBe(ImportOutcome.Refused);
        var missing = result.Missing.ShouldHaveSingleItem();
        missing.Clause.ShouldBe(Clause.Venues);
        missing.ToString().ShouldContain("'https://other.example/room'");
        missing.ToString().ShouldContain("1 of the file's 2 messages");
        missing.GrantedBy.ShouldContain("A. Example");
        (await operation.ExhibitsAsync("chat")).ShouldBeEmpty();
        (await operation.ExhibitsAsync("file.opened")).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_message_outside_the_window_refuses_the_whole_file_with_the_count()
    {
        await using var operation = await Operation.OpenAsync();
        var path = operation.Write("chat.jsonl", Invented.Line(1) + "\n" + Invented.Line(2, at: "2026-10-31T23:59:59Z") + "\n" + Invented.Line(3, at: "2026-12-01T00:00:00Z") + "\n");

        var result = await operation.ImportAsync(path);

        result.Outcome.ShouldBe(ImportOutcome.Refused);
        result.Missing.ShouldHaveSingleItem().Clause.ShouldBe(Clause.Window);
        result.Missing[0].Sentence.ShouldContain("does not cover 2 of the file's 3 messages");
        (await operation.ExhibitsAsync("file.opened")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Import_without_the_act_or_as_an_unnamed_persona_is_refused_before_the_file_is_read()
    {
        await using var operation = await Operation.OpenAsync();
        var nowhere = Path.Combine(operation.Folder, "there-is-no-such-file");
        (await operation.ImportAsync(nowhere, authorization: Invented.Authorization("observe"))).Missing.ShouldHaveSingleItem().Clause.ShouldBe(Clause.Acts);
        (await operation.ImportAsync(nowhere, new() { Persona = "stranger" })).Missing.ShouldHaveSingleItem().Clause.ShouldBe(Clause.Personas);
    }

    [Fact]
    public async Task Messages_without_a_time_need_the_units_word()
    {
        await using var operation = await Operation.OpenAsync();
        var path = operation.Write("chat.jsonl", """{"venue":"https://lantern-chat.example/rooms","thread":"","id":"1","from":"a","text":"b"}""" + "\n");
        (await Should.ThrowAsync<ImportException>(() => operation.ImportAsync(path))).Fault.ShouldBe(ImportFault.Undated);
        (await operation.ImportAsync(path, allowUndated: true)).Outcome.ShouldBe(ImportOutcome.Recorded);
        var custody = CustodyEvent.Parse((await operation.ExhibitsAsync("custody.imported")).ShouldHaveSingleItem());
        custody.Change.ShouldNotBeNull().What.ShouldBe("messages without a time were taken in");
    }

    [Fact]
    public async Task What_is_missing_is_asked_for_by_the_name_of_its_option()
    {
        await using var operation = await Operation.OpenAsync();
        async Task<string> Asked(string name, string text, ReadingOptions options, ImportFault fault)
        {
            var thrown = await Should.ThrowAsync<ImportException>(() => operation.ImportAsync(operation.Write(name, text), options));
            thrown.Fault.ShouldBe(fault);
            thrown.IsChoice.ShouldBeTrue();
            (await operation.ExhibitsAsync("file.opened")).ShouldBeEmpty();
            return thrown.Message;
        }

        const string irssi = "--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < anouk> hello\n";
        (await Asked("a.log", irssi, new() { Venue = Invented.Room }, ImportFault.Zone)).ShouldContain("--zone Europe/Amsterdam");
        (await Asked("b.log", irssi, new() { Zone = "UTC" }, ImportFault.Venue)).ShouldContain($"'{Invented.Room}'");
        (await Asked("c.log", "[17:01] <anouk> hello\n", new() { Zone = "UTC", Venue = Invented.Room }, ImportFault.Day)).ShouldContain("--date 2026-11-25");
        (await Asked("d.log", "[17:01:02] <anouk> hello\n", new() { Zone = "UTC", Venue = Invented.Room }, ImportFault.TwoFormats)).ShouldContain("--format znc or --format irc-log");
        (await Asked("e.txt", "02/11/2026, 17:01 - Anouk: hello\n", new() { Zone = "UTC", Venue = Invented.Room }, ImportFault.DateOrder)).ShouldContain("--date-order dmy");
        (await Asked("f.txt", "nothing that anyone knows\n", new() { Zone = "UTC", Venue = Invented.Room }, ImportFault.UnknownFormat)).ShouldContain("--format");
    }

    [Fact]
    public async Task An_export_imported_again_gives_the_same_messages()
    {
        await using var operation = await Operation.OpenAsync();
        await operation.ImportAsync(operation.Write("chat.jsonl", Invented.Transcript(300)));
        await operation.ImportAsync(operation.Write("room.log", "--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < anouk> caf\u00E9 \"quoted\" \\ and a tab\t.\n17:02 <@elske> lampje: hi\n17:03 <@lampje> hello\n"), new() { Venue = Invented.Room, Zone = "Europe/Amsterdam", Persona = "lampje", TypedBy = "officer-1" });
        var output = Path.Combine(operation.Folder, "out.jsonl");

        var export = await TranscriptExport.WriteAsync(operation.Log, operation.Log, new("analyst-1", "test", "export"), output, null, CancellationToken.None);

        export.Messages.ShouldBe(303);
        (export.OtherLines, export.Unknown).ShouldBe((0, 0));
        export.Bytes.ShouldBe(new FileInfo(output).Length);
        export.Sha256.ShouldBe(Sha256Digest.Of(await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken)));
        File.Exists(output + ".partial").ShouldBeFalse();
        var custody = CustodyEvent.Parse((await operation.ExhibitsAsync("custody.exported")).ShouldHaveSingleItem());
        custody.Output!.Single().Sha256.ShouldBe(export.Sha256.ToString());
        var before = (await operation.MessagesAsync()).ConvertAll(message => message.Message);
        before[^1].TypedBy.ShouldBe("officer-1");
        await using var second = await Operation.OpenAsync();
        (await second.ImportAsync(output)).Outcome.ShouldBe(ImportOutcome.Recorded);
        (await second.MessagesAsync()).ConvertAll(message => message.Message).ShouldBe(before);
    }

    [Fact]
    public async Task An_export_that_cannot_be_written_leaves_the_old_file_alone()
    {
        await using var operation = await Operation.OpenAsync();
        await operation.ImportAsync(operation.Write("chat.jsonl", Invented.Transcript(10)));
        var output = operation.Write("out.jsonl", "the old one");
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => TranscriptExport.WriteAsync(operation.Log, operation.Log, new("analyst-1", "test", "export"), output, null, stopped.Token));
        (await File.ReadAllTextAsync(output, TestContext.Current.CancellationToken)).ShouldBe("the old one");
        File.Exists(output + ".partial").ShouldBeFalse();
    }

    [Fact]
    public async Task No_error_and_no_refusal_repeats_a_word_of_the_file()
    {
        await using var operation = await Operation.OpenAsync();
        const string secret = "marzipan";
        string[] files =
        [
            $"{secret} nothing that anyone knows\n", $"02/11/2026, 17:01 - {secret}: {secret}\n", $"--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < {secret}> {secret}\n",
            $"from;text\n{secret};{secret}\n", Invented.Line(1, at: "2027-01-01T00:00:00Z", text: secret) + "\n", $"[17:01:02] <{secret}> {secret}\n",
        ];
        for (var i = 0; i < files.Length; i++)
        {
            string said;
            try
            {
                var result = await operation.ImportAsync(operation.Write($"{i}.txt", files[i]));
                said = string.Join(" ", result.Missing) + string.Join(" ", result.Report.Unreadable) + result.Why;
            }
            catch (ImportException fault)
            {
                said = fault.ToString();
            }

            said.ShouldNotBeNullOrEmpty();
            said.Contains(secret, StringComparison.OrdinalIgnoreCase).ShouldBeFalse($"file {i}");
        }
    }

    [Fact]
    public async Task A_log_that_grew_adds_only_what_is_new_in_it()
    {
        await using var operation = await Operation.OpenAsync();
        const string start = "--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < anouk> one\n17:02 < elske> two";
        var options = new ReadingOptions { Venue = Invented.Room, Zone = "UTC" };
        var first = await operation.ImportAsync(operation.Write("room.log", start + "\n"), options);
        await operation.ReopenAsync();

        var grown = await operation.ImportAsync(operation.Write("room.log", start + "\n--- Day changed Tue Nov 03 2026\n00:01 < anouk> three\n"), options);

        grown.Outcome.ShouldBe(ImportOutcome.Recorded);
        (grown.Appended, grown.Report.Messages, grown.Continues).ShouldBe((1, 3, first.Opened));
        (await operation.MessagesAsync()).Select(message => message.Message.Text).ShouldBe(["one", "two", "three"]);
        FileClosed.TryRead((await operation.ExhibitsAsync("file.closed"))[^1].Content.Span, out var closed).ShouldBeTrue();
        (closed!.Messages, closed.Earlier).ShouldBe((3, 2));
        // Each state of the original is kept whole, and the longer one is known from now on.
        (await operation.ImportAsync(Path.Combine(operation.Folder, "room.log"), options)).Outcome.ShouldBe(ImportOutcome.AlreadyRecorded);
    }

    [Fact]
    public async Task A_last_line_that_was_cut_is_recorded_again_when_it_is_whole()
    {
        await using var operation = await Operation.OpenAsync();
        const string start = "--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < anouk> one\n17:02 < elske> tw";
        var options = new ReadingOptions { Venue = Invented.Room, Zone = "UTC" };
        await operation.ImportAsync(operation.Write("room.log", start), options);
        await operation.ImportAsync(operation.Write("room.log", start + "o\n"), options);
        (await operation.MessagesAsync()).Select(message => message.Message.Text).ShouldBe(["one", "tw", "two"]);
    }

    [Fact]
    public async Task A_log_that_grew_is_recorded_whole_if_it_is_read_in_another_way()
    {
        await using var operation = await Operation.OpenAsync();
        const string start = "--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < anouk> one\n";
        await operation.ImportAsync(operation.Write("room.log", start), new() { Venue = Invented.Room, Zone = "UTC" });
        var grown = await operation.ImportAsync(operation.Write("room.log", start + "17:02 < elske> two\n"), new() { Venue = Invented.Room, Zone = "+01:00" });
        (grown.Appended, grown.Continues).ShouldBe((2, null));
    }

    [Fact]
    public void Any_transcript_comes_back_from_its_export_as_it_was()
    {
        var words = Gen.Char.Where(c => !char.IsSurrogate(c)).Array[0, 12].Select(letters => new string(letters));
        var name = Gen.OneOf(Gen.Const("anouk"), words.Where(text => text.Length > 0));
        var time = Gen.OneOf(
            Gen.Const((SpokenAt?)null),
            Gen.Select(Gen.Int[0, 1 << 24], Gen.Int[-14 * 60, 14 * 60], (second, offset) => (SpokenAt?)new SpokenAt(new DateTime(2026, 1, 1).AddSeconds(second).AddTicks(second), TimeSpan.FromMinutes(offset))),
            Gen.Int[0, 1 << 24].Select(second => (SpokenAt?)new SpokenAt(new DateTime(2026, 1, 1).AddSeconds(second), null)));
        var message = Gen.Select(name, words, time, name, Gen.Bool, words, Gen.Enum<Direction>(),
            (venue, thread, at, from, addressed, text, direction) => new ChatMessage(new(venue), thread, "", at, new(from), addressed ? new Handle(venue) : null, text, direction));
        message.Array[0, 20].Sample(messages =>
        {
            var numbered = messages.Select((one, n) => one with { Id = $"m{n}" }).ToList();
            using var writer = new TranscriptWriter();
            writer.WriteHeader();
            foreach (var one in numbered)
                writer.Write(one);
            var report = new ReadingReport();
            var read = Reading.AllAsync(Reading.Of(writer.Written.ToArray()), report).GetAwaiter().GetResult();
            return report.UnreadableCount == 0 && read.Select(one => one.Message).SequenceEqual(numbered);
        }, iter: 2_000);
    }

    sealed class Told(Action<ImportProgress> tell) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => tell(value);
    }
}
