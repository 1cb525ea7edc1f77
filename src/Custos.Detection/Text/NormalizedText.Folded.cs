// The folded channel of detection-spec, section 3: what is written to be read by a person and missed by a machine.
// Look-alikes are UTS 39 (Unicode 17.0.0): for comparing, never for display.
using System.Text;

namespace Custos.Detection;

/// <summary>What had to be undone to read a word.</summary>
[Flags]
enum FoldStep : byte
{
    None = 0,
    LookAlikes = 1,
    Leet = 2,
    Punctuation = 4,
    Spacing = 8,
    Repeats = 16,
    Marks = 32,
    Mask = 64,
    Emoji = 128,
}

public sealed partial class NormalizedText
{
    // In the folded channel, beside each byte: the letter as it stood, how often in a row, what was undone.
    byte[] _raw = [];
    byte[] _run = [];
    FoldStep[] _steps = [];

    // An emoji stood since the last word.
    bool _emojiGap;
    bool _folds;
    PhraseMatcher? _vocabulary;

    /// <summary>What stands in the folded channel for a sign in place of a letter: <c>c*m</c>.</summary>
    internal const byte MaskByte = 0x0B;

    // By code point of the original: a look-alike was replaced here.
    bool[] _swapped = [];

    Item[] _items = [];

    struct Item
    {
        internal int C, From, To;
        internal byte Raw;
        internal FoldStep Step;
        internal bool Dropped, Leet;
    }

    internal static readonly (FoldStep Step, string Name)[] StepNames =
    [
        (FoldStep.LookAlikes, "look-alikes"), (FoldStep.Leet, "leet"), (FoldStep.Punctuation, "punctuation"), (FoldStep.Spacing, "spacing"), (FoldStep.Repeats, "repeats"),
        (FoldStep.Marks, "marks"), (FoldStep.Mask, "mask"), (FoldStep.Emoji, "emoji"),
    ];

    /// <summary>The class a character is matched as: one each for o 0, i 1 l ! |, e 3, a 4 @, s 5 $, t 7 +, b 8, g 9.</summary>
    internal static byte ClassOf(byte c) => c switch
    {
        (byte)'0' => (byte)'o',
        (byte)'1' or (byte)'l' or (byte)'!' or (byte)'|' => (byte)'i',
        (byte)'3' => (byte)'e',
        (byte)'4' or (byte)'@' => (byte)'a',
        (byte)'5' or (byte)'$' => (byte)'s',
        (byte)'7' or (byte)'+' => (byte)'t',
        (byte)'8' => (byte)'b',
        (byte)'9' => (byte)'g',
        _ => c,
    };

    static bool IsLeet(int c) => c is '0' or '1' or '3' or '4' or '5' or '7' or '8' or '9' or '@' or '$' or '!' or '|' or '+';

    // What stands between two letters and means neither a list nor a path.
    static bool Joins(int c) => c is '.' or '-' or '_' or '*' or '~' or '^' or '\'' or '`' or '=' or '#' or '|' or '\\' or '"' or 0xB7 or 0x2022 or 0x2013;

    static bool IsLetter(int c) => c is >= 'a' and <= 'z' || (c >= 0x80 && UnicodeTables.IsLetter(UnicodeTables.Record(c)));

    /// <summary>True if something in the text may hide a word: a look-alike, a digit or sign among letters, letters parted or repeated.</summary>
    internal bool MayHide()
    {
        var text = _text;
        if (text.Length < 3)
            return false;
        if (!Ascii.IsValid(text) && MayHideUnicode(text))
            return true;
        var start = 0;
        for (var i = 0; i <= _atomCount; i++)
        {
            // What was taken out hides nothing, unless it is a word with a full stop in it that happens to end as addresses do.
            var end = i < _atomCount ? _atoms[i].Start : text.Length;
            if (end > start && MayHideAscii(text.AsSpan(start, end - start)))
                return true;
            start = i < _atomCount ? _atoms[i].End : end;
            if (i < _atomCount && _atoms[i].Kind == WordKind.Link && PartedAt(text.AsSpan(end, start - end)) > 0)
                return true;
        }

        return false;
    }

