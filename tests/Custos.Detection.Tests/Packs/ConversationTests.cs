using System.Text.Json;
using Custos.Evidence;
using Custos.Fixtures;
using Custos.Vocabulary;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Detection.Tests;

/// <summary>Invented conversations with what must be found in them: <c>expect</c> lists a code and the words it cites, <c>alerts</c> the accounts that wait for a person.</summary>
public class ConversationTests
{
    static readonly DetectionEngine Engine = DetectionEngine.Open(Pack.Load(Path.Combine(Checkout.Root, "packs")), DetectionModel.Builtin, new DetectionOptions());

    public static TheoryData<string> Names()
    {
        var names = new TheoryData<string>();
        foreach (var file in Directory.GetFiles(Folder(), "*.jsonl").Order(StringComparer.Ordinal))
            names.Add(Path.GetFileNameWithoutExtension(file));
        return names;
    }

    [Theory, MemberData(nameof(Names))]
    public void A_conversation_is_read_as_it_says(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder(), name + ".jsonl"));
        using var header = JsonDocument.Parse(lines[0]);
        var sink = new Collected();
        var reader = Engine.NewReader();
        var tracker = Engine.NewTracker();
        var log = new ScratchLog(new FakeTimeProvider());
        var exhibit = log.Append(new NewExhibit("chat", "test", ReadOnlyMemory<byte>.Empty));
        List<string> missing = [];
        foreach (var line in lines.Skip(1))
        {
            using var document = JsonDocument.Parse(line);
            var said = document.RootElement;
            var text = said.GetProperty("text").GetString()!;
            var message = new ChatMessage(
                new VenueId(said.GetProperty("venue").GetString()!), said.GetProperty("thread").GetString()!, said.GetProperty("id").GetString()!,
                SpokenAt.TryParse(said.GetProperty("at").GetString(), out var at) ? at : null, new Handle(said.GetProperty("from").GetString()!), null, text, Direction.None);
            sink.Message.Clear();
            tracker.Observe(reader.Read(new RecordedMessage(exhibit, 0, 0, message)), sink);
            if (!said.TryGetProperty("expect", out var expected))
                continue;
            foreach (var pair in expected.EnumerateArray())
            {
                var (code, words) = (pair[0].GetString()!, pair[1].GetString()!);
                var start = CodePoints(text[..text.IndexOf(words, StringComparison.Ordinal)]);
                if (!sink.Message.Exists(i => i.Code == code && i.Start == start && i.Length == CodePoints(words)))
                    missing.Add($"{message.Id}: {code} at {start}, {CodePoints(words)} long");
            }
        }

        missing.ShouldBeEmpty();
        sink.Alerts.Select(a => a.Author).Distinct().Order(StringComparer.Ordinal)
            .ShouldBe(header.RootElement.GetProperty("alerts").EnumerateArray().Select(a => a.GetString()!).Order(StringComparer.Ordinal));
    }

    static int CodePoints(string text) => text.EnumerateRunes().Count();

    static string Folder() => Path.Combine(Checkout.Root, "tests", "Custos.Detection.Tests", "Packs", "Conversations");

    sealed class Collected : IFindingSink
    {
        internal List<Indicator> Message { get; } = [];

        internal List<Finding> Alerts { get; } = [];

        public void Add(Finding finding, ExhibitNumber exhibit)
        {
            if (finding.Kind == FindingKind.Alert)
                Alerts.Add(finding);
            else
                Message.AddRange(finding.Indicators);
        }
    }
}
