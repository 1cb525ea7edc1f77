using Custos.Evidence;

namespace Custos.Capture.Irc;

/// <summary>Between the socket and the log: lines wait here while the log writes, in bounded memory; a full queue stops the socket from being read.</summary>
sealed class ExhibitQueue(IExhibitLog log, long pendingBytes)
{
    // What an exhibit costs beside its content, as the log counts it (evidence-spec, section 6).
    const int Overhead = 512;

    // Held while a thing joins the queue and while the queue is taken, so that nothing joins what is already being written.
    readonly Lock _gate = new();
    List<(NewExhibit Exhibit, Action<Exhibit>? Durable)> _waiting = [];
    long _pendingBytes;
    bool _completed;
    Exception? _failed;
    TaskCompletionSource _filled = New();
    TaskCompletionSource _drained = New();
    long _durable, _last = -1, _peak;

    /// <summary>Exhibits that are durable.</summary>
    internal long Durable => Interlocked.Read(ref _durable);

    /// <summary>The newest of them; -1 if there is none.</summary>
    internal long Last => Interlocked.Read(ref _last);

    /// <summary>The most that waited at any time, in bytes.</summary>
    internal long PeakBytes => Interlocked.Read(ref _peak);

    /// <summary>Adds in order; waits while the queue is full.</summary>
    /// <param name="exhibit">What to record.</param>
    /// <param name="durable">Told, on the writer's thread, once it is.</param>
    /// <exception cref="EvidenceLogException">The log has stopped.</exception>
    internal async ValueTask AddAsync(NewExhibit exhibit, Action<Exhibit>? durable = null)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_failed is not null)
                    throw _failed;
                // One thing always fits, or a thing larger than the bound would wait for ever.
                if (_pendingBytes == 0 || _pendingBytes + Cost(exhibit) <= pendingBytes)
                {
                    _pendingBytes += Cost(exhibit);
                    _peak = Math.Max(_peak, _pendingBytes);
                    _waiting.Add((exhibit, durable));
                    _filled.TrySetResult();
                    return;
                }

                room = _drained.Task;
            }

            await room;
        }
    }

    /// <summary>No more will be added.</summary>
    internal void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            _filled.TrySetResult();
        }
    }

    /// <summary>Appends until completed and empty: what arrived while one batch was written is the next batch.</summary>
    internal async Task RunAsync()
    {
        try
        {
            List<(NewExhibit Exhibit, Action<Exhibit>? Durable)> batch = [];
            while (true)
            {
                await _filled.Task;
                lock (_gate)
                {
                    if (_waiting.Count == 0 && _completed)
                        return;
                    (batch, _waiting) = (_waiting, batch);
                    _filled = New();
                    if (_completed)
                        _filled.TrySetResult();
                }

                var exhibits = new NewExhibit[batch.Count];
                var bytes = 0L;
                for (var i = 0; i < exhibits.Length; i++)
                {
                    exhibits[i] = batch[i].Exhibit;
                    bytes += Cost(batch[i].Exhibit);
                }

                // Never cancelled: what was received is kept, however the capture ends.
                var recorded = await log.AppendAsync(exhibits, CancellationToken.None);
                Interlocked.Add(ref _durable, recorded.Count);
                // A repeated message answers with its first exhibit, so the newest need not be the last.
                foreach (var exhibit in recorded)
                {
                    if (exhibit.Number.LeafIndex > _last)
                        Interlocked.Exchange(ref _last, exhibit.Number.LeafIndex);
                }

                for (var i = 0; i < batch.Count; i++)
                    batch[i].Durable?.Invoke(recorded[i]);
                batch.Clear();
                lock (_gate)
                {
                    _pendingBytes -= bytes;
                    _drained.TrySetResult();
                    _drained = New();
                }
            }
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                _failed = e;
                _drained.TrySetResult();
            }

            throw;
        }
    }

    static long Cost(NewExhibit exhibit) => exhibit.Content.Length + Overhead;

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