    static bool MayHideAscii(ReadOnlySpan<char> text)
    {
        // The kinds of the last four characters, newest lowest: 1 letter, 2 leet, 3 joining sign, 4 space, 0 anything else.
        var kinds = 0;
        char last = '\0';
        var same = 1;
        var small = false;
        foreach (var c in text)
        {
            var kind = c < 0x80 ? HideKinds[c] : 0;
            // The apostrophe of "don't" parts nothing.
            if (kind == 5)
                continue;
            if (kind == 1)
            {
                // A capital I after a small letter stands for an l.
                if (c == 'I' && small)
                    return true;
                small = c >= 'a';
                var lower = (char)(c | 0x20);
                same = lower == last ? same + 1 : 1;
                last = lower;
                // Two or three signs of a mask between letters.
                if ((kinds & 0xFFF) == 0x133 || (kinds & 0xFFFF) == 0x1333)
                    return true;
                // letter, leet, letter; leet, letter, letter at a word's start; letter, sign, letter; three of one letter.
                if (same == 3)
                    return true;
                var before = kinds & 0xFF;
                if (before is 0x12 or 0x13 or 0x21)
                    return true;
                // a letter alone twice before: " a b c".
                if ((kinds & 0xFFFF) is 0x4141 or 0x1414 or 0x3131)
                    return true;
            }
            else
            {
                last = '\0';
                same = 1;
                small = false;
                // Digits that end a word are seen when it has three characters: "ag3", "wh47". A sign there ends a sentence.
                if (kind == 2 && char.IsAsciiDigit(c) && (kinds & 0xFF) is 0x11 or 0x12)
                    return true;
            }

            kinds = ((kinds << 4) | kind) & 0xFFFF;
        }

        return false;
    }

    static readonly byte[] HideKinds = MakeHideKinds();

    static byte[] MakeHideKinds()
    {
        var kinds = new byte[128];
        for (var c = 0; c < 128; c++)
        {
            kinds[c] = (char)c switch
            {
                >= 'a' and <= 'z' or >= 'A' and <= 'Z' => 1,
                ' ' => 4,
                '\'' or '`' => 5,
                _ when IsLeet(c) => 2,
                _ when Joins(c) => 3,
                _ => 0,
            };
        }

        return kinds;
    }

