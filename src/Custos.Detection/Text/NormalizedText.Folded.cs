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
}

public sealed partial class NormalizedText
{
    // In the folded channel, beside each byte: the letter as it stood, how often in a row, what was undone.
    byte[] _raw = [];
    byte[] _run = [];
    FoldStep[] _steps = [];

    // How many signs stood in place of letters just before it: "c*m".
    byte[] _masks = [];
    bool _folds;

    // By code point of the original: a look-alike was replaced here.
    bool[] _swapped = [];

    Item[] _items = [];

    struct Item
    {
        internal int C, From, To;
        internal byte Raw, Masks;
        internal FoldStep Step;
        internal bool Dropped, Leet;
    }

    internal static readonly (FoldStep Step, string Name)[] StepNames =
    [
        (FoldStep.LookAlikes, "look-alikes"), (FoldStep.Leet, "leet"), (FoldStep.Punctuation, "punctuation"), (FoldStep.Spacing, "spacing"), (FoldStep.Repeats, "repeats"),
        (FoldStep.Marks, "marks"), (FoldStep.Mask, "mask"),
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
            // What was taken out hides nothing.
            var end = i < _atomCount ? _atoms[i].Start : text.Length;
            if (end > start && MayHideAscii(text.AsSpan(start, end - start)))
                return true;
            start = i < _atomCount ? _atoms[i].End : end;
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
                // letters, then a leet sign that ends the word, are seen at the sign: "nud3".
                if (kind == 2 && (kinds & 0xFFF) == 0x111 && c is '0' or '3')
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
        for (var i = 0; i < text.Length; i++)
        {
            int c = text[i];
            if (c < 0x80)
                continue;
            if (char.IsHighSurrogate((char)c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                c = char.ConvertToUtf32((char)c, text[++i]);
            if (UnicodeTables.LooksLike(c) != 0 || UnicodeTables.IsMark(UnicodeTables.Record(c)))
                return true;
        }

        return false;
    }

    /// <summary>Reads the text that another object has read in the plain channel.</summary>
    internal void ReadFolded(NormalizedText plain)
    {
        _folds = true;
        _text = plain._text;
        _currencies = plain._currencies;
        _atoms = plain._atoms;
        _atomCount = plain._atomCount;
        Begin();
        var count = DecomposeLookAlikes(_text);
        count = Compose(count);
        count = TakeItems(count);
        JoinSpaced(count);
        JoinPunctuated(count);
        Unleet(count);
        Write(count);
        EndWord();
        if (_asks)
            MarkQuestion();
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
            item.Masks = 0;
            item.Leet = false;
            item.Raw = c is > 0 and < 0x80 ? (byte)c : (byte)0;
            item.Step = c >= 0 && _swapped[item.From] ? FoldStep.LookAlikes : FoldStep.None;
            if (c == 'i' && IsCapitalI(item.From))
                item.Raw = (byte)'I';
        }

        return written;
    }

    // Known only for text without surrogates before it, which is where people write a capital I for an l.
    bool IsCapitalI(int point) => point < _text.Length && _text[point] == 'I';

    bool IsWordItem(int i, int count) => i >= 0 && i < count && !_items[i].Dropped && (_items[i].C is >= '0' and <= '9' || IsLetter(_items[i].C) || (_items[i].C >= 0x80 && UnicodeTables.IsWord(UnicodeTables.Record(_items[i].C))));

    bool IsLetterItem(int i, int count) => i >= 0 && i < count && !_items[i].Dropped && IsLetter(_items[i].C);

    // Three or more single letters with one and the same separator: "c a m", "c . a . m".
    void JoinSpaced(int count)
    {
        var i = 0;
        while (i < count)
        {
            if (!IsLetterItem(i, count) || IsWordItem(i - 1, count) || IsWordItem(i + 1, count))
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

            i = last + 1;
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
            if (IsMask(_items[i].C) && _items[i].C == _items[i + 1].C)
            {
                i = Unmask(i, count) - 1;
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
            if (IsMask(_items[i].C))
                _items[i + 1].Masks = 1;
        }
    }

    static bool IsMask(int c) => c is '*' or '#';

    // Two or three of one sign between letters stand for letters: "c**l". Returns the item behind them.
    int Unmask(int from, int count)
    {
        var end = from;
        while (end < count && _items[end].C == _items[from].C)
            end++;
        if (end - from > 3 || !IsLetterItem(from - 1, count) || !IsLetterItem(end, count))
            return end;
        int before = 0, after = 0;
        while (before < 3 && IsWordItem(from - 1 - before, count))
            before++;
        while (after < 3 && IsWordItem(end + after, count))
            after++;
        if (before > 2 && after > 2)
            return end;
        for (var i = from; i < end; i++)
            _items[i].Dropped = true;
        _items[from - 1].Step |= FoldStep.Punctuation;
        _items[end].Step |= FoldStep.Punctuation;
        _items[end].Masks = (byte)(end - from);
        return end;
    }

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
            if (letters >= 2 && leet > 0 && !isHex && !IsQuantity(i, end, letters) && !IsFileName(end, count))
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
                    Mark(item.Raw, 1, item.Step, item.Masks);
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
            EndWord();
            BeginWord(item.From);
            Mark(0, 1, FoldStep.None);
            Put(item.C, item.From, item.To);
            EndWord(WordKind.Emoji);
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
            // Of a letter and a sign for it, the letter is what was meant.
            if (item.Raw is >= (byte)'a' and <= (byte)'z' && _raw[at] is < (byte)'a' or > (byte)'z')
                _raw[at] = item.Raw;
            return;
        }

        Mark(item.Raw, 1, item.Step, item.Masks);
        Put(value, item.From, item.To);
    }

