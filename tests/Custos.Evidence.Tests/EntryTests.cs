using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace Custos.Evidence.Tests;

/// <summary>The one form of an entry, and the values in it: what departs from it by one byte is not an entry.</summary>
public class EntryTests
{
    static readonly DateTimeOffset At = new DateTimeOffset(2026, 12, 3, 14, 5, 9, TimeSpan.Zero).AddTicks(1_234_560);

    static readonly Sha256Digest Commitment = Sha256Digest.Of("x"u8);

    static byte[] Entry(string kind = "chat", string at = "2026-12-03T14:05:09.123456Z", string actor = "irc-1", string about = "", string size = "5", string? hash = null) =>
        Encoding.Latin1.GetBytes($$"""{"v":1,"kind":"{{kind}}","at":"{{at}}","actor":"{{actor}}"{{about}},"size":{{size}},"sha256":"{{hash ?? Commitment.ToString()}}"}""");

    static string Refused(byte[] entry)
    {
        LogEntry.TryParse(entry, out var parsed).ShouldBeFalse();
        parsed.ShouldBeNull();
        return Should.Throw<FormatException>(() => LogEntry.Parse(entry)).Message;
    }

    [Fact]
    public void What_is_written_is_read_as_it_was_whatever_it_says()
    {
        var first = Gen.Char["abcdefghijklmnopqrstuvwxyz"];
        var inner = Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789-"];
        var word = Gen.Select(first, Gen.String[inner, 0, 14], (head, tail) => head + tail);
        var kind = word.Array[1, 3].Select(words => string.Join('.', words));
        var about = Gen.Long[0, 999_999_999_999_999_999].Array[0, 16].Select(numbers => numbers.Distinct().Order().Select(number => new ExhibitNumber(number)).ToArray());
        Gen.Select(kind, Gen.Long[0, DateTime.MaxValue.Ticks], Gen.String[inner, 1, 32], about, Gen.Int[0, int.MaxValue], Gen.Byte.Array[32]).Sample((kind, ticks, actor, about, size, hash) =>
        {
            var made = LogEntry.Create(kind, new(ticks, TimeSpan.Zero), actor, about, size, new(hash));
            var read = LogEntry.Parse(made.Bytes.Span);
            return LogEntry.TryParse(made.Bytes.Span, out var tried) && tried!.Bytes.Span.SequenceEqual(made.Bytes.Span)
                && made.Bytes.Length <= LogEntry.MaxBytes
                && (read.Kind, read.RecordedAt, read.Actor, read.Size, read.Commitment) == (kind, new DateTimeOffset(ticks - (ticks % 10), TimeSpan.Zero), actor, size, new Sha256Digest(hash))
                && (made.Kind, made.RecordedAt, made.Actor, made.Size, made.Commitment) == (read.Kind, read.RecordedAt, read.Actor, read.Size, read.Commitment)
                && read.About.SequenceEqual(about) && made.About.SequenceEqual(about) && read.Bytes.Span.SequenceEqual(made.Bytes.Span);
        });
    }

    [Fact]
    public void The_time_of_another_zone_is_written_in_UTC() =>
        Encoding.ASCII.GetString(LogEntry.Create("chat", At.ToOffset(TimeSpan.FromHours(2)), "irc-1", [], 5, Commitment).Bytes.Span).ShouldBe(Encoding.ASCII.GetString(Entry()));

    [Fact]
    public void Entries_of_one_second_and_of_the_next_each_carry_their_own_time()
    {
        foreach (var after in (double[])[0, 0.000001, 0.9, 1, 0.5, 3600, 0])
        {
            var at = At.AddSeconds(after);
            LogEntry.Parse(LogEntry.Create("chat", at, "irc-1", [], 5, Commitment).Bytes.Span).RecordedAt.ShouldBe(at);
        }
    }

