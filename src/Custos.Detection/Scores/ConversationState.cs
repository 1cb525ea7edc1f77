using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Detection;

/// <summary>What is kept of a venue. Accounts and threads are those in memory; the rest are in the store.</summary>
sealed class VenueState(string name) : KeptState
{
    internal readonly string Name = name;
    internal readonly Dictionary<string, Author> Authors = new(StringComparer.Ordinal);
    internal readonly Dictionary<string, ThreadState> Threads = new(StringComparer.Ordinal);

    /// <summary>Gaps heard of in the whole venue.</summary>
    internal int Gaps;

    internal override ConversationStateKey Key => ConversationStateKey.Of(StateKind.Venue, Name);

    internal override bool IsBlank => Gaps == 0;

    internal override int Measure() => 400 + (Name.Length * 2);

    internal override void Forget(Dictionary<string, VenueState> venues)
    {
        if (Authors.Count + Threads.Count > 0)
            throw new InvalidOperationException("A venue is older than what it holds.");
        venues.Remove(Name);
    }

    internal override void Save(StateWriter to)
    {
        to.Byte((int)StateKind.Venue);
        to.Number(Gaps);
    }

    internal void Restore(ref StateReader from) => Gaps = from.Int();
}

/// <summary>An account of a venue.</summary>
sealed class Author(VenueState venue, string name) : KeptState
{
    internal readonly string Name = name;
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
    List<string>?[]? _asked;

    /// <summary>Counterparts whose latest stated age is below the pack's, where this account has raised a core topic.</summary>
    internal List<ChildCounterpart>? Children { get; private set; }

    internal override ConversationStateKey Key => ConversationStateKey.Of(StateKind.Author, venue.Name, Name);

