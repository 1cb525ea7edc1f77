// NFKC_Casefold (Unicode 15.0.0, UAX 44 section 5.7.5) with an exact way back to the code points of the original.
using System.Text;

namespace Custos.Detection;

/// <summary>One word of the plain channel.</summary>
struct Word
{
    /// <summary>First byte in the channel.</summary>
    internal int Start;

    /// <summary>After the last byte.</summary>
    internal int End;

    /// <summary>First code point of the original.</summary>
    internal int From;

    /// <summary>After the last code point it used.</summary>
    internal int To;

    /// <summary>Which sentence and which clause of the message.</summary>
    internal int Sentence, Clause;

    /// <summary>The number it writes; -1 if none, or if it is too long to be one.</summary>
    internal int Value;

    internal WordKind Kind;
}

/// <summary>The plain channel of a message: folded case and forms, one space between words, and the way back to the words as written.</summary>
/// <remarks>
/// Words are UTF-8 with one space before, between and after. Marks stay: <c>año</c> and <c>ano</c> are different words. Apostrophes inside words go.
/// Links, addresses, numbers of telephones, amounts, times and names are one byte each (0x01 to 0x0A), so that nothing in them is read as a word.
/// </remarks>
public sealed partial class NormalizedText
{
    // Bits of the class of an ASCII character.
    const byte Letter = 1, Digit = 2, Space = 4, Stop = 8, Ends = 16, Cuts = 32, Apostrophe = 64;

    static readonly byte[] Classes = MakeClasses();

    byte[] _bytes = new byte[256];
    int[] _from = new int[256];
    int[] _to = new int[256];
    Word[] _words = new Word[64];
    bool[] _questions = new bool[16];
    Atom[] _atoms = new Atom[8];
    int _atomCount;
    int _length, _wordCount, _sentence, _clause;

    // The word being written.
    int _wordStart, _wordFrom, _wordTo;
    bool _inWord, _hasLetter, _hasDigit;
    int _value;

    // What stood between the last word and here.
    bool _stopSpace, _ends, _asks, _cuts;
    int _stops;

    // Code points after mapping, with where each came from; only for text that is not ASCII.
    int[] _cps = new int[256];
    int[] _cpFrom = new int[256];
    int[] _cpTo = new int[256];

    bool _keepsApostrophes;
    string _text = "";
    Currencies _currencies = Currencies.Signs;

    internal NormalizedText()
    {
    }

