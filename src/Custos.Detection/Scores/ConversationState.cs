using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Detection;

/// <summary>What is kept of a venue.</summary>
sealed class VenueState(string name)
{
    internal readonly string Name = name;
    internal readonly Dictionary<string, Author> Authors = new(StringComparer.Ordinal);
    internal readonly Dictionary<string, ThreadState> Threads = new(StringComparer.Ordinal);

    /// <summary>Gaps heard of in the whole venue.</summary>
    internal int Gaps;

    internal Dictionary<string, Author>.AlternateLookup<ReadOnlySpan<char>> AuthorsByName => Authors.GetAlternateLookup<ReadOnlySpan<char>>();

    internal Author AuthorOf(string handle)
    {
        if (!Authors.TryGetValue(handle, out var author))
        {
            author = new(handle, Authors.Count);
            Authors.Add(handle, author);
        }

        return author;
    }
}

/// <summary>An account of a venue.</summary>
sealed class Author(string name, int index)
{
    internal readonly string Name = name;
    internal readonly int Index = index;
    internal bool IsPersona;
    internal Evidence? Place;
    internal bool PlaceAlerted, PairAlerted;
    internal int? LastDay;

    // The latest age it stated of itself to anyone in the venue: who was not told can have heard.
    internal int Years = -1;

    // What a model holds of everything the account said here, and to how many it has spoken without an incriminating indicator.
    internal ModelEvidence Model;
    internal int Counterparts;

    // Function words by language of the last eight messages without an incriminating indicator, and their sums.
    const int Window = 8;
    byte[]? _ring;
    byte _ringAt;

    // By family: the counterparts that had the same core ask; at most eight.
    List<int>?[]? _asked;

    internal int FunctionWords(int language, int languages)
    {
        if (_ring is null)
            return 0;
        var sum = 0;
        for (var i = 0; i < Window; i++)
            sum += _ring[(i * languages) + language];
        return sum;
    }

    internal void Heard(ReadOnlySpan<byte> functionWords)
    {
        _ring ??= new byte[Window * functionWords.Length];
        functionWords.CopyTo(_ring.AsSpan(_ringAt * functionWords.Length));
        _ringAt = (byte)((_ringAt + 1) % Window);
    }

    /// <summary>Notes an ask; true when it makes the fifth counterpart.</summary>
    internal bool Asks(Family family, Author counterpart)
    {
        _asked ??= new List<int>?[Evidence.FamilyCount];
        var asked = _asked[(int)family] ??= [];
        if (asked.Count >= 8 || asked.Contains(counterpart.Index))
            return false;
        asked.Add(counterpart.Index);
        return asked.Count == 5;
    }
}

/// <summary>One dialogue, or a room.</summary>
sealed class ThreadState(string name)
{
    internal readonly string Name = name;
    internal Author? First, Second, Persona;
    internal int FirstCount, SecondCount;
    internal HashSet<Author>? More;
    internal Dialogue? Main;
    internal Dictionary<(int, int), Dialogue>? Others;
    internal int? LastDay;

    // What a model holds of the pairs of this thread; nothing without one.
    ModelPair? _model;
    Dictionary<(int, int), ModelPair>? _models;

    /// <summary>Gaps heard of in this thread alone.</summary>
    internal int Gaps;

    internal bool HasSpoken(Author author) => author == First || author == Second || (More?.Contains(author) ?? false);

    internal void Speak(Author author)
    {
        if (First is null || author == First)
        {
            First = author;
            FirstCount++;
        }
        else if (Second is null || author == Second)
        {
            Second = author;
            SecondCount++;
        }
        else
        {
            (More ??= []).Add(author);
        }
    }

    /// <summary>What a model holds of two accounts; made where it is new. The second is null while the pair is open.</summary>
    internal ModelPair ModelOf(Author author, Author? addressed)
    {
        if (_model is { } main)
        {
            if (addressed is null || main.B is null)
            {
                if (main.A == author || main.A == addressed)
                {
                    main.B ??= main.A == author ? addressed : author;
                    return main;
                }
            }
            else if ((main.A == author && main.B == addressed) || (main.A == addressed && main.B == author))
            {
                return main;
            }
        }
        else if (Name.Length > 0)
        {
            return _model = new(author) { B = addressed };
        }

        // A pair of its own for everyone else; nobody is addressed by an open line here.
        var key = author.Index < addressed!.Index ? (author.Index, addressed.Index) : (addressed.Index, author.Index);
        _models ??= [];
        if (!_models.TryGetValue(key, out var pair))
            _models.Add(key, pair = new(author) { B = addressed });
        return pair;
    }

    internal int CountOf(Author author) => author == First ? FirstCount : author == Second ? SecondCount : 0;
}

/// <summary>Two accounts of a thread; the second has no name until it speaks or is addressed.</summary>
sealed class Dialogue(ThreadState thread, Author first)
{
    internal readonly ThreadState Thread = thread;
    internal readonly Side A = new() { Author = first };
    internal readonly Side B = new();
    internal readonly List<ConductEvent> Events = [];
    internal readonly List<FollowedEvent> Followed = [];
    internal readonly List<FactPlace> UnansweredRuns = [];
    internal int Messages;
    internal FactPlace? PersonaTenth;

    // The side that spoke last, and how often in a row.
    Side? _runOf;
    int _run;

    internal bool IsOpen => B.Author is null;

    internal Side Of(Author author) => A.Author == author ? A : B;

    internal Side Other(Side side) => ReferenceEquals(side, A) ? B : A;

