using Custos.Vocabulary;

namespace Custos.Detection;

/// <summary>Reads one message: text, terms, rules. Pure and without state between messages; one instance a thread.</summary>
public sealed class MessageReader
{
    /// <summary>Indicators of one message at most, earliest first; the rest are counted.</summary>
    internal const int MostIndicators = 256;

    /// <summary>Rules that may fire in one message before the tracker says what each needs.</summary>
    const int MostCandidates = 16 * MostIndicators;

    // The rule at work, and how often it has fired in this message.
    BookRule? _firing;
    int _fired;

    // Occurrences of lists kept for one message: a bound that only a message made of terms reaches.
    const int MostOccurrences = 1 << 16;

    readonly RuleBook _book;
    readonly ModelWeights? _weights;
    readonly NormalizedText _plain = new();
    readonly NormalizedText _folded = new();

    // The channel being read: the plain one always, then the folded one where the message may hide something.
    NormalizedText _text;
    bool _isFolded;
    int _plainCount;
    PhraseMatcher _matcher;
    HitBuffer _hits;
    int[] _numbers = new int[64];
    int[] _slots = [];
    byte[] _even = [];

    // Occurrences of lists, chained by list in the order they stand.
    Occurrence[] _occurrences = new Occurrence[256];
    int _occurrenceCount;
    readonly int[] _head;
    readonly int[] _tail;
    int[] _present = new int[64];
    int _presentCount;

    // Code points and UTF-16 units differ only where surrogates stand.
    bool _surrogates;

    struct Occurrence
    {
        internal int First, Last, Next;
        internal FoldStep Steps;
    }

    internal MessageReader(RuleBook book, ModelWeights? weights = null)
    {
        _book = book;
        _weights = weights;
        _text = _plain;
        _matcher = book.Matcher;
        _head = new int[book.ListCount];
        _tail = new int[book.ListCount];
        Array.Fill(_head, -1);
    }

    internal NormalizedText Text => _plain;

    /// <summary>Steps of folding whose finds are left out, to measure what each is for; none in detection.</summary>
    internal FoldStep Off { get; set; }

    /// <summary>The slots of the message read last, tokens of its pair apart; for training.</summary>
    internal ReadOnlySpan<int> Slots(MessageReading reading) => _slots.AsSpan(0, reading.Features);

    /// <summary>Reads a message into a reading of its own.</summary>
    public MessageReading Read(in RecordedMessage message)
    {
        var reading = new MessageReading();
        Read(message, reading);
        return reading;
    }

    /// <summary>Reads a message into a reading that is used again.</summary>
    public void Read(in RecordedMessage message, MessageReading into)
    {
        ArgumentNullException.ThrowIfNull(into);
        into.Begin(message, _book.Languages.Length);
        var said = message.Message;
        Read(said.Text, said.From.Value, said.To?.Value, into);
    }

    /// <summary>Reads a line that no one has recorded, for <see cref="DraftCheck"/> alone: nothing of it becomes a finding.</summary>
    internal void ReadDraft(string text, MessageReading into)
    {
        into.Begin(default, _book.Languages.Length);
        Read(text, null, null, into);
    }

    void Read(string text, string? from, string? to, MessageReading into)
    {
        _plain.Read(text, from, to, _book.Currencies);
        into.Length = CodePoints(text);
        _surrogates = into.Length != text.Length;
        _plainCount = 0;
        _firing = null;
        Channel(_plain, folded: false, into);
        var hides = _plain.MayHide();
        if (hides)
        {
            _plainCount = into.Count;
            _folded.ReadFolded(_plain, _book.FoldedMatcher);
            Channel(_folded, folded: true, into);
        }

        if (into.Count > 1)
            Order(into);
        if (_weights is { } weights)
            Weigh(weights, hides, into);
    }

