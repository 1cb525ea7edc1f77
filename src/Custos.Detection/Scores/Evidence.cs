// The evidence of detection-spec, section 7. An observation of weight w on day d is the one integer k = L(w) + d, so the order of
// observations never changes with time, and the four kept of a family are exactly the four that can ever matter.
namespace Custos.Detection;

/// <summary>Families of incriminating indicators, in a fixed order.</summary>
enum Family : byte
{
    Age,
    Seek,
    Trust,
    Secrecy,
    Assess,
    Sexual,
    Exposure,
    Camera,
    Media,
    Payment,
    Move,
    Meeting,
    Coercion,
    Access,
    Persistence,
    Breadth,
    Evasion,
}

/// <summary>The evidence about one account, of a pair or a place.</summary>
sealed class Evidence
{
    internal const int FamilyCount = 17;
    internal const int Cap = 8_000;
    internal const int AgainstFloor = -6_000;

    readonly Slots?[] _families = new Slots?[FamilyCount];
    List<Indicator>? _against;
    int _againstSum;
    bool _dated;
    int _today;

    sealed class Slots
    {
        internal readonly int[] K = new int[4];
        internal readonly Indicator[] Cited = new Indicator[4];
        internal readonly long[] Ordinal = new long[4];
        internal int Count;

        // Set by a plain or strong indicator and never cleared: a weak one corroborates, it opens no gate.
        internal bool Opens;
    }

    /// <summary>True once <c>peer.age</c> no longer counts: payment, coercion or travel has appeared.</summary>
    internal bool PeerIsVoid { get; private set; }

    internal static bool IsCore(Family family) => family is Family.Seek or Family.Sexual or Family.Exposure or Family.Camera or Family.Media or Family.Payment
        or Family.Meeting or Family.Coercion or Family.Access;

    // Persistence, breadth and evasion are made of other indicators: they never open the gate.
    internal static bool CountsForGate(Family family) => family < Family.Persistence;

    /// <summary>What speaks for the account, in the order it came.</summary>
    internal IReadOnlyList<Indicator> Exculpatory => _against is null ? [] : _against;

    /// <summary>Moves the day on; it never falls.</summary>
    internal void SeeDay(int? day)
    {
        if (day is not { } d)
            return;
        if (!_dated)
        {
            _dated = true;
            _today = d;
            // What came before any day was known takes the first that becomes known.
            foreach (var slots in _families)
            {
                for (var i = 0; i < (slots?.Count ?? 0); i++)
                    slots!.K[i] += d;
            }
        }
        else if (d > _today)
        {
            _today = d;
        }
    }

    /// <summary>Adds an observation that incriminates.</summary>
    /// <param name="family">Its family.</param>
    /// <param name="weight">Millibits, positive.</param>
    /// <param name="day">Its day; the latest known one of the key where its own is unknown.</param>
    /// <param name="cited">Where it stands.</param>
    /// <param name="ordinal">Of its message, for the order of citations.</param>
    /// <param name="opens">False for a weak indicator.</param>
    internal void Add(Family family, int weight, int? day, Indicator cited, long ordinal, bool opens = true)
    {
        SeeDay(day);
        var k = ScoreTables.L(weight) + (day ?? _today);
        var slots = _families[(int)family] ??= new();
        slots.Opens |= opens;
        var place = slots.Count;
        // Equal k: the earlier stays in front.
        while (place > 0 && slots.K[place - 1] < k)
            place--;
        if (place == 4)
            return;
        for (var i = Math.Min(slots.Count, 3); i > place; i--)
            (slots.K[i], slots.Cited[i], slots.Ordinal[i]) = (slots.K[i - 1], slots.Cited[i - 1], slots.Ordinal[i - 1]);
        (slots.K[place], slots.Cited[place], slots.Ordinal[place]) = (k, cited, ordinal);
        if (slots.Count < 4)
            slots.Count++;
    }

    /// <summary>What spoke for the account so far no longer counts in the score: a core indicator came. The record keeps it.</summary>
    internal void VoidAgainst(bool paymentCoercionOrTravel)
    {
        _againstSum = 0;
        PeerIsVoid |= paymentCoercionOrTravel;
    }

    /// <summary>Adds what speaks for the account.</summary>
    internal void AddAgainst(int weight, Indicator cited)
    {
        (_against ??= []).Add(cited);
        if (cited.Code == "peer.age" && PeerIsVoid)
            return;
        _againstSum = Math.Max(int.MinValue / 2, _againstSum + weight);
    }