    static bool MayHideUnicode(string text)
    {
        var word = false;
        var emoji = false;
        for (var i = 0; i < text.Length; i++)
        {
            int c = text[i];
            if (c < 0x80)
            {
                if ((Classes[c] & (Letter | Digit)) == 0)
                    continue;
                // An emoji between two words parts them.
                if (emoji)
                    return true;
                word = true;
                continue;
            }

            if (char.IsHighSurrogate((char)c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                c = char.ConvertToUtf32((char)c, text[++i]);
            var record = UnicodeTables.Record(c);
            if (UnicodeTables.LooksLike(c) != 0 || UnicodeTables.IsMark(record) || Accents.IsForeign(c))
                return true;
            if (UnicodeTables.IsEmoji(record))
                emoji |= word;
            else if (UnicodeTables.IsWord(record) && emoji)
                return true;
            else
                word |= UnicodeTables.IsWord(record);
        }

        return false;
    }

    /// <summary>Reads the text that another object has read in the plain channel.</summary>
    /// <param name="plain">The other.</param>
    /// <param name="vocabulary">Words that are looked for: what could be a number, a code or an address is read as a word only if it is one of them.</param>
    internal void ReadFolded(NormalizedText plain, PhraseMatcher? vocabulary)
    {
        _folds = true;
        _vocabulary = vocabulary;
        _text = plain._text;
        _currencies = plain._currencies;
        TakeAtoms(plain);
        _emojiGap = false;
        Begin();
        var count = DecomposeLookAlikes(_text);
        count = Compose(count);
        count = TakeItems(count);
        Unaccent(count);
        JoinSpaced(count);
        JoinPunctuated(count);
        Unleet(count);
        Write(count);
        EndWord();
        if (_asks)
            MarkQuestion();
    }

    // All but the addresses that are a word with a full stop in it: "th.is".
    void TakeAtoms(NormalizedText plain)
    {
        if (_atoms.Length < plain._atomCount)
            _atoms = new Atom[plain._atoms.Length];
        _atomCount = 0;
        for (var i = 0; i < plain._atomCount; i++)
        {
            var atom = plain._atoms[i];
            if (atom.Kind != WordKind.Link || !IsPartedWord(_text.AsSpan(atom.Start, atom.End - atom.Start)))
                _atoms[_atomCount++] = atom;
        }
    }

    // Where the full stop stands in what may be a word parted by one, "th.is"; 0 if it can be none.
    static int PartedAt(ReadOnlySpan<char> link)
    {
        var stop = link.IndexOf('.');
        return stop is < 1 or > 20 || link.Length - stop is < 2 or > 20 || (stop > 2 && link.Length - stop > 3) ? 0 : stop;
    }

    // As the folded channel writes words, in which a run is one.
    static int Append(Span<byte> word, int length, byte value)
    {
        if (length > 0 && word[length - 1] == value)
            return length;
        word[length] = value;
        return length + 1;
    }

    bool IsPartedWord(ReadOnlySpan<char> link)
    {
        var stop = PartedAt(link);
        if (stop == 0)
            return false;
        Span<byte> word = stackalloc byte[40];
        var length = 0;
        for (var i = 0; i < link.Length; i++)
        {
            if (i == stop)
                continue;
            if (!char.IsAsciiLetter(link[i]))
                return false;
            length = Append(word, length, ClassOf((byte)(link[i] | 0x20)));
        }

        return _vocabulary?.Knows(word[..length]) ?? false;
    }

    // As Decompose, with look-alikes replaced before case is folded.
    int DecomposeLookAlikes(string text)
    {
        if (_swapped.Length < text.Length + 1)
            _swapped = new bool[Math.Max(text.Length + 1, 256)];
        _swapped.AsSpan().Clear();
        _keepsApostrophes = true;
        var count = Decompose(text);
        if (Ascii.IsValid(text))
            return count;
        var latinMessage = MostLettersAreLatin(text);
        // Every entry still knows the code point it came from: those that look like ASCII are written again.
        var written = 0;
        var point = -1;
        var unit = 0;
        var next = 0;
        for (var i = 0; i < count; i++)
        {
            if (_cps[i] < 0)
            {
                (_cps[written], _cpFrom[written], _cpTo[written]) = (_cps[i], _cpFrom[i], _cpTo[i]);
                written++;
                continue;
            }

            var from = _cpFrom[i];
            if (from != point)
            {
                while (next < from)
                {
                    unit += char.IsHighSurrogate(text[unit]) && unit + 1 < text.Length && char.IsLowSurrogate(text[unit + 1]) ? 2 : 1;
                    next++;
                }

                point = from;
                int c = text[unit];
                if (char.IsHighSurrogate((char)c) && unit + 1 < text.Length && char.IsLowSurrogate(text[unit + 1]))
                    c = char.ConvertToUtf32((char)c, text[unit + 1]);
                if (c >= 0x80 && UnicodeTables.LooksLike(c) is var ascii and not 0 && Replaces(text, unit, c, latinMessage))
                {
                    // The mapping of the code point may be several; the look-alike is one.
                    var same = i;
                    while (same + 1 < count && _cpFrom[same + 1] == from)
                        same++;
                    _swapped[from] = _cps[i] != ascii || same > i;
                    (_cps[written], _cpFrom[written], _cpTo[written]) = (ascii, from, _cpTo[i]);
                    written++;
                    i = same;
                    continue;
                }
            }

            (_cps[written], _cpFrom[written], _cpTo[written]) = (_cps[i], _cpFrom[i], _cpTo[i]);
            written++;
        }

        return written;
    }

    static bool MostLettersAreLatin(string text)
    {
        int latin = 0, all = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!UnicodeTables.IsLetter(UnicodeTables.Record(rune.Value)))
                continue;
            all++;
            if (UnicodeTables.Script(rune.Value) <= 1)
                latin++;
        }

        return latin * 2 > all;
    }

    // A word wholly in one other script is that script's word: the Russian "сам" is no camera, unless the message is otherwise Latin.
    static bool Replaces(string text, int unit, int c, bool latinMessage)
    {
        if (c is >= 0x1F1E6 and <= 0x1F1FF)
            return RegionalRun(text, unit) >= 3;
        var script = UnicodeTables.Script(c);
        if (script <= 1 || latinMessage)
            return true;
        var start = unit;
        while (start > 0 && Atoms.IsWordChar(text[start - 1]))
            start--;
        for (var i = start; i < text.Length && Atoms.IsWordChar(text[i]); i++)
        {
            if (char.IsSurrogate(text[i]))
                continue;
            if (UnicodeTables.IsLetter(UnicodeTables.Record(text[i])) && UnicodeTables.Script(text[i]) != script)
                return true;
        }

        return false;
    }

