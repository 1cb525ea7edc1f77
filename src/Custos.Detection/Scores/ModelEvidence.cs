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

    /// <summary>The model's part of the evidence, in millibits.</summary>
    internal readonly int Part => _peaked ? Math.Min(Cap, ScoreTables.Aged(_peak - _today)) : 0;
}

/// <summary>One side of a pair, as the model sees it.</summary>
struct ModelSide
{
    internal ModelEvidence Evidence;

    // Of messages without an incriminating indicator only: a risky message may not change how later ones are read.
    internal int Clean, Questions;
}

/// <summary>Two accounts of a thread; the second has no name until it speaks or is addressed.</summary>
sealed class ModelPair(Author first)
{
    internal readonly Author A = first;
    internal Author? B;
    internal ModelSide OfA, OfB;

    internal ref ModelSide Of(Author author) => ref (author == A ? ref OfA : ref OfB);

    internal ref ModelSide Other(Author author) => ref (author == A ? ref OfB : ref OfA);
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
