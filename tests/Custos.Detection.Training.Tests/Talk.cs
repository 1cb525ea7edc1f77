using System.Text;
using Custos.Evidence;
using Custos.Fixtures;
using Custos.Vocabulary;

namespace Custos.Detection.Training.Tests;

/// <summary>Invented talk through the product's own reader and tracker.</summary>
static class Talk
{
    internal static Pack Pack { get; } = Pack.Load(Path.Combine(Checkout.Root, "packs"));

    internal static DetectionModel Model(Func<int, (short, short)> weight, ModelHeader? header = null)
    {
        var slots = new int[ModelFeatures.Slots];
        for (var i = 0; i < slots.Length; i++)
        {
            var (author, counterpart) = weight(i);
            slots[i] = ModelWeights.Pack(author, counterpart);
        }

        return ModelFile.Read("test.custosmodel", ModelFile.Write(header ?? Header, new(slots)));
    }

    internal static ModelHeader Header { get; } = new() { Threshold = 500_000, PlaceMargin = 2_000, Knots = [new(-6_000, -6_000), new(144_000, 144_000)] };

    internal static ChatMessage Line(int number, string from, string text, string? at = null, string thread = "t1") => new(
        new("net/#room"), thread, "m" + number.ToString(System.Globalization.CultureInfo.InvariantCulture), SpokenAt.TryParse(at, out var spoken) ? spoken : null, new(from), null, text, Direction.None);

    internal static List<Finding> Findings(DetectionModel model, IEnumerable<ChatMessage> messages) => Findings(DetectionEngine.Open(Pack, model, new()), messages, out _);

    internal static List<Finding> Findings(DetectionEngine engine, IEnumerable<ChatMessage> messages, out ConversationTracker tracker)
    {
        var log = new ScratchLog(TimeProvider.System);
        var reader = engine.NewReader();
        tracker = engine.NewTracker();
        var sink = new Sink();
        foreach (var message in messages)
            tracker.Observe(reader.Read(new(log.Append(new("chat", "test", Encoding.UTF8.GetBytes(message.Text))), 0, 0, message)), sink);
        return sink.Found;
    }

    sealed class Sink : IFindingSink
    {
        internal List<Finding> Found { get; } = [];

        public void Add(Finding finding, ExhibitNumber exhibit) => Found.Add(finding);
    }
}
