using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;

namespace Custos.Casework;

/// <summary>Says what a dossier still lacks before an authority can act on it (casework-spec, section 6). What only a person can answer stays open.</summary>
public static class CompletenessGate
{
    /// <summary>Checks A1 to A11 as far as exhibits answer them.</summary>
    public static GateAnswer Check(Dossier dossier)
    {
        ArgumentNullException.ThrowIfNull(dossier);
        var ageStated = dossier.Conversations.Any(conversation => conversation.Conduct.AgeStatedByCounterpart.State == FactState.Known);
        List<GateFinding> findings =
        [
            Element(),
            Selector(dossier),
            Country(dossier),
            Conduct(dossier),
            Proof(dossier),
            Outgoing(dossier),
            Identity(dossier),
            Grades(dossier),
            new("A9", "asked whether another unit works on this", GateState.Open, "Deconfliction was not asked.", GateResult.Refused, []),
            Recipient(dossier),
            new("A11", "no pictures or recordings inside", GateState.Met, "The dossier holds text alone.", GateResult.Refused, []),
        ];
        var lacking = findings.Where(finding => finding.State != GateState.Met).ToList();
        var result = lacking.Count == 0 ? GateResult.Actionable : lacking.Exists(finding => finding.IfMissing == GateResult.Refused) ? GateResult.Refused : GateResult.Informational;
        return new(result, findings, ageStated);
    }

    static GateFinding Element() => new(
        "A1", "an element named by the recipient's law, offered as shown", GateState.Open,
        "No person has mapped the conduct to a provision; the program maps none.", GateResult.Informational, []);

    static GateFinding Selector(Dossier dossier)
    {
        var held = dossier.Statements
            .Where(statement => statement.Validity == SelectorValidity.Checked && statement.Basis is StatementBasis.Volunteered or StatementBasis.Supplied)
            .Select(statement => statement.Where.Exhibit).Distinct().ToList();
        return held.Count > 0 || dossier.Level >= IdentityLevel.PersonOneSource
            ? new("A2", "a value the recipient can act on", GateState.Met, "A value whose form could be checked is held.", GateResult.Informational, held)
            : new("A2", "a value the recipient can act on", GateState.Missing, "No telephone, address or account with a checked form was volunteered.", GateResult.Informational, []);
    }

    static GateFinding Country(Dossier dossier)
    {
        const string Asked = "a country basis that is not weak, and the reason for this desk";
        var strong = dossier.Countries.Inferred.Where(inference => inference.Class != InferenceClass.Weak).Select(inference => inference.Where.Exhibit).Distinct().ToList();
        if (strong.Count == 0)
        {
            return new("A3", Asked, GateState.Missing,
                dossier.Countries.Claimed.Count > 0 ? "Only the account's own word points to a country." : "Nothing points to a country.", GateResult.Informational, []);
        }

        return dossier.Recipient is null
            ? new("A3", Asked, GateState.Open, "A country follows from what was volunteered; the desk is not chosen.", GateResult.Informational, strong)
            : new("A3", Asked, GateState.Met, "A country follows from what was volunteered.", GateResult.Informational, strong);
    }

    static GateFinding Conduct(Dossier dossier)
    {
        const string Asked = "the conduct record, with the age statement";
        var without = dossier.Conversations.Where(conversation => conversation.Conduct.AgeStatedByCounterpart.State != FactState.Known).ToList();
        if (without.Count == dossier.Conversations.Count)
            return new("A4", Asked, GateState.Missing, "No age was stated in what was recorded.", GateResult.Informational, []);
        var stated = dossier.Conversations.Where(conversation => conversation.Conduct.AgeStatedByCounterpart.Where is not null)
            .Select(conversation => conversation.Conduct.AgeStatedByCounterpart.Where!.Exhibit).ToList();
        return new("A4", Asked, GateState.Met, without.Count == 0
            ? "The age is stated and the record is complete."
            : $"The age is stated; in {DossierWords.Count(without.Count, "other conversation", "other conversations")} it is not.", GateResult.Informational, stated);
    }

    static GateFinding Proof(Dossier dossier) => (dossier.Recording.Verified, dossier.Recording.Anchored) switch
    {
        (false, _) => new("A5", "every exhibit verifies against an anchor", GateState.Missing, "A cited exhibit does not verify. Stop work on this log and run custos verify.", GateResult.Refused, []),
        (null, _) => new("A5", "every exhibit verifies against an anchor", GateState.Open, "The cited exhibits were not checked against the checkpoint.", GateResult.Refused, []),
        (true, false) => new("A5", "every exhibit verifies against an anchor", GateState.Missing, "Every cited exhibit verifies, but no witness or time stamp outside the unit covers the checkpoint.", GateResult.Refused, []),
        (true, true) => new("A5", "every exhibit verifies against an anchor", GateState.Met, "Every cited exhibit verifies against an anchored checkpoint.", GateResult.Refused, []),
    };

    static GateFinding Outgoing(Dossier dossier)
    {
        const string Asked = "every line of ours is authorised, or its deviation reviewed";
        if (!dossier.Conversations.Any(conversation => conversation.Conduct.HasPersona))
            return new("A6", Asked, GateState.Met, "No line is ours.", GateResult.Refused, []);
        if (dossier.Authorization is null)
            return new("A6", Asked, GateState.Missing, "The log holds no authorisation for our lines.", GateResult.Refused, []);
        var deviations = dossier.Conversations.SelectMany(conversation => conversation.Conduct.Deviations).ToList();
        return deviations.Count == 0
            ? new("A6", Asked, GateState.Met, "No deviation was found.", GateResult.Refused, [])
            : new("A6", Asked, GateState.Missing, $"{DossierWords.Count(deviations.Count, "deviation waits", "deviations wait")} for the supervisor's review.", GateResult.Refused,
                [.. deviations.Where(deviation => deviation.Where is not null).Select(deviation => deviation.Where!.Exhibit).Distinct().Order()]);
    }

    static GateFinding Identity(Dossier dossier) => dossier.Held.Any(held => held.Judged is not null)
        ? new("A7", "identity level stated, rival explanations answered", GateState.Missing, "A judgement keeps accounts apart that something else ties together.", GateResult.Refused, Judged(dossier))
        : new("A7", "identity level stated, rival explanations answered", GateState.Open, "No person has answered the rival explanations.", GateResult.Refused, []);

    static List<ExhibitNumber> Judged(Dossier dossier) => [.. dossier.Held.Where(held => held.Judged is not null).Select(held => held.Judged!.Value).Distinct().Order()];

    static GateFinding Grades(Dossier dossier)
    {
        var without = dossier.Statements.Where(statement => statement.GradeProposed || statement.Grade.Handling is null).ToList();
        return without.Count > 0
            ? new("A8", "both signatories opened what speaks for the person; every statement graded", GateState.Missing, $"{DossierWords.Count(without.Count, "statement has", "statements have")} no grade and handling from a person.", GateResult.Refused,
                [.. without.Select(statement => statement.Where.Exhibit).Distinct().Order()])
            : new("A8", "both signatories opened what speaks for the person; every statement graded", GateState.Open, "Custody events do not yet show that two people opened those sections.", GateResult.Refused, []);
    }

    static GateFinding Recipient(Dossier dossier) => dossier.Recipient is null
        ? new("A10", "a recipient who accepts this country, kind, format and language", GateState.Missing, "No recipient is chosen.", GateResult.Refused, [])
        : new("A10", "a recipient who accepts this country, kind, format and language", GateState.Open, "The recipient is named; the register was not consulted.", GateResult.Refused, []);
}
