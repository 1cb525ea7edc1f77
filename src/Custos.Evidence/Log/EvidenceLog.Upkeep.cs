// Work that needs the log to itself: between two commits, with nothing sequenced and nothing being written. The sequencer does it.
namespace Custos.Evidence;

public sealed partial class EvidenceLog
{
    // One act of upkeep at a time: a rotation, a deletion, a hold. Each is several duties with appends between them.
    readonly SemaphoreSlim _upkeep = new(1);

    // Guarded by the gate.
    readonly Queue<Duty> _duties = new();
    Duty? _duty;

    /// <summary>Takes the next duty if the log stands still for it.</summary>
    bool TakeDuty_NeedsGate(Batch batch) =>
        !_committing && !batch.HasWork && _duties.TryDequeue(out _duty);

    void DoDuty()
    {
        var duty = _duty!;
        _duty = null;
        if (duty.Do() is { } failed)
        {
            var why = Explain(failed);
            Stop(why);
            duty.Fail(why);
        }
    }

    void FailDuties_NeedsGate()
    {
        while (_duties.TryDequeue(out var duty))
            duty.Fail(_stopped as Exception ?? new ObjectDisposedException(nameof(EvidenceLog)));
    }

    async Task AloneAsync(Action work, bool last = false)
    {
        var duty = new Duty(work);
        lock (_gate)
        {
            NeedOpen_NeedsGate(last);
            _duties.Enqueue(duty);
            Monitor.PulseAll(_gate);
        }

        await duty.Done;
    }

    sealed class Duty(Action work)
    {
        readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public void Fail(Exception why) => _done.TrySetException(why);

        /// <summary>Does it; what it answers failed, and left an unknown state.</summary>
        public Exception? Do()
        {
            try
            {
                work();
            }
#pragma warning disable CA1031 // nothing may end the sequencer without its callers being told
            catch (Exception e)
#pragma warning restore CA1031
            {
                return e;
            }

            _done.TrySetResult();
            return null;
        }
    }
}