    void Weigh(ModelWeights weights, bool hides, MessageReading into)
    {
        var text = hides ? _folded : _plain;
        var count = ModelFeatures.Of(text.Plain, text.Words, ref _slots, ref _even);
        var steps = hides ? text.StepsTaken() : FoldStep.None;
        for (var step = 1; step <= (int)steps; step <<= 1)
        {
            if (((int)steps & step) != 0)
                _slots[count++] = ModelFeatures.Slot(ModelFeatures.Token.FoldStep, step);
        }

        if (!System.Text.Ascii.IsValid(_plain.Text))
        {
            if (_plain.MixesScripts())
                _slots[count++] = ModelFeatures.Slot(ModelFeatures.Token.MixedScripts, 1);
            count += ModelFeatures.OfEmoji(_plain.Plain, _plain.Words, _slots.AsSpan(count, ModelFeatures.MostEmoji));
        }

        into.Features = count;
        (into.AuthorSum, into.CounterpartSum) = weights.Sum(_slots.AsSpan(0, count));
        into.Asks = _plain.Asks();
    }

    void Channel(NormalizedText text, bool folded, MessageReading into)
    {
        _text = text;
        _isFolded = folded;
        _matcher = folded ? _book.FoldedMatcher : _book.Matcher;
        if (folded && text.Plain.Contains(NormalizedText.MaskByte))
            _matcher.FindMasked(text, _book.Hidden, ref _numbers, ref _hits);
        else
            _matcher.Find(text.Plain, text.Words, ref _numbers, ref _hits);
        Clear();
        TakeTerms(into);
        TakeWords();
        for (var i = 0; i < _presentCount; i++)
        {
            foreach (var rule in _book.RulesByList[_present[i]])
                Evaluate(rule, into);
        }
    }

    static int CodePoints(string text)
    {
        var count = text.Length;
        if (System.Text.Ascii.IsValid(text))
            return count;
        foreach (var c in text)
        {
            if (char.IsLowSurrogate(c))
                count--;
        }

        return count;
    }

    void Clear()
    {
        for (var i = 0; i < _presentCount; i++)
            _head[_present[i]] = -1;
        _presentCount = 0;
        _occurrenceCount = 0;
    }

    void TakeTerms(MessageReading into)
    {
        var words = _text.Words;
        for (var i = 0; i < _hits.Count; i++)
        {
            var hit = _hits[i];
            var lists = _book.TermLists[hit.Term];
            var first = hit.Start;
            var last = first + _matcher.WordCounts[hit.Term] - 1;
            if (words[first].Sentence != words[last].Sentence)
                continue;
            var steps = FoldStep.None;
            var mostlyMasked = false;
            if (_isFolded && !_text.Verifies(first, _book.FoldedTerms[hit.Term], out steps, out mostlyMasked))
                continue;
            if (_book.TermValues[hit.Term] >= 0 && first == last)
                _text.SetValue(first, _book.TermValues[hit.Term]);
            foreach (var list in lists)
            {
                if (mostlyMasked && !_book.IsMasked[list])
                    continue;
                var language = _book.FunctionLanguage[list];
                if (language >= 0)
                {
                    // The folded channel only adds what the plain one could not read.
                    if (_isFolded == (steps != FoldStep.None) && into.FunctionWords[language] < byte.MaxValue)
                        into.FunctionWords[language]++;
                    continue;
                }

                Occur(list, first, last, steps);
            }
        }
    }

