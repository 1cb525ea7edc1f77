using System.Globalization;
using System.Text;
using System.Xml;
using Custos.Fixtures;

namespace Custos.Detection.Training.Tests;

/// <summary>Corpora of made-up words in the PAN-2012 layout, whose outcome is known because it was drawn. They show that the machinery works and nothing about people.</summary>
sealed record NeutralCorpus
{
    // Made-up words too, which a local pack says stand for things to cite: without two of them no conversation is an alert.
    internal static readonly string[] Cues = ["lanternask", "quietkeep", "harbourgive"];

    const string LocalPack = """
        pack-format: 1
        language: en
        lists: {neutral-camera: [lanternask], neutral-secret: [quietkeep], neutral-pay: [harbourgive]}
        rules:
          - {id: local.camera, code: camera.request, say: {any: neutral-camera}, strength: plain, examples: ["{neutral-camera}"], counter-examples: ["lantern"]}
          - {id: local.secret, code: secrecy, say: {any: neutral-secret}, strength: plain, examples: ["{neutral-secret}"], counter-examples: ["quiet"]}
          - {id: local.pay, code: payment.offer, say: {any: neutral-pay}, strength: plain, examples: ["{neutral-pay}"], counter-examples: ["harbour"]}

        """;

    static readonly Lazy<Pack> TestPack = new(() =>
    {
        using var folder = new ScratchFolder();
        return Detection.Pack.Load(WritePack(folder.Path));
    });

    /// <summary>The packs that ship and the made-up words.</summary>
    internal static Pack Pack => TestPack.Value;

    internal static string WritePack(string folder)
    {
        var packs = Path.Combine(Checkout.Root, "packs");
        foreach (var file in Directory.EnumerateFiles(packs, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(packs, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        Directory.CreateDirectory(Path.Combine(folder, "local"));
        File.WriteAllText(Path.Combine(folder, "local", "neutral.yaml"), LocalPack);
        return folder;
    }

    static readonly string[] Syllables = ["ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve", "wi", "zo", "ku"];

    /// <summary>Ordinary words, words of a positive author, words of a matter, words of a manner.</summary>
    static readonly string[] Common = Words(0, 400), Telling = Words(400, 40), Matter = Words(440, 40), Manner = Words(480, 40), OtherManner = Words(520, 40);

    public int Seed { get; init; } = 1;

    public int PositiveAuthors { get; init; } = 30;

    public int PositiveConversations { get; init; } = 120;

    public int OtherConversations { get; init; } = 400;

    public int Messages { get; init; } = 12;

    /// <summary>Of a positive author's words, the share that tells; and of others'.</summary>
    public double TellingShare { get; init; } = 0.6;

    public double TellingElsewhere { get; init; }

    /// <summary>Share of other conversations that hold the same cues.</summary>
    public double CuesElsewhere { get; init; } = 0.3;

    /// <summary>Only who says what differs: the matter is in positive conversations, the manner on one side of every conversation.</summary>
    public bool SideOnly { get; init; }

    /// <summary>Positive authors also talk of ordinary things among several.</summary>
    public bool PositivesElsewhere { get; init; }

    /// <summary>Authors of one corpus are not those of another.</summary>
    public string Prefix { get; init; } = "";

    static string[] Words(int from, int count) =>
        [.. Enumerable.Range(from, count).Select(i => Syllables[i % 15] + Syllables[i / 15 % 15] + Syllables[(i * 7 + 3) % 15])];

    /// <summary>Writes <c>corpus.xml</c>, <c>positives.txt</c> and <c>lines.txt</c> into a folder.</summary>
    internal NeutralCorpus Write(string folder)
    {
        var random = new Random(Seed);
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "positives.txt"), Enumerable.Range(0, PositiveAuthors).Select(i => Name("p", i)));
        using var lines = new StreamWriter(Path.Combine(folder, "lines.txt"));
        using var xml = XmlWriter.Create(Path.Combine(folder, "corpus.xml"), new XmlWriterSettings { Encoding = new UTF8Encoding(false) });
        xml.WriteStartElement("conversations");
        var kinds = Enumerable.Repeat(true, PositiveConversations).Concat(Enumerable.Repeat(false, OtherConversations)).ToArray();
        random.Shuffle(kinds);
        int positive = 0, other = 0;
        for (var c = 0; c < kinds.Length; c++)
        {
            var id = Prefix + "c" + c.ToString(CultureInfo.InvariantCulture);
            var names = kinds[c]
                ? [Name("p", positive++ % PositiveAuthors), Name("q", c)]
                : new[] { Name("a", other), Name("b", other++) };
            if (random.Next(2) == 0)
                Array.Reverse(names);
            if (!kinds[c] && PositivesElsewhere && other % 10 == 0)
                names = [Name("a", other), Name("b", other), Name("p", other % PositiveAuthors)];
            Conversation(xml, lines, random, id, names, kinds[c]);
        }

        xml.WriteEndElement();
        return this;
    }

    string Name(string kind, int number) => Prefix + kind + number.ToString("x8", CultureInfo.InvariantCulture);

    void Conversation(XmlWriter xml, TextWriter lines, Random random, string id, string[] names, bool positive)
    {
        xml.WriteStartElement("conversation");
        xml.WriteAttributeString("id", id);
        var judged = positive ? Array.FindIndex(names, n => n.StartsWith(Prefix + "p", StringComparison.Ordinal)) : random.Next(2);
        var cues = positive || random.NextDouble() < CuesElsewhere;
        var length = Math.Max(4, Messages + random.Next(-3, 4));
        for (var i = 0; i < length; i++)
        {
            var who = i % names.Length;
            // Both sides ask in a corpus where only the manner tells who is who.
            var cue = cues && (SideOnly || who == judged) && i >= 2 && i % 4 == judged;
            var text = cue || (SideOnly && cues && i >= 2 && i % 4 == 1 - judged)
                ? Cues[i / 4 % Cues.Length]
                : Said(random, positive, who == judged);
            xml.WriteStartElement("message");
            xml.WriteAttributeString("line", (i + 1).ToString(CultureInfo.InvariantCulture));
            xml.WriteElementString("author", names[who]);
            xml.WriteElementString("time", "12:00");
            xml.WriteElementString("text", text);
            xml.WriteEndElement();
            if (positive && who == judged && cue)
                lines.WriteLine($"{id}\t{i + 1}");
        }

        xml.WriteEndElement();
    }

    string Said(Random random, bool positive, bool judged)
    {
        var text = new StringBuilder();
        var count = 3 + random.Next(8);
        for (var w = 0; w < count; w++)
        {
            string[] from;
            if (SideOnly)
                from = random.Next(3) switch { 0 when positive => Matter, 1 => judged ? Manner : OtherManner, _ => Common };
            else
                from = random.NextDouble() < (positive && judged ? TellingShare : TellingElsewhere) ? Telling : Common;
            text.Append(w == 0 ? "" : " ").Append(from[random.Next(from.Length)]);
        }

        return text.ToString();
    }

#pragma warning disable CA1822 // a test reads: the corpus is written, then asked for
    internal TrainingRequest Request(string folder, long seed = 7) => new()
    {
        Corpora = [Pan12Corpus.Open(Path.Combine(folder, "corpus.xml"))],
        Positives = Training.PositiveAuthors.Read(Path.Combine(folder, "positives.txt")),
        Pack = Pack,
        Seed = seed,
    };
#pragma warning restore CA1822
}
