using System.Text.Json;
using System.Text.Json.Serialization;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Capture.Decoding;

/// <summary>Where recorded bytes are from: all that decoding needs and the bytes themselves do not say.</summary>
public sealed record CaptureHeader
{
    /// <summary>The name of the decoder: <c>irc</c>, <c>irssi</c>, <c>telegram</c>, ...</summary>
    public required string Format { get; init; }

    /// <summary>The place.</summary>
    public required string Venue { get; init; }

    /// <summary>The dialogue within it; <c>""</c> is the room itself.</summary>
    public string Thread { get; init; } = "";

    /// <summary>The message's id where the bytes do not hold one: the offset of the line, in decimal.</summary>
    public string? Id { get; init; }

    /// <summary>When it was said, where the line alone does not say (a log's day, a live line's arrival).</summary>
    public string? At { get; init; }

    /// <summary>Who speaks, as seen from our persona.</summary>
    public Direction Direction { get; init; }

    /// <summary>Who typed the line, as a pseudonym, where it is our persona's and that was said.</summary>
    public string? TypedBy { get; init; }

    /// <summary>The exhibit that opened the file these bytes come from; null for live capture.</summary>
    public long? File { get; init; }

    /// <summary>Where the bytes begin in that file.</summary>
    public long? Offset { get; init; }

    /// <summary>The bytes' encoding where it is not UTF-8.</summary>
    public string? Charset { get; init; }

    /// <summary>What else a format's decoder needs, by name.</summary>
    public IReadOnlyDictionary<string, string>? Context { get; init; }
}

/// <summary>The content of a <c>chat</c> exhibit: one line of JSON that says where the bytes are from, a line feed, then the bytes as received.</summary>
public static class RecordedForm
{
    /// <summary>Joins header and bytes.</summary>
    public static byte[] Write(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(header, CaptureHeaderJson.Default.CaptureHeader);
        var content = new byte[head.Length + 1 + received.Length];
        head.CopyTo(content, 0);
        content[head.Length] = (byte)'\n';
        received.CopyTo(content.AsSpan(head.Length + 1));
        return content;
    }

    /// <summary>Parts them again.</summary>
    /// <returns>False if the content is not in this form.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> content, out CaptureHeader? header, out ReadOnlyMemory<byte> received)
    {
        header = null;
        received = default;
        var cut = content.Span.IndexOf((byte)'\n');
        if (cut <= 0)
            return false;
        try
        {
            header = JsonSerializer.Deserialize(content.Span[..cut], CaptureHeaderJson.Default.CaptureHeader);
        }
        catch (JsonException)
        {
            return false;
        }

        received = content[(cut + 1)..];
        return header is not null;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CaptureHeader))]
sealed partial class CaptureHeaderJson : JsonSerializerContext;

/// <summary>A recorded message, decoded: a repeatable step that never loses a byte.</summary>
/// <param name="Exhibit">What was recorded.</param>
/// <param name="Start">Where the received bytes begin in the exhibit's content.</param>
/// <param name="Length">How many bytes were received.</param>
/// <param name="Message">What they say.</param>
public sealed record DecodedMessage(Exhibit Exhibit, int Start, int Length, ChatMessage Message);

/// <summary>Turns the bytes of one format into a message. Pure: the same header and bytes give the same message.</summary>
public interface IMessageDecoder
{
    /// <summary>The format's name in <see cref="CaptureHeader.Format"/>.</summary>
    string Format { get; }

    /// <summary>Decodes; null if the bytes are no message of this format (a join, a notice, a broken line).</summary>
    ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received);
}
