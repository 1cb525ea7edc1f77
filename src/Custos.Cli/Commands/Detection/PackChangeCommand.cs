using System.CommandLine;
using Custos.Detection;
using Custos.Server.Workspaces;

namespace Custos.Cli.Commands.Detection;

/// <summary><c>custos packs change</c>: a unit's own additions and changes, written for it and linted. <c>custos packs lists</c>: what may be added to.</summary>
static class PackChangeCommand
{
    const string Help =
        "Writes a change of the vocabulary as a local file of a changed pack, beside the pack that counts, and lints it: terms for a list, signs for a context, another strength, a rule switched off. " +
        "A changed pack that does not exist yet begins as a copy. Try it with custos packs shadow; custos packs publish makes it count.\n" +
        "Exit codes: 0 written; 1 could not write; 2 usage; 4 refused, and nothing was written.";

    internal static Command Create(Option<DirectoryInfo?> packs, Option<bool> json)
    {
        var candidate = new Option<DirectoryInfo?>("--candidate") { Description = "The folder of the changed pack (with --data: the one there, if not given)" };
        var data = PacksCommand.Data();
        var language = new Option<string>("--language") { Description = "en, nl, de, fr, es or tl", Required = true };
        var terms = new Option<string[]>("--term") { Description = "LIST=WORDS: adds a term to a list; may be given again" };
        var signs = new Option<string[]>("--sign") { Description = "CONTEXT=WORDS: adds a sign of harmless talk; may be given again" };
        var strengths = new Option<string[]>("--strength") { Description = "RULE=weak|plain|strong; may be given again" };
        var disabled = new Option<string[]>("--disable") { Description = "RULE: switches it off; may be given again" };
        var reason = new Option<string>("--reason") { Description = "Why", Required = true };
        var by = new Option<string>("--by") { Description = "Who decides it", Required = true };
        var command = new Command("change", Help) { candidate, data, language, terms, signs, strengths, disabled, reason, by };
        command.SetAction(parsed =>
        {
            List<KeyValuePair<string, RuleStrength>> asked = [];
            foreach (var text in parsed.GetValue(strengths) ?? [])
            {
                if (text.Split('=', 2) is not [var rule, var name] || !Enum.TryParse<RuleStrength>(name, ignoreCase: true, out var strength) || !Enum.IsDefined(strength))
                    return Usage("--strength is written RULE=weak, RULE=plain or RULE=strong.");
                asked.Add(new(rule, strength));
            }

            if (Pairs(parsed.GetValue(terms)) is not { } added)
                return Usage("--term is written LIST=WORDS.");
            if (Pairs(parsed.GetValue(signs)) is not { } contexts)
                return Usage("--sign is written CONTEXT=WORDS.");
            var change = new PackChange(parsed.GetRequiredValue(language), added, contexts, asked, parsed.GetValue(disabled) ?? [], parsed.GetRequiredValue(reason), parsed.GetRequiredValue(by));
            if ((parsed.GetValue(candidate)?.FullName ?? (parsed.GetValue(data) is { } folder ? new PackShelf(folder).Candidate : null)) is not { } changed)
                return Usage("Name the folder of the changed pack with --candidate, or a data folder with --data.");
            return PacksCommand.WithDirectory(parsed.GetValue(packs), parsed.GetValue(data), directory => Run(directory, changed, change, parsed.GetValue(json)));
        });
        return command;
    }

    internal static Command Lists(Option<DirectoryInfo?> packs, Option<bool> json)
    {
        var language = new Option<string>("--language") { Description = "en, nl, de, fr, es or tl", Required = true };
        var command = new Command("lists", "Names the lists of a language, how many terms each has and which rules ask for it.") { language };
        command.SetAction(parsed => PacksCommand.WithDirectory(parsed.GetValue(packs), directory =>
        {
            if (PacksCommand.Load(directory, parsed.GetValue(json)) is not { } pack)
                return 4;
            if (pack.Languages.FirstOrDefault(l => l.Language == parsed.GetRequiredValue(language)) is not { } found)
                return Usage($"There is no such language; the pack has {string.Join(", ", pack.Languages.Select(l => l.Language))}.");
            var lists = found.Lists.Values.OrderBy(l => l.Name, StringComparer.Ordinal)
                .Select(l => (l.Name, l.Terms.Count, Rules: found.Rules.Where(r => r.Say.Lists.Contains(l.Name)).Select(r => r.Id).ToList())).ToList();
            if (parsed.GetValue(json))
            {
                PacksCommand.Write(w =>
                {
                    w.WriteStartArray("lists");
                    foreach (var (name, count, rules) in lists)
                    {
                        w.WriteStartObject();
                        w.WriteString("list", name);
                        w.WriteNumber("terms", count);
                        w.WriteStartArray("rules");
                        foreach (var rule in rules)
                            w.WriteStringValue(rule);
                        w.WriteEndArray();
                        w.WriteEndObject();
                    }

                    w.WriteEndArray();
                });
            }
            else
            {
                foreach (var (name, count, rules) in lists)
                    System.Console.Out.WriteLine($"{name}: {count} terms{(rules.Count == 0 ? "" : "; " + string.Join(", ", rules))}");
            }

            return 0;
        }));
        return command;
    }

    static int Run(string directory, string candidate, PackChange change, bool json)
    {
        PackChangeResult result;
        try
        {
            result = LocalPack.Write(directory, candidate, change);
        }
        catch (ArgumentException wrong)
        {
            return Usage(wrong.Message.Split(" (Parameter")[0]);
        }
        catch (PackException refused)
        {
            result = new(null, null, refused.Problems);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            System.Console.Error.WriteLine($"'{candidate}' could not be written. Nothing was changed. Check the path and the disk and run it again.");
            return 1;
        }

        if (result.File is null)
        {
            foreach (var problem in result.Problems)
                System.Console.Error.WriteLine(problem);
            System.Console.Error.WriteLine($"The change is refused: {result.Problems.Count} to change. Nothing was written.");
            return 4;
        }

        if (json)
        {
            PacksCommand.Write(w =>
            {
                w.WriteString("file", result.File);
                w.WriteString("hash", result.Hash);
            });
        }
        else
        {
            System.Console.Out.WriteLine($"Written: {Path.Combine(candidate, result.File)}");
            System.Console.Out.WriteLine($"Changed pack: {result.Hash}");
            System.Console.Out.WriteLine($"Next: custos packs shadow --candidate {candidate} --input LOG");
        }

        return 0;
    }

    static List<AddedTerm>? Pairs(string[]? texts)
    {
        List<AddedTerm> pairs = [];
        foreach (var text in texts ?? [])
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } term])
                return null;
            pairs.Add(new(name, term));
        }

        return pairs;
    }

    static int Usage(string what)
    {
        System.Console.Error.WriteLine(what);
        return 2;
    }
}