    internal void Speak(Side side, ChatMessage message, ExhibitNumber exhibit, int length)
    {
        Messages++;
        side.Messages++;
        if (ReferenceEquals(_runOf, side))
        {
            _run++;
        }
        else
        {
            _runOf = side;
            _run = 1;
        }

        if (_run > side.LongestRun)
            side.LongestRun = _run;
        side.LastAt = message.At;
        if (side.AwaitsFirstAfterAge)
        {
            side.AwaitsFirstAfterAge = false;
            side.FirstAfterAge = new(exhibit, message.Id, message.At, 0, length);
        }

        if (side.Author!.IsPersona)
        {
            if (_run == 3)
                UnansweredRuns.Add(new(exhibit, message.Id, message.At, 0, length));
            if (side.Messages == 10)
                PersonaTenth = new(exhibit, message.Id, message.At, 0, length);
        }

        side.LastNumber = Messages;
        (side.LastExhibit, side.LastId, side.LastLength) = (exhibit, message.Id, length);
        for (var i = Followed.Count - 1; i >= 0 && Followed[i].Number >= Messages - 3; i--)
        {
            Followed[i].Next.Add(new(exhibit, message.Id, message.At, 0, length));
            Followed[i].NextByPersona.Add(side.Author.IsPersona);
        }
    }
}

/// <summary>A refusal or a leave-taking, and the three messages after it.</summary>
sealed record FollowedEvent(Side Side, Indicator Indicator, SpokenAt? At, int Number, List<FactPlace> Next, List<bool> NextByPersona);

/// <summary>An indicator as the conduct record keeps it.</summary>
/// <param name="Side">Who said it.</param>
/// <param name="Indicator">What.</param>
/// <param name="Definition">Its code.</param>
/// <param name="At">When.</param>
/// <param name="Number">The message's number in the dialogue.</param>
/// <param name="AfterGap">True if a gap lies before it.</param>
/// <param name="Years">For a statement of age; -1 otherwise.</param>
/// <param name="Exact">For a statement of age.</param>
sealed record ConductEvent(Side Side, Indicator Indicator, IndicatorDefinition Definition, SpokenAt? At, int Number, bool AfterGap, int Years, bool Exact);

/// <summary>One side of a dialogue.</summary>
sealed class Side
{
    internal Author? Author;
    internal Evidence? Evidence;
    internal bool Alerted;
    internal int Messages;
    internal int LongestRun;
    internal SpokenAt? LastAt;
    internal int LastNumber;
    internal ExhibitNumber LastExhibit;
    internal string LastId = "";
    internal int LastLength;

    internal FactPlace Last => new(LastExhibit, LastId, LastAt, 0, LastLength);

    // The latest age this side stated of itself.
    internal int Years = -1;
    internal Indicator? AgeCited;
    internal long AgeOrdinal;
    internal SpokenAt? AgeAt;

    // Set when the other side stated a child's age: the next message of this side is the first after it.
    internal bool AwaitsFirstAfterAge;
    internal FactPlace? FirstAfterAge;

    /// <summary>True once this side left in words.</summary>
    internal bool Withdrew;

    /// <summary>Core families this side has raised, a bit each.</summary>
    internal int Raised;

    // By code: for how many more messages of the other side a question of this side stays open.
    sbyte[]? _open;
    int _openMost;

    // A question stays open for the next six messages of the other side (detection-spec, section 5).
    const int OpenFor = 6;

    // By family: for how many more messages of the other side its refusal of this side's ask stands.
    sbyte[]? _refused;
    int _refusedMost;

    internal bool IsOpen(int code) => _openMost > 0 && _open![code] > 0;

    /// <summary>True while the other side has not said more than <see cref="RuleLanguage.FreshMessages"/> messages since, the one being read included.</summary>
    internal bool IsFresh(int code) => _openMost > 0 && _open![code] > OpenFor - RuleLanguage.FreshMessages;

    internal void Opens(int code)
    {
        (_open ??= new sbyte[IndicatorCatalogue.All.Count])[code] = OpenFor;
        _openMost = OpenFor;
    }

    internal void Closes(int code)
    {
        if (_open is not null)
            _open[code] = 0;
    }

    internal bool IsRefused(int family) => _refusedMost > 0 && _refused![family] > 0;

    internal void IsRefusedNow()
    {
        if (Raised == 0)
            return;
        // A refusal answers what was asked just now. It never reaches less for one more ask, so that no message of an account can lower what is held against it.
        var asked = 0;
        for (var code = 0; _openMost > 0 && code < _open!.Length; code++)
        {
            if (_open[code] > 0 && IndicatorCatalogue.All[code].IsCore)
                asked |= 1 << RuleBookBuilder.FamilyOf(IndicatorCatalogue.All[code]);
        }

        if (asked == 0)
            return;
        _refused ??= new sbyte[Custos.Detection.Evidence.FamilyCount];
        for (var f = 0; f < _refused.Length; f++)
        {
            if ((asked & (1 << f)) != 0)
                _refused[f] = 20;
        }

        _refusedMost = 20;
    }

    /// <summary>The other side has spoken: windows that count its messages move on.</summary>
    internal void OtherSpoke()
    {
        if (_openMost > 0)
        {
            _openMost--;
            for (var i = 0; i < _open!.Length; i++)
            {
                if (_open[i] > 0)
                    _open[i]--;
            }
        }

        if (_refusedMost > 0)
        {
            _refusedMost--;
            for (var i = 0; i < _refused!.Length; i++)
            {
                if (_refused[i] > 0)
                    _refused[i]--;
            }
        }
    }
}
