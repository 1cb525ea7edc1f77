using Custos.Detection;
using Custos.Vocabulary;

namespace Custos.Pipeline;

/// <summary>A detection engine as the pipeline drives it: a half that runs anywhere, and a half that runs in order.</summary>
interface IDetection
{
    DerivedFrom From { get; }

    /// <summary>A reader for one thread.</summary>
    IDetectionReader NewReader();

    /// <summary>A tracker that has seen nothing.</summary>
    IDetectionTracker NewTracker();
}

/// <summary>The stateless half.</summary>
interface IDetectionReader
{
    object Read(in RecordedMessage message);
}

/// <summary>The half that keeps state: in the order of the log.</summary>
interface IDetectionTracker
{
    void Observe(object reading, IFindingSink sink);

    void ObserveGap(VenueId venue);

    ConductRecord? Conduct(PairKey pair);

    IReadOnlyList<RiskFact> RiskFacts(PairKey pair);
}
