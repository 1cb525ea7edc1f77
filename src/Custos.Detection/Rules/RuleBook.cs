using System.Text;

namespace Custos.Detection;

[Flags]
enum RuleNeeds : ushort
{
    None = 0,
    SecondPerson = 1,
    Question = 2,
    Language = 4,
    Open = 8,
    ChildAge = 16,
    Short = 32,
    NoPeer = 64,
    Brief = 128,
    AsAge = 256,
    Fresh = 512,
    Introduced = 1024,
}

enum SayKind : byte
{
    Any,
    FirstThen,
    All,
}

/// <summary>The shape of a context: code for four of them, a list of terms for the rest.</summary>
enum ContextShape : byte
{
    Words,
    Negated,
    Quoted,
    Played,
    Reported,
}

/// <summary>A context ready to be looked for.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="List">Its terms, for the shape that has them; -1 otherwise.</param>
/// <param name="Near">How many words from the span a term may stand; 0 = anywhere in the message.</param>
/// <param name="Effect">What it does.</param>
sealed record BookContext(ContextShape Shape, int List, int Near, ContextEffect Effect);

/// <summary>A rule ready to be evaluated.</summary>
sealed class BookRule
{
    internal required string Id { get; init; }

    internal required IndicatorDefinition Definition { get; init; }

    internal required int Language { get; init; }

    internal required SayKind Kind { get; init; }

    internal required int[] Lists { get; init; }

    internal int Within { get; init; }

    internal required RuleStrength Strength { get; init; }

    internal RuleNeeds Needs { get; init; }

    /// <summary>The code that must be open, for <see cref="RuleNeeds.Open"/>.</summary>
    internal int OpenCode { get; init; } = -1;

    internal BookContext[] Unless { get; init; } = [];

    /// <summary>Years the rule itself stands for, as a school grade does; -1 if the words say them.</summary>
    internal int Years { get; init; } = -1;

    /// <summary>Attributes the pack sets outright.</summary>
    internal IndicatorAttribute[] Fixed { get; init; } = [];

    /// <summary>Attributes to be filled from what stands in the span.</summary>
    internal string[] Filled { get; init; } = [];

    internal int Code { get; set; }

    internal int Family { get; set; }

    internal int WeightOf(RuleStrength strength) => strength switch
    {
        RuleStrength.Weak => Definition.Millibits / 3,
        RuleStrength.Plain => Definition.Millibits,
        RuleStrength.Strong => Definition.Millibits * 3 / 2,
        _ => throw new ArgumentOutOfRangeException(nameof(strength)),
    };
}

/// <summary>Everything of a pack that reading a message needs, compiled once: one matcher over all terms, lists by number, rules by the list that calls them.</summary>
sealed class RuleBook
{
    internal required PhraseMatcher Matcher { get; init; }

    /// <summary>The same terms as the folded channel writes them; a term has the same number in both.</summary>
    internal required PhraseMatcher FoldedMatcher { get; init; }

    internal required FoldedTerm[] FoldedTerms { get; init; }

    /// <summary>What may stand behind signs in place of letters.</summary>
    internal required HiddenWords Hidden { get; init; }

    /// <summary>By list: its words are also read where more of their letters are hidden than shown.</summary>
    internal required bool[] IsMasked { get; init; }

    /// <summary>By term: the lists it is in.</summary>
    internal required int[][] TermLists { get; init; }

    /// <summary>By term: the number it writes; -1 if none.</summary>
    internal required int[] TermValues { get; init; }

    internal required int ListCount { get; init; }

    internal required BookRule[] Rules { get; init; }

    /// <summary>By list: the rules to try when it is present.</summary>
    internal required BookRule[][] RulesByList { get; init; }

    /// <summary>By list: the language whose function words it holds; -1 if it holds none.</summary>
    internal required int[] FunctionLanguage { get; init; }

    internal required string[] Languages { get; init; }

    /// <summary>By language: the list of each role; -1 if the language has none.</summary>
    internal required int[] SecondPerson { get; init; }

    internal required int[] ThirdPerson { get; init; }

    internal required int[] Negation { get; init; }

    internal required int[] QuestionWord { get; init; }

    /// <summary>Units, over all languages: a number before one is no age.</summary>
    internal required int Unit { get; init; }

    /// <summary>Words that may stand before <c>14f</c> in its sentence, over all languages: elsewhere it is a temperature or a key; -1 if no pack says so, and then any may.</summary>
    internal required int BeforeAge { get; init; }

    /// <summary>Words that may follow an age in its clause, over all languages, for <see cref="RuleNeeds.AsAge"/>; -1 if none.</summary>
    internal required int AfterAge { get; init; }

    /// <summary>Words before which a number is a comparison and no age ("feel like"), over all languages; -1 if none.</summary>
    internal required int NoAge { get; init; }

    /// <summary>Letters that stand for a sex beside an age, over all languages.</summary>
    internal required string SexLetters { get; init; }

