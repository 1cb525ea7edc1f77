using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Custos.Detection;

/// <summary>Finds phrases of whole words in text that is already cut into words: a table of words, and a trie over their numbers.</summary>
/// <remarks>
/// A pack's terms are whole words, tens of thousands of phrases over a few thousand words. An automaton over their bytes took 200 MB for six languages; this takes a few, and looks once at each word.
/// <see cref="LiteralMatcher"/> finds literals in any bytes, and is held against this one in tests.
/// </remarks>
sealed class PhraseMatcher
{
    const ulong Multiplier = 0x9E3779B97F4A7C15;

    // Words by hash, open addressing; 0 is empty, otherwise number + 1.
    readonly int[] _slots;
    readonly byte[] _letters;
    readonly (int Start, int Length)[] _words;

    // Edges of the trie by node and word, open addressing; key 0 is empty.
    readonly ulong[] _edges;
    readonly int[] _children;

    // By word: the node of phrases that begin with it; 0 if none do.
    readonly int[] _roots;

    // By node: the first phrase that ends there; -1 if none. By phrase: the next one with the same words.
    readonly int[] _ends;
    readonly int[] _same;

    /// <summary>By phrase: how many words it has.</summary>
    internal int[] WordCounts { get; }

    /// <param name="phrases">Words with one space before, between and after, as the channels write them.</param>
    internal PhraseMatcher(IReadOnlyList<byte[]> phrases)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var letters = new List<byte>();
        var words = new List<(int, int)>();
        var edges = new Dictionary<ulong, int>();
        var ends = new List<int> { -1 };
        _same = new int[phrases.Count];
        WordCounts = new int[phrases.Count];
        for (var p = 0; p < phrases.Count; p++)
        {
            var node = 0;
            foreach (var range in Cut(phrases[p]))
            {
                var word = phrases[p].AsSpan(range);
                // Latin-1 is one character a byte: a key, never shown.
                var key = System.Text.Encoding.Latin1.GetString(word);
                if (!numbers.TryGetValue(key, out var number))
                {
                    number = words.Count;
                    numbers.Add(key, number);
                    words.Add((letters.Count, word.Length));
                    letters.AddRange(word);
                }

                var edge = Edge(node, number);
                if (!edges.TryGetValue(edge, out var child))
                {
                    child = ends.Count;
                    ends.Add(-1);
                    edges.Add(edge, child);
                }

                node = child;
                WordCounts[p]++;
            }

            if (node == 0)
                throw new ArgumentException($"Phrase {p} holds no word.", nameof(phrases));
            _same[p] = ends[node];
            ends[node] = p;
        }

        _letters = [.. letters];
        _words = [.. words];
        _ends = [.. ends];
        _roots = new int[words.Count];
        _slots = new int[Capacity(words.Count)];
        for (var number = 0; number < words.Count; number++)
        {
            var (start, length) = _words[number];
            var slot = Slot(Hash(_letters.AsSpan(start, length)), _slots.Length);
            while (_slots[slot] != 0)
                slot = (slot + 1) & (_slots.Length - 1);
            _slots[slot] = number + 1;
        }

