using System.Globalization;
using Custos.Detection;
using Custos.Vocabulary;

namespace Custos.Pipeline;

/// <summary>The detection engine of an operation.</summary>
sealed class EngineDetection(DetectionEngine engine, PipelineOptions options) : IDetection
{
    // The threshold decides what is an alert, so rows of two thresholds are rows of two versions.
    public DerivedFrom From { get; } = new(
        engine.Engine, engine.PackHash, string.Create(CultureInfo.InvariantCulture, $"{engine.Model.Hash} threshold {engine.ThresholdMillionths}"), "", DerivedFrom.ThisDerivation);

    public IDetectionReader NewReader() => new Reader(engine.NewReader());

    public IDetectionTracker NewTracker() => new Tracker(engine.NewTracker(new PackedConversationStore(), options.ConversationMemory));

    sealed class Reader(MessageReader reader) : IDetectionReader
    {
        public object Read(in RecordedMessage message) => reader.Read(message);
    }

    sealed class Tracker(ConversationTracker tracker) : IDetectionTracker
    {
        public void Observe(object reading, IFindingSink sink) => tracker.Observe((MessageReading)reading, sink);

        public void ObserveGap(VenueId venue) => tracker.ObserveGap(venue, null);

        public ConductRecord? Conduct(PairKey pair) => tracker.Conduct(pair);

        public IReadOnlyList<RiskFact> RiskFacts(PairKey pair) => tracker.RiskFacts(pair);
    }
}
