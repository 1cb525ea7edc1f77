// The model's part of detection-spec, section 7: C = max(0, C + s), and the highest C so far, aged as every other evidence is.
// The running maximum of C is the cumulative sum of E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954).
namespace Custos.Detection;

/// <summary>What the model holds of one account, of a pair or a place.</summary>
struct ModelEvidence
{
    internal const int Cap = 8_000;

    // What the table of weights reaches; C stops there.
    const int Most = 65_535;

    int _c;
    int _peak;
    int _today;
    bool _dated, _peaked;

    /// <summary>Adds what one message gives.</summary>
    /// <param name="s">Millibits.</param>
    /// <param name="day">The message's day; the latest known one of the key where it has none.</param>
    internal void Add(int s, int? day)
    {
        if (day is { } d)
        {
            if (!_dated)
            {
                // What came before any day was known takes the first that becomes known.
                _dated = true;
                _today = d;
                _peak += d;
            }
            else if (d > _today)
            {
                _today = d;
            }
        }

        _c = Math.Clamp(_c + s, 0, Most);
        if (_c == 0)
            return;
        var k = ScoreTables.L(_c) + (day ?? _today);
        if (_peaked && k <= _peak)
            return;
        _peak = k;
        _peaked = true;
    }

    internal readonly bool IsBlank => !_dated && !_peaked;

    internal readonly void Save(StateWriter to)
    {
        to.Byte((_dated ? 1 : 0) | (_peaked ? 2 : 0));
        if (IsBlank)
            return;
        to.Number(_c);
        to.Number(_peak);
        to.Number(_today);
    }

    internal static ModelEvidence Read(ref StateReader from)
    {
        var flags = from.Byte();
        return flags == 0 ? default : new() { _dated = (flags & 1) != 0, _peaked = (flags & 2) != 0, _c = from.Int(), _peak = from.Int(), _today = from.Int() };
    }

    /// <summary>The model's part of the evidence, in millibits.</summary>
    internal readonly int Part => _peaked ? Math.Min(Cap, ScoreTables.Aged(_peak - _today)) : 0;
}

/// <summary>One side of a pair, as the model sees it.</summary>
struct ModelSide
{
    internal ModelEvidence Evidence;

    // Of messages without an incriminating indicator only: a risky message may not change how later ones are read.
    internal int Clean, Questions;

    internal readonly void Save(StateWriter to)
    {
        Evidence.Save(to);
        to.Number(Clean);
        to.Number(Questions);
    }

    internal static ModelSide Read(ref StateReader from) => new() { Evidence = ModelEvidence.Read(ref from), Clean = from.Int(), Questions = from.Int() };
}

/// <summary>Two accounts of a thread; the second has no name until it speaks or is addressed.</summary>
sealed class ModelPair(ThreadState thread, string first) : KeptState
{
    internal readonly string A = first;
    internal string? B;
    internal ModelSide OfA, OfB;

    internal ref ModelSide Of(string author) => ref (author == A ? ref OfA : ref OfB);

    internal ref ModelSide Other(string author) => ref (author == A ? ref OfB : ref OfA);

    internal override ConversationStateKey Key => ThreadState.PairOf(A, B!) is var (one, another) ? ConversationStateKey.Of(StateKind.Model, thread.Venue.Name, thread.Name, one, another) : default;

    internal override bool IsBlank => false;

    internal override int Measure() => 280 + ((A.Length + (B?.Length ?? 0)) * 2);

    internal override void Forget(Dictionary<string, VenueState> venues) => thread.Models!.Remove(ThreadState.PairOf(A, B!));

    internal override void Save(StateWriter to)
    {
        to.Byte((int)StateKind.Model);
        SaveContent(to);
    }

    internal void SaveContent(StateWriter to)
    {
        to.Text(A);
        to.TextOrNull(B);
        OfA.Save(to);
        OfB.Save(to);
    }

    internal static ModelPair ReadContent(ThreadState thread, ref StateReader from) =>
        new(thread, from.Text()) { B = from.TextOrNull(), OfA = ModelSide.Read(ref from), OfB = ModelSide.Read(ref from) };
}

/// <summary>Told of the evidence of a key each time it is held against the threshold.</summary>
interface IScoreTrace
{
    /// <summary>Takes a score.</summary>
    /// <param name="thread">The thread; empty for a place.</param>
    /// <param name="account">Whose evidence.</param>
    /// <param name="counterpart">Towards whom; null for a place.</param>
    /// <param name="score">E in millibits; of a place, less its margin.</param>
    /// <param name="gate">True if the gate is open.</param>
    void Scored(string thread, string account, string? counterpart, int score, bool gate);
}
