using System.Globalization;
using System.Runtime.CompilerServices;
using Custos.Capture.Decoding;
using Custos.Capture.Import.Formats;
using Custos.Evidence;

namespace Custos.Capture.Import;

/// <summary>A chat log or export, its format decided: what <c>custos import</c> and <c>custos detect</c> read.</summary>
public sealed class TranscriptFile
{
    // A message longer than this is refused for reading: detection-spec, section 15. The header comes on top.
    const int LongestScratch = LineReader.LongestLine + 65_536;

    readonly Func<Stream> _open;
    readonly bool _onePass;

    TranscriptFile(string name, long? size, Func<Stream> open, bool onePass, TranscriptFormat? format, string why, ReadingContext context)
    {
        Name = name;
        Size = size;
        _open = open;
        _onePass = onePass;
        Kind = format;
        Why = why;
        Context = context;
        Zone = context.Options.Zone is { } zone ? SourceZone.Parse(zone) : null;
        if (context.Options.Charset is { } charset)
            Charsets.Check(charset);
    }

    /// <summary>The file's name without its folder.</summary>
    public string Name { get; }

    /// <summary>Its length in bytes when it was opened; null for a stream.</summary>
    public long? Size { get; }

    /// <summary>The format's name; null if the file is empty.</summary>
    public string? Format => Kind?.Format;

    /// <summary>The format for a person: <c>an irssi log</c>.</summary>
    public string Title => Kind?.Title ?? "an empty file";

    /// <summary>Why it is this format.</summary>
    public string Why { get; }

    /// <summary>The names of the formats that are read.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. KnownFormats.All.Select(format => format.Format)];

    internal TranscriptFormat? Kind { get; }

    internal ReadingContext Context { get; }

    internal SourceZone? Zone { get; }

    /// <summary>Opens a file and decides its format. A file that grows is read up to its length now.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What the person knows about it.</param>
    /// <param name="mustSettle">True if dates whose order is unclear are an error; false to read them as unknown.</param>
    /// <exception cref="ImportException">It cannot be read, or there is a choice to make.</exception>
    public static TranscriptFile Open(string path, ReadingOptions options, bool mustSettle)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        if (Directory.Exists(path))
            throw new ImportException(ImportFault.Folder, $"'{path}' is a folder. Nothing was recorded. Name the files in it, as in {Path.Combine(path, "*.log")}.");
        long size;
        try
        {
            using var probe = OpenFile(path);
            size = probe.CanSeek ? probe.Length : throw new ImportException(ImportFault.Unreadable, $"'{path}' is not a file that can be read twice. Nothing was recorded. Save it to a file first.");
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImportException(ImportFault.NotFound, $"There is no file '{path}'. Nothing was recorded.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ImportException(ImportFault.Unreadable, $"'{path}' could not be read: {Reason(fault)}. Nothing was recorded. Check its owner and mode.", fault);
        }

        return Open(Path.GetFileName(path), size, () => new FirstBytes(OpenFile(path), size), options, mustSettle);
    }

    /// <summary>Opens what can be opened again and again: a file, or what stands in for one.</summary>
    internal static TranscriptFile Open(string name, long size, Func<Stream> open, ReadingOptions options, bool mustSettle)
    {
        byte[] head;
        using (var stream = open())
            head = ReadHead(stream, FileHead.Length);
        var context = new ReadingContext(options, name);
        var (format, why) = Decide(name, new FileHead(head, head.Length == size, name, options.Columns), options);
        if (format is not null)
        {
            format.ReadName(context);
            if (format.LooksThrough(context))
            {
                using var stream = open();
                format.LookThrough(stream, context, mustSettle);
            }
        }

        return new(name, size, open, onePass: false, format, why, context);
    }

    /// <summary>Reads a stream that passes once, such as standard input. A format whose dates must be looked through first needs its order given.</summary>
    /// <param name="stream">Read from here on; not closed.</param>
    /// <param name="name">What to call it.</param>
    /// <param name="options">What the person knows about it.</param>
    /// <exception cref="ImportException">There is a choice to make.</exception>
    public static TranscriptFile Open(Stream stream, string name, ReadingOptions options)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        // The first line is enough to decide from where someone types or a program writes line by line: waiting for more would hold the line back.
        var head = ReadFirstLine(stream);
        var context = new ReadingContext(options, name);
        var (format, why) = Decide(name, new FileHead(head, whole: true, name, options.Columns), options);
        if (format is not null)
        {
            format.ReadName(context);
            if (format is CsvTable)
                throw new ImportException(ImportFault.Option, "A table (CSV) is looked through before it is read, which a stream does not allow. Save it to a file first.");
            if (format.LooksThrough(context))
                throw new ImportException(ImportFault.DateOrder, $"The dates of {format.Title} are looked through to settle their order, which a stream does not allow. Choose with --date-order dmy or --date-order mdy, or save it to a file first.");
        }