    internal override bool IsBlank => !IsPersona && Years < 0 && Counterparts == 0 && Model.IsBlank && Place is null && !PlaceAlerted && !PairAlerted && LastDay is null && _ring is null && _asked is null && Children is null;

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
        _asked ??= new List<string>?[Evidence.FamilyCount];
        var asked = _asked[(int)family] ??= [];
        if (asked.Count >= 8 || asked.Contains(counterpart.Name))
            return false;
        asked.Add(counterpart.Name);
        return asked.Count == 5;
    }

    /// <summary>Notes how it stands between this account and a counterpart; null where there is no child's age, or no core topic of this account.</summary>
    internal void SetChild(string thread, string counterpart, FactPlace? stated)
    {
        if (stated is null && Children is null)
            return;
        Children ??= [];
        Children.RemoveAll(child => child.Thread == thread && child.Counterpart == counterpart);
        if (stated is not null)
            Children.Add(new(thread, counterpart, stated));
        if (Children.Count == 0)
            Children = null;
    }

    internal override int Measure() =>
        280 + (Name.Length * 2) + (_ring?.Length ?? 0) + (Place?.Measure() ?? 0) + (_asked is null ? 0 : 500) + ((Children?.Count ?? 0) * 200);

    internal override void Forget(Dictionary<string, VenueState> venues) => venue.Authors.Remove(Name);

    internal override void Save(StateWriter to)
    {
        to.Byte((int)StateKind.Author);
        to.Byte((IsPersona ? 1 : 0) | (PlaceAlerted ? 2 : 0) | (PairAlerted ? 4 : 0) | (Place is not null ? 8 : 0) | (LastDay is not null ? 16 : 0) | (_ring is not null ? 32 : 0)
            | (_asked is not null ? 64 : 0) | (Children is not null ? 128 : 0));
        to.Number(Years);
        to.Number(Counterparts);
        Model.Save(to);
        Place?.Save(to);
        if (LastDay is { } day)
            to.Number(day);
        if (_ring is not null)
        {
            // Mostly zeros and ones: only the others than zero are written, each with its place, and a one needs no byte of its own.
            to.Number(_ring.Length);
            to.Byte(_ringAt);
            to.Number(_ring.Length - _ring.AsSpan().Count((byte)0));
            for (var i = 0; i < _ring.Length; i++)
            {
                if (_ring[i] == 0)
                    continue;
                to.Number(_ring[i] == 1 ? i : ~i);
                if (_ring[i] != 1)
                    to.Byte(_ring[i]);
            }
        }

        for (var f = 0; _asked is not null && f < _asked.Length; f++)
        {
            to.Number(_asked[f]?.Count ?? 0);
            foreach (var name in _asked[f] ?? [])
                to.Text(name);
        }

        if (Children is null)
            return;
        to.Number(Children.Count);
        foreach (var child in Children)
        {
            to.Text(child.Thread);
            to.Text(child.Counterpart);
            to.Place(child.Stated);
        }
    }

    internal void Restore(ref StateReader from)
    {
        var flags = from.Byte();
        IsPersona = (flags & 1) != 0;
        PlaceAlerted = (flags & 2) != 0;
        PairAlerted = (flags & 4) != 0;
        Years = from.Int();
        Counterparts = from.Int();
        Model = ModelEvidence.Read(ref from);
        if ((flags & 8) != 0)
            Place = Evidence.Read(ref from);
        if ((flags & 16) != 0)
            LastDay = from.Int();
        if ((flags & 32) != 0)
        {
            _ring = new byte[from.Int()];
            _ringAt = (byte)from.Byte();
            for (var left = from.Int(); left > 0; left--)
            {
                var at = from.Int();
                _ring[at < 0 ? ~at : at] = at < 0 ? (byte)from.Byte() : (byte)1;
            }
        }

        if ((flags & 64) != 0)
        {
            _asked = new List<string>?[Evidence.FamilyCount];
            for (var f = 0; f < _asked.Length; f++)
            {
                var count = from.Int();
                if (count == 0)
                    continue;
                _asked[f] = [];
                while (count-- > 0)
                    _asked[f]!.Add(from.Text());
            }
        }

        if ((flags & 128) == 0)
            return;
        Children = [];
        for (var left = from.Int(); left > 0; left--)
            Children.Add(new(from.Text(), from.Text(), from.Place()));
    }
}

/// <summary>A counterpart with a child's age to whom an account raised a core topic.</summary>
sealed record ChildCounterpart(string Thread, string Counterpart, FactPlace Stated);

/// <summary>One dialogue, or a room.</summary>
sealed class ThreadState(VenueState venue, string name) : KeptState
{
    internal readonly VenueState Venue = venue;
    internal readonly string Name = name;

    // Handles: the accounts themselves may be in the store.
    internal string? First, Second, Persona;
    internal int FirstCount, SecondCount;

    /// <summary>True once a third has spoken.</summary>
    internal bool HasMore;

    /// <summary>True once two others than the first two have a dialogue in it.</summary>
    internal bool HasOthers;

    // The third and later speakers and the dialogues among them, each kept by itself; these are the ones in memory.
    internal Dictionary<string, Member>? More;
    internal Dictionary<(string, string), Dialogue>? Others;
    internal Dialogue? Main;
    internal int? LastDay;

    // What a model holds of the pairs of this thread; nothing without one. All but the first are kept by themselves.
    internal ModelPair? Model;
    internal Dictionary<(string, string), ModelPair>? Models;

    /// <summary>The first message of a dialogue; a room has none.</summary>
    internal FactPlace? FirstSaid;

    /// <summary>True if something may have been said before it.</summary>
    internal bool FirstBehindGap;

    /// <summary>Gaps heard of in this thread alone.</summary>
    internal int Gaps;

    internal override ConversationStateKey Key => ConversationStateKey.Of(StateKind.Thread, Venue.Name, Name);

    internal override bool IsBlank => First is null && Gaps == 0;

