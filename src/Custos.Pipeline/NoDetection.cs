using Custos.Detection;

namespace Custos.Pipeline;

/// <summary>Recording, decoding and search without detection.</summary>
sealed class NoDetection : IDetection, IDetectionReader, IDetectionTracker
{
    static readonly object Nothing = new();

    public DerivedFrom From { get; } = new("none", "", "", "", DerivedFrom.ThisDerivation);

    public IDetectionReader NewReader() => this;

    public IDetectionTracker NewTracker() => this;

    public object Read(in RecordedMessage message) => Nothing;

    public void Observe(object reading, IFindingSink sink)
    {
    }

    public ConductRecord? Conduct(PairKey pair) => null;

    public IReadOnlyList<RiskFact> RiskFacts(PairKey pair) => [];
}