    // What the reader itself knows of words: numbers, ages, atoms.
    void TakeWords()
    {
        var words = _text.Words;
        var reserved = _book.Reserved;
        for (var i = 0; i < words.Length; i++)
        {
            ref readonly var word = ref words[i];
            switch (word.Kind)
            {
                case WordKind.Letters when word.Value < 0:
                case WordKind.Emoji:
                case WordKind.OwnName:
                    break;
                case WordKind.Letters:
                    var steps = _isFolded ? _text.StepsIn(i, i) : FoldStep.None;
                    Occur(reserved.Number, i, i, steps);
                    if (word.Value is >= 8 and <= 21 && !UnitFollows(i))
                        Occur(reserved.Age, i, i, steps);
                    break;
                case WordKind.Digits:
                    Occur(reserved.Number, i, i);
                    if (StartsAt(_book.Currency, i + 1, out var disguise) && words[i + 1].Clause == word.Clause)
                        Occur(reserved.Money, i, i, disguise);
                    if (word.Value is >= 8 and <= 99 && word.End - word.Start == (word.Value < 10 ? 1 : 2) && StandsAlone(word) && !UnitFollows(i))
                    {
                        Occur(reserved.Age, i, i);
                        if (SexBeside(i, out var first, out var last, out var isUnit) && !UnitFollows(last))
                            Occur(isUnit ? reserved.AgeUnit : reserved.AgeSex, first, last);
                    }
                    else if (IsBirthYear(word))
                    {
                        Occur(reserved.BirthYear, i, i);
                    }

                    break;
                case WordKind.Mixed:
                    TakeMixed(i);
                    break;
                case WordKind.Link:
                    Occur(reserved.Link, i, i);
                    break;
                case WordKind.Email:
                    Occur(reserved.Email, i, i);
                    break;
                case WordKind.Phone:
                    Occur(reserved.Phone, i, i);
                    break;
                case WordKind.Handle:
                    Occur(reserved.Handle, i, i);
                    break;
                case WordKind.Room:
                    Occur(reserved.Room, i, i);
                    break;
                case WordKind.Money:
                    Occur(reserved.Money, i, i);
                    break;
                case WordKind.Clock:
                    Occur(reserved.Clock, i, i);
                    break;
                case WordKind.Date:
                    Occur(reserved.Date, i, i);
                    break;
                case WordKind.Version:
                    Occur(reserved.Version, i, i);
                    break;
                default:
                    throw new InvalidOperationException($"A word of kind {word.Kind} is not known to the reader.");
            }
        }
    }

    static bool IsBirthYear(in Word word) => word.Value is >= 1930 and <= 2025 && word.End - word.Start == 4;

    // 14f, f14, 14yo: one word of digits and letters.
    void TakeMixed(int i)
    {
        var word = _text.Words[i];
        var bytes = _text.Plain[word.Start..word.End];
        var digits = 0;
        while (digits < bytes.Length && bytes[digits] is >= (byte)'0' and <= (byte)'9')
            digits++;
        int value;
        if (digits is 1 or 2)
        {
            value = Number(bytes[..digits]);
            var rest = bytes[digits..];
            if (value < 8)
                return;
            if (rest.Length == 1 && _book.SexLetters.Contains((char)rest[0], StringComparison.Ordinal))
            {
                if (!LedInTo(i) || UnitFollows(i))
                    return;
                _text.SetValue(i, value);
                Occur(IsUnitLetter(rest[0]) ? _book.Reserved.AgeUnit : _book.Reserved.AgeSex, i, i);
            }
            else if (rest.SequenceEqual("yo"u8) || rest.SequenceEqual("yr"u8) || rest.SequenceEqual("yrs"u8) || rest.SequenceEqual("y"u8))
            {
                _text.SetValue(i, value);
                Occur(_book.Reserved.Age, i, i);
            }
        }
        else if (digits == 0 && bytes.Length == 3 && _book.SexLetters.Contains((char)bytes[0], StringComparison.Ordinal) && bytes[1] is >= (byte)'0' and <= (byte)'9' && bytes[2] is >= (byte)'0' and <= (byte)'9')
        {
            // F8 to F12 are keys.
            value = Number(bytes[1..]);
            if (value < 13 || !LedInTo(i) || UnitFollows(i))
                return;
            _text.SetValue(i, value);
            Occur(IsUnitLetter(bytes[0]) ? _book.Reserved.AgeUnit : _book.Reserved.AgeSex, i, i);
        }
    }

    static int Number(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        foreach (var d in digits)
            value = (value * 10) + (d - '0');
        return value;
    }