    [Fact]
    public void An_entry_with_any_one_byte_changed_added_or_missing_is_refused_or_says_something_else()
    {
        var entry = Entry(about: ",\"about\":[1,20,300]");
        var whole = LogEntry.Parse(entry);
        for (var at = 0; at < entry.Length; at++)
        {
            for (var value = 0; value < 256; value++)
            {
                byte[] changed = [.. entry];
                changed[at] = (byte)value;
                if (value != entry[at] && LogEntry.TryParse(changed, out var other))
                    Said(other!).ShouldNotBe(Said(whole), $"byte {at} made {value}");
            }

            if (LogEntry.TryParse([.. entry[..at], .. entry[(at + 1)..]], out var shorter))
                Said(shorter!).ShouldNotBe(Said(whole), $"without byte {at}");
            LogEntry.TryParse(entry.AsSpan(0, at), out _).ShouldBeFalse();
        }

        foreach (var more in (byte[])[(byte)'}', (byte)' ', (byte)'\n', 0])
            Refused([.. entry, more]).ShouldContain("follows its commitment");
    }

    static string Said(LogEntry entry) => $"{entry.Kind} {entry.RecordedAt:O} {entry.Actor} {string.Join(',', entry.About)} {entry.Size} {entry.Commitment}";

    [Theory]
    [InlineData("a")]
    [InlineData("chat")]
    [InlineData("log.opened")]
    [InlineData("a.b-1.c2")]
    [InlineData("a-")]
    [InlineData("a23456789-123456789-123456789-123456789-12345678")]
    public void A_kind_is_words_of_small_letters_joined_by_full_stops(string kind)
    {
        EntryText.IsKind(kind).ShouldBeTrue();
        LogEntry.Parse(Entry(kind: kind)).Kind.ShouldBe(kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("-a")]
    [InlineData("1a")]
    [InlineData("a.1")]
    [InlineData("a.-b")]
    [InlineData("a_b")]
    [InlineData("aB")]
    [InlineData("a b")]
    [InlineData("a\u00e9")]
    [InlineData("a23456789-123456789-123456789-123456789-123456789")]
    public void What_is_no_kind_is_refused_each_time(string kind)
    {
        EntryText.IsKind(kind).ShouldBeFalse();
        for (var time = 0; time < 2; time++)
            Refused(Entry(kind: kind)).ShouldContain("kind is malformed");
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("-", true)]
    [InlineData("0-irc", true)]
    [InlineData("a23456789-123456789-123456789-12", true)]
    [InlineData("a23456789-123456789-123456789-123", false)]
    [InlineData("", false)]
    [InlineData("a.b", false)]
    [InlineData("A", false)]
    [InlineData("a\u00e9", false)]
    public void An_actor_is_1_to_32_of_small_letters_digits_and_hyphens(string actor, bool right)
    {
        EntryText.IsActor(actor).ShouldBe(right);
        for (var time = 0; time < 2; time++)
        {
            if (right)
                LogEntry.Parse(Entry(actor: actor)).Actor.ShouldBe(actor);
            else
                Refused(Entry(actor: actor)).ShouldContain("actor is malformed");
        }
    }

    [Theory]
    [InlineData("op-lantern", true)]
    [InlineData("1", true)]
    [InlineData("", false)]
    [InlineData("-op", false)]
    [InlineData("op.lantern", false)]
    [InlineData("../op", false)]
    [InlineData("Op", false)]
    public void A_slug_is_a_code_word_and_never_a_path(string slug, bool right)
    {
        EntryText.IsSlug(slug).ShouldBe(right);
        EntryText.IsSlug(new string('a', 64)).ShouldBeTrue();
        EntryText.IsSlug(new string('a', 65)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("log.opened", true)]
    [InlineData("custody.viewed", true)]
    [InlineData("recording.part", true)]
    [InlineData("hold.set", true)]
    [InlineData("log", false)]
    [InlineData("logs.opened", false)]
    [InlineData("custodylog.viewed", false)]
    [InlineData("chat", false)]
    public void What_the_log_alone_may_write_is_known_by_its_first_word(string kind, bool reserved) => EntryText.IsReserved(kind).ShouldBe(reserved);

    [Theory]
    [InlineData("2026-12-03T14:05:09.123456z")]
    [InlineData("2026-12-03T14:05:09,123456Z")]
    [InlineData("2026-12-03 14:05:09.123456Z")]
    [InlineData("2026-13-03T14:05:09.123456Z")]
    [InlineData("2026-02-30T14:05:09.123456Z")]
    [InlineData("2026-12-03T24:05:09.123456Z")]
    [InlineData("2026-12-03T14:05:60.123456Z")]
    [InlineData("2026-12-03T14:05:09.12345 Z")]
    [InlineData("2026-12-03T14:05:09./23456Z")]
    [InlineData("2026-12-03T14:05:09.12345:Z")]
    [InlineData("2026-12-03T14:05:09.1234567Z")]
    [InlineData("2026-12-03T14:05:09.12345Z")]
    [InlineData("2026-12-03T14:05: 9.123456Z")]
    [InlineData("")]
    public void A_time_that_is_not_UTC_with_microseconds_is_refused_after_a_right_one_too(string at)
    {
        LogEntry.Parse(Entry()).RecordedAt.ShouldBe(At);
        for (var time = 0; time < 2; time++)
            Refused(Entry(at: at)).ShouldContain("UTC with microseconds");
        LogEntry.Parse(Entry()).RecordedAt.ShouldBe(At);
    }

    [Fact]
    public void A_time_is_read_to_the_microsecond_and_two_seconds_are_not_taken_for_one()
    {
        LogEntry.Parse(Entry(at: "2026-12-03T14:05:09.000000Z")).RecordedAt.ShouldBe(new(2026, 12, 3, 14, 5, 9, TimeSpan.Zero));
        LogEntry.Parse(Entry(at: "2026-12-03T14:05:08.999999Z")).RecordedAt.ShouldBe(new DateTimeOffset(2026, 12, 3, 14, 5, 9, TimeSpan.Zero).AddMicroseconds(-1));
        LogEntry.Parse(Entry(at: "2026-12-03T14:05:09.900000Z")).RecordedAt.ShouldBe(new DateTimeOffset(2026, 12, 3, 14, 5, 9, TimeSpan.Zero).AddMilliseconds(900));
        LogEntry.Parse(Entry()).RecordedAt.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(",\"about\":[0]", 1)]
    [InlineData(",\"about\":[0,1]", 2)]
    [InlineData(",\"about\":[999999999999999999]", 1)]
    [InlineData(",\"about\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]", 16)]
    public void An_entry_speaks_of_up_to_16_others_in_order(string about, int count) => LogEntry.Parse(Entry(about: about)).About.Count.ShouldBe(count);

    [Theory]
    [InlineData(",\"about\":[1,1]", "ascending")]
    [InlineData(",\"about\":[1,0]", "ascending")]
    [InlineData(",\"about\":[01]", "ascending")]
    [InlineData(",\"about\":[-1]", "ascending")]
    [InlineData(",\"about\":[1,]", "ascending")]
    [InlineData(",\"about\":[1000000000000000000]", "ascending")]
    [InlineData(",\"about\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]", "ascending")]
    [InlineData(",\"about\":[1", "ascending")]
    [InlineData(",\"about\":[1;2]", "not closed")]
    [InlineData(",\"about\":null", "size")]
    [InlineData(",\"About\":[1]", "size")]
    public void What_an_entry_speaks_of_in_another_form_is_refused(string about, string where) => Refused(Entry(about: about)).ShouldContain(where);

    [Theory]
    [InlineData("2147483648")]
    [InlineData("9999999999999999999")]
    [InlineData("00")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("5.0")]
    [InlineData("\"5\"")]
    public void A_size_that_is_no_plain_number_is_refused(string size)
    {
        Refused(Entry(size: size)).ShouldContain("size");
        LogEntry.Parse(Entry(size: "2147483647")).Size.ShouldBe(int.MaxValue);
        LogEntry.Parse(Entry(size: "0")).Size.ShouldBe(0);
    }

    [Fact]
    public void A_commitment_of_another_form_is_refused()
    {
        var right = Commitment.ToString();
        foreach (var hash in (string[])[right[1..], right[1..] + "g", "0" + right, right[1..] + "A", right[1..] + "/", ""])
        {
            Refused(Entry(hash: hash)).ShouldContain("commitment");
            Should.Throw<FormatException>(() => Sha256Digest.Parse(hash)).Message.ShouldContain("64 lower-case");
        }
    }

    [Fact]
    public void An_entry_above_1024_bytes_is_refused_for_its_length() => Refused([.. Entry(), .. new byte[LogEntry.MaxBytes]]).ShouldContain("1,024");

    [Fact]
    public void A_digest_keeps_each_of_its_32_bytes()
    {
        var bytes = Enumerable.Range(1, 32).Select(i => (byte)i).ToArray();
        var digest = new Sha256Digest(bytes);
        digest.ToArray().ShouldBe(bytes);
        digest.ToString().ShouldBe(Convert.ToHexStringLower(bytes));
        Sha256Digest.Parse(digest.ToString()).ShouldBe(digest);
        Sha256Digest.TryParse(Encoding.ASCII.GetBytes(digest.ToString()), out var read).ShouldBeTrue();
        read.ShouldBe(digest);
        for (var i = 0; i < 32; i++)
        {
            byte[] other = [.. bytes];
            other[i] ^= 1;
            new Sha256Digest(other).ShouldNotBe(digest);
        }

        Should.Throw<ArgumentException>(() => new Sha256Digest(bytes.AsSpan(0, 31))).Message.ShouldContain("32 bytes");
        Should.Throw<ArgumentException>(() => new Sha256Digest([.. bytes, 0])).Message.ShouldContain("32 bytes");
        Should.Throw<ArgumentException>(() => digest.CopyTo(new byte[31]));
    }

    [Theory]
    [InlineData("EX-00001234", 1234)]
    [InlineData("EX-1234", 1234)]
    [InlineData("1234", 1234)]
    [InlineData("EX-123456789012", 123456789012)]
    [InlineData("0", 0)]
    public void An_exhibit_number_is_read_as_it_is_printed_or_bare(string text, long index)
    {
        ExhibitNumber.Parse(text).ShouldBe(new(index));
        ExhibitNumber.Parse(new ExhibitNumber(index).ToString()).ShouldBe(new(index));
    }

    [Theory]
    [InlineData("")]
    [InlineData("EX-")]
    [InlineData("ex-1")]
    [InlineData("EX--1")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1,234")]
    [InlineData("0x1")]
    [InlineData("9223372036854775808")]
    [InlineData(null)]
    public void What_is_no_exhibit_number_is_refused(string? text)
    {
        ExhibitNumber.TryParse(text, out var number).ShouldBeFalse();
        number.ShouldBe(default);
        if (text is not null)
            Should.Throw<FormatException>(() => ExhibitNumber.Parse(text)).Message.ShouldContain("EX-00001234");
    }

    [Fact]
    public void Exhibits_are_in_the_order_of_their_numbers()
    {
        var (one, same, two) = (new ExhibitNumber(1), new ExhibitNumber(1), new ExhibitNumber(2));
        (one < two, two < one, one < same).ShouldBe((true, false, false));
        (one > two, two > one, one > same).ShouldBe((false, true, false));
        (one <= two, two <= one, one <= same).ShouldBe((true, false, true));
        (one >= two, two >= one, one >= same).ShouldBe((false, true, true));
        one.CompareTo(two).ShouldBeLessThan(0);
        new ExhibitNumber(1234).ToString().ShouldBe("EX-00001234");
    }

    [Fact]
    public void A_source_is_known_by_the_first_16_bytes_of_the_hash_of_its_name()
    {
        SourceId.Of(""u8).ToString().ShouldBe("e3b0c44298fc1c149afbf4c8996fb924");
        SourceId.None.ToString().ShouldBe(new string('0', 32));
        byte[] name = [.. "custos/part/v1\0"u8, .. new byte[12]];
        BinaryPrimitives.WriteInt64BigEndian(name.AsSpan(15), 300);
        BinaryPrimitives.WriteInt32BigEndian(name.AsSpan(23), 7);
        new OutsidePart(300, 7, 5, Commitment).Source.ShouldBe(SourceId.Of(name), "a part is known again after a crash by its place");
    }
}
