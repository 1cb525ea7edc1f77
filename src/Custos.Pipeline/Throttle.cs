namespace Custos.Pipeline;

/// <summary>Bounds what is between recording and the index, by weight. First come, first served.</summary>
sealed class Throttle(long capacity)
{
    readonly Lock _gate = new();
    readonly Queue<(long Weight, TaskCompletionSource Entered)> _waiting = new();
    long _used;
    bool _unbounded;

    internal long Used
    {
        get
        {
            lock (_gate)
                return _used;
        }
    }

    /// <summary>Waits until there is room. What is heavier than the whole room enters alone.</summary>
    internal Task EnterAsync(long weight, CancellationToken cancellation)
    {
        TaskCompletionSource entered;
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits_NeedsGate(weight))
            {
                _used += weight;
                return Task.CompletedTask;
            }

            entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((weight, entered));
        }

        return cancellation.CanBeCanceled ? WaitAsync(entered, cancellation) : entered.Task;
    }

    internal void Leave(long weight)
    {
        lock (_gate)
        {
            _used -= weight;
            Admit_NeedsGate();
        }
    }

    /// <summary>Lets everyone in, or bounds again. While the index cannot be written nothing is handed to it, so nothing piles up.</summary>
    internal void Unbound(bool unbounded)
    {
        lock (_gate)
        {
            _unbounded = unbounded;
            Admit_NeedsGate();
        }
    }

    static async Task WaitAsync(TaskCompletionSource entered, CancellationToken cancellation)
    {
        await using var registration = cancellation.UnsafeRegister(state => ((TaskCompletionSource)state!).TrySetCanceled(cancellation), entered);
        await entered.Task;
    }

    bool Fits_NeedsGate(long weight) => _unbounded || _used == 0 || _used + weight <= capacity;

    void Admit_NeedsGate()
    {
        while (_waiting.TryPeek(out var first) && (first.Entered.Task.IsCompleted || Fits_NeedsGate(first.Weight)))
        {
            _waiting.Dequeue();
            // One that was cancelled meanwhile takes no room.
            if (first.Entered.TrySetResult())
                _used += first.Weight;
        }
    }
}
