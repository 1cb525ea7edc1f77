using System.Buffers;
using System.Buffers.Binary;

namespace Custos.Detection;

/// <summary>Saved conversation state in this process's memory, close together: for the command line, where nothing outlives the run.</summary>
/// <remarks>
/// A state is a record of 16 bytes key, its length in 3 bytes and its bytes, on a multiple of 8 in pages of 1 MiB; longer ones get a page of their own. The table of places is open addressing with
/// linear probing (Knuth, TAOCP volume 3, section 6.4, algorithms L and R). One thread at a time.
/// </remarks>
public sealed class PackedConversationStore : IConversationStore
{
    const int Head = 19;
    const int PageSize = 1 << 20;
    const int Unit = 8;
    const int PageUnits = PageSize / Unit;

    readonly List<byte[]> _pages = [];

    // Freed records by their units, which are exact up to 128 and a power of two above.
    readonly Dictionary<int, Stack<uint>> _free = [];

    // Places in units, plus one; 0 is empty. A page holds 2^17 units: 32 GiB in all.
    uint[] _table = new uint[1 << 10];
    int _page = -1;
    int _used = PageUnits;
    string? _maker;

    /// <summary>States in the store.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of this process that the store holds.</summary>
    public long Bytes => _pages.Sum(static page => (long)page.Length) + (_table.Length * 4L);

    /// <inheritdoc/>
    public bool Open(string maker)
    {
        if (_maker is not null && _maker != maker)
        {
            _pages.Clear();
            _free.Clear();
            _table = new uint[1 << 10];
            (_page, _used, Count) = (-1, PageUnits, 0);
        }

        _maker = maker;
        return Count > 0;
    }

    /// <inheritdoc/>
    public void Save(ConversationStateKey key, ReadOnlySpan<byte> state)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(state.Length, 1 << 24);
        if (TryFind(key, out var slot))
            RemoveAt(slot);
        if ((Count + 1) * 4L > _table.Length * 3L)
            Grow();
        var place = Room(UnitsOf(state.Length));
        var record = Record(place);
        key.CopyTo(record);
        record[16] = unchecked((byte)state.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(record[17..], unchecked((ushort)(state.Length >> 8)));
        state.CopyTo(record[Head..]);
        Enter(key, place);
        Count++;
    }

    /// <inheritdoc/>
    public bool TryTake(ConversationStateKey key, IBufferWriter<byte> into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (!TryFind(key, out var slot))
            return false;
        into.Write(StateAt(_table[slot]));
        RemoveAt(slot);
        return true;
    }

    /// <inheritdoc/>
    public IEnumerable<ReadOnlyMemory<byte>> States()
    {
        foreach (var place in _table)
        {
            if (place == 0)
                continue;
            var (page, at) = PageOf(place);
            yield return _pages[page].AsMemory(at + Head, LengthAt(place));
        }
    }

    static (int Page, int At) PageOf(uint place) => ((int)((place - 1) >> 17), (int)((place - 1) & ((1 << 17) - 1)) * Unit);

    Span<byte> Record(uint place)
    {
        var (page, at) = PageOf(place);
        return _pages[page].AsSpan(at);
    }

    int LengthAt(uint place)
    {
        var record = Record(place);
        return record[16] | (BinaryPrimitives.ReadUInt16LittleEndian(record[17..]) << 8);
    }

    ReadOnlySpan<byte> StateAt(uint place) => Record(place).Slice(Head, LengthAt(place));

    static int UnitsOf(int state)
    {
        var units = (Head + state + Unit - 1) / Unit;
        return units <= 128 || units > PageUnits ? units : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)units);
    }

    uint Room(int units)
    {
        if (_free.TryGetValue(units, out var free) && free.TryPop(out var freed))
            return freed;
        if (units > PageUnits)
        {
            _pages.Add(new byte[units * Unit]);
            return checked((uint)((_pages.Count - 1) * PageUnits) + 1);
        }

        if (_used + units > PageUnits)
        {
            _pages.Add(new byte[PageSize]);
            (_page, _used) = (_pages.Count - 1, 0);
        }

        var place = checked((uint)(_page * PageUnits) + (uint)_used + 1);
        _used += units;
        return place;
    }

    int Home(ConversationStateKey key) => (int)(key.Low & (uint)(_table.Length - 1));

    bool TryFind(ConversationStateKey key, out int slot)
    {
        for (slot = Home(key); _table[slot] != 0; slot = (slot + 1) & (_table.Length - 1))
        {
            if (ConversationStateKey.From(Record(_table[slot])) == key)
                return true;
        }

        return false;
    }

    void Enter(ConversationStateKey key, uint place)
    {
        var slot = Home(key);
        while (_table[slot] != 0)
            slot = (slot + 1) & (_table.Length - 1);
        _table[slot] = place;
    }

    void RemoveAt(int slot)
    {
        var place = _table[slot];
        var units = UnitsOf(LengthAt(place));
        if (units > PageUnits)
        {
            _pages[PageOf(place).Page] = [];
        }
        else
        {
            if (!_free.TryGetValue(units, out var free))
                _free.Add(units, free = new());
            free.Push(place);
        }

        _table[slot] = 0;
        Count--;

        // What stands behind it moves up, so that no search stops early.
        var hole = slot;
        for (var next = (hole + 1) & (_table.Length - 1); _table[next] != 0; next = (next + 1) & (_table.Length - 1))
        {
            var home = Home(ConversationStateKey.From(Record(_table[next])));
            if (((next - home) & (_table.Length - 1)) < ((next - hole) & (_table.Length - 1)))
                continue;
            _table[hole] = _table[next];
            _table[next] = 0;
            hole = next;
        }
    }

    void Grow()
    {
        var old = _table;
        _table = new uint[old.Length * 2];
        foreach (var place in old)
        {
            if (place != 0)
                Enter(ConversationStateKey.From(Record(place)), place);
        }
    }
}
