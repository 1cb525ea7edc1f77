using System.Runtime.CompilerServices;
using Custos.Evidence;

namespace Custos.Server.Workspaces;

// Stands where the evidence log will: it keeps what it was given for as long as the process runs.
sealed class MemoryLog(TimeProvider time) : IExhibitLog, IExhibitReader
{
    readonly Lock _gate = new();
    readonly ScratchLog _numbers = new(time);
    readonly List<Exhibit> _exhibits = [];

    public long Size
    {
        get
        {
            lock (_gate)
                return _exhibits.Count;
        }
    }

    public ValueTask<Exhibit> AppendAsync(NewExhibit exhibit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var recorded = _numbers.Append(exhibit);
            _exhibits.Add(recorded);
            return new(recorded);
        }
    }

    public async ValueTask<IReadOnlyList<Exhibit>> AppendAsync(ReadOnlyMemory<NewExhibit> exhibits, CancellationToken cancellation)
    {
        var recorded = new Exhibit[exhibits.Length];
        for (var i = 0; i < recorded.Length; i++)
            recorded[i] = await AppendAsync(exhibits.Span[i], cancellation);
        return recorded;
    }

    public async IAsyncEnumerable<Exhibit> ReadAsync(ExhibitNumber from, long count, MachineRun run, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var i = from.LeafIndex; i < Math.Min(Size, checked(from.LeafIndex + count)); i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Exhibit exhibit;
            lock (_gate)
                exhibit = _exhibits[(int)i];
            yield return exhibit;
        }

        await Task.CompletedTask;
    }
}
