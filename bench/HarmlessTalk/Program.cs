using System.Globalization;
using System.Text;
using Custos.HarmlessTalk;

if (args.Length is not (2 or 3)
    || !int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
    || !int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out var messages))
{
    Console.Error.WriteLine("usage: HarmlessTalk SEED MESSAGES [REGISTER|LANGUAGE] > talk.jsonl");
    Console.Error.WriteLine("Writes invented, harmless conversations as custos-transcript/1: the same seed writes the same bytes.");
    return 2;
}

using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
foreach (var line in new TalkGenerator(seed).Lines(messages, args.ElementAtOrDefault(2)))
    output.WriteLine(line);
return 0;
