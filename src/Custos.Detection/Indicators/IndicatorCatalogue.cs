// The closed list of detection-spec, section 6. The stages follow O'Connell (2003), "A typology of child cybersexploitation
// and online grooming practices"; Lorenzo-Dus (2016) and Aitken (2018) find no fixed order, so a stage is a label, never a gate.
using System.Collections.Frozen;

namespace Custos.Detection;

/// <summary>How an indicator enters the score.</summary>
public enum IndicatorKind
{
    /// <summary>Adds evidence.</summary>
    Incriminating,

    /// <summary>Speaks for the account.</summary>
    Exculpatory,

    /// <summary>A fact about its author; it has no weight of its own.</summary>
    Fact,
}

/// <summary>One code of the closed list.</summary>
/// <param name="Code">As it stands in findings and packs.</param>
/// <param name="Family">Indicators of one family corroborate each other at half, quarter and eighth weight.</param>
/// <param name="Millibits">The weight at strength plain; negative for what speaks for the account.</param>
/// <param name="Kind">How it enters the score.</param>
/// <param name="IsCore">True if the family alone can open the gate beside another.</param>
/// <param name="IsDerived">True if the tracker makes it from state; no pack rule may carry it.</param>
/// <param name="Law">Elements of <c>law.json</c> it goes to, space-separated abbreviations (MM SC EN SP EX PF LS TM); empty if none.</param>
/// <param name="Label">The Thorn/Hive text label; empty if none.</param>
/// <param name="Stage">contact, trust, assess, isolate, sexual, exchange, approach; empty if none.</param>
public sealed record IndicatorDefinition(
    string Code, string Family, int Millibits, IndicatorKind Kind, bool IsCore, bool IsDerived, string Law, string Label, string Stage);

/// <summary>The closed list of indicator codes. A pack names these; it cannot add to them.</summary>
public static class IndicatorCatalogue
{
    /// <summary>Every code, in a fixed order.</summary>
    public static IReadOnlyList<IndicatorDefinition> All { get; } =
    [
        Adds("age.asked", "age", 1_000, false, "MM", "has_minor", "contact"),
        Adds("age.acknowledged", "age", 2_000, false, "MM", "has_minor", "contact"),
        Derived("age.contradicted", "age", 1_000, false, "MM", "has_minor", "contact"),
        Fact("age.stated", "MM", "has_minor", "contact"),
        Adds("minor.sought", "seek", 5_000, true, "MM EN", "csa_discussion", "contact"),
        Adds("flattery.age", "trust", 2_000, false, "EN", "csa_discussion", "trust"),
        Adds("secrecy", "secrecy", 3_000, false, "EN", "csa_discussion", "isolate"),
        Adds("isolation", "assess", 2_000, false, "EN", "csa_discussion", "assess"),
        Adds("sexual.topic", "sexual", 2_000, true, "SC", "csa_discussion", "sexual"),
        Adds("sexual.request", "sexual", 5_000, true, "SC EN", "csa_discussion", "sexual"),
        Adds("exposure.offer", "exposure", 4_000, true, "EX", "csa_discussion", "sexual"),
        Adds("media.offer", "exposure", 3_000, true, "EX", "csa_discussion", "sexual"),
        Adds("camera.request", "camera", 4_000, true, "PF LS", "self_generated_content", "sexual"),
        Adds("live.direction", "camera", 6_000, true, "PF LS", "self_generated_content", "sexual"),
        Adds("media.request", "media", 4_000, true, "PF EN", "self_generated_content", "sexual"),
        Adds("media.claimed", "media", 4_000, true, "PF EN", "csam", "sexual"),
        Adds("payment.offer", "payment", 4_000, true, "SP", "csa_discussion", "exchange"),
        Adds("payment.claimed", "payment", 4_000, true, "SP", "csa_discussion", "exchange"),
        Adds("gift", "payment", 2_000, true, "SP", "csa_discussion", "exchange"),
        Adds("payment.request", "payment", 1_000, true, "SP", "csa_discussion", "exchange"),
        Adds("move.request", "move", 1_500, false, "", "", "isolate"),
        Adds("contact.given", "move", 1_000, false, "", "", "isolate"),
        Adds("meeting.request", "meeting", 4_000, true, "TM", "child_access", "approach"),
        Adds("travel.plan", "meeting", 3_000, true, "TM", "child_access", "approach"),
        Adds("coercion", "coercion", 6_000, true, "EN", "sextortion", "sexual"),
        Adds("third.child", "access", 4_000, true, "MM EN", "child_access", "approach"),
        Adds("child.access", "access", 5_000, true, "MM EN", "child_access", "approach"),
        Derived("continued.after-age", "persistence", 3_000, false, "MM EN", "", ""),
        Derived("repeat.after-refusal", "persistence", 3_000, false, "MM EN", "", ""),
        Derived("return.after-withdrawal", "persistence", 2_000, false, "MM EN", "", ""),
        Derived("broadcast", "breadth", 3_000, false, "", "", "contact"),
        Derived("evasion", "evasion", 1_000, false, "", "", "contact"),
        Fact("vulnerability", "", "", "assess"),
        SpeaksFor("withdrawal", -4_000),
        SpeaksFor("age.declined", -4_000),
        SpeaksFor("reports", -4_000),
        SpeaksFor("refusal", -3_000),
        SpeaksFor("advice.safety", -3_000),
        SpeaksFor("peer.age", -3_000),
        SpeaksFor("adult.stated", -3_000),
        SpeaksFor("fiction.stated", -2_000),
        SpeaksFor("age.doubted", -1_000),
        SpeaksFor("retraction", -1_000),
    ];

    static readonly FrozenDictionary<string, IndicatorDefinition> ByCode = All.ToFrozenDictionary(d => d.Code, StringComparer.Ordinal);

    /// <summary>The definition of a code, or null if the list does not hold it.</summary>
    public static IndicatorDefinition? Find(string code) => ByCode.GetValueOrDefault(code);

    /// <summary>The place of a code in <see cref="All"/>; -1 if the list does not hold it.</summary>
    internal static int NumberOf(string code)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i].Code == code)
                return i;
        }

        return -1;
    }

    static IndicatorDefinition Adds(string code, string family, int millibits, bool core, string law, string label, string stage) =>
        new(code, family, millibits, IndicatorKind.Incriminating, core, false, law, label, stage);

    static IndicatorDefinition Derived(string code, string family, int millibits, bool core, string law, string label, string stage) =>
        new(code, family, millibits, IndicatorKind.Incriminating, core, true, law, label, stage);

    static IndicatorDefinition Fact(string code, string law, string label, string stage) =>
        new(code, "fact", 0, IndicatorKind.Fact, false, false, law, label, stage);

    static IndicatorDefinition SpeaksFor(string code, int millibits) =>
        new(code, "speaks-for", millibits, IndicatorKind.Exculpatory, false, false, "", "not_pertinent", "");
}