    /// <summary>The dialogue of two of a room is found by their handles in one order.</summary>
    internal static (string, string) PairOf(string one, string another) => string.CompareOrdinal(one, another) < 0 ? (one, another) : (another, one);

    internal override int Measure() => 360 + ((Name.Length + (First?.Length ?? 0) + (Second?.Length ?? 0)) * 2) + (Main?.Measure() ?? 0) + (Model is null ? 0 : 120);

    internal override void Forget(Dictionary<string, VenueState> venues)
    {
        if (More is { Count: > 0 } || Others is { Count: > 0 } || Models is { Count: > 0 })
            throw new InvalidOperationException("A thread is older than what it holds.");
        Venue.Threads.Remove(Name);
    }

    internal override void Save(StateWriter to)
    {
        to.Byte((int)StateKind.Thread);
        to.Byte((HasMore ? 1 : 0) | (HasOthers ? 2 : 0) | (Main is not null ? 4 : 0) | (LastDay is not null ? 8 : 0) | (First is not null ? 16 : 0) | (Second is not null ? 32 : 0)
            | (Persona is not null ? 64 : 0) | (Model is not null ? 128 : 0));
        // The main dialogue stands first, so that a list of all pairs reads no further.
        if (Main is not null)
        {
            to.Text(Venue.Name);
            to.Text(Name);
            Main.SaveContent(to);
        }

        foreach (var handle in new[] { First, Second, Persona })
        {
            if (handle is not null)
                to.Text(handle);
        }

        to.Number(FirstCount);
        to.Number(SecondCount);
        if (LastDay is { } day)
            to.Number(day);
        to.Number(Gaps);
        to.Bool(FirstBehindGap);
        to.PlaceOrNull(FirstSaid);
        Model?.SaveContent(to);
    }

    internal void Restore(ref StateReader from)
    {
        var flags = from.Byte();
        HasMore = (flags & 1) != 0;
        HasOthers = (flags & 2) != 0;
        if ((flags & 4) != 0)
        {
            from.Text();
            from.Text();
            Main = Dialogue.ReadContent(this, ref from);
        }

        First = (flags & 16) != 0 ? from.Text() : null;
        Second = (flags & 32) != 0 ? from.Text() : null;
        Persona = (flags & 64) != 0 ? from.Text() : null;
        (FirstCount, SecondCount) = (from.Int(), from.Int());
        LastDay = (flags & 8) != 0 ? from.Int() : null;
        Gaps = from.Int();
        FirstBehindGap = from.Bool();
        FirstSaid = from.PlaceOrNull();
        if ((flags & 128) != 0)
            Model = ModelPair.ReadContent(this, ref from);
    }
}

/// <summary>One who has spoken in a thread after two others had.</summary>
sealed class Member(ThreadState thread, string name) : KeptState
{
    internal override ConversationStateKey Key => ConversationStateKey.Of(StateKind.Member, thread.Venue.Name, thread.Name, name);

    internal override bool IsBlank => false;

    internal override int Measure() => 160 + (name.Length * 2);

    internal override void Forget(Dictionary<string, VenueState> venues) => thread.More!.Remove(name);

    internal override void Save(StateWriter to) => to.Byte((int)StateKind.Member);
}

/// <summary>Two accounts of a thread; the second has no name until it speaks or is addressed.</summary>
sealed class Dialogue(ThreadState thread, string first) : KeptState
{
    internal readonly ThreadState Thread = thread;
    internal readonly Side A = new() { Name = first };
    internal readonly Side B = new();
    internal readonly List<ConductEvent> Events = [];
    internal readonly List<FollowedEvent> Followed = [];
    internal readonly List<FactPlace> UnansweredRuns = [];
    internal int Messages;
    internal FactPlace? PersonaTenth;

    /// <summary>The first message that was heard of it here, and whether it is A's; only of a dialogue in a room.</summary>
    internal FactPlace? FirstSaid;
    internal bool FirstIsA, FirstBehindGap;

