namespace Custos.Detection.Training;

/// <summary>Weights of indicators from how often they are present: log2 of the rate in positive conversations over the rate in others.</summary>
static class IndicatorRates
{
    // As many conversations with an indicator as this make its own rate weigh as much as the catalogue's judgement.
    const double Trust = 20;

    /// <summary>Weights in millibits by place in the catalogue, learned on all folds but one.</summary>
    /// <param name="examples">Presence by fold.</param>
    /// <param name="without">The fold left out; -1 for none.</param>
    internal static double[] Weights(Examples examples, int without)
    {
        var weights = new double[IndicatorCatalogue.All.Count];
        for (var code = 0; code < weights.Length; code++)
        {
            var definition = IndicatorCatalogue.All[code];
            double inPositive = 0, inOther = 0, positives = 0, others = 0;
            for (var fold = 0; fold < examples.Positives.Length; fold++)
            {
                if (fold == without)
                    continue;
                inPositive += examples.PresentInPositive[fold, code];
                inOther += examples.PresentInOther[fold, code];
                positives += examples.Positives[fold];
                others += examples.Others[fold];
            }

            var learned = 1000 * Math.Log2((inPositive + 0.5) / (positives + 1) / ((inOther + 0.5) / (others + 1)));
            var share = (inPositive + inOther) / (inPositive + inOther + Trust);
            weights[code] = (share * learned) + ((1 - share) * definition.Millibits);
        }

        return weights;
    }

    /// <summary>What the file holds: tempered by one factor, clipped, by code. Facts weigh nothing; what the counterpart says of itself keeps the catalogue's weight.</summary>
    internal static Dictionary<string, int> Tempered(double[] weights, double temper)
    {
        var tempered = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var code = 0; code < weights.Length; code++)
        {
            var definition = IndicatorCatalogue.All[code];
            // Found of the other side, or of a place: their presence with the account is no rate of its own.
            if (definition.Kind == IndicatorKind.Fact || definition.Code is "adult.stated" or "broadcast")
                continue;
            var (least, most) = definition.Kind == IndicatorKind.Exculpatory ? (-6_000, 0) : (0, 10_000);
            tempered.Add(definition.Code, (int)Math.Clamp(Math.Round(weights[code] * temper), least, most));
        }

        return tempered;
    }
}
