using Custos.Detection;
using Microsoft.Extensions.Localization;

namespace Custos.Console.Reading;

/// <summary>A rule of a pack, said in words. Lists stay as <c>{list}</c>: no sentence is made of their terms.</summary>
static class RuleInWords
{
    internal static string Say(RuleSay say, IStringLocalizer<Words> words) => say switch
    {
        RuleSay.Any any => words["A term of {0}.", Slot(any.List)],
        RuleSay.Sequence sequence => words["A term of {0}, then within {1} words a term of {2}.", Slot(sequence.First), sequence.Within, Slot(sequence.Then)],
        RuleSay.All all => words["A term of each, in one sentence: {0}.", string.Join(", ", all.Of.Select(Slot))],
        _ => throw new InvalidOperationException("A rule looks for one list, for two in turn, or for several at once."),
    };

    internal static string Strength(RuleStrength strength, IStringLocalizer<Words> words) => strength switch
    {
        RuleStrength.Weak => words["weak: counts a third"],
        RuleStrength.Plain => words["plain: counts once"],
        RuleStrength.Strong => words["strong: counts half as much again"],
        _ => throw new ArgumentOutOfRangeException(nameof(strength)),
    };

    internal static string Need(string need, IStringLocalizer<Words> words) => need switch
    {
        "second-person" => words["the sentence speaks to the other side"],
        "question" => words["it is a question"],
        "language" => words["two common words of this language stand near"],
        "short" => words["the message has at most six words"],
        "brief" => words["the words are their whole sentence"],
        "as-age" => words["the number is said as an age"],
        "introduced" => words["it is among the first twenty messages, or answers a question"],
        "no-peer" => words["its author has not said an age below 18"],
        "fresh" => words["it answers within three messages"],
        "fact:child-age" => words["the other side has said an age below 18"],
        _ when need.StartsWith("open:", StringComparison.Ordinal) => words["within its last six messages the other side did this: {0}", words[InWords.Code(need[5..])]],
        _ => need,
    };

    internal static string Context(string context, IStringLocalizer<Words> words) => context switch
    {
        "negated" => words["the words are negated"],
        "quoted" => words["the words are quoted"],
        "played" => words["the words are said in a played scene"],
        "reported" => words["someone else is spoken of"],
        "lyrics" => words["signs of lyrics"],
        "fiction" => words["signs of fiction"],
        "news-or-law" => words["signs of news or law"],
        "medical-or-education" => words["signs of medicine or lessons"],
        "guardian" => words["signs of a parent or a school"],
        "moderation" => words["signs of moderation"],
        "automated" => words["signs of an automated message"],
        "technical" => words["signs of technical talk"],
        "photography" => words["signs of photography"],
        "sport" => words["signs of sport"],
        _ => context,
    };

    internal static string Kind(LocalEntryKind kind, IStringLocalizer<Words> words) => kind switch
    {
        LocalEntryKind.Term => words["adds a term"],
        LocalEntryKind.Sign => words["adds a sign of harmless talk"],
        LocalEntryKind.Strength => words["changes a strength"],
        LocalEntryKind.Disabled => words["switches a rule off"],
        LocalEntryKind.Rule => words["adds a rule"],
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>How often, per million messages.</summary>
    internal static string PerMillion(long count, long messages) =>
        messages == 0 ? "–" : ((decimal)count * 1_000_000 / messages).ToString("#,0.0", System.Globalization.CultureInfo.InvariantCulture);

    static string Slot(string list) => "{" + list + "}";
}
