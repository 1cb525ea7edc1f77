namespace Custos.Detection;

/// <summary>Where a literal was found.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Term">The literal's place in the list the matcher was built from.</param>
public readonly record struct LiteralHit(int Start, int Term);

/// <summary>What one search found: reused, so that searching allocates nothing once it has grown.</summary>
public struct HitBuffer
{
    // start << 32 | term, so that sorting numbers sorts hits.
    internal ulong[]? Keys;
    internal int Taken;

    /// <summary>How many hits.</summary>
    public readonly int Count => Taken;

    /// <summary>One hit, in order of start, then term.</summary>
    public readonly LiteralHit this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Taken);
            var key = Keys![index];
            return new((int)(key >> 32), (int)(key & uint.MaxValue));
        }
    }

    internal void Clear() => Taken = 0;

    internal void Add(int start, int term)
    {
        if (Keys is null || Taken == Keys.Length)
            Array.Resize(ref Keys, Keys is null ? 64 : Taken * 2);
        Keys[Taken++] = ((ulong)(uint)start << 32) | (uint)term;
    }

    internal readonly void Sort()
    {
        if (Taken < 2)
            return;
        if (Taken <= 16)
        {
            for (var i = 1; i < Taken; i++)
            {
                var key = Keys![i];
                var j = i - 1;
                for (; j >= 0 && Keys[j] > key; j--)
                    Keys[j + 1] = Keys[j];
                Keys[j + 1] = key;
            }
        }
        else
        {
            Keys.AsSpan(0, Taken).Sort();
        }
    }
}

/// <summary>Finds every occurrence of many literals, overlaps included. Immutable; any number of threads may search at once.</summary>
public sealed class LiteralMatcher
{
    readonly AhoCorasick _automaton;

    LiteralMatcher(AhoCorasick automaton) => _automaton = automaton;

    /// <summary>Builds a matcher.</summary>
    /// <param name="terms">Non-empty literals; equal ones are each reported.</param>
    /// <exception cref="ArgumentException">A literal is empty.</exception>
    public static LiteralMatcher Build(IReadOnlyList<byte[]> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        for (var i = 0; i < terms.Count; i++)
        {
            if (terms[i].Length == 0)
                throw new ArgumentException($"Literal {i} is empty: it would be everywhere.", nameof(terms));
        }

        return new(new AhoCorasick(terms));
    }

    /// <summary>Bytes of a literal.</summary>
    internal int LengthOf(int term) => _automaton.LengthOf(term);

    /// <summary>Searches.</summary>
    /// <param name="text">What is searched.</param>
    /// <param name="hits">Replaced by what was found, in order of start, then term.</param>
    public void Find(ReadOnlySpan<byte> text, ref HitBuffer hits)
    {
        hits.Clear();
        _automaton.Find(text, ref hits);
        hits.Sort();
    }
}
