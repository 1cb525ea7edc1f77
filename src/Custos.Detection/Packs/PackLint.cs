using System.Globalization;
using System.Text;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Detection;

/// <summary>What the examples of a pack showed.</summary>
/// <param name="Rules">Rules tried.</param>
/// <param name="Examples">Examples and counter-examples, as written.</param>
/// <param name="Sentences">Sentences read, lists written out.</param>
/// <param name="Problems">What did not fire and what did.</param>
public sealed record PackTestResult(int Rules, int Examples, int Sentences, IReadOnlyList<PackProblem> Problems);

/// <summary>Checks a pack beyond what reading it demands: that every rule is shown to do what it is for, and not what it is not.</summary>
public static class PackLint
{
    // Detection-spec, section 5.
    const int LongestExample = 80;

    /// <summary>Every problem of a pack: those that forbid reading it, else those of its rules, terms and examples.</summary>
    public static IReadOnlyList<PackProblem> Check(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var reading = PackFiles.Read(directory);
        if (reading.Pack is not { } pack)
            return reading.Problems;
        List<PackProblem> problems = [.. Shape(pack), .. Terms(pack)];
        problems.AddRange(Test(pack).Problems);
        return [.. problems.OrderBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line).ThenBy(p => p.Column).ThenBy(p => p.Text, StringComparer.Ordinal)];
    }

    /// <summary>Reads every example of every rule, lists written out: it must fire; and every counter-example: it must not. What needs a conversation is taken as given.</summary>
    public static PackTestResult Test(Pack pack)
    {
        ArgumentNullException.ThrowIfNull(pack);
        var bench = new Bench(pack);
        List<PackProblem> problems = [];
        var (rules, examples) = (0, 0);
        foreach (var language in pack.Languages)
        {
            foreach (var rule in language.Rules)
            {
                rules++;
                foreach (var example in rule.Examples)
                    Try(rule, example, fires: true);
                foreach (var example in rule.CounterExamples)
                    Try(rule, example, fires: false);

                void Try(PackRule rule, PackExample example, bool fires)
                {
                    examples++;
                    foreach (var sentence in Sentences(language, example.Text))
                    {
                        if (bench.Fires(rule, sentence) == fires)
                            continue;
                        problems.Add(new(rule.File, example.Line, example.Column, fires
                            ? $"The rule {rule.Id} does not fire on this example, read as '{sentence}'; change the rule or the example."
                            : $"The rule {rule.Id} fires on this counter-example, read as '{sentence}'; change the rule or move the sentence to its examples."));
                        return;
                    }
                }
            }
        }

        return new(rules, examples, bench.Sentences, problems);
    }

    static IEnumerable<PackProblem> Shape(Pack pack)
    {
        foreach (var language in pack.Languages)
        {
            var forbidden = language.Lists.Values.Where(l => l.IsSexual)
                .SelectMany(l => l.Terms.Select(term => (List: l.Name, Term: Words(term)))).ToList();
            foreach (var rule in language.Rules)
            {
                if (rule.Examples.Count == 0)
                    yield return new(rule.File, rule.Line, 1, $"The rule {rule.Id} has no example; write at least one sentence on which it fires under 'examples'.");
                if (rule.CounterExamples.Count == 0)
                    yield return new(rule.File, rule.Line, 1, $"The rule {rule.Id} has no counter-example; write at least one harmless sentence like it under 'counter-examples'.");
                foreach (var example in rule.Examples.Concat(rule.CounterExamples))
                {
                    var length = example.Text.EnumerateRunes().Count();
                    if (length > LongestExample)
                        yield return new(rule.File, example.Line, example.Column, string.Create(CultureInfo.InvariantCulture, $"An example of {length} characters; write at most {LongestExample}."));
                    foreach (var name in Slots(example.Text).Where(name => !language.Lists.ContainsKey(name)))
                        yield return new(rule.File, example.Line, example.Column, $"There is no list '{name}' to write out; write a list of the pack '{language.Language}', or a number for an age.");
                    var words = Words(WithoutSlots(example.Text));
                    if (forbidden.FirstOrDefault(f => words.Contains(f.Term, StringComparison.Ordinal)) is { List: not null } found)
                        yield return new(rule.File, example.Line, example.Column, $"An example holds a word of the list '{found.List}'; write '{{{found.List}}}' in its place.");
                }
            }
        }
    }

    // A function word of another language that stands in a list would fire all day in that language.
    static IEnumerable<PackProblem> Terms(Pack pack)
    {
        foreach (var language in pack.Languages)
        {
            var others = pack.Languages.Where(l => l != language).SelectMany(l => l.FunctionWords.Select(w => (l.Language, Word: Words(w)))).ToLookup(w => w.Word, w => w.Language, StringComparer.Ordinal);
            foreach (var rule in language.Rules)
            {
                // With 'language' the rule holds only beside two function words of its own pack.
                if (rule.Needs.Contains("language"))
                    continue;
                foreach (var name in rule.Say.Lists)
                {
                    if (!language.Lists.TryGetValue(name, out var list))
                        continue;
                    foreach (var term in list.Terms)
                    {
                        if (others[Words(term)].FirstOrDefault() is { } other)
                            yield return new(rule.File, rule.Line, 1, $"The term '{term}' of the list '{name}' is a function word of the pack '{other}'; take it out, or write 'needs: [language]'.");
                    }
                }
            }
        }
    }

    // As the reader sees it, so that case and apostrophes hide nothing: one space before, between and after.
    static string Words(string text) => Encoding.UTF8.GetString(NormalizedText.Of(text).Plain);

    static IEnumerable<string> Slots(string text)
    {
        for (var open = text.IndexOf('{', StringComparison.Ordinal); open >= 0; open = text.IndexOf('{', open + 1))
        {
            var close = text.IndexOf('}', open);
            if (close < 0)
                yield break;
            yield return text[(open + 1)..close];
        }
    }

    static string WithoutSlots(string text)
    {
        foreach (var slot in Slots(text).ToList())
            text = text.Replace("{" + slot + "}", " . ", StringComparison.Ordinal);
        return text;
    }

    // Each term of each list once, the others at their first: every term is read, and their product is not.
    static IEnumerable<string> Sentences(LanguagePack language, string text)
    {
        var slots = Slots(text).Distinct(StringComparer.Ordinal).ToList();
        if (slots.Exists(slot => !language.Lists.ContainsKey(slot)))
            yield break;
        if (slots.Count == 0)
            yield return text;
        foreach (var slot in slots)
        {
            foreach (var term in language.Lists[slot].Terms)
            {
                var sentence = text;
                foreach (var other in slots)
                    sentence = sentence.Replace("{" + other + "}", other == slot ? term : language.Lists[other].Terms[0], StringComparison.Ordinal);
                yield return sentence;
            }
        }
    }

    /// <summary>Reads sentences as messages of nobody.</summary>
    sealed class Bench
    {
        readonly MessageReader _reader;
        readonly MessageReading _reading = new();
        readonly Exhibit _exhibit;

        internal Bench(Pack pack)
        {
            _reader = DetectionEngine.Open(pack, DetectionModel.Builtin, new DetectionOptions()).NewReader();
            // One exhibit stands for every sentence: nothing here is evidence, and reading looks at the message alone.
            _exhibit = new ScratchLog(new Epoch()).Append(new NewExhibit("example", "packs", ReadOnlyMemory<byte>.Empty));
        }

        internal int Sentences { get; private set; }

        internal bool Fires(PackRule rule, string sentence)
        {
            Sentences++;
            var message = new ChatMessage(new VenueId("example"), "", "1", null, new Handle("a"), null, sentence, Direction.None);
            _reader.Read(new RecordedMessage(_exhibit, 0, 0, message), _reading);
            for (var i = 0; i < _reading.Count; i++)
            {
                if (_reading.Candidates[i].Rule.Id == rule.Id)
                    return true;
            }

            return false;
        }
    }

    sealed class Epoch : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
