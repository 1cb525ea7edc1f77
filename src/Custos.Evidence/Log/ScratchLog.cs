using System.Security.Cryptography;

namespace Custos.Evidence;

/// <summary>A log in memory, unsigned and unsealed, for trying detection on a file. Its origin is <c>scratch</c>; it cannot be exported, proved or cited.</summary>
/// <param name="time">The clock that stamps entries.</param>
public sealed class ScratchLog(TimeProvider time) : IExhibitLog
{
    // Nothing is kept: a scratch log gives numbers and forgets, so its memory does not grow with the file.
    readonly Lock _gate = new();
    long _size;

    /// <summary>Exhibits appended so far.</summary>
    public long Size => _size;

    /// <summary>Numbers a thing as the next exhibit.</summary>
    public Exhibit Append(NewExhibit exhibit)
    {
        ArgumentNullException.ThrowIfNull(exhibit);
        lock (_gate)
        {
            // The salt is zero: a scratch log promises nothing, and chance would make two runs differ.
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(stackalloc byte[32]);
            hash.AppendData(exhibit.Content.Span);
            Span<byte> commitment = stackalloc byte[32];
            hash.GetHashAndReset(commitment);
            var entry = LogEntry.Create(exhibit.Kind, time.GetUtcNow(), exhibit.Actor, exhibit.About, exhibit.Content.Length, new(commitment));
            return new Exhibit(new(_size++), entry, exhibit.Content);
        }
    }

    /// <inheritdoc/>
    public ValueTask<Exhibit> AppendAsync(NewExhibit exhibit, CancellationToken cancellation) => new(Append(exhibit));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Exhibit>> AppendAsync(ReadOnlyMemory<NewExhibit> exhibits, CancellationToken cancellation)
    {
        var recorded = new Exhibit[exhibits.Length];
        for (var i = 0; i < recorded.Length; i++)
            recorded[i] = Append(exhibits.Span[i]);
        return new(recorded);
    }
}