    // The side that spoke last, and how often in a row.
    Side? _runOf;
    int _run;

    internal bool IsOpen => B.Name is null;

    internal override ConversationStateKey Key => ThreadState.PairOf(A.Name!, B.Name!) is var (one, another) ? ConversationStateKey.Of(StateKind.Dialogue, Thread.Venue.Name, Thread.Name, one, another) : default;

    internal override bool IsBlank => false;

    internal Side Of(Author author) => A.Name == author.Name ? A : B;

    internal Side Other(Side side) => ReferenceEquals(side, A) ? B : A;

    internal void Speak(Side side, bool isPersona, ChatMessage message, ExhibitNumber exhibit, int length)
    {
        if (Messages == 0 && Thread.FirstSaid is null)
            (FirstSaid, FirstIsA) = (new(exhibit, message.Id, message.At, 0, length), ReferenceEquals(side, A));
        Messages++;
        side.Messages++;
        if (_runOf is null ? Messages == 1 : Passed(_runOf.LastAt, message.At) is { } silence && silence >= SilenceBetween)
            side.Openings++;
        if (isPersona && SoonAfterRefusal(side, message.At))
            side.SoonAfterRefusal++;
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

        if (isPersona)
        {
            var place = new FactPlace(exhibit, message.Id, message.At, 0, length);
            side.FirstOwn ??= place;
            side.LastOwn = place;
            if (message.TypedBy is null)
                side.Unattributed ??= place;
            if (_run == 3)
                UnansweredRuns.Add(place);
            if (side.Messages == 10)
                PersonaTenth = place;
        }

        side.LastNumber = Messages;
        (side.LastExhibit, side.LastId, side.LastLength) = (exhibit, message.Id, length);
        for (var i = Followed.Count - 1; i >= 0 && Followed[i].Number >= Messages - 3; i--)
        {
            Followed[i].Next.Add(new(exhibit, message.Id, message.At, 0, length));
            Followed[i].NextByPersona.Add(isPersona);
        }
    }

    // What lies between two conversations of the same two.
    static readonly TimeSpan SilenceBetween = TimeSpan.FromHours(8);

    /// <summary>Time from one message to another; null where it is not known.</summary>
    internal static TimeSpan? Passed(SpokenAt? from, SpokenAt? to) => (from, to) switch
    {
        ({ Instant: { } one }, { Instant: { } another }) => another - one,
        ({ Offset: null } one, { Offset: null } another) => another.Local - one.Local,
        _ => null,
    };

    bool SoonAfterRefusal(Side persona, SpokenAt? at)
    {
        for (var i = Followed.Count - 1; i >= 0; i--)
        {
            if (!ReferenceEquals(Followed[i].Side, persona))
                return Passed(Followed[i].At, at) is { } passed && passed >= TimeSpan.Zero && passed <= TimeSpan.FromSeconds(60);
        }

        return false;
    }

    internal override int Measure() => 600 + (Events.Count * 450) + (Followed.Count * 600) + (UnansweredRuns.Count * 120) + (A.Evidence?.Measure() ?? 0) + (B.Evidence?.Measure() ?? 0);

    internal override void Forget(Dictionary<string, VenueState> venues) => Thread.Others!.Remove(ThreadState.PairOf(A.Name!, B.Name!));

    internal override void Save(StateWriter to)
    {
        to.Byte((int)StateKind.Dialogue);
        to.Text(Thread.Venue.Name);
        to.Text(Thread.Name);
        SaveContent(to);
    }