    /// <summary>Reads a text.</summary>
    public static NormalizedText Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var normalized = new NormalizedText();
        normalized.Read(text, null, null, Currencies.Signs);
        return normalized;
    }

    /// <summary>The plain channel.</summary>
    public ReadOnlySpan<byte> Plain => _bytes.AsSpan(0, _length);

    internal ReadOnlySpan<Word> Words => _words.AsSpan(0, _wordCount);

    internal int SentenceCount => _sentence + 1;

    internal string Text => _text;

    internal bool IsQuestion(int sentence) => sentence < _questions.Length && _questions[sentence];

    /// <summary>True if a sentence of it is a question.</summary>
    internal bool Asks() => _questions.AsSpan(0, Math.Min(SentenceCount, _questions.Length)).Contains(true);

    /// <summary>True if it holds letters of two scripts.</summary>
    internal bool MixesScripts()
    {
        if (Ascii.IsValid(_text))
            return false;
        byte script = 0;
        foreach (var rune in _text.EnumerateRunes())
        {
            // 0: of no script, or of many.
            if (!UnicodeTables.IsLetter(UnicodeTables.Record(rune.Value)) || UnicodeTables.Script(rune.Value) is not (> 0 and var of))
                continue;
            if (script != 0 && of != script)
                return true;
            script = of;
        }

        return false;
    }

    /// <summary>The code points of the original that a stretch of the plain channel came from.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="length">Bytes; the spaces at either end stand for no code point.</param>
    /// <returns>From the first to the last code point used, invisible ones included.</returns>
    public (int Start, int Length) SourceSpan(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, _length);
        var end = start + length;
        while (start < end && _bytes[start] == ' ')
            start++;
        while (end > start && _bytes[end - 1] == ' ')
            end--;
        if (start == end)
            return (start < _length ? _from[start] : 0, 0);
        // Canonical order moves marks, so the last byte need not come from the last code point.
        var (first, last) = (_from[start], _to[start]);
        for (var i = start + 1; i < end; i++)
        {
            first = Math.Min(first, _from[i]);
            last = Math.Max(last, _to[i]);
        }

        return (first, last - first);
    }

    /// <summary>Notes the number a word writes out.</summary>
    internal void SetValue(int word, int value) => _words[word].Value = value;

    internal void Read(string text, string? own, string? addressed, Currencies currencies)
    {
        _text = text;
        _currencies = currencies;
        _atomCount = Atoms.Scan(text, own, addressed, currencies, ref _atoms);
        Begin();
        if (Ascii.IsValid(text))
            ReadAscii(text);
        else
            ReadUnicode(text);
        EndWord();
        if (_asks)
            MarkQuestion();
    }

    /// <summary>NFKC_Casefold and nothing else: what the words are cut from.</summary>
    internal static string CaseFold(string text)
    {
        var normalized = new NormalizedText { _keepsApostrophes = true };
        var count = normalized.Compose(normalized.Decompose(text));
        var folded = new StringBuilder(count);
        for (var i = 0; i < count; i++)
            folded.Append(char.ConvertFromUtf32(normalized._cps[i]));
        return folded.ToString();
    }

    void Begin()
    {
        _length = 0;
        _wordCount = 0;
        _sentence = 0;
        _clause = 0;
        _inWord = false;
        _questions.AsSpan().Clear();
        ClearGap();
        Room(_text.Length + 8);
        if (_folds)
            Mark((byte)' ', 1, FoldStep.None);
        _bytes[0] = (byte)' ';
        _from[0] = 0;
        _to[0] = 0;
        _length = 1;
    }

    void ReadAscii(string text)
    {
        var next = 0;
        var nextStart = _atomCount > 0 ? _atoms[0].Start : text.Length;
        Room((text.Length * 2) + 8);
        var (bytes, from, to) = (_bytes, _from, _to);
        ReadOnlySpan<byte> classes = Classes;
        var i = 0;
        while (i < text.Length)
        {
            if (i == nextStart)
            {
                var atom = _atoms[next++];
                nextStart = next < _atomCount ? _atoms[next].Start : text.Length;
                PutAtom(atom.Kind, i, atom.End);
                i = atom.End;
                continue;
            }

            var c = text[i];
            var kind = classes[c];
            if ((kind & (Letter | Digit)) == 0)
            {
                // An apostrophe inside a word goes: "don't" and "dont" are one word.
                if ((kind & Apostrophe) == 0 || !_inWord || !_hasLetter || i + 1 >= nextStart || (classes[text[i + 1]] & Letter) == 0)
                {
                    EndWord();
                    Between(kind, c);
                }

                i++;
                continue;
            }

            if (!_inWord)
                BeginWord(i);
            var length = _length;
            do
            {
                if ((kind & Letter) != 0)
                    _hasLetter = true;
                else
                    TakeDigit(c - '0');
                bytes[length] = (byte)((kind & Letter) != 0 ? c | 0x20 : c);
                from[length] = i;
                to[length] = ++i;
                length++;
                if (i >= nextStart)
                    break;
                c = text[i];
                kind = classes[c];
            }
            while ((kind & (Letter | Digit)) != 0);
            _length = length;
            _wordTo = i;
        }
    }

    void ReadUnicode(string text)
    {
        var count = Decompose(text);
        count = Compose(count);
        for (var i = 0; i < count; i++)
        {
            var c = _cps[i];
            if (c < 0)
            {
                PutAtom((WordKind)(-c), _cpFrom[i], _cpTo[i]);
                continue;
            }

            if (c < 0x80)
            {
                var kind = Classes[c];
                if ((kind & (Letter | Digit)) == 0)
                {
                    EndWord();
                    Between(kind, (char)c);
                    continue;
                }

                if (!_inWord)
                    BeginWord(_cpFrom[i]);
                if ((kind & Digit) != 0)
                    TakeDigit(c - '0');
                else
                    _hasLetter = true;
                Put(c, _cpFrom[i], _cpTo[i]);
                continue;
            }

            var record = UnicodeTables.Record(c);
            if (UnicodeTables.IsEmoji(record))
            {
                if (c is >= 0x1F3FB and <= 0x1F3FF && _wordCount > 0 && _words[_wordCount - 1].Kind == WordKind.Emoji && !_inWord)
                {
                    // A skin tone colours the emoji before it.
                    _words[_wordCount - 1].To = _cpTo[i];
                    continue;
                }

                EndWord();
                BeginWord(_cpFrom[i]);
                Put(c, _cpFrom[i], _cpTo[i]);
                EndWord(WordKind.Emoji);
            }
            else if (UnicodeTables.IsWord(record))
            {
                if (!_inWord)
                {
                    // A mark without a letter before it is no word.
                    if (UnicodeTables.IsMark(record))
                        continue;
                    BeginWord(_cpFrom[i]);
                }

                if (UnicodeTables.IsDigit(record))
                    TakeDigit(UnicodeTables.DigitValue(c));
                else
                    _hasLetter = true;
                Put(c, _cpFrom[i], _cpTo[i]);
            }
            else
            {
                EndWord();
                BetweenUnicode(c);
            }
        }
    }

    // Maps and decomposes; a dropped code point leaves nothing but a wider span for the word it stands in.
    int Decompose(string text)
    {
        var count = 0;
        var next = 0;
        var point = 0;
        Span<int> hangul = stackalloc int[3];
        for (var i = 0; i < text.Length; point++)
        {
            if (next < _atomCount && _atoms[next].Start == i)
            {
                var atom = _atoms[next++];
                var from = point;
                for (; i < atom.End; i++)
                {
                    if (!char.IsLowSurrogate(text[i]))
                        point++;
                }

                RoomCps(count + 1);
                (_cps[count], _cpFrom[count], _cpTo[count]) = (-(int)atom.Kind, from, point);
                count++;
                point--;
                continue;
            }

            int c = text[i];
            var width = 1;
            if (char.IsHighSurrogate((char)c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                c = char.ConvertToUtf32((char)c, text[i + 1]);
                width = 2;
            }

            if (!_keepsApostrophes && IsApostrophe(c) && i > 0 && i + width < text.Length && LetterAt(text, i - 1) && LetterAt(text, i + width)
                && (next >= _atomCount || _atoms[next].Start != i + width))
            {
                i += width;
                continue;
            }

            i += width;
            RoomCps(count + 4);
            var record = UnicodeTables.Record(c);
            if (UnicodeTables.IsHangulSyllable(c))
            {
                var n = UnicodeTables.DecomposeHangul(c, hangul);
                for (var h = 0; h < n; h++, count++)
                    (_cps[count], _cpFrom[count], _cpTo[count]) = (hangul[h], point, point + 1);
            }
            else if (UnicodeTables.MapsToItself(record))
            {
                (_cps[count], _cpFrom[count], _cpTo[count]) = (c, point, point + 1);
                count++;
            }
            else
            {
                var mapping = UnicodeTables.Mapping(record);
                RoomCps(count + mapping.Length);
                foreach (var m in mapping)
                {
                    (_cps[count], _cpFrom[count], _cpTo[count]) = (m, point, point + 1);
                    count++;
                }
            }
        }

        return count;
    }

    // Canonical ordering (stable, by combining class), then primary composition.
    int Compose(int count)
    {
        Reorder(count);
        var written = 0;
        var starter = -1;
        var lastClass = 0;
        for (var i = 0; i < count; i++)
        {
            var c = _cps[i];
            var cc = c < 0x80 ? 0 : UnicodeTables.CombiningClass(UnicodeTables.Record(c));
            if (starter >= 0 && c >= 0x80)
            {
                var blocked = written - 1 > starter && (lastClass == 0 || lastClass >= cc);
                if (!blocked)
                {
                    var composed = UnicodeTables.Compose(_cps[starter], c);
                    if (composed >= 0)
                    {
                        _cps[starter] = composed;
                        _cpFrom[starter] = Math.Min(_cpFrom[starter], _cpFrom[i]);
                        _cpTo[starter] = Math.Max(_cpTo[starter], _cpTo[i]);
                        continue;
                    }
                }
            }

            (_cps[written], _cpFrom[written], _cpTo[written]) = (c, _cpFrom[i], _cpTo[i]);
            if (c < 0)
            {
                starter = -1;
                lastClass = 0;
            }
            else if (cc == 0)
            {
                starter = written;
                lastClass = 0;
            }
            else
            {
                lastClass = cc;
            }

            written++;
        }

        return written;
    }

    void Reorder(int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (_cps[i] < 0x300 || Class(i) == 0)
                continue;
            var end = i;
            while (end < count && _cps[end] >= 0x300 && Class(end) != 0)
                end++;
            // A run of ten thousand marks is read in linear time: insertion for the short runs people write, a stable counting sort for the rest.
            if (end - i <= 16)
                InsertionSort(i, end);
            else
                CountingSort(i, end);
            i = end - 1;
        }
    }

    int Class(int i) => UnicodeTables.CombiningClass(UnicodeTables.Record(_cps[i]));

    void InsertionSort(int start, int end)
    {
        for (var i = start + 1; i < end; i++)
        {
            var cc = Class(i);
            var (c, from, to) = (_cps[i], _cpFrom[i], _cpTo[i]);
            var j = i - 1;
            for (; j >= start && Class(j) > cc; j--)
                (_cps[j + 1], _cpFrom[j + 1], _cpTo[j + 1]) = (_cps[j], _cpFrom[j], _cpTo[j]);
            (_cps[j + 1], _cpFrom[j + 1], _cpTo[j + 1]) = (c, from, to);
        }
    }

    void CountingSort(int start, int end)
    {
        Span<int> places = stackalloc int[257];
        places.Clear();
        for (var i = start; i < end; i++)
            places[Class(i) + 1]++;
        for (var i = 1; i < places.Length; i++)
            places[i] += places[i - 1];
        var cps = _cps.AsSpan(start, end - start).ToArray();
        var from = _cpFrom.AsSpan(start, end - start).ToArray();
        var to = _cpTo.AsSpan(start, end - start).ToArray();
        for (var i = 0; i < cps.Length; i++)
        {
            var place = start + places[UnicodeTables.CombiningClass(UnicodeTables.Record(cps[i]))]++;
            (_cps[place], _cpFrom[place], _cpTo[place]) = (cps[i], from[i], to[i]);
        }
    }

    static bool IsApostrophe(int c) => c is '\'' or 0x2018 or 0x2019 or 0x02BC or 0x00B4 or 0x0060 or 0xFF07;

    static bool LetterAt(string text, int i)
    {
        var c = text[i];
        return c < 0x80 ? char.IsAsciiLetter(c) : !char.IsSurrogate(c) && UnicodeTables.IsLetter(UnicodeTables.Record(c));
    }

    void PutAtom(WordKind kind, int from, int to)
    {
        EndWord();
        BeginWord(from);
        Room(_length + 8);
        if (_folds)
            Mark((byte)kind, 1, FoldStep.None);
        _bytes[_length] = (byte)kind;
        _from[_length] = from;
        _to[_length] = to;
        _length++;
        _wordTo = to;
        EndWord(kind);
    }

    void Put(int c, int from, int to)
    {
        Room(_length + 8);
        // A reordered or composed mark may reach further back or on than its letter.
        if (to > _wordTo)
            _wordTo = to;
        if (from < _wordFrom)
            _wordFrom = from;
        if (c < 0x80)
        {
            _bytes[_length] = (byte)c;
            _from[_length] = from;
            _to[_length] = to;
            _length++;
            return;
        }

        // A lone surrogate never comes out of UTF-8; text handed in by a program may hold one, and then it is no word.
        var rune = Rune.IsValid(c) ? new Rune(c) : Rune.ReplacementChar;
        var n = rune.EncodeToUtf8(_bytes.AsSpan(_length));
        for (var i = 0; i < n; i++)
        {
            _from[_length] = from;
            _to[_length] = to;
            _length++;
        }
    }

    void TakeDigit(int digit)
    {
        _hasDigit = true;
        _value = _value is >= 0 and < 100_000_000 && digit >= 0 ? (_value * 10) + digit : -1;
    }

    void BeginWord(int from)
    {
        CloseGap();
        if (_emojiGap)
        {
            // Laid on the space before the word: it counts where the space is inside what was found.
            _steps[_length - 1] |= FoldStep.Emoji;
            _emojiGap = false;
        }

        _inWord = true;
        _hasLetter = false;
        _hasDigit = false;
        _value = 0;
        _wordStart = _length;
        _wordFrom = from;
        _wordTo = from;
    }

    void EndWord(WordKind kind = 0)
    {
        if (!_inWord)
            return;
        _inWord = false;
        if (kind == 0)
            kind = !_hasDigit ? WordKind.Letters : _hasLetter ? WordKind.Mixed : WordKind.Digits;
        if (_wordCount == _words.Length)
            Array.Resize(ref _words, _wordCount * 2);
        ref var word = ref _words[_wordCount++];
        word.Start = _wordStart;
        word.End = _length;
        word.From = _wordFrom;
        word.To = _wordTo;
        word.Sentence = _sentence;
        word.Clause = _clause;
        word.Value = kind == WordKind.Digits ? _value : -1;
        word.Kind = kind;
        Room(_length + 8);
        if (_folds)
            Mark((byte)' ', 1, FoldStep.None);
        _bytes[_length] = (byte)' ';
        _from[_length] = _wordTo;
        _to[_length] = _wordTo;
        _length++;
    }

    void Between(byte kind, char c)
    {
        if ((kind & Stop) != 0)
        {
            _stops++;
            _stopSpace = false;
        }
        else if ((kind & Space) != 0)
        {
            _stopSpace = true;
        }
        else if ((kind & Ends) != 0)
        {
            _ends = true;
            _asks |= c == '?';
        }
        else if ((kind & Cuts) != 0)
        {
            _cuts = true;
        }
    }

    void BetweenUnicode(int c)
    {
        switch (c)
        {
            case 0x3002 or 0x2028 or 0x2029 or 0x85:
                _ends = true;
                break;
            case 0x61F or 0x37E:
                _ends = true;
                _asks = true;
                break;
            case 0x2013 or 0x2014 or 0x3001 or 0x60C:
                _cuts = true;
                break;
            case 0xA0 or 0x3000:
                _stopSpace = true;
                break;
            case 0xBF or 0xA1:
                // A Spanish question opens here.
                _ends |= _wordCount > 0;
                break;
            default:
                break;
        }
    }

    // A full stop ends a sentence when a space follows it; two or more are a pause.
    void CloseGap()
    {
        if (_ends || (_stops == 1 && _stopSpace))
        {
            if (_wordCount > 0)
            {
                if (_asks)
                    MarkQuestion();
                _sentence++;
                _clause++;
            }
        }
        else if (_cuts || _stops > 1)
        {
            _clause++;
        }

        ClearGap();
    }

    void MarkQuestion()
    {
        if (_sentence >= _questions.Length)
            Array.Resize(ref _questions, Math.Max(_sentence + 1, _questions.Length * 2));
        _questions[_sentence] = true;
    }

    void ClearGap()
    {
        _stopSpace = false;
        _ends = false;
        _asks = false;
        _cuts = false;
        _stops = 0;
    }

    void Room(int length)
    {
        if (_folds && _raw.Length < _bytes.Length)
            RoomFolded(_bytes.Length);
        if (length <= _bytes.Length)
            return;
        var size = Math.Max(length, _bytes.Length * 2);
        Array.Resize(ref _bytes, size);
        Array.Resize(ref _from, size);
        Array.Resize(ref _to, size);
        if (_folds)
            RoomFolded(size);
    }

    void RoomFolded(int size)
    {
        Array.Resize(ref _raw, size);
        Array.Resize(ref _run, size);
        Array.Resize(ref _steps, size);
    }

    void RoomCps(int length)
    {
        if (length <= _cps.Length)
            return;
        var size = Math.Max(length, _cps.Length * 2);
        Array.Resize(ref _cps, size);
        Array.Resize(ref _cpFrom, size);
        Array.Resize(ref _cpTo, size);
    }

    static byte[] MakeClasses()
    {
        var classes = new byte[128];
        for (var c = 0; c < 128; c++)
        {
            classes[c] = (char)c switch
            {
                >= 'a' and <= 'z' or >= 'A' and <= 'Z' => Letter,
                >= '0' and <= '9' => Digit,
                ' ' or '\t' => Space,
                '.' => Stop,
                '?' or '!' or '\n' or '\r' => Ends,
                ',' or ';' or ':' or '(' or ')' => Cuts,
                '\'' or '`' => Apostrophe,
                _ => 0,
            };
        }

        return classes;
    }
}
