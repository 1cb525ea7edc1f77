using Custos.Evidence;

namespace Custos.Casework;

/// <summary>What a dossier may be called.</summary>
public enum GateResult
{
    /// <summary>All of A1 to A11 hold.</summary>
    Actionable,

    /// <summary>Something that makes it actionable is missing: it is titled INFORMATIONAL.</summary>
    Informational,

    /// <summary>It may not leave: something that must hold does not.</summary>
    Refused,
}

/// <summary>How one requirement stands.</summary>
public enum GateState
{
    /// <summary>Met by exhibits.</summary>
    Met,

    /// <summary>Not met.</summary>
    Missing,

    /// <summary>A person has to do or confirm something before it can be answered.</summary>
    Open,
}

/// <summary>One requirement of completeness.</summary>
/// <param name="Id">A1 to A11.</param>
/// <param name="Requirement">What is asked, in words.</param>
/// <param name="State">How it stands.</param>
/// <param name="Sentence">Why, and what to do.</param>
/// <param name="IfMissing">What follows.</param>
/// <param name="Exhibits">The exhibits in question.</param>
public sealed record GateFinding(string Id, string Requirement, GateState State, string Sentence, GateResult IfMissing, IReadOnlyList<ExhibitNumber> Exhibits);

/// <summary>The gate's answer.</summary>
/// <param name="Result">What the dossier may be called now.</param>
/// <param name="Findings">A1 to A11, in order.</param>
/// <param name="AgeStated">False prints red on every page.</param>
public sealed record GateAnswer(GateResult Result, IReadOnlyList<GateFinding> Findings, bool AgeStated);
