namespace Custos.Study;

/// <summary>A number with its form, or the reason why there is none.</summary>
/// <param name="Form">Which form of which estimator: forms differ in the first digits.</param>
/// <param name="Value">The number; null if refused.</param>
/// <param name="StandardError">Its standard error, where the form has one.</param>
/// <param name="Interval">Its 95 % interval, where the form has one.</param>
/// <param name="RefusedBecause">Why there is no number; null if there is one.</param>
/// <param name="Warning">What a reader must know of a number that stands; null if nothing.</param>
public sealed record Estimate(string Form, double? Value, double? StandardError, Interval? Interval, string? RefusedBecause, string? Warning = null)
{
    internal static Estimate Refused(string form, string because) => new(form, null, null, null, because);
}
