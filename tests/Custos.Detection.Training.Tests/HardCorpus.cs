using System.Globalization;
using System.Text;
using System.Xml;

namespace Custos.Detection.Training.Tests;

/// <summary>Made-up words in which positive conversations are hard to tell: most are short, every author has words of its own, some harmless conversations share most of the positive ones' words and all their cues, and positive authors also talk of ordinary things.</summary>
/// <remarks>
/// Four in a hundred conversations are positive. One in <see cref="Alike"/> is harmless and alike: two people of the same manner speak of nearly the same matter. The other side of a positive conversation, who plays a part, has a manner of one of a few persons.
/// It shows how the design bears harder and harder corpora, and nothing about real talk.
/// </remarks>
/// <param name="Hardness">0: words tell most; 3: few words tell, and harmless conversations that are alike share nine in ten of them.</param>
/// <param name="Seed">Of the drawing.</param>
/// <param name="Prefix">Of its authors.</param>
sealed record HardCorpus(int Hardness, int Seed, string Prefix = "")
{
    const int Matter = 120, Manner = 90, OtherManner = 90;

    internal int Conversations { get; init; } = 8_000;

    internal int PositiveAuthors { get; init; } = 80;

    int Positive => Conversations / 25;

    int Alike => Hardness switch { 0 => 16, 1 => 12, 2 => 8, _ => 6 };

    // Of a hundred words of a telling speaker: of the matter, and of the manner.
    int MatterShare => 14 - (3 * Hardness);

    int MannerShare => 9 - (2 * Hardness);

    // Of the matter's words, how many in ten a conversation that is only alike shares.
    int Shared => 6 + Hardness;

    internal HardCorpus Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "positives.txt"), Enumerable.Range(0, PositiveAuthors).Select(i => Name("p", i)));
        var random = new Random(Seed);
        var kinds = Enumerable.Range(0, Conversations).Select(i => i < Positive).ToArray();
        random.Shuffle(kinds);
        using var xml = XmlWriter.Create(Path.Combine(folder, "corpus.xml"), new XmlWriterSettings { Encoding = new UTF8Encoding(false) });
        xml.WriteStartElement("conversations");
        var (author, positive) = (0, 0);
        for (var c = 0; c < Conversations; c++)
        {
            string[] names;
            var who = 0;
            var alike = !kinds[c] && random.Next(Alike) == 0;
            if (kinds[c])
            {
                who = positive < PositiveAuthors ? positive : (int)(PositiveAuthors * Math.Pow(random.NextDouble(), 1.5));
                positive++;
                names = [Name("p", who), Name("q", (who * 3) + random.Next(3))];
                if (random.Next(2) == 0)
                    Array.Reverse(names);
            }
            else
            {
                var count = alike ? 2 : random.Next(100) switch { < 19 => 1, < 93 => 2, _ => 3 + random.Next(4) };
                names = [.. Enumerable.Range(0, count).Select(_ => Name("a", random.Next(4) == 0 && author > 100 ? author - random.Next(100) : author++))];
                // A trap: positive authors among several, of ordinary things.
                if (count > 2 && random.Next(10) == 0)
                    names[0] = Name("p", random.Next(PositiveAuthors));
            }

            Conversation(xml, random, c, names, kinds[c], alike, who);
        }

        xml.WriteEndElement();
        return this;
    }

    string Name(string kind, int number) => Prefix + kind + number.ToString("x8", CultureInfo.InvariantCulture);

    void Conversation(XmlWriter xml, Random random, int number, string[] names, bool positive, bool alike, int who)
    {
        xml.WriteStartElement("conversation");
        xml.WriteAttributeString("id", Prefix + number.ToString(CultureInfo.InvariantCulture));
        var length = Math.Min(150, 1 + (int)(-12.9 * Math.Log(1 - random.NextDouble()) * (positive ? 2.2 : alike ? 1.8 : 0.95)));
        if (positive || alike)
            length = Math.Max(length, 4);
        var judged = positive ? Array.FindIndex(names, n => n[Prefix.Length] == 'p') : random.Next(names.Length);
        // Which of the matter's words an author has, and which a conversation that is only alike: its own third of those it may use.
        var own = new Random(positive ? HashCode(Prefix, who) : HashCode(names[judged], number));
        var matter = Enumerable.Range(0, Matter).Where(w => positive || w % 10 < Shared).OrderBy(_ => own.Next()).Take(Matter / 3).ToArray();
        // One of six persons who play the other part.
        var part = own.Next(6) * (OtherManner / 6);
        for (var i = 0; i < length; i++)
        {
            var speaker = random.Next(5) == 0 ? random.Next(names.Length) : i % names.Length;
            var cues = positive && speaker == judged ? 0.16 : alike ? 0.12 : 0.002;
            xml.WriteStartElement("message");
            xml.WriteAttributeString("line", (i + 1).ToString(CultureInfo.InvariantCulture));
            xml.WriteElementString("author", names[speaker]);
            xml.WriteElementString("time", "12:00");
            xml.WriteElementString("text", random.NextDouble() < cues ? NeutralCorpus.Cues[random.Next(3)] : Said(random, positive, alike, speaker == judged, matter, part));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    string Said(Random random, bool positive, bool alike, bool judged, int[] matter, int part)
    {
        var text = new StringBuilder();
        for (var w = 1 + (int)(-7 * Math.Log(1 - random.NextDouble())); w > 0; w--)
        {
            var kind = random.Next(100);
            var word = (int)(6_000 * Math.Pow(random.NextDouble(), 4));
            if ((positive || alike) && kind < MatterShare)
                word = 100 + matter[random.Next(matter.Length)];
            else if (positive && kind >= 90 && kind < 90 + MannerShare)
                word = 100 + Matter + (judged ? random.Next(Manner) : Manner + part + random.Next(OtherManner / 6));
            text.Append(text.Length == 0 ? "" : " ").Append(PanShapedCorpus.Words[Math.Min(word, 5_999)]);
        }

        return text.ToString();
    }

    // The runtime's own hash of a text differs from run to run.
    static int HashCode(string text, int number) => text.Aggregate(number + 17, (hash, c) => unchecked((hash * 31) + c));
}
