namespace Custos.Capture.Import;

/// <summary>Lines of a stream with their exact places, in bounded memory however long a line is.</summary>
sealed class LineReader(Stream stream)
{
    // A line over 1 MiB is refused for reading: detection-spec, section 15.
    internal const int LongestLine = 1 << 20;

    byte[] _buffer = new byte[1 << 17];
    int _start;
    int _end;
    bool _ended;
    int _lineStart;
    int _lineLength;

    /// <summary>The line without its end.</summary>
    internal ReadOnlySpan<byte> Line => _buffer.AsSpan(_lineStart, _lineLength);

    /// <summary>The line with its end.</summary>
    internal ReadOnlySpan<byte> LineAndEnd => _buffer.AsSpan(_lineStart, _lineLength == 0 && TooLong ? 0 : _start - _lineStart);

    /// <summary>Where it begins in the stream.</summary>
    internal long Offset { get; private set; }

    /// <summary>From 1.</summary>
    internal long Number { get; private set; }

    /// <summary>True if it was longer than the bound: <see cref="Line"/> is then empty.</summary>
    internal bool TooLong { get; private set; }

    /// <summary>False for a last line that the file does not end.</summary>
    internal bool Terminated { get; private set; }

    /// <summary>Bytes consumed.</summary>
    internal long Position { get; private set; }

    internal bool Next()
    {
        if (Number == 0)
            SkipByteOrderMark();
        Offset = Position;
        TooLong = false;
        long skipped = 0;
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                Take(searched + found, terminated: true, skipped);
                return true;
            }

            searched = _end - _start;
            if (searched > LongestLine)
            {
                // Only its end matters from here: what it says stays in the original.
                TooLong = true;
                skipped += searched;
                _start = _end = 0;
                searched = 0;
            }

            if (!Fill())
                break;
        }

        if (_end == _start && skipped == 0)
            return false;
        Take(_end - _start, terminated: false, skipped);
        return true;
    }

    void Take(int length, bool terminated, long skipped)
    {
        Number++;
        Terminated = terminated;
        _lineStart = _start;
        _lineLength = length;
        if (length > LongestLine)
            TooLong = true;
        if (terminated && length > 0 && _buffer[_start + length - 1] == (byte)'\r')
            _lineLength--;
        if (TooLong)
            _lineLength = 0;
        var consumed = length + (terminated ? 1 : 0);
        _start += consumed;
        Position += skipped + consumed;
    }

    bool Fill()
    {
        if (_ended)
            return false;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _ended = read == 0;
        _end += read;
        return read > 0;
    }

    void SkipByteOrderMark()
    {
        while (_end - _start < 3 && Fill())
        {
        }

        if (_buffer.AsSpan(_start, _end - _start).StartsWith("\uFEFF"u8))
        {
            _start += 3;
            Position = 3;
        }
    }
}
