using System.Security.Cryptography;
using Custos.Evidence;

namespace Custos.Capture.Import;

/// <summary>Hashes what passes, and at the end what nobody asked for.</summary>
/// <param name="inner">What is read.</param>
/// <param name="places">Lengths, ascending, at which the hash of what came before is wanted too.</param>
sealed class HashedStream(Stream inner, IReadOnlyList<long>? places = null) : Stream
{
    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    long _passed;

    /// <summary>The hashes at the places reached so far, in their order.</summary>
    internal List<Sha256Digest> AtPlaces { get; } = [];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    internal Sha256Digest Finish(CancellationToken cancellation)
    {
        var rest = new byte[1 << 17];
        while (Read(rest) > 0)
            cancellation.ThrowIfCancellationRequested();
        return new(_hash.GetHashAndReset());
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        var done = 0;
        while (places is not null && AtPlaces.Count < places.Count && places[AtPlaces.Count] <= _passed + read)
        {
            var until = (int)(places[AtPlaces.Count] - _passed);
            _hash.AppendData(buffer[done..until]);
            done = until;
            AtPlaces.Add(new(_hash.GetCurrentHash()));
        }

        _hash.AppendData(buffer[done..read]);
        _passed += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
