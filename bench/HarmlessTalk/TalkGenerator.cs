using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Custos.HarmlessTalk;

/// <summary>Writes invented, harmless conversations: the words that indicators are made of, as ordinary people use them. The same seed writes the same bytes.</summary>
/// <remarks>
/// A file <c>talk/LANGUAGE/NAME.txt</c> is a register, or several: <c>= name</c> begins one, and what stands before the first holds for all of the file. <c>@name: a | b</c> is a list, a block of lines
/// <c>A: ...</c> and <c>B: ...</c> is an exchange, <c>{name}</c> and <c>(a|b)</c> choose, <c>{8-17}</c> is a number.
/// It shows nothing about real talk but this: where it alerts, a rule is too wide.
/// </remarks>
public sealed class TalkGenerator
{
    static readonly string[] Names =
    [
        "amber", "basil", "cedar", "dune", "ember", "fern", "gale", "heath", "iris", "juniper", "kestrel", "larch", "maple", "nettle", "olive", "pine", "quill", "reed", "sage", "thyme",
        "umber", "violet", "willow", "yarrow", "zephyr", "birch", "clover", "drift", "elder", "flint", "grove", "hazel", "indigo", "jasper", "lotus", "moss", "north", "onyx", "poppy", "rowan",
    ];

    readonly ulong _seed;
    readonly List<Register> _registers = [];
    readonly Dictionary<string, string> _ages = new(StringComparer.Ordinal);
    string _speaker = "";
    ulong _state;