    static int RegionalRun(string text, int unit)
    {
        bool At(int i) => i >= 0 && i + 1 < text.Length && char.IsHighSurrogate(text[i]) && char.IsLowSurrogate(text[i + 1]) && char.ConvertToUtf32(text[i], text[i + 1]) is >= 0x1F1E6 and <= 0x1F1FF;
        var start = unit;
        while (At(start - 2))
            start -= 2;
        var run = 0;
        for (var i = start; At(i) && run < 64; i += 2)
            run++;
        return run;
    }

    // One item a code point that counts; marks that belong to no letter of their own are laid on the letter before.
    int TakeItems(int count)
    {
        if (_items.Length < count)
            _items = new Item[Math.Max(count, 256)];
        var written = 0;
        for (var i = 0; i < count; i++)
        {
            var c = _cps[i];
            if (c >= 0x80)
            {
                var record = UnicodeTables.Record(c);
                if (UnicodeTables.IsMark(record) && written > 0 && _items[written - 1].C is >= 'a' and <= 'z')
                {
                    _items[written - 1].Step |= FoldStep.Marks;
                    _items[written - 1].To = Math.Max(_items[written - 1].To, _cpTo[i]);
                    continue;
                }
            }

            ref var item = ref _items[written++];
            item.C = c;
            item.From = _cpFrom[i];
            item.To = _cpTo[i];
            item.Dropped = false;
            item.Leet = false;
            item.Raw = c is > 0 and < 0x80 ? (byte)c : (byte)0;
            item.Step = c >= 0 && _swapped[item.From] ? FoldStep.LookAlikes : FoldStep.None;
            if (c == 'i' && IsCapitalI(item.From))
                item.Raw = (byte)'I';
        }

        return written;
    }

    // "ćam", "tūrn ön yòur čam": accents that none of the six languages writes, on words that are none of theirs with them and one of theirs without. Where more
    // accented words stay unknown than become known, or a letter is Vietnamese, somebody writes another language.
    void Unaccent(int count)
    {
        if (_vocabulary is null)
            return;
        int foreign = 0, known = 0, unknown = 0;
        for (var i = 0; i < count; i++)
        {
            if (Accents.IsVietnamese(_items[i].C))
                return;
            foreign += Accents.IsForeign(_items[i].C) ? 1 : 0;
        }

        if (foreign == 0)
            return;
        for (var writes = false; ; writes = true)
        {
            for (var i = 0; i < count;)
            {
                if (!IsLetterItem(i, count))
                {
                    i++;
                    continue;
                }

                var end = i;
                var accents = 0;
                for (; IsLetterItem(end, count); end++)
                    accents += Accents.Bare(_items[end].C) != 0 ? 1 : 0;
                if (accents > 0 && !IsOfVocabulary(i, end, bare: false))
                {
                    var becomes = IsOfVocabulary(i, end, bare: true);
                    known += becomes ? 1 : 0;
                    unknown += becomes ? 0 : 1;
                    for (var at = i; writes && becomes && at < end; at++)
                    {
                        if (Accents.Bare(_items[at].C) is var letter and not 0)
                            (_items[at].C, _items[at].Raw, _items[at].Step) = (letter, (byte)letter, _items[at].Step | FoldStep.Marks);
                    }
                }

                i = end;
            }

            if (writes || known <= unknown)
                return;
        }
    }

    // Whether the packs hold the word, as the folded channel writes words.
    bool IsOfVocabulary(int start, int end, bool bare)
    {
        Span<byte> word = stackalloc byte[64];
        var length = 0;
        for (var i = start; i < end; i++)
        {
            var c = _items[i].C;
            if (bare && Accents.Bare(c) is var letter and not 0)
                c = letter;
            if (length + 4 > word.Length)
                return false;
            if (c < 0x80)
                length = Append(word, length, ClassOf((byte)c));
            else
                length += new Rune(c).EncodeToUtf8(word[length..]);
        }

        return _vocabulary!.Knows(word[..length]);
    }

