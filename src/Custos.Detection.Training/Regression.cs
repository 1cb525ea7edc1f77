using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Custos.Detection.Training;

/// <summary>One pair as one of its two sides is judged.</summary>
/// <param name="Fold">Of its conversation.</param>
/// <param name="Positive">Whether the account is a positive author.</param>
/// <param name="Weight">How much it counts.</param>
/// <param name="Columns">Ascending: slot x 2, and one more for the counterpart's side.</param>
/// <param name="Values">Sums over the pair's messages of 1 / sqrt(features of the message), divided by the root of the messages.</param>
sealed record Example(int Fold, bool Positive, float Weight, int[] Columns, float[] Values);

/// <summary>Logistic regression through ML.NET's L-BFGS, one thread, from zero: the same examples give the same weights on the same machine.</summary>
static class Regression
{
    sealed class Row
    {
        public bool Label { get; set; }

        public float Weight { get; set; }

        public VBuffer<float> Features { get; set; }
    }

    /// <summary>The columns that examples share, renumbered densely, each with a scale that makes the rare count more than the common.</summary>
    internal sealed record Space(int[] ColumnOf, float[] Scale, int Width);

    // A column seen in one or two examples says nothing of another.
    const int LeastExamples = 3;

    internal static Space SpaceOf(IReadOnlyList<Example> examples)
    {
        var seen = new int[ModelFeatures.Slots * 2];
        foreach (var example in examples)
        {
            foreach (var column in example.Columns)
                seen[column]++;
        }

        var columnOf = new int[seen.Length];
        var width = 0;
        for (var i = 0; i < seen.Length; i++)
            columnOf[i] = seen[i] >= LeastExamples ? width++ : -1;
        var scale = new float[width];
        for (var i = 0; i < seen.Length; i++)
        {
            if (columnOf[i] >= 0)
                scale[columnOf[i]] = (float)Math.Sqrt(Math.Log((examples.Count + 1.0) / (seen[i] + 0.5)));
        }

        // Then all alike, so that an example is about as long as 1 and the penalty means the same for any corpus.
        double length = 0;
        foreach (var example in examples)
        {
            for (var i = 0; i < example.Columns.Length; i++)
            {
                if (columnOf[example.Columns[i]] is >= 0 and var c)
                    length += (double)example.Values[i] * example.Values[i] * scale[c] * scale[c];
            }
        }

        var unit = length > 0 ? (float)(1 / Math.Sqrt(length / examples.Count)) : 1;
        for (var i = 0; i < width; i++)
            scale[i] *= unit;
        return new(columnOf, scale, width);
    }

    /// <summary>The weight of each of the 2^20 columns, in bits, for examples that are kept.</summary>
    internal static float[] Fit(IReadOnlyList<Example> examples, Space space, Func<Example, bool> keeps, double penalty, long seed)
    {
        var rows = new List<Row>();
        foreach (var example in examples)
        {
            if (!keeps(example))
                continue;
            var kept = 0;
            foreach (var column in example.Columns)
                kept += space.ColumnOf[column] >= 0 ? 1 : 0;
            var (columns, values) = (new int[kept], new float[kept]);
            kept = 0;
            for (var i = 0; i < example.Columns.Length; i++)
            {
                if (space.ColumnOf[example.Columns[i]] is not (>= 0 and var c))
                    continue;
                columns[kept] = c;
                values[kept++] = example.Values[i] * space.Scale[c];
            }

            rows.Add(new() { Label = example.Positive, Weight = example.Weight, Features = new(space.Width, kept, values, columns) });
        }

        var ml = new MLContext((int)(seed & int.MaxValue));
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, space.Width);
        var model = ml.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
        {
            LabelColumnName = nameof(Row.Label),
            FeatureColumnName = nameof(Row.Features),
            ExampleWeightColumnName = nameof(Row.Weight),
            NumberOfThreads = 1,
            L1Regularization = 0,
            L2Regularization = (float)penalty,
            OptimizationTolerance = 1e-5f,
            MaximumNumberOfIterations = 100,
            HistorySize = 10,
        }).Fit(ml.Data.LoadFromEnumerable(rows, schema));
        var learned = model.Model.SubModel.Weights;
        var weights = new float[space.ColumnOf.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            if (space.ColumnOf[i] is >= 0 and var c)
                weights[i] = learned[c] * space.Scale[c] / MathF.Log(2);
        }

        return weights;
    }
}