    bool SexBeside(int i, out int first, out int last, out bool isUnit)
    {
        first = last = i;
        isUnit = false;
        var words = _text.Words;
        if (i + 1 < words.Length && IsSexLetter(words[i + 1]) && words[i + 1].Clause == words[i].Clause)
        {
            last = i + 1;
            isUnit = IsUnitLetter(_text.Plain[words[last].Start]) && _text.Text[UnitOf(words[i].To)] != '/';
            return LedInTo(i);
        }

        // "14/f" is how people say it; "f/14" is how a lens does.
        if (i > 0 && IsSexLetter(words[i - 1]) && words[i - 1].Clause == words[i].Clause && _text.Text[UnitOf(words[i].From) - 1] != '/')
        {
            first = i - 1;
            isUnit = IsUnitLetter(_text.Plain[words[first].Start]);
            return LedInTo(first);
        }

        return false;
    }

    // "14f", "hi 14 f here", "im 14f": before it in its sentence stands nothing, or a greeting or "I am".
    bool LedInTo(int i)
    {
        if (_book.BeforeAge < 0)
            return true;
        var words = _text.Words;
        for (var before = i - 1; before >= 0 && words[before].Sentence == words[i].Sentence; before--)
        {
            if (words[before].Kind is WordKind.OwnName or WordKind.Handle or WordKind.Emoji)
                continue;
            var covered = false;
            for (var at = _head[_book.BeforeAge]; at >= 0 && !covered; at = _occurrences[at].Next)
                covered = _occurrences[at].First <= before && before <= _occurrences[at].Last;
            if (!covered)
                return false;
        }

        return true;
    }

    bool IsSexLetter(in Word word) => word.End - word.Start == 1 && word.Kind == WordKind.Letters && _book.SexLetters.Contains((char)_text.Plain[word.Start], StringComparison.Ordinal);

    bool IsUnitLetter(byte letter) => _book.UnitLetters.Contains((char)letter, StringComparison.Ordinal);

    bool UnitFollows(int i) => BeginsAt(_book.Unit, i + 1);

    bool BeginsAt(int list, int word) => StartsAt(list, word, out _);

    bool StartsAt(int list, int word, out FoldStep steps)
    {
        steps = FoldStep.None;
        for (var at = list < 0 ? -1 : _head[list]; at >= 0 && _occurrences[at].First <= word; at = _occurrences[at].Next)
        {
            steps = _occurrences[at].Steps;
            if (_occurrences[at].First == word)
                return true;
        }

        return false;
    }

    // "im 15 at the station", "i feel like im 12": a number beside "I am" is an age where its clause ends, or goes on as after an age.
    bool IsSaidAsAge(int first, int last)
    {
        if (IsNegated(_book.NoAge, first))
            return false;
        var words = _text.Words;
        var next = last + 1;
        return next >= words.Length || words[next].Clause != words[last].Clause || words[next].Kind is WordKind.Emoji or WordKind.OwnName or WordKind.Handle || OpensWithStar(words[next]) || BeginsAt(_book.AfterAge, next);
    }

    // "im 14 *waves*": what a person does stands between stars, beside what it says.
    bool OpensWithStar(in Word word)
    {
        var start = UnitOf(word.From);
        return start > 1 && _text.Text[start - 1] == '*' && _text.Text[start - 2] == ' ';
    }

