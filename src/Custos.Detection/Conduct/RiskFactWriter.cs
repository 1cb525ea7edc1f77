using System.Globalization;

namespace Custos.Detection;

/// <summary>The names of <see cref="RiskFact"/>s, as <c>triage.yaml</c> writes them (detection-spec, section 10).</summary>
public static class RiskFactCodes
{
    /// <summary>Every name, in the order they are given.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "coercion", "live.direction", "child.access", "third.child", "media.claimed", "media.request", "meeting.request", "travel.plan", "meeting.dated",
        "payments", "amount.rising", "counterparts.child-age", "youngest-age", "return.after-withdrawal", "vulnerability", "peer", "counterpart.persona",
    ];
}

/// <summary>Says what bears on the risk to a child, with its places: apart from the score, ranked elsewhere.</summary>
static class RiskFactWriter
{
    static readonly string[] Direct = ["coercion", "live.direction", "child.access", "third.child", "media.claimed", "media.request", "meeting.request", "travel.plan"];

    internal static IReadOnlyList<RiskFact> Write(Dialogue dialogue, Side account, IReadOnlyList<ChildCounterpart> children, bool personaIsOther, int childAgeBelow)
    {
        var other = dialogue.Other(account);
        var mine = dialogue.Events.FindAll(e => ReferenceEquals(e.Side, account));
        var facts = new List<RiskFact>();
        foreach (var code in Direct)
            Add(facts, code, mine.FindAll(e => e.Definition.Code == code));
        var dated = mine.FindAll(e => e.Definition.Family == "meeting" && e.Indicator.Attributes.Any(a => a.Name == "date"));
        Add(facts, "meeting.dated", dated);
        var payments = mine.FindAll(e => e.Definition.Code is "payment.offer" or "payment.claimed");
        Add(facts, "payments", payments);
        if (Rises(payments))
            facts.Add(new("amount.rising", null, Places(payments)));
        if (children.Count > 0)
            facts.Add(new("counterparts.child-age", children.Count, [.. children.Select(child => child.Stated).OrderBy(place => place.Exhibit.LeafIndex).ThenBy(place => place.MessageId, StringComparer.Ordinal)]));
        var ages = dialogue.Events.FindAll(e => ReferenceEquals(e.Side, other) && e.Definition.Code == "age.stated" && e.Years >= 0 && e.Years < childAgeBelow);
        if (ages.Count > 0)
            facts.Add(new("youngest-age", ages.Min(e => e.Years), Places(ages)));
        Add(facts, "return.after-withdrawal", mine.FindAll(e => e.Definition.Code == "return.after-withdrawal"));
        Add(facts, "vulnerability", dialogue.Events.FindAll(e => ReferenceEquals(e.Side, other) && e.Definition.Code == "vulnerability"));
        if (account.Years is >= 0 and < 18 && account.Evidence is not { PeerIsVoid: true })
            facts.Add(new("peer", account.Years, Places(mine.FindAll(e => e.Definition.Code == "peer.age"))));
        if (personaIsOther)
            facts.Add(new("counterpart.persona", null, []));
        return facts;
    }

    static void Add(List<RiskFact> facts, string code, List<ConductEvent> events)
    {
        if (events.Count > 0)
            facts.Add(new(code, events.Select(e => e.Number).Distinct().Count(), Places(events)));
    }

    static List<FactPlace> Places(List<ConductEvent> events) =>
        events.ConvertAll(e => new FactPlace(e.Indicator.Exhibit, e.Indicator.MessageId, e.At, e.Indicator.Start, e.Indicator.Length));

    // Amounts of one currency, the last above the first.
    static bool Rises(List<ConductEvent> payments)
    {
        foreach (var group in payments.GroupBy(e => Attribute(e, "currency"), StringComparer.Ordinal))
        {
            var amounts = group.Select(e => decimal.TryParse(Attribute(e, "amount"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) ? amount : -1).Where(a => a >= 0).ToList();
            if (amounts.Count > 1 && amounts[^1] > amounts[0])
                return true;
        }

        return false;
    }

    static string Attribute(ConductEvent e, string name) => e.Indicator.Attributes.FirstOrDefault(a => a.Name == name).Value ?? "";
}
