// How an imported file is kept (docs/formats/recorded-form.md): file.opened, its bytes as file.part in order, its messages as
// chat, file.closed. The closing comes last, so a file that has one is wholly recorded and a file without is not.
using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using Custos.Evidence;

namespace Custos.Capture.Import;

/// <summary>The content of a <c>file.opened</c> exhibit: what the file is and how it is read.</summary>
public sealed record FileOpened
{
    /// <summary>The kind of exhibit.</summary>
    public const string Kind = "file.opened";

    /// <summary>The file's name without its folder.</summary>
    public required string Name { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the whole, 64 lower-case hex digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The format it is read in.</summary>
    public required string Format { get; init; }

    /// <summary>Why that format.</summary>
    public required string Why { get; init; }

    /// <summary>The place given, for a format that names none.</summary>
    public string? Venue { get; init; }

    /// <summary>The dialogue given.</summary>
    public string? Thread { get; init; }

    /// <summary>The zone of its local times.</summary>
    public string? Zone { get; init; }

    /// <summary>The order of its numeric dates: <c>dmy</c>, <c>mdy</c> or <c>ymd</c>.</summary>
    public string? DateOrder { get; init; }

    /// <summary>The day of its first line, for a log with times only.</summary>
    public string? Day { get; init; }

    /// <summary>The charset of what is not UTF-8.</summary>
    public string? Charset { get; init; }

    /// <summary>The handle of our persona in it.</summary>
    public string? Persona { get; init; }

    /// <summary>Who typed the persona's lines, as a pseudonym.</summary>
    public string? TypedBy { get; init; }

    /// <summary>The opening exhibit of an earlier, shorter state of the same log, whose messages are recorded and are not recorded again.</summary>
    public long? Continues { get; init; }

    /// <summary>The length of that earlier state, in bytes.</summary>
    public long? ContinuesAt { get; init; }

    /// <summary>The bytes of the exhibit.</summary>
    public byte[] ToContent() => JsonSerializer.SerializeToUtf8Bytes(this, FileJson.Default.FileOpened);

    /// <summary>Reads one; false if the bytes are none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, out FileOpened? opened) => FileJson.TryRead(content, FileJson.Default.FileOpened, out opened);

    /// <summary>The same file read in the same way, however it is named now.</summary>
    internal bool ReadsLike(FileOpened other) => this with { Name = other.Name, Why = other.Why, Continues = other.Continues, ContinuesAt = other.ContinuesAt } == other;

    /// <summary>A shorter state of the same log, read in the same way.</summary>
    internal bool Grew(FileOpened earlier) => ReadsLike(earlier with { Size = Size, Sha256 = Sha256 });
}

/// <summary>The content of a <c>file.closed</c> exhibit: what was recorded of the file.</summary>
public sealed record FileClosed
{
    /// <summary>The kind of exhibit.</summary>
    public const string Kind = "file.closed";

    /// <summary>How many parts.</summary>
    public required int Parts { get; init; }

    /// <summary>Bytes in them.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the whole, 64 lower-case hex digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Messages in it.</summary>
    public required long Messages { get; init; }

    /// <summary>Those of them that were recorded with the earlier state it continues.</summary>
    public long Earlier { get; init; }

    /// <summary>Lines dropped because they repeat an id with the same bytes.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Messages that repeat an id with other bytes.</summary>
    public required long Edits { get; init; }

    /// <summary>Lines that could not be read; they are in the parts.</summary>
    public required long Unreadable { get; init; }

    /// <summary>The bytes of the exhibit.</summary>
    public byte[] ToContent() => JsonSerializer.SerializeToUtf8Bytes(this, FileJson.Default.FileClosed);

    /// <summary>Reads one; false if the bytes are none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, out FileClosed? closed) => FileJson.TryRead(content, FileJson.Default.FileClosed, out closed);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FileOpened))]
[JsonSerializable(typeof(FileClosed))]
sealed partial class FileJson : JsonSerializerContext
{
    internal static bool TryRead<T>(ReadOnlySpan<byte> content, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, out T? value)
    {
        value = default;
        try
        {
            value = JsonSerializer.Deserialize(content, type);
        }
        catch (JsonException)
        {
            return false;
        }

        return value is not null;
    }
}

/// <summary>The ids by which the log knows that the same piece of the same file is appended again.</summary>
static class FileSource
{
    internal static SourceId Opened(Sha256Digest file) => Of(file, 0, 0);

    internal static SourceId Part(Sha256Digest file, int part) => Of(file, 1, part);

    internal static SourceId Message(Sha256Digest file, long offset) => Of(file, 2, offset);

    internal static SourceId Closed(Sha256Digest file) => Of(file, 3, 0);

    static SourceId Of(Sha256Digest file, byte what, long place)
    {
        Span<byte> name = stackalloc byte[41];
        file.CopyTo(name);
        name[32] = what;
        BinaryPrimitives.WriteInt64BigEndian(name[33..], place);
        return SourceId.Of(name);
    }
}
