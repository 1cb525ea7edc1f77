using Custos.Evidence;

namespace Custos.Casework;

/// <summary>Appends people's decisions to an operation's log.</summary>
/// <param name="log">The log, or what stands in front of it.</param>
public sealed class DecisionLog(IExhibitLog log) : IDecisionLog
{
    // evidence-spec, section 2: an entry names at most 16 earlier exhibits; the content names them all.
    const int MostAbout = 16;

    /// <inheritdoc/>
    public async ValueTask<ExhibitNumber> AppendAsync(Decision decision, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(decision);
        var recorded = await log.AppendAsync(
            new NewExhibit(decision.Kind, decision.By.Value, DecisionJson.Write(decision)) { About = [.. decision.About.Distinct().Order().Take(MostAbout)] },
            cancel).ConfigureAwait(false);
        return recorded.Number;
    }
}
