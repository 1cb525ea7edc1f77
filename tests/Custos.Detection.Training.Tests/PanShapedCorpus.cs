using System.Globalization;
using System.Text;
using System.Xml;

namespace Custos.Detection.Training.Tests;

/// <summary>Made-up words in the proportions of the PAN-2012 corpus: how many conversations, authors and messages, how few of them positive, how many with one author, with several, or cut at 150 messages.</summary>
/// <remarks>
/// It measures time and memory. Conversations that look like positive ones and are not (the same matter, the same cues, another manner) are one in sixteen, as adults' talk of sex is there.
/// The proportions: Inches and Crestani, CLEF 2012; 66,927 conversations, 97,689 authors of whom 142 positive, 903,607 messages for training; 155,128, 218,702, 254 and 2,058,781 for testing.
/// </remarks>
sealed record PanShapedCorpus(int Conversations, int PositiveConversations, int PositiveAuthors, int Seed, string Prefix)
{
    internal static readonly string[] Words = [.. Enumerable.Range(0, 6_000).Select(Word)];

    internal static PanShapedCorpus Training { get; } = new(66_927, 2_016, 142, 11, "t");

    internal static PanShapedCorpus Testing { get; } = new(155_128, 3_737, 254, 12, "u");

    internal PanShapedCorpus Smaller(int by) => this with { Conversations = Conversations / by, PositiveConversations = PositiveConversations / by, PositiveAuthors = PositiveAuthors / by };

    static string Word(int number)
    {
        const string Consonants = "bdfgklmnprstvz", Vowels = "aeiou";
        var word = new StringBuilder();
        for (var rest = number + 70; rest > 0; rest /= 70)
            word.Append(Consonants[rest % 70 % 14]).Append(Vowels[rest % 70 / 14]);
        return word.ToString();
    }

    internal void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "positives.txt"), Enumerable.Range(0, PositiveAuthors).Select(i => Name("p", i)));
        var random = new Random(Seed);
        var kinds = Enumerable.Range(0, Conversations).Select(i => i < PositiveConversations).ToArray();
        random.Shuffle(kinds);
        using var xml = XmlWriter.Create(Path.Combine(folder, "corpus.xml"), new XmlWriterSettings { Encoding = new UTF8Encoding(false) });
        xml.WriteStartElement("conversations");
        var (author, positive) = (0, 0);
        for (var c = 0; c < Conversations; c++)
        {
            string[] names;
            if (kinds[c])
            {
                // Each positive author has its decoys, and a few of them have many conversations.
                var who = positive < PositiveAuthors ? positive : (int)(PositiveAuthors * Math.Pow(random.NextDouble(), 2));
                positive++;
                names = [Name("p", who), Name("q", (who * 3) + random.Next(3))];
                if (random.Next(2) == 0)
                    Array.Reverse(names);
            }
            else
            {
                var count = random.Next(100) switch { < 19 => 1, < 93 => 2, _ => 3 + random.Next(4) };
                names = [.. Enumerable.Range(0, count).Select(_ => Name("a", random.Next(4) == 0 && author > 100 ? author - random.Next(100) : author++))];
            }

            Conversation(xml, random, c, names, kinds[c], !kinds[c] && random.Next(16) == 0);
        }

        xml.WriteEndElement();
    }

    string Name(string kind, int number) => Prefix + kind + number.ToString("x30", CultureInfo.InvariantCulture);

    void Conversation(XmlWriter xml, Random random, int number, string[] names, bool positive, bool alike)
    {
        xml.WriteStartElement("conversation");
        xml.WriteAttributeString("id", Prefix + number.ToString("x32", CultureInfo.InvariantCulture));
        // Many short ones, a long tail, cut at 150.
        var length = Math.Min(150, 1 + (int)(-12.9 * Math.Log(1 - random.NextDouble()) * (positive || alike ? 2.5 : 0.95)));
        if (positive)
            length = Math.Max(length, 3);
        var judged = positive ? Array.FindIndex(names, n => n[Prefix.Length] == 'p') : random.Next(names.Length);
        for (var i = 0; i < length; i++)
        {
            var who = random.Next(5) == 0 ? random.Next(names.Length) : i % names.Length;
            var cues = positive && who == judged ? 0.2 : alike ? 0.12 : 0.002;
            xml.WriteStartElement("message");
            xml.WriteAttributeString("line", (i + 1).ToString(CultureInfo.InvariantCulture));
            xml.WriteElementString("author", names[who]);
            xml.WriteElementString("time", "12:00");
            xml.WriteElementString("text", random.NextDouble() < cues ? NeutralCorpus.Cues[random.Next(3)] : Said(random, positive || alike, positive ? who == judged ? 1 : 2 : 0));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    static string Said(Random random, bool matter, int manner)
    {
        var text = new StringBuilder();
        for (var w = 1 + (int)(-7 * Math.Log(1 - random.NextDouble())); w > 0; w--)
        {
            var kind = random.Next(100);
            // A few words of the matter and of the manner among common ones, of which the first are most frequent.
            var word = matter && kind < 12 ? 100 + random.Next(60) : kind is >= 12 and < 20 && manner > 0 ? 100 + (manner * 60) + random.Next(60) : (int)(6_000 * Math.Pow(random.NextDouble(), 4));
            text.Append(text.Length == 0 ? "" : " ").Append(Words[Math.Min(word, 5_999)]);
        }

        return text.ToString();
    }
}

public class PanShaped
{
    /// <summary>Run by hand: writes corpora and the pack for them where CUSTOS_NEUTRAL_OUT says.</summary>
    [Fact(Explicit = true)]
    public void Writes_corpora_of_made_up_words_in_the_proportions_of_pan_2012()
    {
        var folder = Environment.GetEnvironmentVariable("CUSTOS_NEUTRAL_OUT") ?? throw new InvalidOperationException("Set CUSTOS_NEUTRAL_OUT to a folder.");
        NeutralCorpus.WritePack(Path.Combine(folder, "packs"));
        PanShapedCorpus.Training.Write(Path.Combine(folder, "training"));
        PanShapedCorpus.Testing.Write(Path.Combine(folder, "testing"));
        PanShapedCorpus.Training.Smaller(20).Write(Path.Combine(folder, "small-training"));
        (PanShapedCorpus.Testing with { Seed = 13 }).Smaller(40).Write(Path.Combine(folder, "small-testing"));
    }
}