    /// <summary>Those of them that are short for a unit as well: <c>15m</c> is a quarter of an hour.</summary>
    internal required string UnitLetters { get; init; }

    internal required Currencies Currencies { get; init; }

    /// <summary>By list: the service or payment channel its terms name; null if none.</summary>
    internal required string?[] ServiceOf { get; init; }

    internal required string?[] ChannelOf { get; init; }

    internal required int ChildAgeBelow { get; init; }

    internal required ReservedLists Reserved { get; init; }

    /// <summary>Names of money that stand apart from their number; -1 if there are none.</summary>
    internal required int Currency { get; init; }
}

/// <summary>The numbers of the lists that the reader makes itself.</summary>
sealed record ReservedLists(
    int Age, int AgeSex, int AgeUnit, int BirthYear, int Number, int Money, int Service, int PaymentChannel, int Phone, int Email, int Link, int Handle, int Room, int Clock, int Date, int Version);

/// <summary>Collects lists and rules and compiles them.</summary>
sealed class RuleBookBuilder
{
    readonly Dictionary<(string Language, string Name), int> _lists = [];
    readonly List<List<byte[]>> _terms = [];
    readonly List<(string Term, int Value)> _numbers = [];

    // Lists whose words are read behind a mask that hides more than it shows.
    readonly HashSet<int> _masked = [];
    readonly List<BookRule> _rules = [];
    readonly List<string> _languages = [];
    readonly List<KeyValuePair<string, string>> _currencies = [];
    readonly Dictionary<int, string> _services = [];
    readonly Dictionary<int, string> _channels = [];
    readonly Dictionary<int, int> _functionLanguage = [];
    readonly StringBuilder _sexLetters = new();
    readonly StringBuilder _unitLetters = new();
    readonly NormalizedText _text = new();

    internal int ChildAgeBelow { get; set; } = 18;

    internal RuleBookBuilder()
    {
        foreach (var name in RuleLanguage.ReservedLists)
            List("", name);
        List("", "unit");
    }

    internal int Language(string name)
    {
        var at = _languages.IndexOf(name);
        if (at >= 0)
            return at;
        _languages.Add(name);
        return _languages.Count - 1;
    }

    /// <summary>The number of a list; made if it is new.</summary>
    internal int List(string language, string name)
    {
        if (_lists.TryGetValue((language, name), out var number))
            return number;
        number = _terms.Count;
        _lists.Add((language, name), number);
        _terms.Add([]);
        return number;
    }

    internal bool Has(string language, string name) => _lists.ContainsKey((language, name));

    internal void AddTerms(int list, IEnumerable<string> terms)
    {
        foreach (var term in terms)
            AddTerm(list, term);
    }

    /// <summary>Adds a term as the plain channel writes it.</summary>
    /// <exception cref="ArgumentException">The term holds no word.</exception>
    internal void AddTerm(int list, string term)
    {
        var bytes = Normal(term);
        if (bytes.Length <= 2)
            throw new ArgumentException($"A term of list {list} holds no word.", nameof(term));
        _terms[list].Add(bytes);
    }

    /// <summary>Has the words of a list read where <c>*</c> or <c>#</c> hide more of their letters than they show.</summary>
    internal void AddMasked(int list) => _masked.Add(list);

    internal byte[] Normal(string term)
    {
        _text.Read(term, null, null, Currencies.Signs);
        return _text.Plain.ToArray();
    }

    internal void AddNumber(string word, int value) => _numbers.Add((word, value));

    internal void AddFunctionWords(string language, IEnumerable<string> words)
    {
        var list = List(language, "function-words");
        _functionLanguage[list] = Language(language);
        AddTerms(list, words);
    }

    internal void AddSexLetters(IEnumerable<string> letters)
    {
        foreach (var letter in letters)
            _sexLetters.Append(letter);
    }

    internal void AddUnitLetters(IEnumerable<string> letters)
    {
        foreach (var letter in letters)
            _unitLetters.Append(letter);
    }

    internal void AddCurrency(string name, string code)
    {
        _currencies.Add(new(name, code));
        // Names of money are found with their numbers, as atoms; in disguise they are words like others.
        if (name.Length >= 3 && name.All(char.IsLetter))
            AddTerm(List("", "currency"), name);
    }

    internal void AddService(string service, IEnumerable<string> terms)
    {
        var list = List("", "service:" + service);
        _services[list] = service;
        AddTerms(list, terms);
    }

    internal void AddPaymentChannel(string channel, IEnumerable<string> terms)
    {
        var list = List("", "channel:" + channel);
        _channels[list] = channel;
        AddTerms(list, terms);
    }

    internal void Add(BookRule rule) => _rules.Add(rule);

