namespace Custos.Detection;

/// <summary>Writes a conduct record from what the tracker kept of a dialogue: facts with their places, never a conclusion.</summary>
static class ConductWriter
{
    static readonly string[] Topics = ["age", "sexual", "media", "camera", "payment", "move", "meeting", "secrecy", "other-child"];

    static readonly TimeSpan SilentAfter = TimeSpan.FromHours(24);

    internal static string? TopicOf(string code) => code switch
    {
        "age.asked" or "age.acknowledged" or "age.stated" or "peer.age" or "adult.stated" => "age",
        "sexual.topic" or "sexual.request" or "exposure.offer" => "sexual",
        "media.offer" or "media.request" or "media.claimed" => "media",
        "camera.request" or "live.direction" => "camera",
        "payment.offer" or "payment.claimed" or "gift" or "payment.request" => "payment",
        "move.request" or "contact.given" => "move",
        "meeting.request" or "travel.plan" => "meeting",
        "secrecy" => "secrecy",
        "third.child" or "child.access" => "other-child",
        _ => null,
    };

    internal static ConductRecord Write(PairKey pair, Dialogue dialogue, Side account, bool hasPersona, bool gaps, int childAgeBelow)
    {
        var other = dialogue.Other(account);
        var events = dialogue.Events;
        var stated = events.Find(e => ReferenceEquals(e.Side, other) && IsStatement(e) && e.Years < childAgeBelow);
        var acknowledged = events.Find(e => ReferenceEquals(e.Side, account) && e.Definition.Code == "age.acknowledged");
        var nextCore = stated is null ? null : events.Find(e => ReferenceEquals(e.Side, account) && e.Definition.IsCore && e.Number > stated.Number);
        return new(
            pair,
            hasPersona,
            dialogue.Messages,
            [.. Topics.Select(topic => First(topic, events, account, other, gaps))],
            [.. events.Where(IsStatement).Select(e => new AgeStatement(ReferenceEquals(e.Side, account), e.Years, e.Exact, Place(e)))],
            Fact(stated, gaps),
            Fact(acknowledged, gaps),
            stated is null || nextCore is null ? null : nextCore.Number - stated.Number,
            Refusals(dialogue, account, stated),
            [.. events.Where(e => e.Definition.Kind == IndicatorKind.Exculpatory && ReferenceEquals(e.Side, e.Definition.Code == "adult.stated" ? other : account)).Select(e => e.Indicator)],
            Pressure(dialogue, other),
            hasPersona ? Deviations(dialogue, account, other, stated) : [])
        {
            Contact = Contact(dialogue, account, hasPersona),
            FirstOwn = hasPersona ? other.FirstOwn : null,
            LastOwn = hasPersona ? other.LastOwn : null,
            Contradictions = [.. events.Where(e => e.Definition.Code == "age.contradicted").Select(e => new AgeContradiction(
                ReferenceEquals(e.Side, account), Years(e, "years"), Years(e, "earlier"), Place(e)))],
            FirstPayment = events.Find(e => TopicOf(e.Definition.Code) == "payment") is { } paid
                ? new(ReferenceEquals(paid.Side, account), paid.Definition.Code, Attribute(paid, "amount"), Attribute(paid, "currency"), Attribute(paid, "channel"), Place(paid))
                : null,
            Invitations = Invitations(events, account),
            Opportunities = Coded(events, other, e => e.Definition.Code is "refusal" or "withdrawal" or "age.declined" or "advice.safety" or "reports" || (IsStatement(e) && e.Years < childAgeBelow)),
            Inducements = Coded(events, other, e => IsInducement(e.Definition.Code)),
            CareSigns = Coded(events, account, e => e.Definition.Code is "vulnerability" or "peer.age"),
        };
    }

    static FirstContact Contact(Dialogue dialogue, Side account, bool hasPersona)
    {
        var thread = dialogue.Thread;
        var main = thread.FirstSaid is not null && (thread.First == dialogue.A.Name || thread.First == dialogue.B.Name);
        if ((main ? thread.FirstSaid : dialogue.FirstSaid) is not { } place)
            return new("unknown", new(FactState.Unknown, null, "others spoke in the thread before"));
        if (main ? thread.FirstBehindGap : dialogue.FirstBehindGap)
            return new("unknown", new(FactState.Unknown, place, "a gap in the recording lies before the first that was heard"));
        if (!main && !hasPersona)
            return new("unknown", new(FactState.Unknown, place, "in a room two accounts are kept from their first indicator on"));
        var byAccount = main ? thread.First == account.Name : ReferenceEquals(account, dialogue.A) == dialogue.FirstIsA;
        return new(byAccount ? "account" : "counterpart", new(FactState.Known, place, null));
    }

