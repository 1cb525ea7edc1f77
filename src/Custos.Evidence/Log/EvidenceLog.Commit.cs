// Steps 3 to 9 of evidence-spec, section 6: keys, integrate, mark, sign, publish, acknowledge, tidy.
namespace Custos.Evidence;

public sealed partial class EvidenceLog
{
    void Commit()
    {
        while (true)
        {
            Batch batch;
            lock (_gate)
            {
                while (_handed is null && !_sequencerDone)
                    Monitor.Wait(_gate);
                if (_handed is null || _state == EvidenceLogState.Stopped)
                    break;
                batch = _handed;
            }

            try
            {
                Write(batch);
            }
#pragma warning disable CA1031 // nothing may end this thread without its callers being told
            catch (Exception e)
#pragma warning restore CA1031
            {
                var why = Explain(e);
                Stop(why);
                batch.Fail(why);
            }

            lock (_gate)
            {
                (_handed, _committing) = (null, false);
                Monitor.PulseAll(_gate);
            }
        }

        lock (_gate)
        {
            if (_handed is not null && _stopped is not null)
                _handed.Fail(_stopped);
            while (!_sequencerDone)
                Monitor.Wait(_gate);
        }

        _ended.TrySetResult();
    }

    void Write(Batch batch)
    {
        if (batch.Exhibits.Count > 0)
        {
            _ring.WriteSlots(batch.Slots);
            Wait(_store.IntegrateAsync(new(batch.Expected, batch.Next, batch.Tiles, batch.Content), CancellationToken.None));
            Mark(batch.Next);
            Publish(batch.Next);
        }

        var from = batch.Expected.Size;
        for (var i = 0; i < batch.Exhibits.Count; i++)
            batch.Exhibits[i].Call.Deliver(batch.Exhibits[i].Position, batch.Made[i]);
        foreach (var (call, position, index) in batch.Repeats)
            call.Deliver(position, index >= from ? batch.Made[(int)(index - from)] : Wait(FindAsync(index)));
        if (batch.Exhibits.Count > 0)
            Wait(_store.TidyAsync(batch.Expected.Size, batch.Next.Size, CancellationToken.None));
    }

    void Mark(LogState next)
    {
        var mark = new LogMark(_options.Origin, next);
        LogMark.Advance(_options.Keys.Disk, _markPath, _mark, mark);
        _mark = mark;
        if (_options.OutsideMark is { } outside)
        {
            LogMark.Advance(_options.Keys.Disk, outside, _outsideMark, mark);
            _outsideMark = mark;
        }
    }

    void Publish(LogState next)
    {
        var (checkpoint, note) = Opening.Sign(_options, next);
        Wait(_store.PublishAsync(note.ToBytes(), CancellationToken.None));
        _published = new(checkpoint, note);
    }

    // The committer is a thread of its own: it has nothing else to do than to wait for the store.
    static void Wait(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

    static T Wait<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
}
