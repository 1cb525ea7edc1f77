using System.Globalization;
using System.Text;
using Custos.HarmlessTalk;

using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
if (args is ["text", var folder] && Directory.Exists(folder))
{
    foreach (var line in PublicText.Lines(folder))
        output.WriteLine(line);
    return 0;
}

if (args.Length is not (2 or 3)
    || !int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
    || !int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out var messages))
{
    Console.Error.WriteLine("usage: HarmlessTalk SEED MESSAGES [REGISTER|LANGUAGE] > talk.jsonl");
    Console.Error.WriteLine("       HarmlessTalk text FOLDER > talk.jsonl");
    Console.Error.WriteLine("Writes invented, harmless conversations as custos-transcript/1: the same seed writes the same bytes.");
    Console.Error.WriteLine("With 'text', plain text files that people wrote, each as a dialogue of two sides, a line each in turn.");
    return 2;
}

foreach (var line in new TalkGenerator(seed).Lines(messages, args.ElementAtOrDefault(2)))
    output.WriteLine(line);
return 0;