    internal int FamilyScore(Family family)
    {
        if (_families[(int)family] is not { } slots)
            return 0;
        var sum = 0;
        for (var i = 0; i < slots.Count; i++)
            sum += ScoreTables.Aged(slots.K[i] - (_dated ? _today : 0)) >> i;
        return Math.Min(Cap, sum);
    }

    /// <summary>E, in millibits.</summary>
    internal int Score()
    {
        var sum = Math.Max(AgainstFloor, _againstSum);
        for (var f = 0; f < FamilyCount; f++)
            sum += FamilyScore((Family)f);
        return sum;
    }

    /// <summary>True if two families, one of them core and more than weak, are cited in places that do not overlap, or such a core family beside the child-age fact.</summary>
    internal bool GateIsOpen(bool childAgeFact)
    {
        for (var f = 0; f < FamilyCount; f++)
        {
            if (!IsCore((Family)f) || _families[f] is not { Opens: true } || FamilyScore((Family)f) == 0)
                continue;
            if (childAgeFact)
                return true;
            for (var g = 0; g < FamilyCount; g++)
            {
                if (g != f && CountsForGate((Family)g) && FamilyScore((Family)g) > 0 && Apart(_families[f]!, _families[g]!))
                    return true;
            }
        }

        return false;
    }

    static bool Apart(Slots a, Slots b)
    {
        for (var i = 0; i < a.Count; i++)
        {
            for (var j = 0; j < b.Count; j++)
            {
                var (x, y) = (a.Cited[i], b.Cited[j]);
                if (a.Ordinal[i] != b.Ordinal[j] || x.Start + x.Length <= y.Start || y.Start + y.Length <= x.Start)
                    return true;
            }
        }

        return false;
    }

    /// <summary>Every citation that contributes, in order of message, start, length, code.</summary>
    internal List<Indicator> Citations()
    {
        var cited = new List<(long Ordinal, Indicator Indicator)>();
        foreach (var slots in _families)
        {
            for (var i = 0; i < (slots?.Count ?? 0); i++)
            {
                if (ScoreTables.Aged(slots!.K[i] - (_dated ? _today : 0)) >> i > 0)
                    cited.Add((slots.Ordinal[i], slots.Cited[i]));
            }
        }

        cited.Sort(static (x, y) => (x.Ordinal, x.Indicator.Start, x.Indicator.Length).CompareTo((y.Ordinal, y.Indicator.Start, y.Indicator.Length)) is var order and not 0
            ? order
            : string.CompareOrdinal(x.Indicator.Code, y.Indicator.Code) is var code and not 0 ? code : string.CompareOrdinal(x.Indicator.Rule, y.Indicator.Rule));
        return cited.ConvertAll(static c => c.Indicator);
    }

    internal bool Has(Family family) => _families[(int)family] is { Count: > 0 };

    // Of every message in the pipeline: without an enumerator.
    internal int Measure()
    {
        var size = 220 + ((_against?.Count ?? 0) * 170);
        foreach (var slots in _families)
            size += slots is null ? 0 : 200 + (slots.Count * 170);
        return size;
    }

    internal void Save(StateWriter to)
    {
        to.Byte((_dated ? 1 : 0) | (PeerIsVoid ? 2 : 0));
        to.Number(_today);
        to.Number(_againstSum);
        to.Number(_against?.Count ?? 0);
        foreach (var indicator in Exculpatory)
            to.Indicator(indicator);
        to.Byte(_families.Count(static slots => slots is not null));
        for (var f = 0; f < FamilyCount; f++)
        {
            if (_families[f] is not { } slots)
                continue;
            to.Byte(f);
            to.Byte((slots.Count << 1) | (slots.Opens ? 1 : 0));
            for (var i = 0; i < slots.Count; i++)
            {
                to.Number(slots.K[i]);
                to.Number(slots.Ordinal[i]);
                to.Indicator(slots.Cited[i]);
            }
        }
    }

    internal static Evidence Read(ref StateReader from)
    {
        var flags = from.Byte();
        var evidence = new Evidence { _dated = (flags & 1) != 0, PeerIsVoid = (flags & 2) != 0, _today = from.Int(), _againstSum = from.Int() };
        for (var left = from.Int(); left > 0; left--)
            (evidence._against ??= []).Add(from.Indicator());
        for (var left = from.Byte(); left > 0; left--)
        {
            var slots = evidence._families[from.Byte()] = new();
            var head = from.Byte();
            (slots.Count, slots.Opens) = (head >> 1, (head & 1) != 0);
            for (var i = 0; i < slots.Count; i++)
                (slots.K[i], slots.Ordinal[i], slots.Cited[i]) = (from.Int(), from.Number(), from.Indicator());
        }

        return evidence;
    }
}