    // Known only for text without surrogates before it, which is where people write a capital I for an l.
    bool IsCapitalI(int point) => point < _text.Length && _text[point] == 'I';

    bool IsWordItem(int i, int count) => i >= 0 && i < count && !_items[i].Dropped && (_items[i].C is (>= '0' and <= '9') or MaskByte || IsLetter(_items[i].C) || (_items[i].C >= 0x80 && UnicodeTables.IsWord(UnicodeTables.Record(_items[i].C))));

    bool IsLetterItem(int i, int count) => i >= 0 && i < count && !_items[i].Dropped && IsLetter(_items[i].C);

    // Three or more single letters with one and the same separator: "c a m", "c . a . m".
    void JoinSpaced(int count)
    {
        var i = 0;
        while (i < count)
        {
            // The last letter of "ol.d" does not begin what is spread out.
            if (!IsLetterItem(i, count) || IsWordItem(i - 1, count) || IsWordItem(i + 1, count) || (i > 1 && Joins(_items[i - 1].C) && IsWordItem(i - 2, count)))
            {
                i++;
                continue;
            }

            var letters = 1;
            var last = i;
            var separator = 0;
            while (true)
            {
                var at = last + 1;
                while (at < count && at - last <= 4 && Separates(_items[at].C))
                    at++;
                var length = at - last - 1;
                if (length is 0 or > 3 || (separator != 0 && !SameSeparator(i + 1, last + 1, length, separator)) || !IsLetterItem(at, count) || IsWordItem(at + 1, count))
                    break;
                separator = length;
                last = at;
                letters++;
            }

            if (letters >= 3)
            {
                for (var at = i; at <= last; at++)
                {
                    if (IsLetter(_items[at].C))
                        _items[at].Step |= FoldStep.Spacing;
                    else
                        _items[at].Dropped = true;
                }
            }

            // Of two letters the second may begin what is parted otherwise: "i w-a-n-t".
            i = letters == 2 ? last : last + 1;
        }
    }

    static bool Separates(int c) => c == ' ' || (Joins(c) && c >= 0) || c is '/' or ',';

    bool SameSeparator(int a, int b, int length, int expected)
    {
        if (length != expected)
            return false;
        for (var i = 0; i < length; i++)
        {
            if (_items[a + i].C != _items[b + i].C)
                return false;
        }

        return true;
    }

    // A sign between letters, where a part has at most two of them: "c.am", "vid-eo"; not "foo.bar", not "web-cam".
    void JoinPunctuated(int count)
    {
        for (var i = 1; i + 1 < count; i++)
        {
            if (IsMask(_items[i].C))
            {
                i = Mask(i, count) - 1;
                continue;
            }

            if (_items[i].Dropped || !Joins(_items[i].C) || !IsWordItem(i - 1, count) || !IsWordItem(i + 1, count))
                continue;
            // A digit may stand for one of the two letters: "c4.m"; "3.5" is a number.
            var (left, right) = (IsLetter(_items[i - 1].C), IsLetter(_items[i + 1].C));
            if ((!left && !(right && IsLeet(_items[i - 1].C))) || (!right && !IsLeet(_items[i + 1].C)))
                continue;
            int before = 0, after = 0;
            while (before < 3 && IsWordItem(i - 1 - before, count))
                before++;
            while (after < 3 && IsWordItem(i + 1 + after, count))
                after++;
            // "don't": the apostrophe of a word is no sign that parts it.
            if (before > 2 && after > 2 && _items[i].C is not ('\'' or '`'))
                continue;
            _items[i].Dropped = true;
            if (_items[i].C is '\'' or '`')
                continue;
            _items[i - 1].Step |= FoldStep.Punctuation;
            _items[i + 1].Step |= FoldStep.Punctuation;
        }
    }

    static bool IsMask(int c) => c is '*' or '#';

    // One to three of one sign between letters stand for letters: "c**l". Returns the item behind them.
    int Mask(int from, int count)
    {
        var end = from;
        while (end < count && _items[end].C == _items[from].C && !_items[end].Dropped)
            end++;
        if (end == from)
            return from + 1;
        if (end - from > 3 || !IsLetterOrLeet(from - 1, count) || !IsLetterOrLeet(end, count))
            return end;
        for (var i = from; i < end; i++)
        {
            _items[i].C = MaskByte;
            _items[i].Step |= FoldStep.Mask;
        }

        return end;
    }

