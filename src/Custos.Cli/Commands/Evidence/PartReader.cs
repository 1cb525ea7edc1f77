namespace Custos.Cli.Commands.Evidence;

/// <summary>Cuts a stream into parts while it arrives: a part ends when it is full, when the stream ends, or when what came has waited long enough.</summary>
/// <param name="stream">A file, or a pipe that somebody still writes into.</param>
/// <param name="patience">How long bytes may wait for more to join them.</param>
/// <param name="time">The clock.</param>
sealed class PartReader(Stream stream, TimeSpan patience, TimeProvider time)
{
    readonly byte[] _block = new byte[64 * 1024];
    Task<int>? _reading;
    int _at;
    int _left;

    /// <summary>Fills a part.</summary>
    /// <returns>Bytes; 0 at the end of the stream.</returns>
    /// <exception cref="IOException">The stream broke.</exception>
    public async Task<int> FillAsync(Memory<byte> part, CancellationToken cancellation)
    {
        var filled = 0;
        var began = time.GetTimestamp();
        while (filled < part.Length)
        {
            if (_left == 0)
            {
                // A read of a pipe cannot be called back: it goes on, and the next part begins with what it brings.
                _reading ??= stream.ReadAsync(_block, CancellationToken.None).AsTask();
                try
                {
                    (_at, _left) = (0, await (filled == 0 ? _reading.WaitAsync(cancellation) : _reading.WaitAsync(Rest(began), time, cancellation)));
                }
                catch (TimeoutException)
                {
                    return filled;
                }

                _reading = null;
                if (_left == 0)
                    return filled;
                if (filled == 0)
                    began = time.GetTimestamp();
            }

            var take = Math.Min(_left, part.Length - filled);
            _block.AsMemory(_at, take).CopyTo(part[filled..]);
            (_at, _left, filled) = (_at + take, _left - take, filled + take);
        }

        return filled;
    }

    TimeSpan Rest(long began) => TimeSpan.FromTicks(Math.Max(0, (patience - time.GetElapsedTime(began)).Ticks));
}
