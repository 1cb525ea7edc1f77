using System.Text;
using Custos.Capture.Decoding;
using Custos.Capture.Import;
using Custos.Vocabulary;

namespace Custos.Capture.Tests.Import;

public class FormatTests
{
    static async Task<List<ChatMessage>> Read(string text, ReadingOptions? options = null, ReadingReport? report = null, bool mustSettle = true, string name = "chat.log")
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var read = await Reading.AllAsync(Reading.Of(bytes, options, mustSettle, name), report);
        foreach (var message in read)
        {
            RecordedForm.TryRead(message.Exhibit.Content, out var header, out var received).ShouldBeTrue();
            bytes.AsSpan((int)header!.Offset!.Value, received.Length).SequenceEqual(received.Span).ShouldBeTrue();
            ExhibitDecoder.TryDecode(message.Exhibit).ShouldNotBeNull().Message.ShouldBe(message.Message);
        }

        return read.ConvertAll(message => message.Message);
    }

    static SpokenAt At(string text) => SpokenAt.TryParse(text, out var at) ? at : throw new FormatException(text);

    [Theory]
    // Android, day first; 13 settles it
    [InlineData("13/11/2026, 09:05 - Anouk: hello\n", "2026-11-13T09:05:00Z")]
    // Android, month first, two digits of year, half days, narrow no-break space
    [InlineData("11/13/26, 9:05\u202FPM - Anouk: hello\n", "2026-11-13T21:05:00Z")]
    // iOS, seconds
    [InlineData("[13/11/2026, 09:05:59] Anouk: hello\n", "2026-11-13T09:05:59Z")]
    // iOS with its mark, month first
    [InlineData("\u200E[11/13/26, 12:00:01 AM] Anouk: hello\n", "2026-11-13T00:00:01Z")]
    // German and Dutch phones
    [InlineData("13.11.26, 09:05 - Anouk: hello\n", "2026-11-13T09:05:00Z")]
    [InlineData("13-11-2026 09:05 - Anouk: hello\n", "2026-11-13T09:05:00Z")]
    // Spanish half days
    [InlineData("13/11/26, 9:05 p. m. - Anouk: hello\n", "2026-11-13T21:05:00Z")]
    // the year first needs no settling
    [InlineData("2026-11-05, 09:05 - Anouk: hello\n", "2026-11-05T09:05:00Z")]
    // the same number twice is no question
    [InlineData("11/11/2026, 09:05 - Anouk: hello\n", "2026-11-11T09:05:00Z")]
    public async Task WhatsApp_times_are_read_as_phones_write_them(string text, string at)
    {
        var message = (await Read(text, new() { Zone = "UTC" }, name: "chat with someone.txt")).ShouldHaveSingleItem();
        message.At.ShouldBe(At(at));
        message.ShouldSatisfyAllConditions(
            m => m.From.Value.ShouldBe("Anouk"), m => m.Text.ShouldBe("hello"), m => m.Venue.Value.ShouldBe("whatsapp"), m => m.Thread.ShouldBe("chat with someone"));
    }

    [Fact]
    public async Task WhatsApp_messages_go_on_over_lines_and_the_services_own_lines_are_none()
    {
        var report = new ReadingReport();
        const string text = "13/11/2026, 09:04 - Messages are end-to-end encrypted.\r\n13/11/2026, 09:05 - Anouk: one\r\ntwo: three\r\n\r\nfour\r\n13/11/2026, 09:06 - Anouk added Elske\r\n13/11/2026, 09:07 - +31 6 00000000: 14/11: see you\r\n13/11/2026, 09:08 - Anouk:";
        var read = await Read(text, new() { Zone = "UTC" }, report);
        read.Select(message => message.Text).ShouldBe(["one\ntwo: three\n\nfour", "14/11: see you", ""]);
        read[1].From.Value.ShouldBe("+31 6 00000000");
        report.Events.ShouldBe(2);
        report.LastLineCut.ShouldBeTrue();
    }

    [Fact]
    public void A_whole_file_settles_the_order_of_its_dates_or_a_person_does()
    {
        const string unclear = "02/11/2026, 09:05 - A: x\n03/11/2026, 09:05 - A: x\n";
        Should.Throw<ImportException>(() => Reading.Of(unclear)).Fault.ShouldBe(ImportFault.DateOrder);
        Reading.Of(unclear + "13/11/2026, 09:05 - A: x\n").Format.ShouldBe("whatsapp");
        Reading.Of(unclear, new() { DateOrder = DateOrder.MonthDayYear }).Format.ShouldBe("whatsapp");
        Reading.Of(unclear, mustSettle: false).Format.ShouldBe("whatsapp");
        var both = Should.Throw<ImportException>(() => Reading.Of(unclear + "13/11/2026, 09:05 - A: x\n11/14/2026, 09:05 - A: x\n"));
        both.Fault.ShouldBe(ImportFault.DateOrder);
        both.Message.ShouldContain("1 dates that only fit day/month and 1 that only fit month/day");
    }

    [Fact]
    public async Task An_order_that_a_date_does_not_fit_leaves_that_message_without_a_time()
    {
        var report = new ReadingReport();
        var read = await Read("02/11/2026, 09:05 - A: x\n13/11/2026, 09:05 - A: x\n", new() { DateOrder = DateOrder.MonthDayYear, Zone = "UTC" }, report);
        read.Select(message => message.At?.ToString()).ShouldBe(["2026-02-11T09:05:00Z", null]);
        report.WithoutTime.ShouldBe(1);
    }

    const string Telegram = """
        {
         "name": "Evening", "type": "personal_chat", "id": 4400001,
         "messages": [
          {"id": 1, "type": "service", "date": "2026-11-05T18:30:00", "actor": "Lotte", "action": "phone_call", "text": ""},
          {"id": 2, "type": "message", "date": "2026-11-05T19:31:39", "date_unixtime": "1793903499", "from": "Lotte", "from_id": "user1", "text": "hello", "future_field": {"kept": [1, 2]}},
          {"id": 3, "type": "message", "date": "2026-11-05T19:31:40", "date_unixtime": "1793903500", "from": null, "from_id": "user2", "text": ["see ", {"type": "link", "text": "https://tides.example"}, " ", {"type": "bold", "text": "now"}]},
          {"id": 3, "type": "message", "date": "2026-11-05T19:31:40", "date_unixtime": "1793903500", "from": null, "from_id": "user2", "text": ["see ", {"type": "link", "text": "https://tides.example"}, " ", {"type": "bold", "text": "now"}]},
          {"id": 2, "type": "message", "date": "2026-11-05T19:31:39", "date_unixtime": "1793903499", "edited": "2026-11-05T19:40:00", "from": "Lotte", "from_id": "user1", "text": "hello!"}
         ]
        }
        """;

    [Fact]
    public async Task Telegram_gives_threads_offsets_joined_words_and_edits()
    {
        var report = new ReadingReport();
        var read = await Read(Telegram, report: report, name: "result.json");
        read.Select(message => (message.Id, message.From.Value, message.Text)).ShouldBe([("2", "Lotte", "hello"), ("3", "user2", "see https://tides.example now"), ("2", "Lotte", "hello!")]);
        read.ShouldAllBe(message => message.Venue.Value == "telegram" && message.Thread == "4400001");
        // The local time and the instant together say the offset of the machine that exported.
        read[0].At.ShouldBe(At("2026-11-05T19:31:39+01:00"));
        (report.Events, report.Duplicates, report.Edits, report.UnreadableCount).ShouldBe((1, 1, 1, 0));
    }

    [Fact]
    public async Task A_whole_Telegram_account_gives_a_place_for_each_chat()
    {
        const string text = """
            {"about": "x", "chats": {"about": "y", "list": [
              {"name": "A", "type": "personal_chat", "id": 1, "messages": [{"id": 1, "type": "message", "date": "2026-11-05T19:31:39", "from": "a", "from_id": "user1", "text": "x"}]},
              {"name": "B", "type": "public_supergroup", "id": 2, "messages": [{"id": 1, "type": "message", "date": "2026-11-05T19:31:39", "from": "b", "from_id": "user2", "text": "y"}]},
              {"name": "C", "type": "private_group", "id": 3, "messages": []}
            ]}}
            """;
        var read = await Read(text, new() { Zone = "Europe/Amsterdam" }, name: "result.json");
        read.Select(message => (message.Venue.Value, message.Thread)).ShouldBe([("telegram", "1"), ("telegram:2", "")]);
        // No instant in an older export: the zone that was given.
        read[0].At.ShouldBe(At("2026-11-05T19:31:39+01:00"));
    }

    [Fact]
    public async Task A_cut_JSON_export_gives_what_is_whole_and_counts_the_cut()
    {
        for (var cut = Telegram.IndexOf("\"id\": 3", StringComparison.Ordinal); cut < Telegram.Length - 20; cut += 37)
        {
            var report = new ReadingReport();
            var read = await Read(Telegram[..cut], report: report, name: "result.json");
            read.Count.ShouldBeInRange(1, 3);
            report.UnreadableCount.ShouldBe(1);
            report.Unreadable[0].Reason.ShouldContain("broken or cut");
            report.LastLineCut.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_table_with_a_column_map_is_read_with_quotes_line_breaks_and_its_own_separator()
    {
        var columns = new CsvColumns { From = "Author", Text = "Content", At = "Date", Id = "No", To = "5", Delimiter = ';' };
        var report = new ReadingReport();
        var read = await Read("No;Author;Date;Content;For\n1;Anouk;13/11/2026 09:05;\"two; \"\"lines\"\"\r\nof it\";Elske\n2;Elske;2026-11-13 09:06:01;;\n3;Elske\n", new() { Columns = columns, Zone = "UTC", Venue = "v" }, report);
        read.Select(message => (message.Id, message.From.Value, message.To?.Value, message.Text, message.At!.ToString())).ShouldBe(
        [
            ("1", "Anouk", "Elske", "two; \"lines\"\r\nof it", "2026-11-13T09:05:00Z"),
            ("2", "Elske", null, "", "2026-11-13T09:06:01Z"),
        ]);
        report.Unreadable.ShouldHaveSingleItem().ShouldBe(new UnreadableLine(5, "too few columns"));
    }

    [Theory]
    [InlineData("unix", "1793903499", "2026-11-05T18:31:39Z")]
    [InlineData("unix", "1793903499.25", "2026-11-05T18:31:39.25Z")]
    [InlineData("unix-ms", "1793903499250", "2026-11-05T18:31:39.25Z")]
    public async Task A_table_may_count_seconds(string time, string cell, string at) =>
        (await Read($"a,1,{cell}\n", new() { Columns = new() { From = "1", Text = "2", At = "3", HasHeader = false, Time = time }, Venue = "v" })).ShouldHaveSingleItem().At.ShouldBe(At(at));

    [Fact]
    public async Task A_table_that_names_the_transcripts_fields_needs_no_map()
    {
        var read = await Read("venue,thread,id,at,from,to,text,direction\nv1,t1,x,2026-11-13T09:05:00Z,a,b,hello,out\n");
        read.ShouldHaveSingleItem().ShouldBe(new ChatMessage(new("v1"), "t1", "x", At("2026-11-13T09:05:00Z"), new("a"), new Handle("b"), "hello", Direction.Out));
    }

    [Fact]
    public void A_map_that_names_no_column_of_the_file_is_refused_by_the_columns_name() =>
        Should.Throw<ImportException>(() => Reading.Of("a,b\n1,2\n", new() { Columns = new() { From = "Author", Text = "b" } })).Message.ShouldContain("'Author' for 'from'");

    [Fact]
    public async Task A_quote_that_never_closes_costs_its_row_and_is_counted()
    {
        var report = new ReadingReport();
        (await Read("from,text\na,x\nb,\"y\nc,z\n", new() { Venue = "v" }, report)).Count.ShouldBe(1);
        report.Unreadable.ShouldHaveSingleItem().ShouldBe(new UnreadableLine(3, "a quotation mark that is never closed"));
    }

    [Fact]
    public async Task mIRC_sessions_give_the_day_and_midnight_is_crossed()
    {
        var report = new ReadingReport();
        const string text = "Session Start: Mon Nov 02 23:58:00 2026\nSession Ident: #lighthouse\n[23:58] * Now talking in #lighthouse\n[23:59] <@anouk> late\n[23:59] * elske yawns\n[00:01] <anouk> later\n[00:02] * elske (e@host.example) Quit (gone)\nSession Close: Tue Nov 03 00:03:00 2026\n";
        var read = await Read(text, new() { Venue = "v", Zone = "UTC" }, report);
        read.Select(message => (message.From.Value, message.Text, message.At!.ToString())).ShouldBe(
            [("anouk", "late", "2026-11-02T23:59:00Z"), ("elske", "yawns", "2026-11-02T23:59:00Z"), ("anouk", "later", "2026-11-03T00:01:00Z")]);
        report.UnreadableCount.ShouldBe(0);
    }

    [Fact]
    public async Task An_eggdrop_log_is_a_plain_log_whose_days_are_read()
    {
        var report = new ReadingReport();
        const string text = "[23:50] elske (e@host.example) joined #lighthouse.\n[23:59] <anouk> late\n[00:00] --- Tue Nov  3 2026\n[00:01] Action: anouk yawns\n[00:02] <elske> night\n[00:03] Nick change: elske -> els\n[00:04] anouk (a@host.example) left #lighthouse.\n";
        var read = await Read(text, new() { Venue = "v", Zone = "UTC", Day = new(2026, 11, 2) }, report);
        read.Select(message => (message.From.Value, message.Text, message.At!.ToString())).ShouldBe(
            [("anouk", "late", "2026-11-02T23:59:00Z"), ("anouk", "yawns", "2026-11-03T00:01:00Z"), ("elske", "night", "2026-11-03T00:02:00Z")]);
        report.UnreadableCount.ShouldBe(0);
    }

    [Theory]
    [InlineData("2026-11-02 10:00:01 <anouk> hi\n", "2026-11-02T10:00:01")]
    [InlineData("[2026-11-02 10:00] <anouk> hi\n", "2026-11-02T10:00:00")]
    [InlineData("<anouk> hi\n", null)]
    [InlineData("10:00 <anouk> hi\n", null)]
    public async Task Other_stamps_of_plain_logs_are_read(string text, string? at) =>
        (await Read(text)).ShouldHaveSingleItem().At?.ToString().ShouldBe(at);

    [Theory]
    [InlineData("--- Log opened ma nov 02 17:00:00 2026", 11, 2)]
    [InlineData("--- Log opened Mo Mär 02 17:00:00 2026", 3, 2)]
    [InlineData("--- Log opened lun. mars 02 17:00:00 2026", 3, 2)]
    [InlineData("--- Log opened mar. nov. 03 17:00:00 2026", 11, 3)]
    [InlineData("--- Log opened lun dic 07 17:00:00 2026", 12, 7)]
    public async Task irssi_days_are_read_in_the_languages_it_writes_them(string first, int month, int day)
    {
        var report = new ReadingReport();
        var at = (await Read(first + "\n17:01 < a> x\n", new() { Venue = "v" }, report)).ShouldHaveSingleItem().At;
        at.ShouldBe(new SpokenAt(new DateTime(2026, month, day, 17, 1, 0), null));
    }

    [Fact]
    public async Task A_day_that_cannot_be_read_leaves_no_day_rather_than_a_wrong_one()
    {
        var report = new ReadingReport();
        var read = await Read("--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < a> x\n--- Day changed Xxx Yyy 03 2026\n00:01 < a> x\n", new() { Venue = "v", Zone = "UTC" }, report);
        read.Select(message => message.At?.ToString()).ShouldBe(["2026-11-02T17:01:00Z", null]);
        (report.UnreadableCount, report.WithoutDay).ShouldBe((1, 1));
    }

    [Fact]
    public async Task An_hour_that_happens_twice_or_never_stays_local()
    {
        var report = new ReadingReport();
        var read = await Read("2026-10-25 01:30:00\ta\tx\n2026-10-25 02:30:00\ta\tx\n2026-10-25 03:30:00\ta\tx\n2026-03-29 02:30:00\ta\tx\n", new() { Venue = "v", Zone = "Europe/Amsterdam" }, report);
        read.Select(message => message.At!.ToString()).ShouldBe(["2026-10-25T01:30:00+02:00", "2026-10-25T02:30:00", "2026-10-25T03:30:00+01:00", "2026-03-29T02:30:00"]);
        report.TwiceOrNever.ShouldBe(2);
    }

    [Fact]
    public async Task The_persona_in_a_room_is_out_what_is_said_to_it_in_the_rest_ambient()
    {
        const string text = "--- Log opened Mon Nov 02 17:00:00 2026\n17:01 < Lampje> hi\n17:01 < anouk> lampje: hello\n17:01 < anouk> elske: hello\n17:01 < anouk> hello lampje\n";
        var options = new ReadingOptions { Venue = "v", Persona = "lampje" };
        (await Read(text, options)).Select(message => message.Direction).ShouldBe([Direction.Out, Direction.In, Direction.Ambient, Direction.Ambient]);
        (await Read(text, options with { Thread = "anouk" })).Select(message => message.Direction).ShouldBe([Direction.Out, Direction.In, Direction.In, Direction.In]);
        (await Read(text, options with { TypedBy = "officer-1" })).Select(message => message.TypedBy).ShouldBe(["officer-1", null, null, null]);
        (await Read(text, options with { Persona = null })).ShouldAllBe(message => message.Direction == Direction.None);
    }

    [Theory]
    [InlineData("""{"venue":"v","thread":"","id":"1","from":"a"}""", "the field 'text' is missing")]
    [InlineData("""{"venue":"","thread":"","id":"1","from":"a","text":""}""", "the field 'venue' is empty")]
    [InlineData("""{"venue":"v","thread":"","id":1,"from":"a","text":""}""", "the field 'id' has the wrong type")]
    [InlineData("""{"venue":"v","thread":"","id":"1","from":"a","text":"\ud800"}""", "a lone surrogate")]
    [InlineData("""{"venue":"v","thread":"","id":"1","from":"a","text":"x" """, "not JSON")]
    [InlineData("""["venue"]""", "not a JSON object")]
    [InlineData("""{"venue":"v","thread":"","id":"1","from":"a","text":"","direction":"up"}""", "the field 'direction' is none of out, in, ambient")]
    public async Task A_transcript_line_that_is_none_is_counted_with_its_reason(string line, string reason)
    {
        var report = new ReadingReport();
        (await Read("""{"format":"custos-transcript/1"}""" + "\n" + line + "\n" + Invented.Line(1) + "\n", report: report)).Count.ShouldBe(1);
        report.Unreadable.ShouldHaveSingleItem().ShouldBe(new UnreadableLine(2, reason));
    }

    [Fact]
    public async Task Unknown_fields_survive_in_the_recorded_bytes()
    {
        var line = Invented.Line(1).Replace("\"from\"", "\"mood\":{\"deep\":[1]},\"from\"", StringComparison.Ordinal);
        var read = await Reading.AllAsync(Reading.Of(line + "\n"));
        Encoding.UTF8.GetString(read.ShouldHaveSingleItem().Exhibit.Content.Span).ShouldEndWith(line);
    }

    [Fact]
    public async Task A_local_time_in_a_transcript_takes_the_zone_that_was_given()
    {
        (await Read(Invented.Line(1, at: "2026-11-02T10:00:00") + "\n", new() { Zone = "Europe/Amsterdam" }))[0].At.ShouldBe(At("2026-11-02T10:00:00+01:00"));
        (await Read(Invented.Line(1, at: "2026-11-02T10:00:00") + "\n"))[0].At.ShouldBe(At("2026-11-02T10:00:00"));
        (await Read(Invented.Line(1, at: "2026-11-02T10:00:00Z") + "\n", new() { Zone = "Europe/Amsterdam" }))[0].At.ShouldBe(At("2026-11-02T10:00:00Z"));
    }
}
