// SplitMix64: G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. The runtime's own generator may change between versions.
namespace Custos.Detection.Training;

/// <summary>Chance from a seed, the same on every machine and in every version.</summary>
sealed class Seeded(ulong seed)
{
    ulong _state = seed;

    internal ulong Next()
    {
        unchecked
        {
            return Mix(_state += 0x9E3779B97F4A7C15);
        }
    }

    /// <summary>A number from 0 up to but not including <paramref name="count"/>.</summary>
    internal int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>A number in [0, 1).</summary>
    internal double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [0, 1) that belongs to a text under a seed.</summary>
    internal static double ShareOf(ulong seed, string text)
    {
        unchecked
        {
            foreach (var c in text)
                seed = Mix((seed ^ c) * 0x9E3779B97F4A7C15);
            return (Mix(seed) >> 11) * (1.0 / (1UL << 53));
        }
    }

    static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    internal void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
