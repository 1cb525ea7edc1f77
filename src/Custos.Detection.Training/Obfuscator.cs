using System.Globalization;
using System.Text;

namespace Custos.Detection.Training;

/// <summary>A way to disguise words.</summary>
/// <param name="Name">As the evaluation prints it.</param>
/// <param name="Share">Of letters, or of words, that it changes.</param>
public sealed record Obfuscation(string Name, double Share);

/// <summary>Disguises words as people do, from a seed, to measure what detection loses. Numbers, links, addresses and handles stay: it is the words that are hidden.</summary>
public static class Obfuscator
{
    /// <summary>Every kind, in the order of the table.</summary>
    public static IReadOnlyList<Obfuscation> All { get; } =
    [
        new("look-alikes-10", 0.1), new("look-alikes-30", 0.3), new("look-alikes-50", 0.5), new("zero-width", 0.3), new("leet", 0.5), new("spacing", 0.5), new("repeats", 0.5),
        new("punctuation", 0.5), new("mask", 0.5), new("emoji", 0.5), new("all", 0.5),
    ];

    static readonly string[] Each = ["look-alikes", "zero-width", "leet", "spacing", "repeats", "punctuation", "mask", "emoji"];

    // Small letters whose UTS 39 prototype is the ASCII letter: Cyrillic and Greek.
    static readonly Dictionary<char, char> LookAlikes = "acehijopsvwxydq".Zip("асеһіјорѕνԝхуԁԛ").ToDictionary(p => p.First, p => p.Second);

    static readonly Dictionary<char, char> Leet = "aeiostbg".Zip("43105789").ToDictionary(p => p.First, p => p.Second);

    static readonly string[] Emoji = ["\U0001F600", "\U0001F4F7", "\u2764\uFE0F", "\U0001F44D\U0001F3FD"];

    /// <summary>Disguises a text.</summary>
    /// <param name="kind">How.</param>
    /// <param name="text">The words.</param>
    /// <param name="seed">Of what is drawn.</param>
    /// <param name="number">Of the message, so that each is disguised in its own way.</param>
    public static string Disguise(Obfuscation kind, string text, long seed, long number)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(text);
        var chance = new Seeded(unchecked(((ulong)seed * 0x9E3779B97F4A7C15) ^ (ulong)number));
        var words = text.Split(' ');
        var disguised = new StringBuilder(text.Length * 2);
        var before = false;
        for (var w = 0; w < words.Length; w++)
        {
            if (w > 0)
                disguised.Append(' ');
            var name = kind.Name == "all" ? Each[chance.Below(Each.Length)] : kind.Name.StartsWith("look-alikes", StringComparison.Ordinal) ? "look-alikes" : kind.Name;
            if (!IsWord(words[w]))
            {
                disguised.Append(words[w]);
                before = false;
                continue;
            }

            // Two words with their letters apart, side by side, would be one.
            var apart = name == "spacing" && before;
            before = name == "spacing" && !apart;
            disguised.Append(apart ? words[w] : Word(name, kind.Share, words[w], chance));
        }

        return disguised.ToString();
    }

    // Letters, perhaps with signs around them: a link, a number, a handle or an address holds something else.
    static bool IsWord(string word)
    {
        var core = word.Trim('.', ',', '!', '?', ';', ':', '(', ')', '"', '\'');
        return core.Length >= 3 && core.All(char.IsAsciiLetter);
    }

    static string Word(string name, double share, string word, Seeded chance)
    {
        var made = new StringBuilder(word.Length * 2);
        switch (name)
        {
            case "look-alikes":
                foreach (var c in word)
                    made.Append(chance.Share() < share && LookAlikes.TryGetValue(c, out var like) ? like : c);
                break;
            case "zero-width":
                foreach (var c in word)
                    made.Append(c).Append(chance.Share() < share && char.IsAsciiLetter(c) ? "\u200B" : "");
                break;
            case "leet":
                // The first letter stays: a word of digits alone is a number.
                for (var i = 0; i < word.Length; i++)
                    made.Append(i > 0 && chance.Share() < share && Leet.TryGetValue(char.ToLowerInvariant(word[i]), out var digit) ? digit : word[i]);
                break;
            case "spacing" when chance.Share() < share && word.All(char.IsAsciiLetter):
                made.AppendJoin(chance.Below(2) == 0 ? '.' : '-', word.ToCharArray());
                break;
            case "repeats" when chance.Share() < share:
                var at = chance.Below(word.Length);
                for (var i = 0; i < word.Length; i++)
                    made.Append(word[i], i == at && char.IsAsciiLetter(word[i]) ? 3 + chance.Below(3) : 1);
                break;
            case "punctuation" when chance.Share() < share:
                made.Append(word.AsSpan(0, 2)).Append(chance.Below(2) == 0 ? '-' : '.').Append(word.AsSpan(2));
                break;
            case "mask" when chance.Share() < share:
                // The first and the last letter stay, whatever stands around the word.
                var first = word.AsSpan().IndexOfAnyInRange('A', 'z');
                var last = word.AsSpan().LastIndexOfAnyInRange('A', 'z');
                var hidden = first + 1 + chance.Below(last - first - 1);
                made.Append(word.AsSpan(0, hidden)).Append('*').Append(word.AsSpan(hidden + 1));
                break;
            case "emoji" when chance.Share() < share:
                made.Append(word).Append(chance.Below(2) == 0 ? " " : "").Append(Emoji[chance.Below(Emoji.Length)]);
                break;
            case "spacing" or "repeats" or "punctuation" or "mask" or "emoji":
                made.Append(word);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(name), string.Create(CultureInfo.InvariantCulture, $"There is no disguise '{name}'."));
        }

        return made.ToString();
    }
}