        return new(name, null, () => new Joined(head, stream), onePass: true, format, why, context);
    }

    /// <summary>Appends every message to a log and gives it back decoded, in the order of the file.</summary>
    /// <param name="log">A scratch log, for trying detection; the original file is not kept in it.</param>
    /// <param name="actor">Whom the exhibits name.</param>
    /// <param name="report">Counts while it runs.</param>
    /// <param name="cancellation">Stops between messages.</param>
    public async IAsyncEnumerable<DecodedMessage> RecordAsync(IExhibitLog log, string actor, ReadingReport report, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(report);
        if (Kind is null)
            yield break;
        using var stream = _open();
        var pass = NewPass(stream, file: null, LongestScratch, new RepeatFinder(null), report);
        // A stream answers line by line; a file is faster in batches.
        var most = _onePass ? 1 : 256;
        var batch = new List<(NewExhibit Exhibit, int Start, int Length, Vocabulary.ChatMessage Message)>(most);
        while (pass.Next())
        {
            cancellation.ThrowIfCancellationRequested();
            var content = RecordedForm.Write(pass.Header, pass.Bytes);
            batch.Add((new NewExhibit("chat", actor, content), content.Length - pass.Bytes.Length, pass.Bytes.Length, pass.Message));
            if (batch.Count < most)
                continue;
            foreach (var message in await AppendAsync(log, batch, cancellation))
                yield return message;
            batch.Clear();
        }

        foreach (var message in await AppendAsync(log, batch, cancellation))
            yield return message;
    }

    static async Task<IEnumerable<DecodedMessage>> AppendAsync(IExhibitLog log, List<(NewExhibit Exhibit, int Start, int Length, Vocabulary.ChatMessage Message)> batch, CancellationToken cancellation)
    {
        if (batch.Count == 0)
            return [];
        var exhibits = await log.AppendAsync(batch.Select(entry => entry.Exhibit).ToArray(), cancellation);
        return [.. batch.Select((entry, i) => new DecodedMessage(exhibits[i], entry.Start, entry.Length, entry.Message))];
    }

    internal Stream OpenAgain() => _open();

    internal TranscriptPass NewPass(Stream stream, long? file, int longest, RepeatFinder? repeats, ReadingReport report) =>
        new(Kind!, stream, Context, Zone, "file:" + Name, file, longest, repeats, report);

    static FileStream OpenFile(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        // A running client may still write its log.
        Share = FileShare.ReadWrite | FileShare.Delete,
        Options = FileOptions.SequentialScan,
        BufferSize = 1 << 17,
    });

    static string Reason(Exception fault) => fault is UnauthorizedAccessException ? "permission denied" : "the machine reports an error";

    static byte[] ReadHead(Stream stream, int most)
    {
        var head = new byte[most];
        var length = stream.ReadAtLeast(head, most, throwOnEndOfStream: false);
        return head[..length];
    }

    static byte[] ReadFirstLine(Stream stream)
    {
        var head = new byte[FileHead.Length];
        var length = 0;
        while (length < head.Length && !head.AsSpan(0, length).Contains((byte)'\n'))
        {
            var read = stream.Read(head, length, head.Length - length);
            if (read == 0)
                break;
            length += read;
        }

        return head[..length];
    }

    static (TranscriptFormat? Format, string Why) Decide(string name, FileHead head, ReadingOptions options)
    {
        if (options.Format is { } wanted)
            return (KnownFormats.Named(wanted), "it was named with --format");
        if (head.Bytes.IsEmpty)
            return (null, "it is empty");
        if (head.Start == 0 && (head.Bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.Bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])))
            throw new ImportException(ImportFault.UnknownFormat, $"'{name}' is UTF-16. Nothing was recorded. Make a UTF-8 copy with 'iconv -f UTF-16 -t UTF-8' and import that; keep the original beside it.");
        var fits = KnownFormats.All.Select(format => (Format: format, Why: format.Fits(head))).Where(fit => fit.Why is not null).ToList();
        if (fits.Count == 1)
            return (fits[0].Format, fits[0].Why!);
        if (fits.Count > 1)
        {
            throw new ImportException(ImportFault.TwoFormats,
                $"'{name}' can be read as {string.Join(" or as ", fits.Select(fit => fit.Format.Title))}. Nothing was recorded. Choose with {string.Join(" or ", fits.Select(fit => $"--format {fit.Format.Format}"))}.");
        }

        if (IsBinary(head.Bytes))
            throw new ImportException(ImportFault.Binary, $"'{name}' is no text: it is binary. Nothing was recorded. Export the chat as text, JSON or CSV and import that.");
        throw new ImportException(ImportFault.UnknownFormat, string.Create(CultureInfo.InvariantCulture,
            $"'{name}' fits none of the known formats. Nothing was recorded. If you know it, choose with --format; for a table give --columns map.yaml. The formats are {KnownFormats.Names}."));
    }

    // Text has no NUL but by accident and few control characters; a picture or an archive has both within its first kilobytes.
    static bool IsBinary(ReadOnlySpan<byte> head)
    {
        var some = head[..Math.Min(head.Length, 1 << 14)];
        var control = 0;
        foreach (var b in some)
            control += b < 0x20 && b is not ((byte)'\n' or (byte)'\r' or (byte)'\t' or 0x02 or 0x03 or 0x0F or 0x16 or 0x1D or 0x1F) ? 1 : 0;
        return control * 20 > some.Length;
    }

    /// <summary>The first bytes of a stream, as many as there were when it was opened.</summary>
    sealed class FirstBytes(Stream inner, long length) : Stream
    {
        long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            _left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>What was already read of a stream, then the rest; the stream itself stays open.</summary>
    sealed class Joined(byte[] head, Stream rest) : Stream
    {
        int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_at == head.Length)
                return rest.Read(buffer);
            var length = Math.Min(buffer.Length, head.Length - _at);
            head.AsSpan(_at, length).CopyTo(buffer);
            _at += length;
            return length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
