using System.Globalization;
using System.Text;
using Custos.Authority;
using Custos.Capture.Decoding;
using Custos.Capture.Import;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Vocabulary;

namespace Custos.Capture.Tests.Import;

/// <summary>Invented files, a signed authorisation, and a real log in a folder of its own.</summary>
static class Invented
{
    internal const string Room = "irc://irc1.example.net/#lighthouse";
    internal const string Site = "https://lantern-chat.example/rooms";

    internal static readonly ActorId Importer = new("analyst-1");

    internal static Authorization Authorization(string acts = "import", string from = "2026-11-01T00:00:00", string until = "2026-12-01T00:00:00", params string[] venues)
    {
        var text = new StringBuilder($"""
            authorization-format: 1
            operation: lantern
            authority:
              name: Example Regional Police
            legal-basis:
              - law: Example Code
            window:
              from: {from}
              until: {until}
              zone: UTC
            personas:
              - id: p1
                handle: lampje
                stated-age: 13
            acts: [{acts}]
            signatories:
              - name: A. Example
                role: public prosecutor
                signed: 2026-10-30
            venues:

            """);
        foreach (var venue in venues.Length == 0 ? [Room, Site] : venues)
            text.Append(CultureInfo.InvariantCulture, $"  - id: \"{venue}\"\n    kind: chat-room\n");
        var reading = AuthorizationFile.Read(Encoding.UTF8.GetBytes(text.ToString()), "auth.yaml");
        return reading.Authorization.ShouldNotBeNull(string.Join("\n", reading.Faults));
    }

    internal static string Line(int n, string? at = null, string venue = Site, string? id = null, string text = "the tide is at") =>
        $$"""{"venue":"{{venue}}","thread":"d{{n % 7}}","id":"{{id ?? $"m{n}"}}","at":"{{at ?? new DateTime(2026, 11, 2).AddSeconds(n).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}}","from":"h{{n % 5}}","text":"{{text}} {{n}}"}""";

    internal static string Transcript(int count) => string.Concat(Enumerable.Range(0, count).Select(n => Line(n) + "\n"));

    internal static string TemporaryFolder()
    {
        var folder = Path.Combine(Path.GetTempPath(), "custos-import-" + Path.GetRandomFileName());
        Directory.CreateDirectory(folder);
        return folder;
    }
}

/// <summary>A folder with an evidence log in it, removed afterwards.</summary>
sealed class Operation : IAsyncDisposable
{
    Operation(string folder, EvidenceLog log)
    {
        Folder = folder;
        Log = log;
    }

    internal string Folder { get; }

    internal EvidenceLog Log { get; private set; }

    internal static async Task<Operation> OpenAsync()
    {
        var folder = Invented.TemporaryFolder();
        return new(folder, await OperationLog.OpenOrCreateAsync(Path.Combine(folder, "data"), "lantern", TimeProvider.System));
    }

    internal string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    internal string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    internal async Task ReopenAsync()
    {
        await Log.DisposeAsync();
        Log = await OperationLog.OpenAsync(Path.Combine(Folder, "data"), "lantern", TimeProvider.System);
    }

    internal TranscriptImporter Importer(Authorization? authorization = null, IExhibitLog? log = null) =>
        new(authorization ?? Invented.Authorization(), log ?? Log, Log, new LogImportLedger(Log, new("analyst-1", "test", "import")), Invented.Importer);

    internal Task<ImportedFile> ImportAsync(string path, ReadingOptions? options = null, Authorization? authorization = null, bool allowUndated = false) =>
        Importer(authorization).ImportAsync(path, options ?? new(), allowUndated, null, CancellationToken.None);

    internal async Task<List<Exhibit>> ExhibitsAsync(string? kind = null)
    {
        var exhibits = new List<Exhibit>();
        await foreach (var exhibit in Log.ReadAsync(new(0), long.MaxValue, new("analyst-1", "test", "look"), CancellationToken.None))
        {
            if (kind is null || exhibit.Entry.Kind == kind)
                exhibits.Add(exhibit);
        }

        return exhibits;
    }

    internal async Task<List<DecodedMessage>> MessagesAsync() => [.. (await ExhibitsAsync("chat")).Select(exhibit => ExhibitDecoder.TryDecode(exhibit)!)];

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>Stands in front of a log and fails or stops as a killed process would: after so many exhibits nothing more gets through.</summary>
sealed class CutOffLog(IExhibitLog inner, long exhibits, bool answerLost) : IExhibitLog
{
    long _left = exhibits;

    public async ValueTask<Exhibit> AppendAsync(NewExhibit exhibit, CancellationToken cancellation) => (await AppendAsync(new[] { exhibit }, cancellation))[0];

    public async ValueTask<IReadOnlyList<Exhibit>> AppendAsync(ReadOnlyMemory<NewExhibit> exhibits, CancellationToken cancellation)
    {
        var through = (int)Math.Min(_left, exhibits.Length);
        _left -= through;
        IReadOnlyList<Exhibit> recorded = through == 0 ? [] : await inner.AppendAsync(exhibits[..through], cancellation);
        if (through < exhibits.Length || (_left == 0 && answerLost))
            throw new IOException("cut off");
        return recorded;
    }
}

static class Reading
{
    internal static async Task<List<DecodedMessage>> AllAsync(TranscriptFile file, ReadingReport? report = null)
    {
        var messages = new List<DecodedMessage>();
        await foreach (var message in file.RecordAsync(new ScratchLog(TimeProvider.System), "import", report ?? new(), CancellationToken.None))
            messages.Add(message);
        return messages;
    }

    internal static TranscriptFile Of(byte[] bytes, ReadingOptions? options = null, bool mustSettle = true, string name = "chat.log") =>
        TranscriptFile.Open(name, bytes.Length, () => new MemoryStream(bytes, writable: false), options ?? new(), mustSettle);

    internal static TranscriptFile Of(string text, ReadingOptions? options = null, bool mustSettle = true, string name = "chat.log") =>
        Of(Encoding.UTF8.GetBytes(text), options, mustSettle, name);
}