    // Not part of a larger number, a percentage, a price, a list number or a ratio.
    bool StandsAlone(in Word word)
    {
        var start = UnitOf(word.From);
        var end = UnitOf(word.To);
        var text = _text.Text;
        if (start > 0 && text[start - 1] is '.' or ',' or ':' or '#' or '$' or '€' or '£' or '%' or '^' or '=' or '<' or '>' or '*' or '_' or '-' or '+' or '\\' or '[' or '{')
        {
            // A comma or full stop belongs to the number only if a digit stands before it.
            if (text[start - 1] is not ('.' or ',') || (start > 1 && char.IsAsciiDigit(text[start - 2])))
                return false;
        }

        if (end >= text.Length)
            return true;
        var next = text[end];
        if (next is '%' or '$' or '€' or '£' or '°' or '=' or '*' or '^' or '_' or ']' or '}' or '\\' or '"')
            return false;
        if (next is '.' or ',' or ':' or '-' or '/' or '+' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1]))
            return false;
        return next != '+';
    }

    int UnitOf(int codePoint)
    {
        if (!_surrogates)
            return codePoint;
        var text = _text.Text;
        var unit = 0;
        for (var point = 0; point < codePoint && unit < text.Length; point++)
            unit += char.IsHighSurrogate(text[unit]) && unit + 1 < text.Length && char.IsLowSurrogate(text[unit + 1]) ? 2 : 1;
        return unit;
    }

    void Occur(int list, int first, int last, FoldStep steps = FoldStep.None)
    {
        if (_occurrenceCount == MostOccurrences)
            return;
        if (_occurrenceCount == _occurrences.Length)
            Array.Resize(ref _occurrences, _occurrenceCount * 2);
        var at = _occurrenceCount++;
        _occurrences[at] = new() { First = first, Last = last, Next = -1, Steps = steps };
        if (_head[list] < 0)
        {
            _head[list] = at;
            if (_presentCount == _present.Length)
                Array.Resize(ref _present, _presentCount * 2);
            _present[_presentCount++] = list;
        }
        else
        {
            _occurrences[_tail[list]].Next = at;
        }

        _tail[list] = at;
    }

    void Evaluate(BookRule rule, MessageReading into)
    {
        foreach (var list in rule.Lists)
        {
            if (_head[list] < 0)
                return;
        }

        switch (rule.Kind)
        {
            case SayKind.Any:
                for (var at = _head[rule.Lists[0]]; at >= 0; at = _occurrences[at].Next)
                    Fire(rule, _occurrences[at].First, _occurrences[at].Last, _occurrences[at].Steps, into);
                break;
            case SayKind.FirstThen:
                FirstThen(rule, into);
                break;
            case SayKind.All:
                All(rule, into);
                break;
            default:
                throw new InvalidOperationException($"A rule of kind {rule.Kind} is not known to the reader.");
        }
    }

    // Both chains ascend, so the nearest follower is found in one pass.
    void FirstThen(BookRule rule, MessageReading into)
    {
        var words = _text.Words;
        var then = _head[rule.Lists[1]];
        for (var at = _head[rule.Lists[0]]; at >= 0 && then >= 0; at = _occurrences[at].Next)
        {
            var last = _occurrences[at].Last;
            while (then >= 0 && _occurrences[then].First <= last)
                then = _occurrences[then].Next;
            if (then < 0)
                return;
            // Of several first parts before one follower, only the nearest is said with it.
            var next = _occurrences[at].Next;
            if (next >= 0 && _occurrences[next].Last < _occurrences[then].First && _occurrences[next].First > last)
                continue;
            if (_occurrences[then].First - last > rule.Within || words[_occurrences[then].First].Sentence != words[last].Sentence)
                continue;
            // Of several terms that begin there, the longest is what was said.
            var (end, steps) = (_occurrences[then].Last, _occurrences[then].Steps);
            for (var longer = _occurrences[then].Next; longer >= 0 && _occurrences[longer].First == _occurrences[then].First; longer = _occurrences[longer].Next)
            {
                if (_occurrences[longer].Last > end)
                    (end, steps) = (_occurrences[longer].Last, _occurrences[longer].Steps);
            }

            Fire(rule, _occurrences[at].First, end, _occurrences[at].Steps | steps, into);
        }
    }

    // One occurrence of each list in one sentence, none overlapping; a sentence is cited once.
    void All(BookRule rule, MessageReading into)
    {
        var words = _text.Words;
        Span<Occurrence> chosen = stackalloc Occurrence[rule.Lists.Length];
        var done = -1;
        for (var at = _head[rule.Lists[0]]; at >= 0; at = _occurrences[at].Next)
        {
            var sentence = words[_occurrences[at].First].Sentence;
            if (sentence == done)
                continue;
            chosen[0] = _occurrences[at];
            var taken = 1;
            while (taken < rule.Lists.Length && Choose(rule.Lists[taken], sentence, chosen[..taken], out chosen[taken]))
                taken++;
            if (taken < rule.Lists.Length)
                continue;
            done = sentence;
            var (first, last, steps) = (chosen[0].First, chosen[0].Last, FoldStep.None);
            foreach (var one in chosen)
            {
                first = Math.Min(first, one.First);
                last = Math.Max(last, one.Last);
                steps |= one.Steps;
            }

            Fire(rule, first, last, steps, into);
        }
    }

    // The nearest occurrence to the first one chosen, so that the span cited is as short as it can be.
    bool Choose(int list, int sentence, ReadOnlySpan<Occurrence> chosen, out Occurrence found)
    {
        var words = _text.Words;
        var best = int.MaxValue;
        found = default;
        for (var at = _head[list]; at >= 0; at = _occurrences[at].Next)
        {
            var (first, last) = (_occurrences[at].First, _occurrences[at].Last);
            if (words[first].Sentence > sentence)
                break;
            if (words[first].Sentence != sentence)
                continue;
            var free = true;
            foreach (var one in chosen)
                free &= first > one.Last || last < one.First;
            var distance = Math.Max(chosen[0].First - last, first - chosen[0].Last);
            if (!free || distance >= best)
                continue;
            best = distance;
            found = _occurrences[at];
        }

        return best < int.MaxValue;
    }

    void Fire(BookRule rule, int first, int last, FoldStep steps, MessageReading into)
    {
        var words = _text.Words;
        // The folded channel only adds what the plain one could not read.
        if (rule != _firing)
            (_firing, _fired) = (rule, 0);
        // What rules give waits for the tracker, which takes the earliest: no rule may fill the place of another.
        if (_fired == MostIndicators || into.Count == MostCandidates)
        {
            into.Cut++;
            return;
        }

        var sentence = words[first].Sentence;
        if (_isFolded)
        {
            // What was undone between the parts counts too, and what was undone in a word that the rule needs; a mask is one word either way.
            if (rule.Kind != SayKind.Any)
                steps |= _text.StepsIn(first, last) & ~FoldStep.Mask;
            if ((rule.Needs & RuleNeeds.SecondPerson) != 0)
                steps |= StepsOf(_book.SecondPerson[rule.Language], sentence);
            if ((rule.Needs & RuleNeeds.Question) != 0 && !_text.IsQuestion(sentence))
                steps |= StepsOf(_book.QuestionWord[rule.Language], sentence);
            if (steps == FoldStep.None || (steps & Off) != 0 || IsKnown(rule, first, last, into))
                return;
        }

        if ((rule.Needs & RuleNeeds.SecondPerson) != 0 && !InSentence(_book.SecondPerson[rule.Language], sentence))
            return;
        if ((rule.Needs & RuleNeeds.Question) != 0 && !_text.IsQuestion(sentence) && !InSentence(_book.QuestionWord[rule.Language], sentence))
            return;
        if ((rule.Needs & RuleNeeds.Short) != 0 && words.Length > RuleLanguage.ShortWords && Spoken(words) > RuleLanguage.ShortWords)
            return;
        if ((rule.Needs & RuleNeeds.Brief) != 0 && !IsAlone(first, last))
            return;
        if ((rule.Needs & RuleNeeds.AsAge) != 0 && !IsSaidAsAge(first, last))
            return;
        var strength = rule.Strength;
        foreach (var context in rule.Unless)
        {
            if (!Holds(context, rule, first, last))
                continue;
            if (context.Effect == ContextEffect.Drop || strength == RuleStrength.Weak)
                return;
            strength--;
        }

        _fired++;
        ref var candidate = ref into.Add();
        candidate.Rule = rule;
        candidate.From = words[first].From;
        candidate.To = words[first].To;
        for (var i = first + 1; i <= last; i++)
            candidate.To = Math.Max(candidate.To, words[i].To);
        candidate.Strength = strength;
        candidate.Steps = steps;
        candidate.Years = rule.Years;
        candidate.YearsExact = rule.Years < 0;
        candidate.InQuestion = _text.IsQuestion(sentence);
        candidate.MoneyFrom = candidate.MoneyTo = 0;
        candidate.DateFrom = candidate.DateTo = 0;
        candidate.Service = null;
        candidate.Channel = null;
        Fill(rule, ref candidate, first, last, into.Message?.At);
    }

    // An emoji beside what was said is not said: "14" and a smile is an answer.
    static int Spoken(ReadOnlySpan<Word> words)
    {
        var count = 0;
        foreach (ref readonly var word in words)
            count += word.Kind == WordKind.Emoji ? 0 : 1;
        return count;
    }

    bool IsAlone(int first, int last)
    {
        var words = _text.Words;
        var sentence = words[first].Sentence;
        while (first > 0 && words[first - 1].Kind == WordKind.Emoji)
            first--;
        while (last + 1 < words.Length && words[last + 1].Kind == WordKind.Emoji)
            last++;
        return (first == 0 || words[first - 1].Sentence != sentence) && (last + 1 == words.Length || words[last + 1].Sentence != sentence);
    }

    bool IsKnown(BookRule rule, int first, int last, MessageReading into)
    {
        var words = _text.Words;
        for (var i = 0; i < _plainCount; i++)
        {
            ref var known = ref into.Candidates[i];
            if (known.Rule.Definition.Code == rule.Definition.Code && known.From < words[last].To && words[first].From < known.To)
                return true;
        }

        return false;
    }

    void Fill(BookRule rule, ref Candidate candidate, int first, int last, SpokenAt? said)
    {
        var words = _text.Words;
        foreach (var attribute in rule.Filled)
        {
            switch (attribute)
            {
                case "years":
                    // Of a year of birth the age is known to a year, and only where the year of the line is.
                    var isBirth = rule.Lists.Contains(_book.Reserved.BirthYear);
                    for (var i = first; i <= last && candidate.Years < 0; i++)
                    {
                        if (isBirth)
                        {
                            if (words[i].Kind == WordKind.Digits && IsBirthYear(words[i]) && said is { } at && at.Local.Year - words[i].Value is >= 8 and <= 99)
                                (candidate.Years, candidate.YearsExact) = (at.Local.Year - words[i].Value, false);
                        }
                        else if (words[i].Value is >= 8 and <= 99)
                        {
                            candidate.Years = words[i].Value;
                        }
                    }

                    break;
                case "date":
                    for (var pass = 0; pass < 2 && candidate.DateTo == 0; pass++)
                    {
                        for (var at = _head[_book.Reserved.Date]; at >= 0; at = _occurrences[at].Next)
                        {
                            var word = _occurrences[at].First;
                            if (pass == 0 && (word < first || word > last))
                                continue;
                            (candidate.DateFrom, candidate.DateTo) = (words[word].From, words[word].To);
                            break;
                        }
                    }

                    break;
                case "amount" or "currency":
                    // The first amount in the span, else the first of the message.
                    for (var pass = 0; pass < 2 && candidate.MoneyTo == 0; pass++)
                    {
                        for (var at = _head[_book.Reserved.Money]; at >= 0; at = _occurrences[at].Next)
                        {
                            var word = _occurrences[at].First;
                            if (pass == 0 && (word < first || word > last))
                                continue;
                            (candidate.MoneyFrom, candidate.MoneyTo) = (words[word].From, words[word].To);
                            break;
                        }
                    }

                    break;
                case "service":
                    candidate.Service ??= NameIn(_book.ServiceOf, first, last);
                    break;
                case "channel":
                    candidate.Channel ??= NameIn(_book.ChannelOf, first, last);
                    break;
                default:
                    break;
            }
        }
    }

    // The name whose term stands in the span, else anywhere; of several, the one that stands first.
    string? NameIn(string?[] names, int first, int last)
    {
        string? inside = null, anywhere = null;
        int insideAt = int.MaxValue, anywhereAt = int.MaxValue;
        for (var i = 0; i < _presentCount; i++)
        {
            if (names[_present[i]] is not { } name)
                continue;
            for (var at = _head[_present[i]]; at >= 0; at = _occurrences[at].Next)
            {
                var word = _occurrences[at].First;
                if (word < anywhereAt)
                    (anywhere, anywhereAt) = (name, word);
                if (word >= first && word <= last && word < insideAt)
                    (inside, insideAt) = (name, word);
            }
        }

        return inside ?? anywhere;
    }

    bool InSentence(int list, int sentence)
    {
        if (list < 0)
            return false;
        var words = _text.Words;
        for (var at = _head[list]; at >= 0; at = _occurrences[at].Next)
        {
            if (words[_occurrences[at].First].Sentence == sentence)
                return true;
        }

        return false;
    }

    // What had to be undone for a list to be in a sentence; nothing if a term of it stands there as written.
    FoldStep StepsOf(int list, int sentence)
    {
        if (list < 0)
            return FoldStep.None;
        var words = _text.Words;
        var steps = FoldStep.None;
        for (var at = _head[list]; at >= 0; at = _occurrences[at].Next)
        {
            if (words[_occurrences[at].First].Sentence != sentence)
                continue;
            if (_occurrences[at].Steps == FoldStep.None)
                return FoldStep.None;
            steps |= _occurrences[at].Steps;
        }

        return steps;
    }

    bool Holds(BookContext context, BookRule rule, int first, int last) => context.Shape switch
    {
        ContextShape.Words => Near(context.List, first, last, context.Near),
        ContextShape.Negated => IsNegated(_book.Negation[rule.Language], first),
        ContextShape.Reported => IsReported(rule, first, last),
        ContextShape.Quoted => Quotation.Holds(_text.Text, UnitOf(_text.Words[first].From), UnitOf(_text.Words[last].To)),
        ContextShape.Played => Quotation.IsPlayed(_text.Text, UnitOf(_text.Words[first].From), UnitOf(_text.Words[last].To)),
        _ => throw new InvalidOperationException($"A context of shape {context.Shape} is not known to the reader."),
    };

    bool Near(int list, int first, int last, int near)
    {
        if (list < 0)
            return false;
        if (near == 0)
            return _head[list] >= 0;
        for (var at = _head[list]; at >= 0; at = _occurrences[at].Next)
        {
            if (_occurrences[at].First <= last + near && _occurrences[at].Last >= first - near)
                return true;
        }

        return false;
    }

    bool IsNegated(int list, int first)
    {
        if (list < 0)
            return false;
        var words = _text.Words;
        for (var at = _head[list]; at >= 0; at = _occurrences[at].Next)
        {
            var last = _occurrences[at].Last;
            if (last < first && first - last <= 3 && words[last].Clause == words[first].Clause)
                return true;
        }

        return false;
    }

    bool IsReported(BookRule rule, int first, int last) =>
        Near(_book.ThirdPerson[rule.Language], first, last, 4) && !InSentence(_book.SecondPerson[rule.Language], _text.Words[first].Sentence);

    // Start, length, code, rule: the order of findings, so that no order of lists shows through.
    static void Order(MessageReading reading) =>
        reading.Candidates.AsSpan(0, reading.Count).Sort(static (a, b) =>
        {
            var order = a.From.CompareTo(b.From);
            if (order == 0)
                order = a.To.CompareTo(b.To);
            if (order == 0)
                order = string.CompareOrdinal(a.Rule.Definition.Code, b.Rule.Definition.Code);
            return order != 0 ? order : string.CompareOrdinal(a.Rule.Id, b.Rule.Id);
        });
}