    bool IsLetterOrLeet(int i, int count) => IsLetterItem(i, count) || (IsWordItem(i, count) && (IsLetterItem(i - 1, count) || IsLetterItem(i + 1, count)));

    // Digits and signs among the letters of one word.
    void Unleet(int count)
    {
        var i = 0;
        while (i < count)
        {
            if (!WordOrSign(i, count))
            {
                i++;
                continue;
            }

            var end = i;
            int letters = 0, digits = 0, leet = 0, hex = 0, length = 0;
            while (end < count && (_items[end].Dropped || WordOrSign(end, count)))
            {
                if (!_items[end].Dropped)
                {
                    var c = _items[end].C;
                    length++;
                    letters += IsLetter(c) ? 1 : 0;
                    digits += c is >= '0' and <= '9' ? 1 : 0;
                    leet += IsLeet(c) ? 1 : 0;
                    hex += c is >= '0' and <= '9' or >= 'a' and <= 'f' ? 1 : 0;
                }

                end++;
            }

            // A dropped sign at the end belongs to nothing.
            var isHex = hex == length && digits >= 2 && length >= 4;
            if (leet > 0 && letters > 0 && !IsFileName(end, count) && ((letters >= 2 && !isHex && !IsQuantity(i, end, letters)) || ((!isHex || length <= 5) && IsKnownWord(i, end))))
            {
                for (var at = i; at < end; at++)
                {
                    if (_items[at].Dropped || !IsLeet(_items[at].C))
                        continue;
                    _items[at].Leet = true;
                    _items[at].Step |= FoldStep.Leet;
                }
            }

            i = end;
        }
    }

    // A sign counts as a letter only among letters; at the start of a word only $ and @ do.
    bool WordOrSign(int i, int count)
    {
        if (IsWordItem(i, count))
            return true;
        if (i < 0 || i >= count || _items[i].Dropped || _items[i].C is not ('@' or '$' or '!' or '|' or '+'))
            return false;
        if (!IsLetterItem(i + 1, count))
            return false;
        return IsLetterItem(i - 1, count) || (_items[i].C is '@' or '$' && IsLetterItem(i + 2, count));
    }

    // 14f, 10am, 3rd, mp4, win10: digits that count something, or number a name.
    bool IsQuantity(int start, int end, int letters)
    {
        var lead = 0;
        var i = start;
        while (i < end && (_items[i].Dropped || _items[i].C is >= '0' and <= '9'))
        {
            lead += _items[i].Dropped ? 0 : 1;
            i++;
        }

        var inside = 0;
        var tail = 0;
        int last = 0;
        for (; i < end; i++)
        {
            if (_items[i].Dropped)
                continue;
            if (IsLeet(_items[i].C) || _items[i].C is >= '0' and <= '9')
            {
                tail++;
                last = _items[i].C;
            }
            else
            {
                inside += tail;
                tail = 0;
            }
        }

        if (inside > 0)
            return false;
        if (lead > 0)
            return lead > 1;
        return tail != 1 || letters < 3 || last is not ('0' or '3');
    }

    // "ag3", "wh47": what may as well number something is a word only where it is one that is looked for; a letter and two digits that may be an age never are.
    bool IsKnownWord(int start, int end)
    {
        if (_vocabulary is null || !IsLetter(_items[start].C))
            return false;
        Span<byte> word = stackalloc byte[40];
        int length = 0, said = 0, digits = 0, number = 0;
        for (var i = start; i < end; i++)
        {
            if (_items[i].Dropped)
                continue;
            var c = _items[i].C;
            if (c >= 0x80 || length == word.Length)
                return false;
            said++;
            if (c is >= '0' and <= '9')
            {
                digits++;
                number = Math.Min((number * 10) + c - '0', 1000);
            }

            var value = ClassOf((byte)c);
            if (value is (>= (byte)'0' and <= (byte)'9'))
                return false;
            length = Append(word, length, value);
        }

        var isAge = said == 3 && digits == 2 && number is >= 8 and < 30;
        return said >= 3 && !isAge && _vocabulary.Knows(word[..length]);
    }

