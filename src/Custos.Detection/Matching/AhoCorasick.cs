// Aho and Corasick, "Efficient String Matching: An Aid to Bibliographic Search", CACM 18 (1975), 333-340:
// the deterministic form, over classes of bytes so that the table of a large pack stays in the cache.
namespace Custos.Detection;

sealed class AhoCorasick
{
    readonly byte[] _classOf = new byte[256];
    readonly int _width;

    // Row offset of the next state; the sign bit says that the state or one of its suffixes is a literal.
    int[] _next;

    // By state: the first literal that ends here (-1 none), and the nearest suffix at which one ends (-1 none).
    int[] _ends;
    readonly int[] _suffix;

    // By literal: the next one with the same bytes (-1 none).
    readonly int[] _same;
    readonly int[] _lengths;

    /// <param name="terms">All literals.</param>
    /// <param name="members">Those this automaton finds.</param>
    /// <param name="caseless">True if ASCII letters match in either case.</param>
    internal AhoCorasick(byte[][] terms, IReadOnlyList<int> members, bool caseless)
    {
        var used = 1;
        foreach (var member in members)
        {
            foreach (var raw in terms[member])
            {
                var b = Fold(raw, caseless);
                if (_classOf[b] == 0 && used < 256)
                    _classOf[b] = (byte)used++;
            }
        }

        // Class 0 is every byte of no literal; where literals use all 256, the last of them has it for itself.
        for (var upper = 'A'; caseless && upper <= 'Z'; upper++)
            _classOf[upper] = _classOf[upper | 0x20];
        _width = used;
        _lengths = new int[terms.Length];
        _same = new int[terms.Length];
        var states = 1;
        // Counted beforehand: a table that doubles as it grows takes three times its size while it is made.
        var all = CountStates(terms, members, caseless);
        _next = new int[checked(_width * all)];
        _ends = new int[all];
        _ends[0] = -1;
        foreach (var t in members)
        {
            var state = 0;
            foreach (var b in terms[t])
            {
                var slot = (state * _width) + _classOf[Fold(b, caseless)];
                if (_next[slot] == 0)
                {
                    _ends[states] = -1;
                    _next[slot] = states++;
                }

                state = _next[slot];
            }

            _lengths[t] = terms[t].Length;
            _same[t] = _ends[state];
            _ends[state] = t;
        }

        _suffix = new int[states];
        Link();
    }

    // A state a distinct beginning: in sorted order, what each literal adds is what it does not share with the one before.
    static int CountStates(byte[][] terms, IReadOnlyList<int> members, bool caseless)
    {
        var sorted = members.Select(t => caseless ? [.. terms[t].Select(b => Fold(b, caseless))] : terms[t]).ToArray();
        Array.Sort(sorted, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        var states = 1;
        ReadOnlySpan<byte> before = [];
        foreach (var term in sorted)
        {
            states += term.Length - before.CommonPrefixLength(term);
            before = term;
        }

        return states;
    }

    static byte Fold(byte b, bool caseless) => caseless && b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;

    void Link()
    {
        var failure = new int[_ends.Length];
        var queue = new int[_ends.Length];
        int head = 0, tail = 0;
        Array.Fill(_suffix, -1);
        for (var c = 0; c < _width; c++)
        {
            if (_next[c] != 0)
                queue[tail++] = _next[c];
        }

        while (head < tail)
        {
            var state = queue[head++];
            var fail = failure[state];
            _suffix[state] = _ends[fail] >= 0 ? fail : _suffix[fail];
            var row = _next.AsSpan(state * _width, _width);
            var through = _next.AsSpan(fail * _width, _width);
            for (var c = 0; c < row.Length; c++)
            {
                if (row[c] == 0)
                {
                    row[c] = through[c];
                }
                else
                {
                    failure[row[c]] = through[c];
                    queue[tail++] = row[c];
                }
            }
        }

        for (var i = 0; i < _next.Length; i++)
        {
            var state = _next[i];
            var hit = _ends[state] >= 0 || _suffix[state] >= 0;
            _next[i] = (state * _width) | (hit ? int.MinValue : 0);
        }
    }

    internal void Find(ReadOnlySpan<byte> text, ref HitBuffer hits)
    {
        var next = _next;
        var classOf = _classOf;
        var row = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var step = next[row + classOf[text[i]]];
            row = step & int.MaxValue;
            if (step < 0)
                Report(row / _width, i, ref hits);
        }
    }

    void Report(int state, int at, ref HitBuffer hits)
    {
        for (; state >= 0; state = _suffix[state])
        {
            for (var term = _ends[state]; term >= 0; term = _same[term])
                hits.Add(at + 1 - _lengths[term], term);
        }
    }
}
