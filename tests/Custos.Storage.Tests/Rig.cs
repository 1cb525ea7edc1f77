using Custos.Capture.Decoding;
using Custos.Detection;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Pipeline;
using Custos.Vocabulary;

namespace Custos.Storage.Tests;

/// <summary>A data folder with one operation's log and an index.</summary>
sealed class Rig : IAsyncDisposable
{
    internal const string Origin = "unit.example/custos/op-lantern";
    Ed25519Signer? _signer;

    Rig(string folder) => Folder = folder;

    internal string Folder { get; }

    internal EvidenceLog Log { get; private set; } = null!;

    internal string Path => System.IO.Path.Combine(Folder, "custos.db");

    internal static async Task<Rig> NewAsync()
    {
        var rig = new Rig(Directory.CreateTempSubdirectory("custos-index-").FullName);
        await rig.OpenLogAsync();
        return rig;
    }

    /// <summary>Opens the log again, as the next process would.</summary>
    internal async Task OpenLogAsync()
    {
        if (Log is not null)
            await Log.DisposeAsync();
        var keys = KeyFolder.Open(System.IO.Path.Combine(Folder, "keys"), create: true);
        var create = keys.ReadSigner("op-lantern") is null;
        if (create)
            keys.WriteSigner("op-lantern", Ed25519Signer.Generate(Origin).ToSecretText());
        _signer = Ed25519Signer.Parse(keys.ReadSigner("op-lantern")!);
        Log = await EvidenceLog.OpenAsync(new()
        {
            Origin = Origin,
            Store = new DirectoryLogStore(Folder, "op-lantern"),
            Keys = keys,
            UnitKey = FileUnitKey.Open(keys, create),
            Signer = _signer,
            Create = create,
        }, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }

    internal static NewExhibit Line(int n, string from, string text, string venue = "net/#room", string thread = "") => new(
        "chat", "test-1", RecordedForm.Write(new() { Format = "plain", Venue = venue, Thread = thread, Id = n.ToString(System.Globalization.CultureInfo.InvariantCulture), File = 0, Offset = n }, System.Text.Encoding.UTF8.GetBytes($"{from}\t{text}")));

    internal PipelineParts Parts(IOperationIndex index, PipelineOptions? options = null, TimeProvider? time = null) =>
        new(Log, index, format => format == "plain" ? new PlainDecoder() : null, null, time ?? TimeProvider.System, options ?? new());

    internal Task<OperationPipeline> StartAsync(IOperationIndex index, PipelineOptions? options = null, TimeProvider? time = null, string engine = "detection/1") =>
        OperationPipeline.StartAsync(Parts(index, options, time), new WordDetection(engine), CancellationToken.None);
}

/// <summary><c>handle TAB text</c>.</summary>
sealed class PlainDecoder : IMessageDecoder
{
    public string Format => "plain";

    public ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        var tab = received.IndexOf((byte)'\t');
        return tab <= 0 ? null : new(
            new(header.Venue), header.Thread, header.Id!, null, new(System.Text.Encoding.UTF8.GetString(received[..tab])), null,
            System.Text.Encoding.UTF8.GetString(received[(tab + 1)..]), header.Direction);
    }
}

/// <summary>Finds one invented word, so that rows of every kind come up without a pack.</summary>
sealed class WordDetection(string engine) : IDetection, IDetectionReader
{
    internal const string Word = "simword";

    public DerivedFrom From { get; } = new(engine, "sha256:00", "builtin/1", "", DerivedFrom.ThisDerivation);

    public IDetectionReader NewReader() => this;

    public IDetectionTracker NewTracker() => new Tracker(engine);

    public object Read(in RecordedMessage message) => message;

    sealed class Tracker(string engine) : IDetectionTracker
    {
        readonly Dictionary<(string Thread, string Author), int> _scores = [];

        public void Observe(object reading, IFindingSink sink)
        {
            var recorded = (RecordedMessage)reading;
            var message = recorded.Message;
            var at = message.Text.IndexOf(Word, StringComparison.Ordinal);
            if (at < 0)
                return;
            var score = _scores[(message.Thread, message.From.Value)] = _scores.GetValueOrDefault((message.Thread, message.From.Value)) + 4_000;
            var indicator = new Indicator("camera.request", message.Id, at, Word.Length, "test.word", [], [], recorded.Exhibit.Number);
            sink.Add(Of(FindingKind.Indicator), recorded.Exhibit.Number);
            if (score == 12_000)
                sink.Add(Of(FindingKind.Alert), recorded.Exhibit.Number);

            Finding Of(FindingKind kind) => new(
                kind, FindingScope.Pair, message.Venue.Value, message.Thread, message.From.Value, "other", AuthorRole.Account, message.Id, message.At,
                new(score), new(500_000), [indicator], [], false, engine, "sha256:00", "builtin/1");
        }

        public void ObserveGap(VenueId venue)
        {
        }

        public ConductRecord? Conduct(PairKey pair) => new(
            pair, false, _scores.GetValueOrDefault((pair.Thread, pair.Account)), [], [], new(FactState.None, null, null), new(FactState.None, null, null), null, [], [], new(0, 0, 0, 0), []);

        public IReadOnlyList<RiskFact> RiskFacts(PairKey pair) => [new("score", _scores.GetValueOrDefault((pair.Thread, pair.Account)), [])];
    }
}