    // What asks or offers; a topic that is only spoken of is no invitation.
    static bool IsInvitation(string code) => code is "sexual.request" or "exposure.offer" or "media.offer" or "media.request" or "camera.request" or "live.direction" or "payment.offer" or "gift"
        or "payment.request" or "move.request" or "meeting.request" or "third.child";

    static List<Invitation> Invitations(List<ConductEvent> events, Side account)
    {
        var listed = new List<Invitation>();
        var last = new Dictionary<(bool, string), ConductEvent>();
        foreach (var e in events.Where(e => IsInvitation(e.Definition.Code)))
        {
            var (byAccount, topic) = (ReferenceEquals(e.Side, account), TopicOf(e.Definition.Code)!);
            var before = last.GetValueOrDefault((byAccount, topic));
            if (before?.Number == e.Number)
                continue;
            listed.Add(new(byAccount, topic, before is not null, e.Number - before?.Number, before is null ? null : (long?)Dialogue.Passed(before.At, e.At)?.TotalSeconds, Place(e)));
            last[(byAccount, topic)] = e;
        }

        return listed;
    }

    static List<CodedPlace> Coded(List<ConductEvent> events, Side side, Predicate<ConductEvent> which) =>
        events.FindAll(e => ReferenceEquals(e.Side, side) && which(e)).ConvertAll(e => new CodedPlace(e.Definition.Code, Place(e)));

    static string? Attribute(ConductEvent e, string name) => e.Indicator.Attributes.FirstOrDefault(a => a.Name == name).Value is { Length: > 0 } value ? value : null;

    static int Years(ConductEvent e, string name) => int.Parse(Attribute(e, name)!, System.Globalization.CultureInfo.InvariantCulture);

    static bool IsStatement(ConductEvent e) => e.Definition.Code == "age.stated" && e.Years >= 0;

    static FactPlace Place(ConductEvent e) => new(e.Indicator.Exhibit, e.Indicator.MessageId, e.At, e.Indicator.Start, e.Indicator.Length);

    static ConductFact Fact(ConductEvent? e, bool gaps) => e is not null
        ? new(FactState.Known, Place(e), null)
        : gaps ? new(FactState.Unknown, null, "the recording has a gap") : new(FactState.None, null, null);

    // The first of a topic is known only if nothing before it went unheard.
    static ConductFact FirstFact(ConductEvent? e, bool gaps) => e is { AfterGap: true }
        ? new(FactState.Unknown, Place(e), "a gap in the recording lies before the first that was heard")
        : Fact(e, gaps);

    static TopicFirst First(string topic, List<ConductEvent> events, Side account, Side other, bool gaps)
    {
        var byAccount = events.FindAll(e => TopicOf(e.Definition.Code) == topic && ReferenceEquals(e.Side, account));
        var byOther = events.FindAll(e => TopicOf(e.Definition.Code) == topic && ReferenceEquals(e.Side, other));
        var (mine, theirs) = (FirstFact(byAccount.FirstOrDefault(), gaps), FirstFact(byOther.FirstOrDefault(), gaps));
        string first;
        if (mine.State == FactState.Unknown || theirs.State == FactState.Unknown)
        {
            // A side that was first before any gap is first whatever was lost later.
            first = Earlier(mine, theirs, byAccount, byOther) ?? "unknown";
        }
        else if (mine.State == FactState.None && theirs.State == FactState.None)
        {
            first = "nobody";
        }
        else
        {
            first = theirs.State == FactState.None || (mine.State == FactState.Known && byAccount[0].Number < byOther[0].Number) ? "account" : "counterpart";
        }

        return new(topic, mine, theirs, first, Later(byAccount), Later(byOther));
    }

    static string? Earlier(ConductFact mine, ConductFact theirs, List<ConductEvent> byAccount, List<ConductEvent> byOther)
    {
        if (mine.State == FactState.Known && (byOther.Count == 0 || byAccount[0].Number < byOther[0].Number))
            return "account";
        return theirs.State == FactState.Known && (byAccount.Count == 0 || byOther[0].Number < byAccount[0].Number) ? "counterpart" : null;
    }

    static int Later(List<ConductEvent> events) => Math.Max(0, events.Select(e => e.Number).Distinct().Count() - 1);