        var capacity = Capacity(edges.Count);
        _edges = new ulong[capacity];
        _children = new int[capacity];
        foreach (var (edge, child) in edges)
        {
            if (edge >> 32 == 1)
                _roots[(int)(edge & uint.MaxValue)] = child;
            var slot = Slot(edge, capacity);
            while (_edges[slot] != 0)
                slot = (slot + 1) & (capacity - 1);
            (_edges[slot], _children[slot]) = (edge, child);
        }
    }

    static IEnumerable<Range> Cut(byte[] phrase)
    {
        var start = -1;
        for (var i = 0; i <= phrase.Length; i++)
        {
            var isSpace = i == phrase.Length || phrase[i] == ' ';
            if (!isSpace && start < 0)
                start = i;
            if (isSpace && start >= 0)
            {
                yield return start..i;
                start = -1;
            }
        }
    }

    static int Capacity(int count) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, count * 2));

    // Nodes count from 1 here, so that no edge is 0.
    static ulong Edge(int node, int word) => ((ulong)(uint)(node + 1) << 32) | (uint)word;

    static int Slot(ulong hash, int capacity) => (int)(unchecked(hash * Multiplier) >> 40) & (capacity - 1);

    static ulong Hash(ReadOnlySpan<byte> word)
    {
        unchecked
        {
            var hash = (ulong)word.Length;
            ref var at = ref MemoryMarshal.GetReference(word);
            var i = 0;
            for (; i + 8 <= word.Length; i += 8)
                hash = (hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, i))) * Multiplier;
            ulong rest = 0;
            for (var shift = 0; i < word.Length; i++, shift += 8)
                rest |= (ulong)Unsafe.Add(ref at, i) << shift;
            hash = (hash ^ rest) * Multiplier;
            return hash ^ (hash >> 29);
        }
    }

    /// <summary>True if a phrase holds the word.</summary>
    internal bool Knows(ReadOnlySpan<byte> word) => NumberOf(word) >= 0;

    /// <summary>The number of a word; -1 if no phrase holds it.</summary>
    internal int NumberOf(ReadOnlySpan<byte> word)
    {
        var slot = Slot(Hash(word), _slots.Length);
        while (_slots[slot] != 0)
        {
            var number = _slots[slot] - 1;
            var (start, length) = _words[number];
            if (length == word.Length && word.SequenceEqual(_letters.AsSpan(start, length)))
                return number;
            slot = (slot + 1) & (_slots.Length - 1);
        }

        return -1;
    }

    int Child(int node, int word)
    {
        var edge = Edge(node, word);
        var slot = Slot(edge, _edges.Length);
        while (_edges[slot] != 0)
        {
            if (_edges[slot] == edge)
                return _children[slot];
            slot = (slot + 1) & (_edges.Length - 1);
        }

        return 0;
    }

    /// <summary>Searches.</summary>
    /// <param name="bytes">A channel.</param>
    /// <param name="words">Its words.</param>
    /// <param name="numbers">Room for one number a word; grows.</param>
    /// <param name="hits">Replaced by what was found: the first word and the phrase, in order of the word, then the phrase.</param>
    internal void Find(ReadOnlySpan<byte> bytes, ReadOnlySpan<Word> words, ref int[] numbers, ref HitBuffer hits)
    {
        hits.Clear();
        if (numbers.Length < words.Length)
            numbers = new int[Math.Max(words.Length, numbers.Length * 2)];
        for (var i = 0; i < words.Length; i++)
            numbers[i] = NumberOf(bytes[words[i].Start..words[i].End]);
        for (var i = 0; i < words.Length; i++)
        {
            if (numbers[i] < 0)
                continue;
            var node = _roots[numbers[i]];
            var begun = hits.Taken;
            for (var next = i + 1; node != 0; next++)
            {
                for (var phrase = _ends[node]; phrase >= 0; phrase = _same[phrase])
                    hits.Add(i, phrase);
                node = next < words.Length && numbers[next] >= 0 ? Child(node, numbers[next]) : 0;
            }

            if (hits.Taken > begun + 1)
                hits.SortFrom(begun, begun);
        }
    }

    // Words that may stand behind a masked one, at most, and steps of one message spent on them: a bound that only a message made of masks reaches.
    const int MostReadings = 32, MostSteps = 1 << 14;

    /// <summary>Searches where some words have signs in place of letters: each is read as every word it may be.</summary>
    /// <param name="text">The folded channel.</param>
    /// <param name="hidden">What words there are.</param>
    /// <param name="numbers">Room; grows.</param>
    /// <param name="hits">Replaced by what was found.</param>
    internal void FindMasked(NormalizedText text, HiddenWords hidden, ref int[] numbers, ref HitBuffer hits)
    {
        hits.Clear();
        var words = text.Words;
        // By word: its number, or -2 and below for where its readings stand behind the words; each list ends with -1.
        var used = words.Length;
        if (numbers.Length < words.Length)
            numbers = new int[words.Length * 2];
        Span<byte> said = stackalloc byte[HiddenWords.Longest];
        Span<int> found = stackalloc int[MostReadings];
        for (var i = 0; i < words.Length; i++)
        {
            var bytes = text.Plain[words[i].Start..words[i].End];
            if (!bytes.Contains(NormalizedText.MaskByte))
            {
                numbers[i] = NumberOf(bytes);
                continue;
            }

            var length = text.SpreadWord(words[i], said);
            var count = length < 0 ? 0 : hidden.Find(said[..length], found);
            numbers[i] = -1;
            if (count == 0)
                continue;
            if (numbers.Length < used + count + 1)
                Array.Resize(ref numbers, (used + count + 1) * 2);
            numbers[i] = -2 - used;
            found[..count].CopyTo(numbers.AsSpan(used));
            numbers[used + count] = -1;
            used += count + 1;
        }

        var steps = MostSteps;
        for (var i = 0; i < words.Length; i++)
        {
            var begun = hits.Taken;
            Walk(0, i, i, words.Length, numbers, ref hits, ref steps);
            if (hits.Taken > begun + 1)
                hits.Sort(begun);
        }
    }

    void Walk(int node, int at, int start, int count, int[] numbers, ref HitBuffer hits, ref int steps)
    {
        if (at == count || numbers[at] == -1)
            return;
        if (numbers[at] >= 0)
        {
            Enter(node == 0 ? _roots[numbers[at]] : Child(node, numbers[at]), at, start, count, numbers, ref hits, ref steps);
            return;
        }

        for (var reading = -2 - numbers[at]; numbers[reading] >= 0 && steps-- > 0; reading++)
            Enter(node == 0 ? _roots[numbers[reading]] : Child(node, numbers[reading]), at, start, count, numbers, ref hits, ref steps);
    }

    void Enter(int node, int at, int start, int count, int[] numbers, ref HitBuffer hits, ref int steps)
    {
        if (node == 0)
            return;
        for (var phrase = _ends[node]; phrase >= 0; phrase = _same[phrase])
            hits.Add(start, phrase);
        Walk(node, at + 1, start, count, numbers, ref hits, ref steps);
    }
}
