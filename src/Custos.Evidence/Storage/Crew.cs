namespace Custos.Evidence;

/// <summary>A few threads that do the pieces of one job together with the caller.</summary>
/// <remarks>Own threads, because a blocked fsync on a pool thread would starve the very callers that fill the next batch.</remarks>
sealed class Crew(string name, int helpers) : IDisposable
{
    readonly SemaphoreSlim _wake = new(0);
    readonly List<Thread> _threads = [];
    volatile Job? _job;
    volatile bool _closed;

    public int Workers => helpers + 1;

    /// <summary>Runs pieces 0 to count-1; throws the first failure after all that began has ended.</summary>
    /// <param name="count">Pieces.</param>
    /// <param name="piece">Worker number and piece.</param>
    public void Run(int count, Action<int, int> piece)
    {
        var extra = Math.Min(helpers, count - 1);
        while (_threads.Count < extra)
        {
            var number = _threads.Count + 1;
            var thread = new Thread(() => Help(number), 256 * 1024) { IsBackground = true, Name = name };
            _threads.Add(thread);
            thread.Start();
        }

        var job = new Job(piece, count, Math.Max(extra, 0) + 1);
        if (extra > 0)
        {
            _job = job;
            _wake.Release(extra);
        }

        job.Work(0);
        job.Wait();
    }

    public void Dispose()
    {
        _closed = true;
        if (_threads.Count > 0)
            _wake.Release(_threads.Count);
        foreach (var thread in _threads)
            thread.Join();
        _wake.Dispose();
    }

    void Help(int number)
    {
        while (true)
        {
            _wake.Wait();
            if (_closed)
                return;
            _job!.Work(number);
        }
    }

    sealed class Job(Action<int, int> piece, int count, int workers)
    {
        readonly object _gate = new();
        int _next;
        int _working = workers;
        Exception? _failure;

        public void Work(int worker)
        {
            try
            {
                int i;
                while ((i = Interlocked.Increment(ref _next) - 1) < count)
                    piece(worker, i);
            }
#pragma warning disable CA1031 // carried to the caller's thread
            catch (Exception e)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref _failure, e, null);
                Interlocked.Exchange(ref _next, count);
            }

            lock (_gate)
            {
                if (--_working == 0)
                    Monitor.PulseAll(_gate);
            }
        }

        public void Wait()
        {
            lock (_gate)
            {
                while (_working > 0)
                    Monitor.Wait(_gate);
            }

            if (_failure is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }
    }
}
