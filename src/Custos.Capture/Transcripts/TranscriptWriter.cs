// custos-transcript/1 (docs/formats/custos-transcript.md): JSON Lines, UTF-8, LF, fixed order of fields, no spaces.
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Custos.Vocabulary;

namespace Custos.Capture.Transcripts;

/// <summary>Writes messages as lines of <c>custos-transcript/1</c> into memory.</summary>
public sealed class TranscriptWriter : IDisposable
{
    // Words stay readable: only what JSON demands is escaped. The file is no part of a web page.
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    readonly ArrayBufferWriter<byte> _buffer = new();
    readonly Utf8JsonWriter _json;

    /// <summary>Begins with nothing written.</summary>
    public TranscriptWriter() => _json = new(_buffer, Options);

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    /// <summary>The optional first line, which names the format.</summary>
    public void WriteHeader() => _buffer.Write("{\"format\":\"custos-transcript/1\"}\n"u8);

    /// <summary>One message.</summary>
    public void Write(ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString("venue"u8, message.Venue.Value);
        _json.WriteString("thread"u8, message.Thread);
        _json.WriteString("id"u8, message.Id);
        if (message.At is { } at)
            _json.WriteString("at"u8, at.ToString());
        _json.WriteString("from"u8, message.From.Value);
        if (message.To is { } to)
            _json.WriteString("to"u8, to.Value);
        _json.WriteString("text"u8, message.Text);
        if (message.Direction != Direction.None)
            _json.WriteString("direction"u8, message.Direction switch { Direction.Out => "out"u8, Direction.In => "in"u8, _ => "ambient"u8 });
        if (message.TypedBy is { } typist)
            _json.WriteString("typedBy"u8, typist);
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Forgets what was written.</summary>
    public void Clear() => _buffer.ResetWrittenCount();
}
