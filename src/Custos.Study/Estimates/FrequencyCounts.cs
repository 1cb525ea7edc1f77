namespace Custos.Study;

/// <summary>How many persons were seen once, twice, three times, ...</summary>
public sealed class FrequencyCounts
{
    readonly SortedDictionary<int, long> _counts;

    /// <summary>Takes pairs of (times seen, number of persons seen that often).</summary>
    /// <exception cref="ArgumentException">A pair is not positive, or a number of times stands twice.</exception>
    public FrequencyCounts(IEnumerable<(int Times, long Persons)> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        _counts = [];
        foreach (var (times, persons) in counts)
        {
            if (times < 1 || persons < 0 || !_counts.TryAdd(times, persons))
                throw new ArgumentException("Each number of times is at least 1 and stands once; no number of persons is below 0.", nameof(counts));
        }
    }

    /// <summary>Persons seen this often.</summary>
    public long this[int times] => _counts.GetValueOrDefault(times);

    /// <summary>Persons seen at all: S.</summary>
    public long Observed => _counts.Values.Sum();

    /// <summary>Observations: n.</summary>
    public long Observations => _counts.Sum(pair => pair.Key * pair.Value);

    /// <summary>Pairs of (times, persons), ascending, none empty.</summary>
    public IEnumerable<(int Times, long Persons)> Pairs => _counts.Where(pair => pair.Value > 0).Select(pair => (pair.Key, pair.Value));
}

/// <summary>The forms of Chao's lower bound; they differ in the first digits.</summary>
public enum Chao1Form
{
    /// <summary>S + f1(f1-1)/(2(f2+1)).</summary>
    BiasCorrected,

    /// <summary>S + f1²/(2 f2).</summary>
    Classic,

    /// <summary>S + ((n-1)/n) f1²/(2 f2).</summary>
    ClassicFinite,
}