    // Lays the folded channel's own columns under the bytes about to be written.
    void Mark(byte raw, byte run, FoldStep step, byte masks = 0)
    {
        Room(_length + 8);
        for (var i = 0; i < 4; i++)
        {
            _raw[_length + i] = raw;
            _run[_length + i] = run;
            _steps[_length + i] = step;
            _masks[_length + i] = masks;
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

    /// <summary>Whether an occurrence of a folded literal is the literal: letter for letter, and run for run.</summary>
    /// <param name="start">First byte of it here.</param>
    /// <param name="term">The literal as folded.</param>
    /// <param name="steps">What had to be undone.</param>
    internal bool Verifies(int start, FoldedTerm term, out FoldStep steps)
    {
        steps = FoldStep.None;
        for (var i = 0; i < term.Raw.Length; i++)
        {
            var at = start + i;
            steps |= _steps[at];
            var (said, meant) = (_raw[at], term.Raw[i]);
            // i, l and the signs for them are one class; a plain i is still no l.
            if (said is >= (byte)'a' and <= (byte)'z' && said != meant)
                return false;
            if (said == (byte)'I' && meant == (byte)'l')
                steps |= FoldStep.LookAlikes;
            if (_run[at] != term.Run[i] && _run[at] < 3)
                return false;
            if (i == term.MaskAt && _masks[at] != term.Masks)
                return false;
        }

        if (term.MaskAt >= 0)
            steps = (steps & ~FoldStep.Punctuation) | FoldStep.Mask;
        return true;
    }
}

/// <summary>A literal in the folded channel: its bytes are classes, runs are one; the letters and the lengths of runs stand beside.</summary>
/// <param name="Bytes">What is looked for.</param>
/// <param name="Raw">The letters.</param>
/// <param name="Run">How many of each.</param>
/// <param name="MaskAt">The byte before which signs must have stood in place of letters; -1 for a literal that is whole.</param>
/// <param name="Masks">How many signs.</param>
sealed record FoldedTerm(byte[] Bytes, byte[] Raw, byte[] Run, int MaskAt = -1, int Masks = 0)
{
    /// <summary>A literal with one to three inner letters of one word missing, in every way: what a mask leaves of it.</summary>
    internal static IEnumerable<FoldedTerm> Masked(byte[] plain)
    {
        var start = 0;
        for (var end = 0; end <= plain.Length; end++)
        {
            if (end < plain.Length && plain[end] is >= (byte)'a' and <= (byte)'z')
                continue;
            // A word of three letters or more keeps its first and its last.
            for (var at = start + 1; at < end - 1; at++)
            {
                for (var masks = 1; masks <= 3 && at + masks < end; masks++)
                {
                    if (NormalizedText.ClassOf(plain[at - 1]) == NormalizedText.ClassOf(plain[at + masks]))
                        continue;
                    yield return Of([.. plain[..at], .. plain[(at + masks)..]]) with { MaskAt = Of(plain.AsSpan(0, at)).Bytes.Length, Masks = masks };
                }
            }

            start = end + 1;
        }
    }

    internal static FoldedTerm Of(ReadOnlySpan<byte> plain)
    {
        var (bytes, raw, run) = (new List<byte>(), new List<byte>(), new List<byte>());
        foreach (var b in plain)
        {
            var isLetter = b is >= (byte)'a' and <= (byte)'z';
            var value = isLetter ? NormalizedText.ClassOf(b) : b;
            if (isLetter && bytes.Count > 0 && bytes[^1] == value && raw[^1] is >= (byte)'a' and <= (byte)'z')
            {
                run[^1]++;
                // "ill": one run of two letters of a class; the first stands for it.
                continue;
            }

            bytes.Add(value);
            raw.Add(b >= 0x80 ? (byte)0 : b);
            run.Add(1);
        }

        return new([.. bytes], [.. raw], [.. run]);
    }
}
