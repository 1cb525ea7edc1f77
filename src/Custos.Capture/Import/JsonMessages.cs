using System.Text.Json;

namespace Custos.Capture.Import;

/// <summary>Finds the objects of every <c>messages</c> array in a JSON document of any length, one after the other, in bounded memory.</summary>
sealed class JsonMessages(Stream stream)
{
    // The longest object that is read whole; a message with its entities is a few kilobytes.
    const int LongestObject = 16 << 20;

    static readonly string[] Kept = ["id", "name", "type", "title"];

    readonly List<Frame> _frames = [];
    byte[] _buffer = new byte[1 << 17];
    JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 256 });
    int _start, _end;
    long _base;
    bool _ended, _broken, _begun;
    int _objectStart, _objectLength;

    sealed class Frame(string? name, bool isArray)
    {
        internal string? Name { get; } = name;

        internal bool IsArray { get; } = isArray;

        internal string? Property { get; set; }

        internal Dictionary<string, string> Facts { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>The object, exactly as in the document.</summary>
    internal ReadOnlySpan<byte> Object => _buffer.AsSpan(_objectStart, _objectLength);

    /// <summary>Where it begins.</summary>
    internal long Offset => _base + _objectStart;

    /// <summary>Bytes consumed.</summary>
    internal long Position => _base + _start;

    /// <summary>How many arrays of messages have begun.</summary>
    internal int Arrays { get; private set; }

    /// <summary>The id, name, type and title of what the current array belongs to, and of the objects beside it (<c>channel.id</c>).</summary>
    internal IReadOnlyDictionary<string, string> Facts { get; private set; } = new Dictionary<string, string>();

    /// <summary>Why there is nothing more, if the document is broken or cut.</summary>
    internal string? Broken { get; private set; }

    internal bool Next()
    {
        if (_broken)
            return false;
        if (!_begun)
        {
            _begun = true;
            while (_end < 3 && Fill())
            {
            }

            if (_buffer.AsSpan(0, _end).StartsWith("\uFEFF"u8))
                _start = 3;
        }

        try
        {
            while (true)
            {
                if (TakeFromBuffer())
                    return true;
                if (!Fill())
                {
                    if (_frames.Count > 0 || _ended)
                    {
                        // One last look as the final block: it throws if the document ends in the middle.
                        if (TakeFromBuffer())
                            return true;
                    }

                    return false;
                }
            }
        }
        catch (JsonException)
        {
            _broken = true;
            Broken = _ended && _end - _start < LongestObject
                ? $"the document is broken or cut after byte {Position}"
                : $"the document is broken after byte {Position}, or one message is longer than 16 MiB";
            return false;
        }
    }

    bool TakeFromBuffer()
    {
        var json = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _ended, _state);
        while (true)
        {
            var before = json.BytesConsumed;
            var stateBefore = json.CurrentState;
            if (!json.Read())
            {
                _state = json.CurrentState;
                _start += (int)json.BytesConsumed;
                return false;
            }

            if (json.TokenType is JsonTokenType.StartObject && InMessages)
            {
                var at = (int)json.TokenStartIndex;
                if (!json.TrySkip())
                {
                    _state = stateBefore;
                    _start += (int)before;
                    return false;
                }

                _objectStart = _start + at;
                _objectLength = (int)json.BytesConsumed - at;
                _state = json.CurrentState;
                _start += (int)json.BytesConsumed;
                return true;
            }

            Track(ref json);
        }
    }

    bool InMessages => _frames.Count > 1 && _frames[^1] is { IsArray: true, Name: "messages" };

    void Track(ref Utf8JsonReader json)
    {
        var top = _frames.Count > 0 ? _frames[^1] : null;
        switch (json.TokenType)
        {
            case JsonTokenType.PropertyName:
                top!.Property = json.GetString();
                break;
            case JsonTokenType.StartObject:
                _frames.Add(new(top?.Property, isArray: false));
                break;
            case JsonTokenType.StartArray:
                _frames.Add(new(top is { IsArray: false } ? top.Property : null, isArray: true));
                if (InMessages)
                {
                    Arrays++;
                    Facts = top!.Facts;
                }

                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _frames.RemoveAt(_frames.Count - 1);
                if (top is { IsArray: false, Name: { } name } && _frames.Count > 0)
                {
                    foreach (var (key, value) in top.Facts)
                    {
                        if (!key.Contains('.', StringComparison.Ordinal))
                            _frames[^1].Facts[$"{name}.{key}"] = value;
                    }
                }

                break;
            case JsonTokenType.String or JsonTokenType.Number:
                if (top is { IsArray: false, Property: { } property } && Kept.Contains(property))
                    top.Facts[property] = json.TokenType == JsonTokenType.String ? json.GetString()! : System.Text.Encoding.UTF8.GetString(json.ValueSpan);
                break;
        }
    }

    bool Fill()
    {
        if (_ended)
            return false;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _base += _start;
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= LongestObject)
                throw new JsonException();
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _ended = read == 0;
        _end += read;
        return read > 0;
    }
}