    internal void SaveContent(StateWriter to)
    {
        // Names and who has something to say for the record, first: that is all a list of pairs reads.
        to.Text(A.Name!);
        to.TextOrNull(B.Name);
        to.Byte((Events.Exists(e => ReferenceEquals(e.Side, A)) ? 1 : 0) | (Events.Exists(e => ReferenceEquals(e.Side, B)) ? 2 : 0));
        A.Save(to);
        B.Save(to);
        to.Number(Messages);
        to.PlaceOrNull(PersonaTenth);
        to.PlaceOrNull(FirstSaid);
        to.Byte((FirstIsA ? 1 : 0) | (FirstBehindGap ? 2 : 0));
        to.Byte(_runOf is null ? 0 : ReferenceEquals(_runOf, A) ? 1 : 2);
        to.Number(_run);
        to.Number(Events.Count);
        foreach (var e in Events)
        {
            to.Bool(ReferenceEquals(e.Side, A));
            to.Indicator(e.Indicator);
            to.Byte(IndicatorCatalogue.NumberOf(e.Definition.Code));
            to.At(e.At);
            to.Number(e.Number);
            to.Bool(e.AfterGap);
            to.Number(e.Years);
            to.Bool(e.Exact);
        }

        to.Number(Followed.Count);
        foreach (var followed in Followed)
        {
            to.Bool(ReferenceEquals(followed.Side, A));
            to.Indicator(followed.Indicator);
            to.At(followed.At);
            to.Number(followed.Number);
            to.Number(followed.Next.Count);
            for (var i = 0; i < followed.Next.Count; i++)
            {
                to.Place(followed.Next[i]);
                to.Bool(followed.NextByPersona[i]);
            }
        }

        to.Number(UnansweredRuns.Count);
        foreach (var run in UnansweredRuns)
            to.Place(run);
    }