    /// <summary>A generator of one seed.</summary>
    public TalkGenerator(int seed)
    {
        _seed = (ulong)seed;
        _state = _seed;
        foreach (var name in typeof(TalkGenerator).Assembly.GetManifestResourceNames().Where(n => n.EndsWith(".txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(typeof(TalkGenerator).Assembly.GetManifestResourceStream(name)!);
            _registers.AddRange(Register.Read(name[..^".txt".Length], reader.ReadToEnd()));
        }
    }

    /// <summary>The names of the registers.</summary>
    public IReadOnlyList<string> Registers => [.. _registers.Select(r => r.Name)];

    /// <summary>Messages as lines of <c>custos-transcript/1</c>, in order; all registers in equal parts, or one of them (<c>en/teens</c>), or those of a language (<c>en</c>).</summary>
    public IEnumerable<string> Lines(int messages, string? register = null)
    {
        // SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
        _state = _seed;
        var written = 0;
        var thread = 0;
        var chosen = _registers.Where(r => register is null || r.Name == register || r.Language == register).ToList();
        if (chosen.Count == 0)
            throw new ArgumentException($"There is no register or language '{register}'.", nameof(register));
        while (written < messages)
        {
            foreach (var of in chosen)
            {
                thread++;
                foreach (var line in Conversation(of, thread, written))
                {
                    yield return line;
                    if (++written == messages)
                        yield break;
                }
            }
        }
    }

    IEnumerable<string> Conversation(Register register, int number, int from)
    {
        // Most talks are short; some go on for years between the same two, where rare words add up.
        var exchanges = Next(40) switch { 0 => 400 + Next(1_200), < 6 => 40 + Next(120), _ => 2 + Next(20) };
        var inRoom = Next(4) == 0;
        var people = inRoom ? 4 + Next(20) : 2;
        var cast = new List<string>();
        _ages.Clear();
        for (var i = 0; i < people; i++)
            cast.Add(Names[Next(Names.Length)] + Next(1_000).ToString(CultureInfo.InvariantCulture));
        var speech = cast.Select(_ => Next(4)).ToArray();
        var venue = inRoom ? $"example/#{register.Name}{Next(3)}" : $"example/{register.Name}";
        var thread = inRoom ? "" : $"t{number}";
        var minute = Next(500_000);
        var id = 0;
        for (var e = 0; e < exchanges; e++)
        {
            var exchange = register.Exchanges[Next(register.Exchanges.Count)];
            var a = inRoom ? Next(people) : 0;
            var b = inRoom ? (a + 1 + Next(people - 1)) % people : 1;
            // Either side begins.
            if (Next(2) == 0)
                (a, b) = (b, a);
            foreach (var (first, template) in exchange)
            {
                var (speaker, other) = first ? (a, b) : (b, a);
                minute += Next(20);
                _speaker = cast[speaker];
                var text = Say(register, template, speech[speaker]);
                if (inRoom && Next(2) == 0)
                    text = cast[other] + ": " + text;
                yield return Line(venue, thread, (from + id++).ToString(CultureInfo.InvariantCulture) + "-" + number.ToString(CultureInfo.InvariantCulture), minute, cast[speaker], text);
            }
        }
    }

    static string Line(string venue, string thread, string id, int minute, string author, string text) => JsonSerializer.Serialize(
        new { venue, thread, id, at = new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(minute).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), from = author, text },
        Options);

    static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // How a person types: full words; small letters; short forms; short forms without marks and with slips.
    string Say(Register register, string template, int speech)
    {
        var text = Expand(register, template, 0);
        if (speech == 0)
            return text;
        text = text.ToLowerInvariant();
        if (speech == 1)
            return text;
        var words = text.Split(' ');
        for (var i = 0; i < words.Length; i++)
        {
            var bare = words[i].TrimEnd('?', '!', '.', ',');
            var tail = words[i][bare.Length..];
            words[i] = (Shorter(register.Language, bare) is { } shorter && Next(3) > 0 ? shorter : bare.Replace("'", "", StringComparison.Ordinal)) + tail;
            if (speech == 3 && words[i].Length > 3 && words[i].All(char.IsLetter) && Next(25) == 0)
                words[i] = Slip(words[i]);
        }

        text = string.Join(' ', words);
        return speech == 3 ? text.Replace("?", Next(3) == 0 ? "" : "??", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal) : text;
    }

    // A letter doubled, left out, or taken before its turn.
    string Slip(string word)
    {
        var at = 1 + Next(word.Length - 2);
        return Next(3) switch
        {
            0 => word.Insert(at, word[at].ToString()),
            1 => word.Remove(at, 1),
            _ => $"{word[..at]}{word[at + 1]}{word[at]}{word[(at + 2)..]}",
        };
    }

    static string? Shorter(string language, string word) => (language, word) switch
    {
        ("en" or "mix", "you") => "u",
        ("en" or "mix", "your" or "you're") => "ur",
        ("en" or "mix", "are") => "r",
        ("en" or "mix", "please") => "pls",
        ("en", "because") => "cuz",
        ("en" or "mix", "pictures") => "pics",
        ("en" or "mix", "picture") => "pic",
        ("en" or "mix", "what") => "wat",
        ("en", "want") => "wan",
        ("en", "tomorrow") => "tmr",
        ("en", "tonight") => "2nite",
        ("en", "to") => "2",
        ("nl", "niet") => "nie",
        ("nl", "het") => "t",
        ("nl", "een") => "n",
        ("nl", "even") => "ff",
        ("nl", "ik") => "k",
        ("nl", "wel") => "wl",
        ("de", "ich") => "i",
        ("de", "nicht") => "net",
        ("de", "habe") => "hab",
        ("de", "eine" or "einen") => "ne",
        ("de", "vielleicht") => "vllt",
        ("fr", "tu") => "t",
        ("fr", "quoi") => "koi",
        ("fr", "pourquoi") => "pk",
        ("fr", "salut") => "slt",
        ("fr", "beaucoup") => "bcp",
        ("fr", "c'est") => "c",
        ("es", "que" or "qué") => "q",
        ("es", "por") => "x",
        ("es", "porque") => "xq",
        ("es", "también") => "tmb",
        ("es", "te") => "t",
        ("tl" or "mix", "ako") => "aq",
        ("tl" or "mix", "dito") => "d2",
        ("tl" or "mix", "ikaw") => "kaw",
        ("tl", "hindi") => "d",
        ("tl", "naman") => "nmn",
        _ => null,
    };

    string Expand(Register register, string template, int depth)
    {
        if (depth > 8)
            throw new InvalidOperationException($"A list of {register.Name} contains itself.");
        var built = new StringBuilder();
        var at = 0;
        while (at < template.Length)
        {
            var c = template[at];
            if (c == '{')
            {
                var end = template.IndexOf('}', at);
                var name = template[(at + 1)..end];
                built.Append(Slot(register, name, depth));
                at = end + 1;
            }
            else if (c == '(')
            {
                var end = Closing(template, at);
                var choices = Choices(template[(at + 1)..end]);
                built.Append(Expand(register, choices[Next(choices.Count)], depth + 1));
                at = end + 1;
            }
            else
            {
                built.Append(c);
                at++;
            }
        }

        return built.ToString();
    }

    string Slot(Register register, string name, int depth)
    {
        var range = name.Split('-');
        if (range.Length == 2 && int.TryParse(range[0], NumberStyles.None, CultureInfo.InvariantCulture, out var low) && int.TryParse(range[1], NumberStyles.None, CultureInfo.InvariantCulture, out var high))
            return (low + Next(high - low + 1)).ToString(CultureInfo.InvariantCulture);
        if (!register.Lists.TryGetValue(name, out var list))
            throw new InvalidOperationException($"The register {register.Name} has no list '{name}'.");
        if (name != "myage")
            return Expand(register, list[Next(list.Count)], depth + 1);

        // A person is of one age, however often it is asked.
        if (!_ages.TryGetValue(_speaker, out var age))
            _ages.Add(_speaker, age = Expand(register, list[Next(list.Count)], depth + 1));
        return age;
    }

    static int Closing(string text, int open)
    {
        var depth = 0;
        for (var i = open; i < text.Length; i++)
        {
            if (text[i] == '(')
                depth++;
            else if (text[i] == ')' && --depth == 0)
                return i;
        }

        throw new InvalidOperationException("A bracket is not closed in: " + text);
    }

    static List<string> Choices(string inside)
    {
        List<string> choices = [];
        var depth = 0;
        var start = 0;
        for (var i = 0; i <= inside.Length; i++)
        {
            if (i == inside.Length || (inside[i] == '|' && depth == 0))
            {
                choices.Add(inside[start..i]);
                start = i + 1;
            }
            else if (inside[i] == '(')
            {
                depth++;
            }
            else if (inside[i] == ')')
            {
                depth--;
            }
        }

        return choices;
    }

    int Next(int below)
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15UL;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return (int)((z ^ (z >> 31)) % (ulong)below);
        }
    }

    sealed record Register(string Name, Dictionary<string, IReadOnlyList<string>> Lists, List<List<(bool First, string Template)>> Exchanges)
    {
        internal string Language => Name[..Name.IndexOf('/', StringComparison.Ordinal)];

        internal static List<Register> Read(string file, string text)
        {
            var name = file;
            var register = new Register(file, new(StringComparer.Ordinal), []);
            var shared = register.Lists;
            List<Register> registers = [];
            List<(bool, string)> exchange = [];
            foreach (var raw in text.Split('\n').Append(""))
            {
                var line = raw.Trim();
                if (line.StartsWith('#'))
                    continue;
                if (line.StartsWith("= ", StringComparison.Ordinal))
                {
                    name = file[..(file.IndexOf('/', StringComparison.Ordinal) + 1)] + line[2..];
                    register = new(name, new(shared, StringComparer.Ordinal), []);
                }
                else if (line.StartsWith('@'))
                {
                    var colon = line.IndexOf(':', StringComparison.Ordinal);
                    register.Lists.Add(line[1..colon], Choices(line[(colon + 1)..]).ConvertAll(choice => choice.Trim()));
                }
                else if (line.StartsWith("A:", StringComparison.Ordinal) || line.StartsWith("B:", StringComparison.Ordinal))
                {
                    exchange.Add((line[0] == 'A', line[2..].Trim()));
                }
                else if (line.Length == 0)
                {
                    if (exchange.Count > 0)
                        register.Exchanges.Add(exchange);
                    if (exchange.Count > 0 && register.Exchanges.Count == 1)
                        registers.Add(register);
                    exchange = [];
                }
                else
                {
                    throw new InvalidOperationException($"The register {name} has a line that is neither a list nor said by A or B: {line}");
                }
            }

            return registers;
        }
    }
}
