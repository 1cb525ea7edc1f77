using System.Globalization;
using Custos.Console.Client;
using Custos.Console.Reading;
using Custos.Detection;
using Custos.Evidence;

namespace Custos.Server.Client;

/// <summary>A conduct record as a page shows it. It lists; no word of it concludes.</summary>
static class ConductInWords
{
    internal static ConductView Of(ConductRecord record, string operation, IReadOnlyDictionary<ExhibitNumber, int> ordinals)
    {
        FactView Known(FactPlace place) => new("known", place.At?.ToString(), new(operation, place.Exhibit), ordinals.TryGetValue(place.Exhibit, out var ordinal) ? ordinal : null, null);
        FactView Fact(ConductFact fact) => fact.State switch
        {
            FactState.Known when fact.Where is { } where => Known(where),
            FactState.None => new("none", null, null, null, null),
            _ => new("unknown", null, null, null, fact.Reason),
        };
        var other = record.HasPersona ? "the persona" : "the other side";
        string Who(bool account) => account ? "The account" : InSentences.Begin(other);

        return new(
            record.HasPersona, Fact(record.AgeStatedByCounterpart), Fact(record.AgeAcknowledged), record.MessagesToNextCore,
            [.. record.Topics.Select(topic => new TopicRow(topic.Topic, Fact(topic.ByAccount), Fact(topic.ByPersona), topic.First, topic.LaterByAccount, topic.LaterByCounterpart))],
            [.. record.Ages.Select(age => new ConductNote(string.Create(CultureInfo.InvariantCulture, $"{Who(age.ByAccount)} states {age.Years} years{(age.Exact ? "" : ", by school year or year of birth")}"), Known(age.Where)))],
            [.. record.RefusalsAndExits.Select(exit => new ConductNote(
                string.Create(CultureInfo.InvariantCulture, $"{Who(exit.ByAccount)} {InWords.Code(exit.Code)}; {(exit.Next.Count == 0 ? "nothing followed" : exit.Next.Count == 1 ? "one message followed" : $"{exit.Next.Count} messages of what followed are recorded")}"), Known(exit.Where)))],
            [.. record.Deviations.Select(deviation => new ConductNote(Deviation(deviation), deviation.Where is { } where ? Known(where) : null))],
            record.HasPersona
                ? string.Create(CultureInfo.InvariantCulture, $"The persona wrote {record.Pressure.Messages} of {record.Pressure.OfAll} messages; longest run without an answer: {record.Pressure.LongestUnansweredRun}; inducements: {record.Pressure.Inducements}.")
                : null);
    }

    // detection-spec, section 9.
    static string Deviation(Deviation deviation) => deviation.Code switch
    {
        "persona-first" => $"The persona was the first to raise: {InWords.Topic(deviation.Topic ?? "").ToLowerInvariant()}",
        "renewed-after-refusal" => "The persona asked again after a refusal",
        "re-contact-after-withdrawal" => "The persona made contact again after the account had left",
        "age-not-stated" => "The persona had not stated its age in time",
        "age-contradicted" => "The persona contradicted the age it had stated",
        "unanswered-run" => "The persona wrote three lines or more without an answer",
        "inducement" => "The persona offered an inducement",
        "outside-authorisation" => "A line was not covered by the authorisation",
        "unattributed-line" => "Who typed a line is not recorded",
        "vulnerability-ignored" => "A sign of hardship was passed over",
        _ => deviation.Code,
    };
}
