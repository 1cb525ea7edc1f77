namespace Custos.Detection;

/// <summary>Words of the vocabulary by how they begin, end and how long they are: what may stand behind signs in place of letters.</summary>
/// <remarks>A word keeps its first and its last letter. Letters are compared by class (<see cref="NormalizedText.ClassOf"/>).</remarks>
sealed class HiddenWords
{
    /// <summary>Letters of a word at most; longer ones are not looked for behind signs.</summary>
    internal const int Longest = 48;

    readonly Dictionary<int, (byte[] Letters, int Number)[]> _words;

    /// <param name="terms">The literals.</param>
    /// <param name="matcher">What numbers their words.</param>
    internal HiddenWords(IEnumerable<FoldedTerm> terms, PhraseMatcher matcher)
    {
        var words = new Dictionary<string, (byte[] Letters, int Number)>(StringComparer.Ordinal);
        Span<byte> letters = stackalloc byte[Longest];
        foreach (var term in terms)
        {
            for (var start = 1; start < term.Bytes.Length;)
            {
                var end = Array.IndexOf(term.Bytes, (byte)' ', start);
                var length = Spread(term.Bytes.AsSpan(start, end - start), term.Run.AsSpan(start, end - start), letters);
                if (length >= 3)
                    words.TryAdd(System.Text.Encoding.Latin1.GetString(letters[..length]), (letters[..length].ToArray(), matcher.NumberOf(term.Bytes.AsSpan(start, end - start))));
                start = end + 1;
            }
        }

        _words = words.OrderBy(w => w.Key, StringComparer.Ordinal).GroupBy(w => Key(w.Value.Letters)).ToDictionary(group => group.Key, group => group.Select(w => w.Value).ToArray());
    }

    static int Key(ReadOnlySpan<byte> letters) => Key(letters, letters.Length);

    static int Key(ReadOnlySpan<byte> letters, int length) => (length << 16) | (letters[0] << 8) | letters[^1];

    /// <summary>Writes runs out: each byte as often as it stands.</summary>
    /// <returns>How many bytes; -1 if they are more than <see cref="Longest"/>.</returns>
    internal static int Spread(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> runs, Span<byte> into)
    {
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (length + runs[i] > Longest)
                return -1;
            into.Slice(length, runs[i]).Fill(bytes[i]);
            length += runs[i];
        }

        return length;
    }

    /// <summary>True if each sign stands for one letter.</summary>
    internal static bool Matches(ReadOnlySpan<byte> said, ReadOnlySpan<byte> meant)
    {
        if (said.Length != meant.Length)
            return false;
        for (var i = 0; i < said.Length; i++)
        {
            if (said[i] != meant[i] && said[i] != NormalizedText.MaskByte)
                return false;
        }

        return true;
    }

    /// <summary>True if the signs only part the letters.</summary>
    internal static bool MatchesWithout(ReadOnlySpan<byte> said, ReadOnlySpan<byte> meant)
    {
        var at = 0;
        foreach (var b in said)
        {
            if (b == NormalizedText.MaskByte)
                continue;
            if (at == meant.Length || b != meant[at])
                return false;
            at++;
        }

        return at == meant.Length;
    }

    /// <summary>Finds the words of the vocabulary that may stand behind a masked one.</summary>
    /// <param name="said">The word with its signs, runs written out.</param>
    /// <param name="numbers">Replaced by their numbers, each once.</param>
    /// <returns>How many; as many as there is room for.</returns>
    internal int Find(ReadOnlySpan<byte> said, Span<int> numbers)
    {
        var count = 0;
        if (_words.TryGetValue(Key(said), out var whole))
        {
            foreach (var (letters, number) in whole)
            {
                if (count < numbers.Length && Matches(said, letters) && !numbers[..count].Contains(number))
                    numbers[count++] = number;
            }
        }

        if (_words.TryGetValue(Key(said, said.Length - said.Count(NormalizedText.MaskByte)), out var parted))
        {
            foreach (var (letters, number) in parted)
            {
                if (count < numbers.Length && MatchesWithout(said, letters) && !numbers[..count].Contains(number))
                    numbers[count++] = number;
            }
        }

        return count;
    }
}