    bool IsFileName(int end, int count) => end + 1 < count && _items[end].C == '.' && IsLetterItem(end + 1, count);

    void Write(int count)
    {
        for (var i = 0; i < count; i++)
        {
            ref var item = ref _items[i];
            if (item.Dropped)
                continue;
            var c = item.C;
            if (c < 0)
            {
                PutAtom((WordKind)(-c), item.From, item.To);
            }
            else if (c == MaskByte)
            {
                if (!_inWord)
                    BeginWord(item.From);
                _hasLetter = true;
                Mark(0, 1, item.Step);
                Put(c, item.From, item.To);
            }
            else if (item.Leet || c < 0x80)
            {
                var kind = Classes[c];
                if (!item.Leet && (kind & (Letter | Digit)) == 0)
                {
                    EndWord();
                    Between(kind, (char)c);
                    continue;
                }

                if (!_inWord)
                    BeginWord(item.From);
                if (item.Leet || (kind & Letter) != 0)
                {
                    _hasLetter = true;
                    PutFolded(ref item);
                }
                else
                {
                    TakeDigit(c - '0');
                    Mark(item.Raw, 1, item.Step);
                    Put(c, item.From, item.To);
                }
            }
            else
            {
                WriteUnicode(ref item);
            }
        }
    }

    void WriteUnicode(ref Item item)
    {
        var record = UnicodeTables.Record(item.C);
        if (UnicodeTables.IsEmoji(record))
        {
            // An emoji between words is taken out; what emoji say by themselves the plain channel reads.
            EndWord();
            _emojiGap = true;
        }
        else if (UnicodeTables.IsWord(record))
        {
            if (!_inWord)
            {
                if (UnicodeTables.IsMark(record))
                    return;
                BeginWord(item.From);
            }

            _hasLetter = true;
            Mark(0, 1, item.Step);
            Put(item.C, item.From, item.To);
        }
        else
        {
            EndWord();
            BetweenUnicode(item.C);
        }
    }

    // A letter of the same class as the one before it in the word makes a run of it.
    void PutFolded(ref Item item)
    {
        var value = ClassOf((byte)item.C);
        if (_length > _wordStart && _bytes[_length - 1] == value)
        {
            var at = _length - 1;
            if (_run[at] < byte.MaxValue)
                _run[at]++;
            if (_run[at] >= 3)
                _steps[at] |= FoldStep.Repeats;
            _steps[at] |= item.Step;
            _to[at] = Math.Max(_to[at], item.To);
            _wordTo = Math.Max(_wordTo, item.To);
            // Of a letter and a sign for it, the letter is what was meant; of two letters, neither.
            if (item.Raw is >= (byte)'a' and <= (byte)'z')
                _raw[at] = _raw[at] is >= (byte)'a' and <= (byte)'z' && _raw[at] != item.Raw ? (byte)0 : item.Raw;
            return;
        }

        Mark(item.Raw, 1, item.Step);
        Put(value, item.From, item.To);
    }

    // Lays the folded channel's own columns under the bytes about to be written.
    void Mark(byte raw, byte run, FoldStep step)
    {
        Room(_length + 8);
        for (var i = 0; i < 4; i++)
        {
            _raw[_length + i] = raw;
            _run[_length + i] = run;
            _steps[_length + i] = step;
        }
    }

    /// <summary>Everything that was undone in the message, of the folded channel.</summary>
    internal FoldStep StepsTaken()
    {
        var steps = FoldStep.None;
        foreach (var step in _steps.AsSpan(0, _length))
            steps |= step;
        return steps;
    }

    /// <summary>Writes the runs of a word out.</summary>
    /// <returns>How many bytes; -1 if they are more than <see cref="HiddenWords.Longest"/>.</returns>
    internal int SpreadWord(in Word word, Span<byte> into) => HiddenWords.Spread(_bytes.AsSpan(word.Start, word.End - word.Start), _run.AsSpan(word.Start, word.End - word.Start), into);

    /// <summary>What was undone in some words and between them.</summary>
    /// <param name="first">The first word.</param>
    /// <param name="last">The last word.</param>
    internal FoldStep StepsIn(int first, int last)
    {
        var steps = FoldStep.None;
        foreach (var step in _steps.AsSpan(_words[first].Start, _words[last].End - _words[first].Start))
            steps |= step;
        return steps;
    }

