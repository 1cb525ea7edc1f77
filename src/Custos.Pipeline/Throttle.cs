namespace Custos.Pipeline;

/// <summary>Bounds what is between recording and the index, by weight. What comes first goes first, to the act itself.</summary>
sealed class Throttle(long capacity)
{
    readonly Lock _gate = new();
    readonly Queue<Waiting> _waiting = new();
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

    /// <summary>Starts an act when there is room for it, in the order of the calls. What is heavier than the whole room goes alone.</summary>
    /// <param name="weight">What it takes, until <see cref="Leave"/>.</param>
    /// <param name="act">Begins the act, and says whether it takes its room; run with the throttle held, so it must not wait.</param>
    /// <param name="cancellation">Stops the waiting, not the act.</param>
    internal Task<Task<T>> EnterAsync<T>(long weight, Func<(Task<T> Answer, bool Holds)> act, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<Task<T>>(cancellation);
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits_NeedsGate(weight))
            {
                var (answer, holds) = act();
                if (holds)
                    _used += weight;
                return Task.FromResult(answer);
            }

            var waiting = new Waiting<T>(weight, act);
            _waiting.Enqueue(waiting);
            return cancellation.CanBeCanceled ? WaitAsync(waiting, cancellation) : waiting.Started.Task;
        }
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

    static async Task<Task<T>> WaitAsync<T>(Waiting<T> waiting, CancellationToken cancellation)
    {
        await using var registration = cancellation.UnsafeRegister(_ => waiting.Cancel(cancellation), null);
        return await waiting.Started.Task;
    }

    bool Fits_NeedsGate(long weight) => _unbounded || _used == 0 || _used + weight <= capacity;

    void Admit_NeedsGate()
    {
        while (_waiting.TryPeek(out var first) && (first.IsOver || Fits_NeedsGate(first.Weight)))
        {
            _waiting.Dequeue();
            // One that was cancelled meanwhile takes no room.
            if (first.Start())
                _used += first.Weight;
        }
    }

    abstract class Waiting(long weight)
    {
        int _over;

        internal long Weight { get; } = weight;

        internal bool IsOver => Volatile.Read(ref _over) != 0;

        // False if it takes no room after all.
        internal abstract bool Start();

        // Started or cancelled: whichever is first.
        protected bool Take() => Interlocked.Exchange(ref _over, 1) == 0;
    }

    sealed class Waiting<T>(long weight, Func<(Task<T> Answer, bool Holds)> act) : Waiting(weight)
    {
        internal TaskCompletionSource<Task<T>> Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal override bool Start()
        {
            if (!Take())
                return false;
            var (answer, holds) = act();
            Started.SetResult(answer);
            return holds;
        }

        internal void Cancel(CancellationToken cancellation)
        {
            if (Take())
                Started.SetCanceled(cancellation);
        }
    }
}
