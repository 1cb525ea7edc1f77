using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Custos.Detection.Training;

/// <summary>What one side of a pair said: slots in ascending order, each with a value, four bytes in all; most of what training holds in memory is these.</summary>
/// <remarks>A slot has 19 bits. A value has 13: five of exponent and eight of mantissa, from 2^-20 to 2^12, right to a part in five hundred.</remarks>
sealed class SaidSide
{
    const int ValueBits = 13, Dropped = 23 - 8, Least = (127 - 20) << 23;

    uint[] _packed;

    SaidSide(uint[] packed) => _packed = packed;

    internal static SaidSide Nothing { get; } = new([]);

    /// <summary>Packs sums.</summary>
    /// <param name="slots">Ascending.</param>
    /// <param name="values">Sums over the pair's messages of 1 / sqrt(features of the message), divided by the root of the messages.</param>
    internal static SaidSide Of(ReadOnlySpan<int> slots, ReadOnlySpan<float> values)
    {
        var packed = new uint[slots.Length];
        for (var i = 0; i < packed.Length; i++)
            packed[i] = Pack(slots[i], values[i]);
        return new(packed);
    }

    static uint Pack(int slot, float value) =>
        ((uint)slot << ValueBits) | (uint)Math.Clamp((BitConverter.SingleToInt32Bits(value) - Least + (1 << (Dropped - 1))) >> Dropped, 0, (1 << ValueBits) - 1);

    internal int Count => _packed.Length;

    internal int SlotAt(int i) => (int)(_packed[i] >> ValueBits);

    internal float ValueAt(int i) => BitConverter.Int32BitsToSingle((int)((_packed[i] & ((1 << ValueBits) - 1)) << Dropped) + Least);

    /// <summary>Writes them out, slots moved by as much as is said.</summary>
    internal void Write(Span<int> slots, Span<float> values, int moved)
    {
        for (var i = 0; i < _packed.Length; i++)
            (slots[i], values[i]) = (SlotAt(i) + moved, ValueAt(i));
    }

    /// <summary>Renumbers the slots and scales the values, each by a factor of its slot; those without a number go.</summary>
    internal void Rewrite(int[] numbers, float[] factors)
    {
        var kept = 0;
        for (var i = 0; i < _packed.Length; i++)
        {
            var slot = SlotAt(i);
            if (numbers[slot] >= 0)
                _packed[kept++] = Pack(numbers[slot], ValueAt(i) * factors[slot]);
        }

        if (kept < _packed.Length)
            _packed = _packed[..kept];
    }
}

/// <summary>One pair as one of its two sides is judged.</summary>
/// <param name="Fold">Of its conversation.</param>
/// <param name="Positive">Whether the account is a positive author.</param>
/// <param name="Weight">How much it counts.</param>
/// <param name="Own">What the account said; of no other example the own side.</param>
/// <param name="Others">What was said to it.</param>
sealed record Example(int Fold, bool Positive, float Weight, SaidSide Own, SaidSide Others);

/// <summary>Logistic regression through ML.NET's L-BFGS, one thread, from zero: the same examples give the same weights on the same machine.</summary>
static class Regression
{
    sealed class Row
    {
        public bool Label { get; set; }

        public float Weight { get; set; }

        public VBuffer<float> Features { get; set; }
    }

    /// <summary>The slots that examples share, renumbered densely, and by slot a scale that makes the rare count more than the common. A slot is two columns: of the account's own side, and, <c>Width</c> further, of its counterpart's.</summary>
    internal sealed record Space(int[] ColumnOf, float[] Scale, int Width);

    // A slot seen in one or two examples says nothing of another.
    const int LeastExamples = 3;

    /// <summary>Lays the space out and rewrites the examples into it, in place: there is room for them once.</summary>
    internal static Space LayOut(IReadOnlyList<Example> examples)
    {
        var seen = new int[ModelFeatures.Slots];
        foreach (var example in examples)
        {
            for (var i = 0; i < example.Own.Count; i++)
                seen[example.Own.SlotAt(i)]++;
        }

        var (columnOf, scale) = (new int[seen.Length], new float[seen.Length]);
        var width = 0;
        for (var slot = 0; slot < seen.Length; slot++)
        {
            columnOf[slot] = seen[slot] >= LeastExamples ? width++ : -1;
            scale[slot] = (float)Math.Sqrt(Math.Log((examples.Count + 1.0) / (seen[slot] + 0.5)));
        }

        // Then all alike, so that an example is about as long as 1 and the penalty means the same for any corpus.
        double length = 0;
        foreach (var side in examples.SelectMany(e => new[] { e.Own, e.Others }))
        {
            for (var i = 0; i < side.Count; i++)
            {
                if (columnOf[side.SlotAt(i)] >= 0)
                    length += Math.Pow((double)side.ValueAt(i) * scale[side.SlotAt(i)], 2);
            }
        }

        var unit = length > 0 ? (float)(1 / Math.Sqrt(length / examples.Count)) : 1;
        for (var slot = 0; slot < scale.Length; slot++)
            scale[slot] *= unit;
        foreach (var example in examples)
            example.Own.Rewrite(columnOf, scale);
        return new(columnOf, scale, width);
    }

    // One row, written again for every example: the trainer reads them as a stream, as often as it needs, and nothing of it is held twice.
    static IEnumerable<Row> Rows(IReadOnlyList<Example> examples, int width, Func<Example, bool> keeps)
    {
        var row = new Row();
        var (columns, values) = (Array.Empty<int>(), Array.Empty<float>());
        foreach (var example in examples)
        {
            if (!keeps(example))
                continue;
            var (own, count) = (example.Own.Count, example.Own.Count + example.Others.Count);
            if (columns.Length < count)
                (columns, values) = (new int[count * 2], new float[count * 2]);
            example.Own.Write(columns, values, 0);
            example.Others.Write(columns.AsSpan(own), values.AsSpan(own), width);
            row.Label = example.Positive;
            row.Weight = example.Weight;
            row.Features = new(2 * width, count, values, columns);
            yield return row;
        }
    }

    /// <summary>The weights of each of the 2^19 slots, of the account's side and of its counterpart's in turn, in bits, for examples that are kept.</summary>
    internal static float[] Fit(IReadOnlyList<Example> examples, Space space, Func<Example, bool> keeps, double penalty, long seed)
    {
        var ml = new MLContext((int)(seed & int.MaxValue));
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2 * space.Width);
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
        }).Fit(ml.Data.LoadFromEnumerable(Rows(examples, space.Width, keeps), schema));
        var learned = model.Model.SubModel.Weights;
        var weights = new float[2 * space.ColumnOf.Length];
        for (var i = 0; i < space.ColumnOf.Length; i++)
        {
            if (space.ColumnOf[i] is not (>= 0 and var c))
                continue;
            weights[2 * i] = learned[c] * space.Scale[i] / MathF.Log(2);
            weights[(2 * i) + 1] = learned[space.Width + c] * space.Scale[i] / MathF.Log(2);
        }

        // What the trainer leaves is a hundred megabytes of vectors, and the collector has no hurry while the machine has memory: the next fit would take as much again.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return weights;
    }
}