    internal static Dialogue ReadContent(ThreadState thread, ref StateReader from)
    {
        var dialogue = new Dialogue(thread, from.Text());
        dialogue.B.Name = from.TextOrNull();
        from.Byte();
        dialogue.A.Restore(ref from);
        dialogue.B.Restore(ref from);
        dialogue.Messages = from.Int();
        dialogue.PersonaTenth = from.PlaceOrNull();
        dialogue.FirstSaid = from.PlaceOrNull();
        var first = from.Byte();
        (dialogue.FirstIsA, dialogue.FirstBehindGap) = ((first & 1) != 0, (first & 2) != 0);
        dialogue._runOf = from.Byte() switch { 0 => null, 1 => dialogue.A, _ => dialogue.B };
        dialogue._run = from.Int();
        for (var left = from.Int(); left > 0; left--)
            dialogue.Events.Add(new(SideOf(from.Bool()), from.Indicator(), IndicatorCatalogue.All[from.Byte()], from.At(), from.Int(), from.Bool(), from.Int(), from.Bool()));
        for (var left = from.Int(); left > 0; left--)
        {
            var followed = new FollowedEvent(SideOf(from.Bool()), from.Indicator(), from.At(), from.Int(), [], []);
            for (var next = from.Int(); next > 0; next--)
            {
                followed.Next.Add(from.Place());
                followed.NextByPersona.Add(from.Bool());
            }

            dialogue.Followed.Add(followed);
        }

        for (var left = from.Int(); left > 0; left--)
            dialogue.UnansweredRuns.Add(from.Place());
        return dialogue;

        Side SideOf(bool first) => first ? dialogue.A : dialogue.B;
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
    /// <summary>Its handle; null until it has one.</summary>
    internal string? Name;
    internal Evidence? Evidence;
    internal bool Alerted;
    internal int Messages;
    internal int LongestRun;
    internal int Openings;
    internal int SoonAfterRefusal;
    internal SpokenAt? LastAt;
    internal int LastNumber;
    internal ExhibitNumber LastExhibit;
    internal string LastId = "";
    internal int LastLength;

    internal FactPlace Last => new(LastExhibit, LastId, LastAt, 0, LastLength);

    // The latest age this side stated of itself.
    internal int Years = -1;
    internal Indicator? AgeCited;
    internal SpokenAt? AgeAt;

    // Set when the other side stated a child's age: the next message of this side is the first after it.
    internal bool AwaitsFirstAfterAge;
    internal FactPlace? FirstAfterAge;

    /// <summary>True while the last question of this side about the age asked for a class or a grade.</summary>
    internal bool AskedGrade;

    // Of our persona: its first and its last line, and the first that nobody is named for.
    internal FactPlace? FirstOwn, LastOwn, Unattributed;

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

    /// <summary>True while anything this side asked is open.</summary>
    internal bool HasOpen => _openMost > 0;

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
        _refused ??= new sbyte[Detection.Evidence.FamilyCount];
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

    internal void Save(StateWriter to)
    {
        to.Byte((Alerted ? 1 : 0) | (AwaitsFirstAfterAge ? 2 : 0) | (Withdrew ? 4 : 0) | (Evidence is not null ? 8 : 0) | (AgeCited is not null ? 16 : 0) | (FirstAfterAge is not null ? 32 : 0)
            | (_open is not null ? 64 : 0) | (_refused is not null ? 128 : 0));
        Evidence?.Save(to);
        to.Number(Messages);
        to.Number(LongestRun);
        to.Number(Openings);
        to.Number(SoonAfterRefusal);
        to.At(LastAt);
        to.Number(LastNumber);
        to.Number(LastExhibit.LeafIndex);
        to.Text(LastId);
        to.Number(LastLength);
        to.Number(Years);
        if (AgeCited is not null)
            to.Indicator(AgeCited);
        to.At(AgeAt);
        if (FirstAfterAge is not null)
            to.Place(FirstAfterAge);
        to.Bool(AskedGrade);
        to.PlaceOrNull(FirstOwn);
        to.PlaceOrNull(LastOwn);
        to.PlaceOrNull(Unattributed);
        to.Number(Raised);
        Save(to, _open, _openMost);
        Save(to, _refused, _refusedMost);
    }

    internal void Restore(ref StateReader from)
    {
        var flags = from.Byte();
        Alerted = (flags & 1) != 0;
        AwaitsFirstAfterAge = (flags & 2) != 0;
        Withdrew = (flags & 4) != 0;
        if ((flags & 8) != 0)
            Evidence = Detection.Evidence.Read(ref from);
        Messages = from.Int();
        LongestRun = from.Int();
        Openings = from.Int();
        SoonAfterRefusal = from.Int();
        LastAt = from.At();
        LastNumber = from.Int();
        LastExhibit = new(from.Number());
        LastId = from.Text();
        LastLength = from.Int();
        Years = from.Int();
        if ((flags & 16) != 0)
            AgeCited = from.Indicator();
        AgeAt = from.At();
        if ((flags & 32) != 0)
            FirstAfterAge = from.Place();
        AskedGrade = from.Bool();
        FirstOwn = from.PlaceOrNull();
        LastOwn = from.PlaceOrNull();
        Unattributed = from.PlaceOrNull();
        Raised = from.Int();
        if ((flags & 64) != 0)
            _openMost = Read(ref from, _open = new sbyte[IndicatorCatalogue.All.Count]);
        if ((flags & 128) != 0)
            _refusedMost = Read(ref from, _refused = new sbyte[Detection.Evidence.FamilyCount]);
    }

    // A window that has closed is a zero; those that have not are written with their place.
    static void Save(StateWriter to, sbyte[]? windows, int most)
    {
        if (windows is null)
            return;
        to.Number(most);
        to.Number(windows.Length - windows.AsSpan().Count((sbyte)0));
        for (var i = 0; i < windows.Length; i++)
        {
            if (windows[i] == 0)
                continue;
            to.Byte(i);
            to.Byte(windows[i]);
        }
    }

    static int Read(ref StateReader from, sbyte[] windows)
    {
        var most = from.Int();
        for (var left = from.Int(); left > 0; left--)
        {
            var at = from.Byte();
            windows[at] = (sbyte)from.Byte();
        }

        return most;
    }
}
