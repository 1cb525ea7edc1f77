using System.Globalization;
using System.Text;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Detection;

/// <summary>Invented chat for measuring: mostly harmless, in rooms and in dialogues, with one dialogue in two hundred that detection flags. The same seed gives the same talk.</summary>
static class InventedTalk
{
    static readonly string[] Words =
    [
        "the", "a", "and", "or", "but", "is", "was", "it", "that", "this", "they", "we", "you", "i", "my", "your", "today", "tomorrow", "later", "maybe", "well", "just", "really", "kind",
        "of", "in", "on", "at", "for", "with", "from", "about", "because", "weather", "train", "coffee", "garden", "music", "server", "config", "update", "kernel", "driver", "screen",
        "window", "file", "build", "error", "patch", "reboot", "network", "cable", "printer", "keyboard", "recipe", "bread", "soup", "movie", "book", "match", "team", "score", "goal",
        "holiday", "bus", "late", "early", "work", "office", "meeting", "break", "lunch", "dinner", "cat", "dog", "bird", "river", "bike", "walk", "run", "slow", "fast", "green", "blue",
        "old", "new", "big", "small", "good", "bad", "nice", "funny", "sure", "yes", "no", "ok", "lol", "haha", "thanks", "please", "sorry", "how", "what", "when", "where", "who", "why",
        "can", "could", "should", "would", "need", "want", "like", "love", "hate", "think", "know", "see", "look", "try", "make", "take", "get", "give", "put", "turn", "open", "close",
        "14", "2", "3.5", "10:30", "100%", "don't", "it's", "I'm", "can't", "http://example.org/page", "someone@example.org", "#help", "v6.1.0", "😀", "café", "naïve", "año", "über",
    ];

    static readonly (bool First, string Text)[] Flagged =
    [
        (true, "hi, how old are you?"), (false, "im 14"), (true, "thats ok"), (true, "dont tell anyone that we talk"), (false, "ok"),
        (true, "can you turn on your cam"), (false, "no i dont want to"), (true, "ill give you $50 if you turn on your cam"),
    ];

    internal static List<(Exhibit Exhibit, ChatMessage Message)> Make(int count, int seed)
    {
        var random = new Random(seed);
        var log = new ScratchLog(TimeProvider.System);
        var made = new List<(Exhibit, ChatMessage)>(count);
        var rooms = Enumerable.Range(0, 20).Select(i => new VenueId($"irc://example.org/#room{i}")).ToArray();
        var handles = Enumerable.Range(0, 2_000).Select(i => new Handle("nick" + i.ToString(CultureInfo.InvariantCulture))).ToArray();
        var threads = Enumerable.Range(0, 4_000).Select(i => "t" + i.ToString(CultureInfo.InvariantCulture)).ToArray();
        var turns = new int[threads.Length];
        var start = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Unspecified);
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            var at = new SpokenAt(start.AddSeconds(i), TimeSpan.Zero);
            var id = i.ToString(CultureInfo.InvariantCulture);
            ChatMessage message;
            if (random.Next(2) == 0)
            {
                // A hundred regulars a room.
                var room = random.Next(rooms.Length);
                message = new(rooms[room], "", id, at, handles[(room * 100) + random.Next(100)], null, Line(random, text), Direction.None);
            }
            else
            {
                var t = random.Next(threads.Length);
                var turn = turns[t]++;
                var (first, said) = t % 200 == 0 ? Flagged[turn % Flagged.Length] : (turn % 2 == 0, Line(random, text));
                var who = handles[((t * 2) + (first ? 0 : 1)) % handles.Length];
                message = new(rooms[t % rooms.Length], threads[t], id, at, who, null, said, Direction.None);
            }

            made.Add((log.Append(new("chat", "bench", Encoding.UTF8.GetBytes(message.Text))), message));
        }

        return made;
    }

    // About 56 characters, the mean of a line of technical chat.
    static string Line(Random random, StringBuilder text)
    {
        text.Clear();
        var length = 10 + random.Next(92);
        while (text.Length < length)
        {
            if (text.Length > 0)
                text.Append(random.Next(12) == 0 ? ", " : " ");
            text.Append(Words[random.Next(random.Next(4) == 0 ? Words.Length : Words.Length - 18)]);
        }

        text.Append(random.Next(5) switch { 0 => "?", 1 => "...", 2 => "!", _ => "" });
        return text.ToString();
    }
}