    static List<RefusalOrExit> Refusals(Dialogue dialogue, Side account, ConductEvent? stated)
    {
        var listed = dialogue.Followed.ConvertAll(f => new RefusalOrExit(
            ReferenceEquals(f.Side, account),
            f.Indicator.Code,
            new(f.Indicator.Exhibit, f.Indicator.MessageId, f.At, f.Indicator.Start, f.Indicator.Length),
            [.. f.Next]));

        // Nothing more from the account until the recording's end, or for a day: computed here only, because a score may not look ahead.
        if (stated is not null && !listed.Exists(r => r.ByAccount && r.Code is "withdrawal" or "age.declined"))
        {
            var silent = account.FirstAfterAge is null
                || (account.FirstAfterAge.At?.Instant is { } next && stated.At?.Instant is { } then && next - then >= SilentAfter);
            if (silent)
                listed.Add(new(true, "silent-withdrawal", Place(stated), account.FirstAfterAge is { } after ? [after] : []));
        }

        return listed;
    }

    static PersonaPressure Pressure(Dialogue dialogue, Side other) => new(
        other.Messages,
        dialogue.Messages,
        other.LongestRun,
        dialogue.Events.Count(e => ReferenceEquals(e.Side, other) && IsInducement(e.Definition.Code)))
    {
        Openings = other.Openings,
        OpeningsOfAll = dialogue.A.Openings + dialogue.B.Openings,
        WithinMinuteOfRefusal = other.SoonAfterRefusal,
    };

    internal static bool IsInducement(string code) => code is "flattery.age" or "payment.offer" or "payment.claimed" or "gift" or "coercion";

    static List<Deviation> Deviations(Dialogue dialogue, Side account, Side persona, ConductEvent? stated)
    {
        var found = new List<(int Number, Deviation Deviation)>();
        foreach (var topic in Topics.Where(t => t != "age"))
        {
            var first = dialogue.Events.Find(e => TopicOf(e.Definition.Code) == topic);
            if (first is not null && ReferenceEquals(first.Side, persona))
                found.Add((first.Number, new("persona-first", topic, Place(first))));
        }

        foreach (var refusal in dialogue.Followed.Where(f => ReferenceEquals(f.Side, account)))
        {
            var renewed = dialogue.Events.Find(e => ReferenceEquals(e.Side, persona) && e.Number > refusal.Number && TopicOf(e.Definition.Code) is { } t && t != "age");
            if (refusal.Indicator.Code == "refusal")
            {
                if (renewed is not null)
                    found.Add((renewed.Number, new("renewed-after-refusal", TopicOf(renewed.Definition.Code), Place(renewed))));
            }
            else if (PersonaAfter(refusal, persona, dialogue) is { } again)
            {
                found.Add((refusal.Number + 1, new("re-contact-after-withdrawal", null, again)));
            }
        }

        var firstCore = dialogue.Events.Find(e => ReferenceEquals(e.Side, account) && e.Definition.IsCore);
        if (firstCore is not null && (stated is null || stated.Number > firstCore.Number))
            found.Add((firstCore.Number, new("age-not-stated", null, Place(firstCore))));
        else if (stated is null && dialogue.PersonaTenth is { } tenth)
            found.Add((int.MaxValue, new("age-not-stated", null, tenth)));
        foreach (var e in dialogue.Events.Where(e => ReferenceEquals(e.Side, persona)))
        {
            if (e.Definition.Code == "age.contradicted")
                found.Add((e.Number, new("age-contradicted", null, Place(e))));
            if (IsInducement(e.Definition.Code))
                found.Add((e.Number, new("inducement", null, Place(e))));
        }

        foreach (var vulnerable in dialogue.Events.Where(e => ReferenceEquals(e.Side, account) && e.Definition.Code == "vulnerability"))
        {
            var ignored = dialogue.Events.Find(e => ReferenceEquals(e.Side, persona) && e.Number > vulnerable.Number && e.Definition.Code != "advice.safety");
            if (ignored is not null)
                found.Add((ignored.Number, new("vulnerability-ignored", null, Place(ignored))));
        }

        if (persona.Unattributed is { } unattributed)
            found.Add((0, new("unattributed-line", null, unattributed)));
        foreach (var run in dialogue.UnansweredRuns)
            found.Add((int.MaxValue, new("unanswered-run", null, run)));
        return [.. found.OrderBy(f => f.Deviation.Where?.Exhibit.LeafIndex ?? long.MaxValue).ThenBy(f => f.Deviation.Code, StringComparer.Ordinal).ThenBy(f => f.Deviation.Topic, StringComparer.Ordinal).Select(f => f.Deviation)];
    }

    // The persona's own next line after the account had left: one of the three kept, if it is the persona's.
    static FactPlace? PersonaAfter(FollowedEvent refusal, Side persona, Dialogue dialogue)
    {
        if (persona.LastNumber <= refusal.Number)
            return null;
        for (var i = 0; i < refusal.Next.Count; i++)
        {
            if (refusal.NextByPersona[i])
                return refusal.Next[i];
        }

        return dialogue.Messages > refusal.Number ? persona.Last : null;
    }
}
