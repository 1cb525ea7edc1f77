// custos-transcript/1: JSON Lines, UTF-8, one message a line; docs/formats/custos-transcript.md.
using System.Text.Json;
using System.Text.Unicode;
using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Import.Formats;

sealed class TranscriptJsonLines : TranscriptFormat
{
    internal const string Name = "custos-transcript/1";

    public override string Format => Name;

    internal override string Title => "a Custos transcript (JSON Lines)";

    internal override bool HasIds => true;

    internal override bool IsUtf8 => true;

    internal override string? Fits(FileHead head)
    {
        if (head.LineCount == 0 || head.Line(0)[0] != (byte)'{')
            return null;
        if (IsHeader(head.Line(0)))
            return "its first line names the format";
        var fits = head.Count(line => TryRead(line, out _) is null);
        return fits > 0 && fits * 2 >= head.LineCount ? $"{fits} of its first {head.LineCount} lines are JSON objects with venue, thread, id, from and text" : null;
    }

    internal override FormatReader NewReader(Stream stream, ReadingContext context) => new Reader(stream);

    public override ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        if (TryRead(received, out var fields) is not null)
            return null;
        var at = SpokenAt.TryParse(header.At ?? fields.At, out var known) ? known : (SpokenAt?)null;
        return new(
            new(fields.Venue!),
            fields.Thread!,
            fields.Id!,
            at,
            new(fields.From!),
            fields.To is null ? null : new Handle(fields.To),
            fields.Text!,
            fields.Direction ?? header.Direction)
        {
            TypedBy = header.TypedBy ?? fields.TypedBy,
        };
    }

    static bool IsHeader(ReadOnlySpan<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isFormat = json.ValueTextEquals("format"u8);
                json.Read();
                if (isFormat)
                    return json.TokenType == JsonTokenType.String && json.ValueTextEquals("custos-transcript/1"u8);
                json.Skip();
            }

            return false;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    struct Fields
    {
        internal string? Venue, Thread, Id, At, From, To, Text, TypedBy;
        internal Direction? Direction;
    }

    /// <returns>Null if the line is a message, else what is wrong with it.</returns>
    static string? TryRead(ReadOnlySpan<byte> line, out Fields fields)
    {
        fields = default;
        if (!Utf8.IsValid(line))
            return "invalid UTF-8";
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return "not a JSON object";
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("venue"u8))
                    fields.Venue = Text(ref json, "venue");
                else if (json.ValueTextEquals("thread"u8))
                    fields.Thread = Text(ref json, "thread");
                else if (json.ValueTextEquals("id"u8))
                    fields.Id = Text(ref json, "id");
                else if (json.ValueTextEquals("at"u8))
                    fields.At = OptionalText(ref json, "at");
                else if (json.ValueTextEquals("from"u8))
                    fields.From = Text(ref json, "from");
                else if (json.ValueTextEquals("to"u8))
                    fields.To = OptionalText(ref json, "to");
                else if (json.ValueTextEquals("text"u8))
                    fields.Text = Text(ref json, "text");
                else if (json.ValueTextEquals("direction"u8))
                    fields.Direction = ReadDirection(OptionalText(ref json, "direction"));
                else if (json.ValueTextEquals("typedBy"u8))
                    fields.TypedBy = OptionalText(ref json, "typedBy");
                else
                    Skip(ref json);
            }

            while (json.Read())
            {
            }
        }
        catch (JsonException)
        {
            return "not JSON";
        }
        catch (InvalidOperationException)
        {
            return "a lone surrogate";
        }
        catch (FieldException fault)
        {
            return fault.Message;
        }

        return fields switch
        {
            { Venue: null } => "the field 'venue' is missing",
            { Venue: "" } => "the field 'venue' is empty",
            { Thread: null } => "the field 'thread' is missing",
            { Id: null } => "the field 'id' is missing",
            { From: null } => "the field 'from' is missing",
            { Text: null } => "the field 'text' is missing",
            _ => null,
        };
    }

    static void Skip(ref Utf8JsonReader json)
    {
        json.Read();
        json.Skip();
    }

    static string Text(ref Utf8JsonReader json, string field) =>
        OptionalText(ref json, field) ?? throw new FieldException($"the field '{field}' has the wrong type");

    static string? OptionalText(ref Utf8JsonReader json, string field)
    {
        json.Read();
        return json.TokenType switch
        {
            JsonTokenType.String => json.GetString(),
            JsonTokenType.Null => null,
            _ => throw new FieldException($"the field '{field}' has the wrong type"),
        };
    }

    static Direction? ReadDirection(string? word) => word switch
    {
        null => null,
        "out" => Direction.Out,
        "in" => Direction.In,
        "ambient" => Direction.Ambient,
        _ => throw new FieldException("the field 'direction' is none of out, in, ambient"),
    };

#pragma warning disable CA1064 // Never leaves this file.
    sealed class FieldException(string message) : Exception(message);
#pragma warning restore CA1064

    sealed class Reader(Stream stream) : LineFormatReader(stream)
    {
        private protected override Step Take(ReadOnlySpan<byte> line)
        {
            if (Lines.Number == 1 && IsHeader(line))
                return Step.Event;
            return TryRead(line, out _) is { } problem ? Broken(problem) : Step.Message;
        }
    }
}
