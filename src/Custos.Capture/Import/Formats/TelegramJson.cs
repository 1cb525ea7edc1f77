// Telegram Desktop's "Export chat history" and "Export Telegram data" as machine-readable JSON
// (https://core.telegram.org/import-export): result.json with one chat, or with chats.list.
using System.Globalization;
using System.Text;
using System.Text.Json;
using Custos.Capture.Decoding;
using Custos.Vocabulary;

namespace Custos.Capture.Import.Formats;

sealed class TelegramJson : TranscriptFormat
{
    public override string Format => "telegram";

    internal override string Title => "a Telegram Desktop export (JSON)";

    internal override bool HasIds => true;

    internal override bool IsUtf8 => true;

    internal override string? Fits(FileHead head)
    {
        var bytes = head.Bytes;
        if (bytes.IsEmpty || bytes.TrimStart(" \t\r\n"u8).IsEmpty || bytes.TrimStart(" \t\r\n"u8)[0] != (byte)'{' || bytes.IndexOf("\"messages\""u8) < 0)
            return null;
        // DiscordChatExporter's documents have messages too, under a guild and a channel.
        if (bytes.IndexOf("\"guild\""u8) >= 0 && bytes.IndexOf("\"channel\""u8) >= 0)
            return null;
        foreach (var type in (string[])["personal_chat", "bot_chat", "saved_messages", "private_group", "private_supergroup", "public_supergroup", "private_channel", "public_channel"])
        {
            if (bytes.IndexOf(Encoding.UTF8.GetBytes($"\"{type}\"")) >= 0)
                return $"it is a JSON object with a chat of type '{type}' and its messages";
        }

        return null;
    }

    internal override FormatReader NewReader(Stream stream, ReadingContext context) => new Reader(stream, context);

    public override ChatMessage? Decode(CaptureHeader header, ReadOnlySpan<byte> received)
    {
        string? id = null, type = null, date = null, unix = null, from = null, fromId = null, text = null;
        try
        {
            var json = new Utf8JsonReader(received);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("id"u8))
                    id = Scalar(ref json);
                else if (json.ValueTextEquals("type"u8))
                    type = Scalar(ref json);
                else if (json.ValueTextEquals("date"u8))
                    date = Scalar(ref json);
                else if (json.ValueTextEquals("date_unixtime"u8))
                    unix = Scalar(ref json);
                else if (json.ValueTextEquals("from"u8))
                    from = Scalar(ref json);
                else if (json.ValueTextEquals("from_id"u8))
                    fromId = Scalar(ref json);
                else if (json.ValueTextEquals("text"u8))
                    text = Words(ref json);
                else
                    Skip(ref json);
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }

        // An account that was deleted has no name any more, only its id.
        var handle = string.IsNullOrEmpty(from) ? fromId : from;
        return type != "message" || handle is null || text is null ? null : Message(header, handle, text, Time(date, unix), id);
    }

    // The local time and the instant together say the offset of the exporting machine; an older export has the local time only.
    static SpokenAt? Time(string? date, string? unix)
    {
        var local = SpokenAt.TryParse(date, out var at) ? at.Local : (DateTime?)null;
        if (!long.TryParse(unix, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) || seconds is < -62_135_596_800 or >= 253_402_300_800)
            return local is { } only ? new SpokenAt(only, null) : null;
        var instant = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (local is { } known)
        {
            var offset = known - instant.UtcDateTime;
            if (offset.Ticks % TimeSpan.TicksPerMinute == 0 && offset.Duration() <= TimeSpan.FromHours(14))
                return new SpokenAt(known, offset);
        }

        return SpokenAt.Utc(instant);
    }

    static string? Scalar(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType is JsonTokenType.String)
            return json.GetString();
        if (json.TokenType is JsonTokenType.Number)
            return Encoding.UTF8.GetString(json.ValueSpan);
        json.Skip();
        return null;
    }

    // A string, or a list of strings and of objects that have a text: links, mentions, bold words.
    static string? Words(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String)
            return json.GetString();
        if (json.TokenType != JsonTokenType.StartArray)
        {
            json.Skip();
            return null;
        }

        var words = new StringBuilder();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.String)
            {
                words.Append(json.GetString());
            }
            else if (json.TokenType == JsonTokenType.StartObject)
            {
                while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                {
                    if (json.ValueTextEquals("text"u8))
                        words.Append(Scalar(ref json));
                    else
                        Skip(ref json);
                }
            }
            else
            {
                json.Skip();
            }
        }

        return words.ToString();
    }

    static void Skip(ref Utf8JsonReader json)
    {
        json.Read();
        json.Skip();
    }

    /// <summary>A dialogue is a thread of the service; a group or channel is a place of its own.</summary>
    static ExportedChat Chat(IReadOnlyDictionary<string, string> facts)
    {
        var id = facts.GetValueOrDefault("id", "");
        return facts.GetValueOrDefault("type") switch
        {
            "personal_chat" or "bot_chat" => new("telegram", id),
            "saved_messages" => new("telegram", "saved"),
            _ => new(id.Length > 0 ? $"telegram:{id}" : "telegram", ""),
        };
    }

    sealed class Reader(Stream stream, ReadingContext context) : FormatReader
    {
        readonly JsonMessages _messages = new(stream);
        long _number;
        int _array;
        bool _told;

        internal override ReadOnlySpan<byte> Bytes => _messages.Object;

        internal override long Offset => _messages.Offset;

        internal override long Line => _number;

        internal override long Position => _messages.Position;

        internal override bool EndsWhole => _messages.Broken is null;

        internal override Step Next()
        {
            if (!_messages.Next())
            {
                if (_messages.Broken is not { } broken || _told)
                    return Step.End;
                _told = true;
                _number++;
                Problem = broken;
                return Step.Unreadable;
            }

            _number++;
            if (_messages.Arrays != _array)
            {
                _array = _messages.Arrays;
                var chat = Chat(_messages.Facts);
                Venue = context.Options.Venue ?? chat.Venue;
                Thread = context.Options.Thread ?? chat.Thread;
            }

            return IsService(_messages.Object) ? Step.Event : Step.Message;
        }

        static bool IsService(ReadOnlySpan<byte> message)
        {
            var json = new Utf8JsonReader(message);
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isType = json.ValueTextEquals("type"u8);
                json.Read();
                if (isType)
                    return json.TokenType == JsonTokenType.String && json.ValueTextEquals("service"u8);
                json.Skip();
            }

            return false;
        }
    }
}
