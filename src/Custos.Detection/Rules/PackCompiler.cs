using System.Globalization;

namespace Custos.Detection;

/// <summary>Turns a pack as it is written into the rule book that reading uses.</summary>
static class PackCompiler
{
    internal static RuleBook Compile(Pack pack)
    {
        var builder = new RuleBookBuilder { ChildAgeBelow = pack.ChildAgeBelow };
        foreach (var group in pack.Services.GroupBy(s => s.Key, StringComparer.Ordinal))
            builder.AddService(group.Key, group.Select(s => s.Term));
        foreach (var group in pack.PaymentChannels.GroupBy(s => s.Key, StringComparer.Ordinal))
            builder.AddPaymentChannel(group.Key, group.Select(s => s.Term));
        foreach (var currency in pack.Currencies)
            builder.AddCurrency(currency.Term, currency.Key);
        var contexts = new Dictionary<string, BookContext>(StringComparer.Ordinal)
        {
            ["negated"] = new(ContextShape.Negated, -1, 0, ContextEffect.Drop),
            ["quoted"] = new(ContextShape.Quoted, -1, 0, ContextEffect.Drop),
            ["played"] = new(ContextShape.Played, -1, 0, ContextEffect.Drop),
            ["reported"] = new(ContextShape.Reported, -1, 0, ContextEffect.Drop),
        };
        foreach (var context in pack.Contexts)
        {
            // Every pack is always on, so a sign of any language counts in every language.
            var list = builder.List("", "context:" + context.Name);
            builder.AddTerms(list, context.Terms);
            foreach (var language in pack.Languages)
                builder.AddTerms(list, language.Contexts.GetValueOrDefault(context.Name) ?? []);
            // "Near" counts the words between; the span's neighbour is at distance one.
            contexts[context.Name] = new(ContextShape.Words, list, context.Near == 0 ? 0 : context.Near + 1, context.Effect);
        }

        foreach (var language in pack.Languages)
            AddLanguage(builder, language, contexts);
        return builder.Build();
    }

    static void AddLanguage(RuleBookBuilder builder, LanguagePack language, Dictionary<string, BookContext> contexts)
    {
        var number = builder.Language(language.Language);
        foreach (var (name, list) in language.Lists.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            if (name == "unit")
                builder.AddTerms(builder.List("", "unit"), list.Terms);
            if (name is "before-age" or "after-age" or "no-age")
                builder.AddTerms(builder.List("", name), list.Terms);
            if (name == "sex-letter")
                builder.AddSexLetters(list.Terms);
            if (name == "unit-letter")
                builder.AddUnitLetters(list.Terms);
            var own = builder.List(language.Language, name);
            foreach (var term in list.Terms)
            {
                builder.AddTerm(own, term);
                if (list.MarksOptional && MarkFree.Of(term) is { } bare)
                    builder.AddTerm(own, bare);
            }

            if (list.Masked)
                builder.AddMasked(own);
        }

        builder.AddFunctionWords(language.Language, language.FunctionWords);
        foreach (var (word, value) in language.NumberWords)
            builder.AddNumber(word, value);
        foreach (var rule in language.Rules)
            builder.Add(Rule(builder, language, number, rule, contexts));
    }

    static BookRule Rule(RuleBookBuilder builder, LanguagePack language, int number, PackRule rule, Dictionary<string, BookContext> contexts)
    {
        var definition = IndicatorCatalogue.Find(rule.Code) ?? throw new InvalidOperationException($"The rule {rule.Id} has the code {rule.Code}, which the closed list does not hold.");
        var needs = RuleNeeds.None;
        var open = -1;
        foreach (var need in rule.Needs)
        {
            switch (need)
            {
                case "second-person":
                    needs |= RuleNeeds.SecondPerson;
                    break;
                case "question":
                    needs |= RuleNeeds.Question;
                    break;
                case "language":
                    needs |= RuleNeeds.Language;
                    break;
                case "short":
                    needs |= RuleNeeds.Short;
                    break;
                case "brief":
                    needs |= RuleNeeds.Brief;
                    break;
                case "as-age":
                    needs |= RuleNeeds.AsAge;
                    break;
                case "introduced":
                    needs |= RuleNeeds.Introduced;
                    break;
                case "fresh":
                    needs |= RuleNeeds.Fresh;
                    break;
                case "no-peer":
                    needs |= RuleNeeds.NoPeer;
                    break;
                case "fact:child-age":
                    needs |= RuleNeeds.ChildAge;
                    break;
                case var code when code.StartsWith("open:", StringComparison.Ordinal):
                    needs |= RuleNeeds.Open;
                    open = IndicatorCatalogue.NumberOf(code[5..]);
                    break;
                default:
                    throw new InvalidOperationException($"The rule {rule.Id} needs '{need}', which the reader does not know.");
            }
        }

        return new()
        {
            Id = rule.Id,
            Definition = definition,
            Language = number,
            Kind = rule.Say switch
            {
                RuleSay.Any => SayKind.Any,
                RuleSay.Sequence => SayKind.FirstThen,
                RuleSay.All => SayKind.All,
                _ => throw new InvalidOperationException($"The rule {rule.Id} says something the reader does not know."),
            },
            Lists = [.. rule.Say.Lists.Select(list => builder.List(RuleLanguage.ReservedLists.Contains(list) ? "" : language.Language, list))],
            Within = rule.Say is RuleSay.Sequence sequence ? sequence.Within : 0,
            Strength = rule.Strength,
            Needs = needs,
            OpenCode = open,
            Unless = [.. rule.Unless.Select(name => contexts.GetValueOrDefault(name) ?? throw new InvalidOperationException($"The rule {rule.Id} names the context '{name}', which the pack does not have."))],
            Years = rule.Attributes.Where(a => a.Key == "years").Select(a => int.Parse(a.Value, CultureInfo.InvariantCulture)).FirstOrDefault(-1),
            Fixed = [.. rule.Attributes.Where(a => a.Key != "years").Select(a => new IndicatorAttribute(a.Key, a.Value, false))],
            Filled = FilledBy(definition.Code),
        };
    }

    // What the closed list says each code carries (detection-spec, section 6); kinds are closed words that the pack sets.
    internal static string[] FilledBy(string code) => code switch
    {
        "age.stated" or "age.acknowledged" or "peer.age" or "adult.stated" => ["years"],
        "payment.offer" or "payment.claimed" => ["amount", "channel"],
        "payment.request" => ["amount", "channel"],
        "meeting.request" or "travel.plan" => ["date"],
        "move.request" or "contact.given" => ["service"],
        _ => [],
    };
}
