using System.Buffers;
using System.Text;
using CsCheck;
using Custos.Capture.Irc;

namespace Custos.Capture.Tests.Irc;

public class IrcFrameReaderTests
{
    // Line ends, spaces, NUL and half characters often; anything else sometimes.
    static readonly Gen<byte> Bytes = Gen.Frequency(
        (6, Gen.OneOf((byte)'\r', (byte)'\n', (byte)' ', (byte)':', (byte)'@', (byte)0, (byte)0xC3)),
        (4, Gen.Byte));

    [Fact]
    public void Every_byte_is_in_exactly_one_frame_however_the_stream_is_cut() =>
        Gen.Select(Bytes.Array[0, 400], Gen.Int[1, 40]).Sample((received, step) =>
        {
            var frames = Read(received, step);
            return frames.SelectMany(frame => frame.Bytes.ToArray()).SequenceEqual(received)
                && frames.SkipLast(1).All(frame => frame.Bytes.Span[^1] == '\n');
        });

    [Fact]
    public void A_line_that_never_ends_comes_in_pieces_of_bounded_length_and_its_last_piece_is_marked_too()
    {
        var received = Encoding.Latin1.GetBytes(new string('x', 100_000) + "\r\nPING :a\r\n");

        var frames = Read(received, 5_000);

        frames.ShouldAllBe(frame => frame.Bytes.Length <= IrcFrameReader.MaxFrame);
        frames.SkipLast(1).ShouldAllBe(frame => (frame.Flags & LineFlags.Piece) != 0);
        frames[^1].Flags.ShouldBe(LineFlags.None);
    }

    [Theory]
    [InlineData(510, false)]
    [InlineData(511, true)]
    public void A_line_has_at_most_512_bytes_with_its_end(int length, bool overlong) =>
        ((Read(Encoding.Latin1.GetBytes(new string('x', length) + "\r\n"), 64)[0].Flags & LineFlags.Overlong) != 0).ShouldBe(overlong);

    [Theory]
    [InlineData(8_189, false)]
    [InlineData(8_190, true)]
    public void Tags_have_at_most_8191_bytes_with_the_at_sign_and_the_space(int length, bool overlong) =>
        ((Read(Encoding.Latin1.GetBytes("@" + new string('t', length) + " PING :a\r\n"), 64)[0].Flags & LineFlags.Overlong) != 0).ShouldBe(overlong);

    [Fact]
    public void No_bytes_make_the_parser_or_the_decoder_fail() =>
        Bytes.Array[0, 300].Sample(received =>
        {
            if (IrcLine.TryParse(received, out var line))
            {
                _ = line.SourceNick;
                _ = line.Numeric;
                _ = line.Untagged;
                _ = line.Tag("time"u8);
                for (var i = 0; i < 16; i++)
                    _ = line[i];
            }

            _ = new IrcDecoder().Decode(new() { Format = "irc", Venue = "irc://irc.example.org:6667/#room" }, received);
            return true;
        });

    [Fact]
    public void A_line_is_parsed_as_the_documents_say()
    {
        IrcLine.TryParse("@a=1\\:2\\s3\\\\4;b;c= :nick!ident@host.example   COMMAND  one two :three  four \r\n"u8, out var line).ShouldBeTrue();
        line.Tag("a"u8).ShouldBe("1;2 3\\4");
        line.Tag("b"u8).ShouldBe("");
        line.Tag("c"u8).ShouldBe("");
        line.Tag("d"u8).ShouldBeNull();
        Encoding.ASCII.GetString(line.SourceNick).ShouldBe("nick");
        line.Count.ShouldBe(3);
        Encoding.ASCII.GetString(line[2]).ShouldBe("three  four ");
        line[3].Length.ShouldBe(0);
        Encoding.ASCII.GetString(line.Untagged).ShouldBe(":nick!ident@host.example   COMMAND  one two :three  four ");

        // The fifteenth parameter takes the rest, with or without its colon (RFC 2812, section 2.3.1).
        IrcLine.TryParse("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"u8, out var full).ShouldBeTrue();
        full.Count.ShouldBe(15);
        Encoding.ASCII.GetString(full[14]).ShouldBe("15 16");
    }

    [Theory]
    [InlineData("[]\\~A", "{}|^a", "rfc1459", true)]
    [InlineData("[]\\~A", "{}|^a", "ascii", false)]
    [InlineData("[]\\A", "{}|a", "rfc1459-strict", true)]
    [InlineData("~", "^", "rfc1459-strict", false)]
    [InlineData("\u00c4", "\u00e4", "rfc1459", false)]
    public void Names_are_compared_as_the_server_says(string one, string other, string mapping, bool same) =>
        CaseMapping.Named(Encoding.ASCII.GetBytes(mapping)).Same(one, other).ShouldBe(same);

    // As the capture reads: bytes arrive in steps, and what is no whole line yet stays.
    static List<IrcFrame> Read(byte[] received, int step)
    {
        var reader = new IrcFrameReader();
        var frames = new List<IrcFrame>();
        var pending = Array.Empty<byte>();
        for (var at = 0; at <= received.Length; at += step)
        {
            var ended = at + step > received.Length;
            var buffer = new ReadOnlySequence<byte>([.. pending, .. received[at..Math.Min(at + step, received.Length)]]);
            while (reader.TryRead(ref buffer, ended, out var frame))
                frames.Add(frame);
            pending = buffer.ToArray();
        }

        pending.ShouldBeEmpty();
        return frames;
    }
}
