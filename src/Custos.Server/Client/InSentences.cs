using System.Globalization;
using System.Text.Json;
using Custos.Casework;
using Custos.Console.Client;
using Custos.Console.Reading;
using Custos.Detection;
using Custos.Evidence;
using Custos.Storage;

namespace Custos.Server.Client;

/// <summary>What was derived and decided, as sentences a reader can check: each cites its exhibits, none holds words of a chat.</summary>
static class InSentences
{
    static readonly Dictionary<string, int> Weight = IndicatorCatalogue.All.ToDictionary(definition => definition.Code, definition => definition.Millibits, StringComparer.Ordinal);

    internal static IReadOnlyList<Reason> Why(string operation, TriageAnswer answer, Finding alert)
    {
        var reasons = answer.Reasons.Select(reason => new Reason(Begin(reason.Sentence), Exhibits(operation, reason.Where.Select(place => place.Exhibit)))).ToList();

        // What made the alert, after what made it urgent: a reader of band 4 sees why it is here at all.
        reasons.AddRange(alert.Indicators.GroupBy(indicator => indicator.Code, StringComparer.Ordinal).OrderByDescending(group => Weight.GetValueOrDefault(group.Key))
            .Select(group => new Reason(Begin(Times(Found(group.Key, group.Count() == 1 ? group.First().Attributes : []), group.Count())), Exhibits(operation, group.Select(indicator => indicator.Exhibit)))));
        return [.. reasons.DistinctBy(reason => reason.Sentence)];
    }

    // In an alert, an age stated is the other side's: it is what makes the rest weigh.
    static string Found(string code, IReadOnlyList<IndicatorAttribute> attributes)
    {
        var words = code == "age.stated" ? "the other side " + InWords.Code(code) : InWords.Code(code);
        var details = attributes.Where(attribute => attribute.Name is "years" or "amount" or "currency" or "service" or "date").Select(attribute => attribute.Value).ToList();
        return details.Count == 0 ? words : $"{words}: {string.Join(' ', details)}";
    }

    internal static IReadOnlyList<Reason> SpeaksFor(string operation, Finding alert, ConductRecord? conduct)
    {
        var exculpatory = conduct?.Exculpatory is { Count: > 0 } recorded ? recorded : alert.Exculpatory;
        var reasons = exculpatory.GroupBy(indicator => indicator.Code, StringComparer.Ordinal)
            .Select(group => new Reason(Begin(Times(InWords.Code(group.Key), group.Count())), Exhibits(operation, group.Select(indicator => indicator.Exhibit)))).ToList();
        reasons.AddRange((conduct?.RefusalsAndExits ?? []).Where(exit => exit.ByAccount && exit.Code == "silent-withdrawal")
            .Select(exit => new Reason(Begin(InWords.Code(exit.Code)), Exhibits(operation, [exit.Where.Exhibit]))));
        return [.. reasons.DistinctBy(reason => reason.Sentence)];
    }

    internal static string? Decided(Decision? decision) => decision switch
    {
        AlertDismissed dismissed => dismissed.Reason,
        AlertDeferred deferred => string.Create(CultureInfo.InvariantCulture, $"until {deferred.Until.UtcDateTime:yyyy-MM-dd}, {deferred.Reason}"),
        CaseOpened opened => opened.CaseId,
        _ => null,
    };

    /// <summary>The purpose that a custody event names.</summary>
    internal static string? PurposeOf(StoredAct act)
    {
        if (act.Custody is null)
            return null;
        try
        {
            using var custody = JsonDocument.Parse(act.Custody);
            return custody.RootElement.TryGetProperty("purpose", out var purpose) ? purpose.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A sentence with a capital letter; reasons come as what follows a colon.</summary>
    internal static string Begin(string sentence) => sentence.Length == 0 ? sentence : char.ToUpperInvariant(sentence[0]) + sentence[1..];

    /// <summary>A gap's cause: its name, as words.</summary>
    internal static string Gap(string cause)
    {
        var words = new System.Text.StringBuilder();
        foreach (var c in cause)
            words.Append(char.IsAsciiLetterUpper(c) && words.Length > 0 ? " " : "").Append(char.ToLowerInvariant(c));
        return words.ToString();
    }

    static string Times(string sentence, int times) => times == 1 ? sentence : string.Create(CultureInfo.InvariantCulture, $"{sentence} ({times} times)");

    static IReadOnlyList<ExhibitAddress> Exhibits(string operation, IEnumerable<ExhibitNumber> numbers) => [.. numbers.Distinct().Order().Select(number => new ExhibitAddress(operation, number))];
}
