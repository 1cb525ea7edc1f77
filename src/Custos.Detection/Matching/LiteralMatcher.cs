using System.Runtime.CompilerServices;

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
    ulong[]? _scratch;

    /// <summary>How many hits.</summary>
    public readonly int Count => Taken;

    /// <summary>One hit, in order of start, then term.</summary>
    public readonly LiteralHit this[int index]
    {
        get
        {
            if (index < 0 || index >= Taken)
                throw new ArgumentOutOfRangeException(nameof(index));
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

    /// <summary>Sorts what came from <paramref name="begun"/> on into what is sorted between <paramref name="floor"/> and there; meant for what is nearly in order.</summary>
    internal readonly void SortFrom(int begun, int floor = 0)
    {
        var keys = Keys!;
        for (var i = Math.Max(floor + 1, begun); i < Taken; i++)
        {
            var key = keys[i];
            var j = i - 1;
            for (; j >= floor && keys[j] > key; j--)
                keys[j + 1] = keys[j];
            keys[j + 1] = key;
        }
    }

    internal readonly void Sort(int begun)
    {
        if (Taken - begun > 16)
            Keys.AsSpan(begun, Taken - begun).Sort();
        else if (Taken - begun > 1)
            SortFrom(begun);
    }

    /// <summary>Merges two sorted stretches, the second from <paramref name="middle"/> on.</summary>
    internal void Merge(int middle)
    {
        if (middle == 0 || middle == Taken || Keys![middle - 1] <= Keys[middle])
            return;
        if (_scratch is null || _scratch.Length < middle)
            _scratch = new ulong[Math.Max(Keys.Length, middle)];
        Array.Copy(Keys, _scratch, middle);
        int a = 0, b = middle, to = 0;
        while (a < middle && b < Taken)
            Keys[to++] = _scratch[a] <= Keys[b] ? _scratch[a++] : Keys[b++];
        Array.Copy(_scratch, a, Keys, to, middle - a);
    }
}

/// <summary>Finds every occurrence of many literals, overlaps included. Immutable; any number of threads may search at once.</summary>
/// <remarks>Literals of five bytes and more go to strided grams, in two groups by length; shorter ones, and a group too dense for that, to an automaton. All tiers report the same hits.</remarks>
public sealed class LiteralMatcher
{
    // Of a page's order: long enough for nearly every message, and small on the stack.
    const int MostCopied = 1_024;

    readonly AhoCorasick? _automaton;
    readonly StridedGrams[] _grams;

    LiteralMatcher(AhoCorasick? automaton, StridedGrams[] grams)
    {
        _automaton = automaton;
        _grams = grams;
    }

    /// <summary>Builds a matcher.</summary>
    /// <param name="terms">Non-empty literals; equal ones are each reported.</param>
    /// <param name="caseless">True if ASCII letters match in either case.</param>
    /// <exception cref="ArgumentException">A literal is empty.</exception>
    public static LiteralMatcher Build(IReadOnlyList<byte[]> terms, bool caseless = false) => Build(terms, caseless, MatcherTiers.All);

    internal static LiteralMatcher Build(IReadOnlyList<byte[]> terms, bool caseless, MatcherTiers tiers)
    {
        ArgumentNullException.ThrowIfNull(terms);
        for (var i = 0; i < terms.Count; i++)
        {
            if (terms[i].Length == 0)
                throw new ArgumentException($"Literal {i} is empty: it would be everywhere.", nameof(terms));
        }

        byte[][] literals = [.. terms];
        List<int> automaton = [], middle = [], large = [];
        for (var i = 0; i < literals.Length; i++)
        {
            var group = tiers == MatcherTiers.Automaton || literals[i].Length < 5 ? automaton : literals[i].Length < 7 ? middle : large;
            group.Add(i);
        }

        var grams = new List<StridedGrams>();
        // A handful of shorter literals does not earn a pass of its own.
        foreach (var group in middle.Count > 0 && large.Count > 0 && (middle.Count < 8 || large.Count < 8) ? [[.. middle, .. large]] : new[] { middle, large })
        {
            if (group.Count == 0)
                continue;
            group.Sort();
            var made = new StridedGrams(literals, group, caseless);
            if (made.IsDense && tiers != MatcherTiers.Grams)
                automaton.AddRange(group);
            else
                grams.Add(made);
        }

        automaton.Sort();
        return new(automaton.Count == 0 ? null : new AhoCorasick(literals, automaton, caseless), [.. grams]);
    }

    /// <summary>Searches.</summary>
    /// <param name="text">What is searched.</param>
    /// <param name="hits">Replaced by what was found, in order of start, then term.</param>
    public void Find(ReadOnlySpan<byte> text, ref HitBuffer hits)
    {
        hits.Clear();
        if (_automaton is { } automaton)
        {
            automaton.Find(text, ref hits);
            hits.Sort(0);
        }

        if (text.Length <= MostCopied && _grams.Length > 0)
        {
            FindCopied(text, ref hits);
            return;
        }

        foreach (var grams in _grams)
        {
            var middle = hits.Taken;
            grams.Find(text, ref hits);
            hits.Merge(middle);
        }
    }

    // A message: copying it once, with room behind it, costs less than reading its last bytes with care in every group.
    [SkipLocalsInit]
    void FindCopied(ReadOnlySpan<byte> text, ref HitBuffer hits)
    {
        Span<byte> room = stackalloc byte[MostCopied + StridedGrams.Padding];
        var padded = room[..(text.Length + StridedGrams.Padding)];
        text.CopyTo(padded);
        padded[text.Length..].Clear();
        foreach (var grams in _grams)
        {
            var middle = hits.Taken;
            grams.FindPadded(padded, ref hits);
            hits.Merge(middle);
        }
    }
}

/// <summary>Which engines a matcher may use; for tests that hold one against the other.</summary>
enum MatcherTiers
{
    All,
    Automaton,
    Grams,
}
