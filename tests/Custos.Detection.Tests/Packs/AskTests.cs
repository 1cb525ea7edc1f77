using Custos.Fixtures;

namespace Custos.Detection.Tests;

/// <summary>Invented askers, two hundred a language: an age asked and said, then five kinds of asking in any order. It says that the rules read what they say, and nothing about how often real solicitation is found.</summary>
public class AskTests
{
    static readonly DetectionEngine Engine = DetectionEngine.Open(Pack.Load(Path.Combine(Checkout.Root, "packs")), DetectionModel.Builtin, new DetectionOptions());

    const int Dialogues = 200;

    public static TheoryData<string> Languages() => ["en", "nl", "de", "fr", "es", "tl", "mix"];

    [Theory, MemberData(nameof(Languages))]
    public void Invented_askers_wait_for_a_person(string language)
    {
        var kinds = Read(language);
        var asked = kinds.Keys.Where(k => k is not ("age" or "said")).Order(StringComparer.Ordinal).ToArray();
        var random = new Random(language[0]);
        List<int> after = [];
        var unread = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Dialogues; i++)
        {
            var told = new Told(Engine);
            var messages = 0;
            int? alert = null;
            Say("ann", Pick("age"));
            Say("bob", Pick("said"));
            foreach (var kind in asked.OrderBy(_ => random.Next()).Take(5).ToArray())
            {
                var before = told.Findings.Count;
                var ask = Pick(kind);
                Say("ann", ask);
                if (told.Findings.Count == before)
                {
                    // By its place in the list: no output holds words of a chat, invented or not.
                    var place = $"{kind} {Array.IndexOf(kinds[kind], ask) + 1}";
                    unread[place] = unread.GetValueOrDefault(place) + 1;
                }

                Say("bob", "ok");
            }

            if (alert is { } at)
                after.Add(at);

            void Say(string who, string text)
            {
                messages++;
                told.Says(who, text, at: $"2026-03-01T19:{messages:D2}:00Z");
                if (alert is null && told.Alerts.Any(a => a.Author == "ann"))
                    alert = messages;
            }
        }

        after.Sort();
        TestContext.Current.SendDiagnosticMessage($"{language}: {after.Count} of {Dialogues} alert, half within {(after.Count == 0 ? 0 : after[after.Count / 2])} messages of 12; not read: {string.Join("; ", unread.OrderByDescending(u => u.Value).Select(u => $"{u.Value} {u.Key}"))}");
        after.Count.ShouldBeGreaterThanOrEqualTo(Dialogues * 9 / 10);

        string Pick(string kind) => kinds[kind][random.Next(kinds[kind].Length)];
    }

    static Dictionary<string, string[]> Read(string language) =>
        File.ReadLines(Path.Combine(Checkout.Root, "tests", "Custos.Detection.Tests", "Packs", "Asks", language + ".txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .ToDictionary(line => line[..line.IndexOf(':', StringComparison.Ordinal)], line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('|', StringSplitOptions.TrimEntries), StringComparer.Ordinal);
}
