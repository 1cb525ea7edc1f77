// Strided grams (detection-spec, section 4): with shortest length m, gram length B and stride s = m - B + 1, every occurrence contains,
// at exactly one of its first s offsets, a B-gram that starts at a multiple of s. Only those positions are probed.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Custos.Detection;

/// <summary>Finds literals of at least five bytes by probing every s-th position.</summary>
sealed class StridedGrams
{
    // Fibonacci hashing: 2^64 over the golden ratio.
    const ulong Multiplier = 0x9E3779B97F4A7C15;
    const ulong CaseBits = 0x2020202020202020;

    // Hits are gathered a block at a time, so that what is read twice is still in the first cache.
    const int Block = 1 << 14;

    readonly bool _caseless;
    readonly int _shortest;
    readonly int _stride;
    readonly int _gram;
    readonly ulong _gramMask;
    readonly ulong _prefixMask;
    readonly int _shift;

    // By hash of a gram: the offsets within a literal it may stand at, a bit each.
    readonly byte[] _offsets;

    // By 20 bits of the hash of the first bytes of a literal: whether any begins so.
    readonly ulong[] _prefixes;

    // Open addressing by prefix: the literals that begin so, as a range of _order.
    readonly ulong[] _keys;
    readonly (int Start, int End)[] _ranges;
    readonly int _keyShift;

    readonly int[] _order;
    readonly byte[][] _literals;

    // By place in _order: the literal's length, and where its eight-byte words begin in _words.
    readonly int[] _length;
    readonly int[] _wordAt;

    // The literal's bytes and, beside each word, which of their bits count: not the case of a letter, not what lies behind the end.
    readonly (ulong Bytes, ulong Counts)[] _words;