    internal RuleBook Build()
    {
        var languageCount = Math.Max(1, _languages.Count);
        if (_languages.Count == 0)
            _languages.Add("en");
        var terms = new Dictionary<string, (int Index, List<int> Lists, int Value)>(StringComparer.Ordinal);
        var literals = new List<byte[]>();
        for (var list = 0; list < _terms.Count; list++)
        {
            foreach (var bytes in _terms[list])
                Enter(bytes, list, -1);
        }

        foreach (var (word, value) in _numbers)
            Enter(Normal(word), -1, value);

        void Enter(byte[] bytes, int list, int value)
        {
            // Latin-1 is one character a byte: a key, never shown.
            var key = Encoding.Latin1.GetString(bytes);
            if (!terms.TryGetValue(key, out var entry))
            {
                entry = (literals.Count, [], -1);
                literals.Add(bytes);
            }

            if (list >= 0 && !entry.Lists.Contains(list))
                entry.Lists.Add(list);
            if (value >= 0)
                entry.Value = value;
            terms[key] = entry;
        }

        var termLists = new int[literals.Count][];
        var termValues = new int[literals.Count];
        foreach (var (index, lists, value) in terms.Values)
        {
            // A service's own list stands for itself and for the reserved list of all services.
            var all = new List<int>(lists);
            foreach (var list in lists)
            {
                if (_services.ContainsKey(list))
                    all.Add(List("", "service"));
                if (_channels.ContainsKey(list))
                    all.Add(List("", "payment-channel"));
            }

            termLists[index] = [.. all.Distinct()];
            termValues[index] = value;
        }

        var codes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < IndicatorCatalogue.All.Count; i++)
            codes.Add(IndicatorCatalogue.All[i].Code, i);
        var byList = new List<BookRule>[_terms.Count];
        foreach (var rule in _rules)
        {
            rule.Code = codes[rule.Definition.Code];
            rule.Family = FamilyOf(rule.Definition);
            var anchor = Anchor(rule);
            (byList[anchor] ??= []).Add(rule);
        }

        if (_sexLetters.Length == 0)
            _sexLetters.Append("fm");
        var count = _terms.Count;
        var folded = literals.ConvertAll(literal => FoldedTerm.Of(literal));
        var foldedMatcher = new PhraseMatcher(folded.ConvertAll(term => term.Bytes));
        return new()
        {
            Matcher = new(literals),
            FoldedMatcher = foldedMatcher,
            FoldedTerms = [.. folded],
            Hidden = new(folded, foldedMatcher),
            IsMasked = [.. Enumerable.Range(0, count).Select(_masked.Contains)],
            TermLists = termLists,
            TermValues = termValues,
            ListCount = count,
            Rules = [.. _rules],
            RulesByList = [.. byList.Select(rules => rules is null ? Array.Empty<BookRule>() : [.. rules])],
            FunctionLanguage = [.. Enumerable.Range(0, count).Select(list => _functionLanguage.GetValueOrDefault(list, -1))],
            Languages = [.. _languages],
            SecondPerson = Role("second-person"),
            ThirdPerson = Role("third-person"),
            Negation = Role("negation"),
            QuestionWord = Role("question-word"),
            Unit = List("", "unit"),
            BeforeAge = _lists.GetValueOrDefault(("", "before-age"), -1),
            AfterAge = _lists.GetValueOrDefault(("", "after-age"), -1),
            NoAge = _lists.GetValueOrDefault(("", "no-age"), -1),
            SexLetters = _sexLetters.ToString(),
            UnitLetters = _unitLetters.ToString(),
            Currencies = _currencies.Count == 0 ? Currencies.Signs : new(_currencies),
            ServiceOf = [.. Enumerable.Range(0, count).Select(list => _services.GetValueOrDefault(list))],
            ChannelOf = [.. Enumerable.Range(0, count).Select(list => _channels.GetValueOrDefault(list))],
            ChildAgeBelow = ChildAgeBelow,
            Currency = _lists.GetValueOrDefault(("", "currency"), -1),
            Reserved = new(
                List("", "age"), List("", "age-sex"), List("", "age-unit"), List("", "birth-year"), List("", "number"), List("", "money"), List("", "service"), List("", "payment-channel"),
                List("", "phone"), List("", "email"), List("", "link"), List("", "handle"), List("", "room"), List("", "clock"), List("", "date"), List("", "version")),
        };

        int[] Role(string name) => [.. Enumerable.Range(0, languageCount).Select(l => _lists.GetValueOrDefault((_languages[l], name), -1))];
    }

    internal static int FamilyOf(IndicatorDefinition definition) =>
        definition.Kind == IndicatorKind.Incriminating ? (int)Enum.Parse<Family>(definition.Family, ignoreCase: true) : -1;

    // The list whose shortest term is longest is the rarest guess: a rule is tried only when that list is present.
    int Anchor(BookRule rule) => rule.Lists.MaxBy(list => _terms[list].Count == 0 ? 3 : _terms[list].Min(term => term.Length));
}