    /// <summary>Whether some words are a literal: letter for letter, and run for run.</summary>
    /// <param name="first">The first of the words.</param>
    /// <param name="term">The literal as folded.</param>
    /// <param name="steps">What had to be undone.</param>
    /// <param name="isMostlyMasked">True if of one word more letters were hidden than shown.</param>
    internal bool Verifies(int first, FoldedTerm term, out FoldStep steps, out bool isMostlyMasked)
    {
        steps = FoldStep.None;
        isMostlyMasked = false;
        var word = first;
        var i = 1;
        while (i < term.Bytes.Length)
        {
            var end = i;
            while (term.Bytes[end] != (byte)' ')
                end++;
            ref readonly var said = ref _words[word];
            if (word > first)
                steps |= _steps[said.Start - 1];
            var isWord = _bytes.AsSpan(said.Start, said.End - said.Start).Contains(MaskByte)
                ? VerifiesMasked(said, term, i, end, ref steps, ref isMostlyMasked)
                : VerifiesWhole(said, term, i, end, ref steps);
            if (!isWord)
                return false;
            i = end + 1;
            word++;
        }

        return true;
    }

    bool VerifiesWhole(in Word word, FoldedTerm term, int start, int end, ref FoldStep steps)
    {
        for (var i = start; i < end; i++)
        {
            var at = word.Start + i - start;
            steps |= _steps[at];
            var (said, meant) = (_raw[at], term.Raw[i]);
            // i, l and the signs for them are one class; a plain i is still no l.
            if (said is >= (byte)'a' and <= (byte)'z' && meant != 0 && said != meant)
                return false;
            if (said == (byte)'I' && meant == (byte)'l')
                steps |= FoldStep.LookAlikes;
            if (_run[at] != term.Run[i] && _run[at] < 3)
                return false;
        }

        return true;
    }

    // A sign stands for one letter, or all of them for none: "c*m", "we*bcam".
    bool VerifiesMasked(in Word word, FoldedTerm term, int start, int end, ref FoldStep steps, ref bool isMostlyMasked)
    {
        Span<byte> meant = stackalloc byte[HiddenWords.Longest];
        Span<byte> said = stackalloc byte[HiddenWords.Longest];
        var length = HiddenWords.Spread(term.Bytes.AsSpan(start, end - start), term.Run.AsSpan(start, end - start), meant);
        var written = SpreadWord(word, said);
        if (length < 0 || written < 0)
            return false;
        var of = FoldStep.None;
        foreach (var step in _steps.AsSpan(word.Start, word.End - word.Start))
            of |= step;
        var masks = said[..written].Count(MaskByte);
        if (HiddenWords.Matches(said[..written], meant[..length]))
        {
            steps |= of;
            isMostlyMasked |= masks * 2 > length;
            return true;
        }

        steps |= (of & ~FoldStep.Mask) | FoldStep.Punctuation;
        return HiddenWords.MatchesWithout(said[..written], meant[..length]);
    }
}

/// <summary>A literal in the folded channel: its bytes are classes, runs are one; the letters and the lengths of runs stand beside.</summary>
/// <param name="Bytes">What is looked for, with one space before, between and after words.</param>
/// <param name="Raw">The letters.</param>
/// <param name="Run">How many of each.</param>
sealed record FoldedTerm(byte[] Bytes, byte[] Raw, byte[] Run)
{
    internal static FoldedTerm Of(ReadOnlySpan<byte> plain)
    {
        var (bytes, raw, run) = (new List<byte>(), new List<byte>(), new List<byte>());
        foreach (var b in plain)
        {
            var isLetter = b is >= (byte)'a' and <= (byte)'z';
            var value = isLetter ? NormalizedText.ClassOf(b) : b;
            if (isLetter && bytes.Count > 0 && bytes[^1] == value)
            {
                run[^1]++;
                // "ill" is one run of a class of two letters, and neither stands for it.
                if (raw[^1] != b)
                    raw[^1] = 0;
                continue;
            }

            bytes.Add(value);
            raw.Add(b >= 0x80 ? (byte)0 : b);
            run.Add(1);
        }

        return new([.. bytes], [.. raw], [.. run]);
    }
}
