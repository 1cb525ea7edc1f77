// Steps 2 and 3 of evidence-spec, section 6: indices assigned, contents sealed, the tree extended in memory.
namespace Custos.Evidence;

public sealed partial class EvidenceLog
{
    readonly List<(Call Call, int Position)> _taken = new(Increment);
    readonly List<(int First, int Count)> _units = [];
    readonly List<byte[]> _pieceKeys = [];
    readonly int[] _offsets = new int[EvidenceLogOptions.MostPerBatch];
    readonly int[] _pieceOf = new int[EvidenceLogOptions.MostPerBatch];
    int _filled;

    void Sequence()
    {
        var batch = new Batch(_planned);
        try
        {
            while (Next(batch) is { } hand)
            {
                if (!hand)
                {
                    if (_duty is not null)
                        DoDuty();
                    else
                        Prepare(batch);
                    continue;
                }

                Complete(batch);
                lock (_gate)
                {
                    if (_state != EvidenceLogState.Open)
                        break;
                    (_handed, _committing) = (batch, true);
                    Monitor.PulseAll(_gate);
                }

                batch = new(_planned);
                _turn ^= 1;
                _filled = 0;
                _pieceKeys.Clear();
            }
        }
#pragma warning disable CA1031 // nothing may end this thread without its callers being told
        catch (Exception e)
#pragma warning restore CA1031
        {
            Stop(Explain(e));
        }

        lock (_gate)
        {
            if (_stopped is not null)
            {
                foreach (var (call, _) in _taken)
                    call.Fail(_stopped);
                if (_handed != batch)
                    batch.Fail(_stopped);
            }

            FailDuties_NeedsGate();
            _sequencerDone = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for something to do: true to hand the batch over, false to prepare what was taken or to do a duty, null to end.</summary>
    bool? Next(Batch batch)
    {
        lock (_gate)
        {
            while (true)
            {
                if (_state != EvidenceLogState.Open)
                    return null;
                if (_duties.Count > 0)
                {
                    if (TakeDuty_NeedsGate(batch))
                        return false;
                    if (batch.HasWork && !_committing)
                        return true;
                    Monitor.Wait(_gate);
                    continue;
                }

                var full = batch.Exhibits.Count >= _options.MaxBatch || batch.ContentBytes >= EvidenceLogOptions.MostContentPerBatch;
                if (_pool.Count > 0 && !full && (_committing || batch.Exhibits.Count < Enough) && Wanted_NeedsGate(batch) is > 0 and var most)
                {
                    Take_NeedsGate(most, EvidenceLogOptions.MostContentPerBatch - batch.ContentBytes);
                    if (_taken.Count > 0)
                        return false;
                    continue;
                }

                if (batch.HasWork && !_committing)
                    return true;
                if (_closing && _pool.Count == 0 && !batch.HasWork)
                    return null;
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>How many exhibits to take now. Under load a batch ends where a tile ends: no partial tile is written and deleted again.</summary>
    int Wanted_NeedsGate(Batch batch)
    {
        var most = (int)Math.Min(Math.Min(Increment, _options.MaxBatch - batch.Exhibits.Count), _poolExhibits);
        var slot = (int)((batch.Expected.Size + batch.Exhibits.Count) & 255);
        if (slot + most >= TilePath.FullWidth)
            return ((slot + most) & ~255) - slot;
        return batch.Exhibits.Count >= TilePath.FullWidth && slot == 0 ? 0 : most;
    }

    void Take_NeedsGate(int most, long mostBytes)
    {
        _taken.Clear();
        while (_taken.Count < most && mostBytes > 0 && _pool.TryPeek(out var call))
        {
            if (!call.Cancelled)
            {
                for (; call.Sequenced < call.Exhibits.Length && _taken.Count < most && mostBytes > 0; call.Sequenced++)
                {
                    mostBytes -= call.Exhibits[call.Sequenced].Content.Length;
                    _poolExhibits--;
                    _taken.Add((call, call.Sequenced));
                }

                if (call.Sequenced < call.Exhibits.Length)
                    break;
            }

            _pool.Dequeue();
            _poolBytes -= call.Bytes;
            _poolExhibits -= call.Exhibits.Length - call.Sequenced;
            while (_outside.TryPeek(out var next) && (next.Cancelled || Fits_NeedsGate(next)))
            {
                _outside.Dequeue();
                if (!next.Cancelled)
                    Admit_NeedsGate(next);
            }
        }
    }

    void Prepare(Batch batch)
    {
        var first = batch.Exhibits.Count;
        var index = batch.Expected.Size + first;
        foreach (var (call, position) in _taken)
        {
            var exhibit = call.Exhibits[position];
            if (exhibit.Source != SourceId.None)
            {
                if (_sources.TryGet(exhibit.Source, out var earlier))
                {
                    batch.Repeats.Add((call, position, earlier));
                    continue;
                }

                _sources.Add(exhibit.Source, index);
            }

            Place(batch, exhibit, index++);
            batch.Exhibits.Add((call, position));
        }

        _taken.Clear();
        var count = batch.Exhibits.Count - first;
        if (count == 0)
            return;
        batch.Reserve(batch.Exhibits.Count);
        _units.Clear();
        for (var i = first; i < first + count;)
        {
            var end = i + 1;
            while (end < first + count && end - i < Piece && _pieceOf[end] == _pieceOf[i])
                end++;
            _units.Add((i, end - i));
            i = end;
        }

        var salts = Salts.Fresh(count);
        var buffer = _buffers[_turn];
        _sealers.Run(_units.Count, (worker, unit) =>
        {
            var state = _workers[worker];
            var (from, many) = _units[unit];
            var key = state.Under(_pieceKeys[_pieceOf[from]]);
            for (var i = from; i < from + many; i++)
                Seal(batch, i, state, key, salts.AsSpan((i - first) * SealedContent.SaltBytes, SealedContent.SaltBytes), buffer);
        });
    }

    /// <summary>Gives an exhibit its place in a content bundle and in the buffer.</summary>
    void Place(Batch batch, NewExhibit exhibit, long index)
    {
        var (bundle, slot) = (index >> 8, (int)(index & 255));
        if (batch.Pieces.Count == 0 || batch.Pieces[^1].Number != bundle)
        {
            batch.Pieces.Add((bundle, slot, _filled));
            if (slot == 0)
            {
                // A slot used before a crash is written over; key and salt are fresh, so no nonce comes twice under one key.
                var (key, wrapped) = _ring.NewKey(bundle, generation: 1);
                _tailKey = key;
                batch.Slots.Add((bundle, wrapped));
                Room(ContentBundle.HeaderBytes);
                ContentBundle.Header(_options.Origin, bundle, 1).CopyTo(_buffers[_turn], _filled);
                _filled += ContentBundle.HeaderBytes;
            }

            _pieceKeys.Add(_tailKey!);
        }

        var at = batch.Exhibits.Count;
        _offsets[at] = _filled;
        _pieceOf[at] = _pieceKeys.Count - 1;
        var record = ContentBundle.RecordHeaderBytes + BodyBytes(exhibit);
        Room(record);
        _filled += record;
        batch.ContentBytes += exhibit.Content.Length;
    }

    static int BodyBytes(NewExhibit exhibit) => exhibit.Outside is null ? (int)SealedContent.SealedLength(32 + exhibit.Content.Length) : OutsidePart.BodyBytes;

    void Room(int bytes)
    {
        if (_filled + bytes > _buffers[_turn].Length)
            Array.Resize(ref _buffers[_turn], Math.Max(_filled + bytes, Math.Max(64 * 1024, _buffers[_turn].Length * 2)));
    }

    void Seal(Batch batch, int i, SealWorker worker, SealedContent key, ReadOnlySpan<byte> salt, byte[] buffer)
    {
        var (call, position) = batch.Exhibits[i];
        var exhibit = call.Exhibits[position];
        var index = batch.Expected.Size + i;
        var outside = exhibit.Outside;
        var entry = LogEntry.Create(exhibit.Kind, call.JoinedAt, exhibit.Actor, exhibit.About, outside?.Size ?? exhibit.Content.Length, outside?.Commitment ?? call.Commitments[position]);
        worker.Hasher.Leaf(entry.Bytes.Span, batch.LeafHashes.AsSpan(i * 32, 32));
        var length = BodyBytes(exhibit);
        var record = buffer.AsSpan(_offsets[i], ContentBundle.RecordHeaderBytes + length);
        ContentBundle.WriteRecordHeader(record, outside is null ? ContentType.Sealed : ContentType.SealedOutside, exhibit.Source, length);
        if (outside is not null)
            outside.WriteBody(record[ContentBundle.RecordHeaderBytes..]);
        else
            key.Seal(salt, worker.Context(index), call.Salts.AsSpan(position * 32, 32), exhibit.Content.Span, record[ContentBundle.RecordHeaderBytes..]);
        batch.Made[i] = new(new(index), entry, exhibit.Content);
    }

    /// <summary>Extends the tree by the batch and lays out its files.</summary>
    void Complete(Batch batch)
    {
        var count = batch.Exhibits.Count;
        if (count == 0)
            return;
        _edge.Append(batch.LeafHashes.AsSpan(0, count * 32), _hasher, batch.Tiles);
        for (var i = 0; i < count;)
        {
            var bundle = (batch.Expected.Size + i) >> 8;
            var end = (int)Math.Min(count, ((bundle + 1) << 8) - batch.Expected.Size);
            var bytes = _tailEntries.Length;
            for (var j = i; j < end; j++)
                bytes += 2 + batch.Made[j].Entry.Bytes.Length;
            var data = new byte[bytes];
            _tailEntries.CopyTo(data, 0);
            var at = _tailEntries.Length;
            for (; i < end; i++)
            {
                var entry = batch.Made[i].Entry.Bytes.Span;
                System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(at), (ushort)entry.Length);
                entry.CopyTo(data.AsSpan(at + 2));
                at += 2 + entry.Length;
            }

            var width = (int)((batch.Expected.Size + end) & 255);
            batch.Tiles.Add(new(TilePath.Of(TilePath.Entries, bundle, width == 0 ? TilePath.FullWidth : width), data));
            _tailEntries = width == 0 ? [] : data;
        }

        for (var i = 0; i < batch.Pieces.Count; i++)
        {
            var (number, slot, offset) = batch.Pieces[i];
            var end = i + 1 < batch.Pieces.Count ? batch.Pieces[i + 1].Offset : _filled;
            batch.Content.Add(new(number, slot, _buffers[_turn].AsMemory(offset, end - offset)));
        }

        _planned = new(_edge.Size, _edge.Root(_hasher));
        batch.Next = _planned;
    }
}