    internal StridedGrams(byte[][] terms, IReadOnlyList<int> members, bool caseless)
    {
        _caseless = caseless;
        _literals = terms;
        _shortest = members.Min(t => terms[t].Length);
        // Longer grams pass less; a wider stride looks less often. Under a thousand literals the wider stride wins.
        var gram = _shortest < 7 ? 4 : members.Count < 1_000 ? 4 : 5;
        _gram = gram;
        _stride = Math.Min(8, _shortest - gram + 1);
        _gramMask = ulong.MaxValue >> (64 - (8 * gram));
        _prefixMask = ulong.MaxValue >> (64 - (8 * Math.Min(8, _shortest)));
        var entries = members.Count * _stride;
        var bits = Math.Clamp(BitOperations.Log2((uint)entries) + 7, 13, 18);
        _shift = 64 - bits;
        _offsets = new byte[1 << bits];
        _prefixes = new ulong[(1 << 20) / 64];
        foreach (var term in members)
        {
            var padded = Padded(terms[term]);
            for (var offset = 0; offset < _stride; offset++)
                _offsets[GramHash(Load(padded, offset))] |= (byte)(1 << offset);
            var prefix = PrefixHash(Fold(Load(padded, 0)) & _prefixMask);
            _prefixes[prefix >> 6] |= 1UL << (int)(prefix & 63);
        }

        _order = [.. members.OrderBy(t => Fold(Load(Padded(terms[t]), 0)) & _prefixMask).ThenBy(t => t)];
        _length = new int[_order.Length];
        _wordAt = new int[_order.Length];
        var words = new List<(ulong, ulong)>();
        for (var i = 0; i < _order.Length; i++)
        {
            var term = terms[_order[i]];
            _length[i] = term.Length;
            _wordAt[i] = words.Count;
            for (var at = 0; at < term.Length; at += 8)
                words.Add(Word(term, at));
        }

        _words = [.. words];
        var capacity = BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, members.Count * 2));
        _keyShift = 64 - BitOperations.Log2(capacity);
        _keys = new ulong[capacity];
        _ranges = new (int, int)[capacity];
        for (var i = 0; i < _order.Length;)
        {
            var key = Fold(Load(Padded(terms[_order[i]]), 0)) & _prefixMask;
            var end = i + 1;
            while (end < _order.Length && (Fold(Load(Padded(terms[_order[end]]), 0)) & _prefixMask) == key)
                end++;
            var slot = KeySlot(key);
            while (_ranges[slot].End > 0)
                slot = (slot + 1) & (_keys.Length - 1);
            (_keys[slot], _ranges[slot]) = (key, (i, end));
            i = end;
        }

        var full = 0;
        foreach (var offsets in _offsets)
            full += offsets != 0 ? 1 : 0;
        IsDense = full > _offsets.Length / 8;
    }

    /// <summary>True if the probe would let more than one position in eight through: an automaton is faster then.</summary>
    internal bool IsDense { get; }

    (ulong Bytes, ulong Counts) Word(byte[] term, int at)
    {
        ulong bytes = 0, counts = 0;
        for (var i = 0; i < 8 && at + i < term.Length; i++)
        {
            var b = term[at + i];
            var isLetter = (b | 0x20) is >= 'a' and <= 'z';
            bytes |= (ulong)b << (8 * i);
            counts |= (_caseless && isLetter ? 0xDFUL : 0xFFUL) << (8 * i);
        }

        return (bytes, counts);
    }

    static byte[] Padded(byte[] term)
    {
        var padded = new byte[term.Length + 8];
        term.CopyTo(padded, 0);
        return padded;
    }

    static ulong Load(byte[] bytes, int at) => MemoryMarshal.Read<ulong>(bytes.AsSpan(at));

    ulong Fold(ulong bytes) => _caseless ? bytes | CaseBits : bytes;

    int GramHash(ulong bytes) => (int)(unchecked((Fold(bytes) & _gramMask) * Multiplier) >> _shift);

    static uint PrefixHash(ulong prefix) => (uint)(unchecked(prefix * Multiplier) >> 44);

    int KeySlot(ulong prefix) => (int)(unchecked(prefix * Multiplier) >> _keyShift);

    /// <summary>Adds every occurrence, ascending by start, then literal.</summary>
    internal void Find(ReadOnlySpan<byte> text, ref HitBuffer hits)
    {
        if (text.Length < _shortest)
            return;
        var floor = hits.Taken;
        // The last probes would load past the end: the tail is read from a copy with room behind it.
        var safe = text.Length - 8;
        var start = 0;
        if (safe >= 0)
        {
            for (; start <= safe; start += Block / _stride * _stride)
                FindBlock(text, start, Math.Min(safe + 1, start + (Block / _stride * _stride)), floor, ref hits);
            start = (safe / _stride * _stride) + _stride;
        }

        Tail(text, start, floor, ref hits);
    }

    /// <summary>The same for a text that lies in a buffer with <see cref="Padding"/> bytes of any value behind it: no position needs care then.</summary>
    internal void FindPadded(ReadOnlySpan<byte> padded, ref HitBuffer hits)
    {
        var length = padded.Length - Padding;
        if (length >= _shortest)
            FindBlock(padded[..length], 0, length - _gram + 1, hits.Taken, ref hits);
    }

    // A load of eight bytes begins at the latest where a gram of four still fits.
    internal const int Padding = 8;

    // Positions looked at before what passed is examined: enough to fill the pipeline, few enough for the stack.
    const int Batch = 128;

    [SkipLocalsInit]
    unsafe void FindBlock(ReadOnlySpan<byte> text, int from, int to, int floor, ref HitBuffer hits)
    {
        var passed = stackalloc ulong[Batch + 4];
        // A literal may stand at each of the offsets of every position that passed.
        var starts = stackalloc int[(Batch * 8) + 8];
        var begun = hits.Taken;
        fixed (byte* data = text)
        {
            while (from < to)
            {
                var end = Math.Min(to, from + (Batch * _stride));
                var count = Probe(data, from, end, passed);
                if (count > 0)
                {
                    count = Sift(data, passed, count, starts);
                    for (var i = 0; i < count; i++)
                        Compare(text, starts[i], Fold(*(ulong*)(data + starts[i])) & _prefixMask, ref hits);
                }

                from += (end - from + _stride - 1) / _stride * _stride;
            }
        }

        if (hits.Taken > begun)
            hits.SortFrom(begun, floor);
    }

    // Writes without a branch: a position that passes moves the end of the list, one that does not is overwritten.
    unsafe int Probe(byte* text, int from, int end, ulong* passed)
    {
        unchecked
        {
            fixed (byte* table = _offsets)
            {
                var stride = _stride;
                var mask = _gramMask;
                var fold = _caseless ? CaseBits : 0;
                var shift = _shift;
                nint count = 0;
                var at = from;
                for (; at + (3 * stride) < end; at += 4 * stride)
                {
                    uint a = table[(((*(ulong*)(text + at) | fold) & mask) * Multiplier) >> shift];
                    uint b = table[(((*(ulong*)(text + at + stride) | fold) & mask) * Multiplier) >> shift];
                    uint c = table[(((*(ulong*)(text + at + (2 * stride)) | fold) & mask) * Multiplier) >> shift];
                    uint d = table[(((*(ulong*)(text + at + (3 * stride)) | fold) & mask) * Multiplier) >> shift];
                    passed[count] = ((ulong)(uint)at << 8) | a;
                    count += (nint)((0 - a) >> 31);
                    passed[count] = ((ulong)(uint)(at + stride) << 8) | b;
                    count += (nint)((0 - b) >> 31);
                    passed[count] = ((ulong)(uint)(at + (2 * stride)) << 8) | c;
                    count += (nint)((0 - c) >> 31);
                    passed[count] = ((ulong)(uint)(at + (3 * stride)) << 8) | d;
                    count += (nint)((0 - d) >> 31);
                }

                for (; at < end; at += stride)
                {
                    uint a = table[(((*(ulong*)(text + at) | fold) & mask) * Multiplier) >> shift];
                    passed[count] = ((ulong)(uint)at << 8) | a;
                    count += (nint)((0 - a) >> 31);
                }

                return (int)count;
            }
        }
    }

    // The prefix map, again without a branch but for positions with more than one offset.
    unsafe int Sift(byte* text, ulong* passed, int count, int* starts)
    {
        unchecked
        {
            fixed (ulong* map = _prefixes)
            {
                var mask = _prefixMask;
                var fold = _caseless ? CaseBits : 0;
                nint kept = 0;
                for (var i = 0; i < count; i++)
                {
                    var at = (int)(passed[i] >> 8);
                    var offsets = (uint)passed[i] & 0xFF;
                    do
                    {
                        var start = at - BitOperations.TrailingZeroCount(offsets);
                        offsets &= offsets - 1;
                        // Before the beginning there is nothing: such a start is read at 0 and not kept.
                        var inside = 1 + (start >> 31);
                        start &= ~(start >> 31);
                        var hash = (((*(ulong*)(text + start) | fold) & mask) * Multiplier) >> 44;
                        starts[kept] = start;
                        kept += (nint)(map[hash >> 6] >> (int)(hash & 63)) & inside;
                    }
                    while (offsets != 0);
                }

                return (int)kept;
            }
        }
    }

    void Compare(ReadOnlySpan<byte> text, int start, ulong prefix, ref HitBuffer hits)
    {
        var slot = KeySlot(prefix);
        while (_ranges[slot].End > 0 && _keys[slot] != prefix)
            slot = (slot + 1) & (_keys.Length - 1);
        var (from, to) = _ranges[slot];
        for (var i = from; i < to; i++)
        {
            if (_length[i] <= text.Length - start && Same(text, start, i))
                hits.Add(start, _order[i]);
        }
    }

    bool Same(ReadOnlySpan<byte> text, int start, int place)
    {
        var length = _length[place];
        var word = _wordAt[place];
        if (start + ((length + 7) & ~7) > text.Length)
            return SameAtEnd(text.Slice(start, length), _literals[_order[place]]);
        ref var said = ref Unsafe.Add(ref MemoryMarshal.GetReference(text), start);
        for (var at = 0; at < length; at += 8, word++)
        {
            var (bytes, counts) = _words[word];
            if (((Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref said, at)) ^ bytes) & counts) != 0)
                return false;
        }

        return true;
    }

    bool SameAtEnd(ReadOnlySpan<byte> said, ReadOnlySpan<byte> literal)
    {
        if (!_caseless)
            return said.SequenceEqual(literal);
        for (var i = 0; i < literal.Length; i++)
        {
            var (a, b) = (said[i], literal[i]);
            if (a != b && ((a | 0x20) != (b | 0x20) || (a | 0x20) is < 'a' or > 'z'))
                return false;
        }

        return true;
    }

    // The last seven positions: a load there would read past the end, so the last eight bytes are read and shifted.
    unsafe void Tail(ReadOnlySpan<byte> text, int from, int floor, ref HitBuffer hits)
    {
        var begun = hits.Taken;
        fixed (byte* data = text)
        {
            // A probe that matters has a whole literal around it.
            var last = text.Length - _gram;
            for (var at = from; at <= last; at += _stride)
            {
                uint offsets = _offsets[GramHash(LoadAt(data, text.Length, at))];
                while (offsets != 0)
                {
                    var start = at - BitOperations.TrailingZeroCount(offsets);
                    offsets &= offsets - 1;
                    if (start < 0 || text.Length - start < _shortest)
                        continue;
                    var prefix = Fold(LoadAt(data, text.Length, start)) & _prefixMask;
                    var hash = PrefixHash(prefix);
                    if ((_prefixes[hash >> 6] & (1UL << (int)(hash & 63))) != 0)
                        Compare(text, start, prefix, ref hits);
                }
            }
        }

        if (hits.Taken > begun)
            hits.SortFrom(begun, floor);
    }

    static unsafe ulong LoadAt(byte* text, int length, int at)
    {
        if (at <= length - 8)
            return *(ulong*)(text + at);
        if (length >= 8)
            return *(ulong*)(text + length - 8) >> (8 * (at - (length - 8)));
        ulong bytes = 0;
        for (var i = length - 1; i >= at; i--)
            bytes = (bytes << 8) | text[i];
        return bytes;
    }
}
