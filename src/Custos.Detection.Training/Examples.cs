using System.Numerics;
using System.Runtime.InteropServices;

namespace Custos.Detection.Training;

/// <summary>What one pass over a corpus leaves of it for training: example vectors of chosen conversations, and which indicators were present, by fold.</summary>
sealed class Examples
{
    // Messages of harmless conversations that become vectors; of more, a seeded share. Long dialogues first: short ones say little.
    const long NegativeMessages = 300_000;
    const int LongFrom = 6;

    internal List<Example> All { get; } = [];

    /// <summary>By fold and code: conversations of positive authors, and others, in which an account's indicator was present.</summary>
    internal int[,] PresentInPositive { get; }

    internal int[,] PresentInOther { get; }

    internal int[] Positives { get; }

    internal int[] Others { get; }

    // Scratch: sums by slot of either side of a pair.
    sealed class Sums
    {
        internal readonly Dictionary<int, float> A = [], B = [];
        internal int Messages;

        internal Sums Cleared()
        {
            A.Clear();
            B.Clear();
            Messages = 0;
            return this;
        }
    }

    Examples(int folds)
    {
        var codes = IndicatorCatalogue.All.Count;
        (PresentInPositive, PresentInOther, Positives, Others) = (new int[folds, codes], new int[folds, codes], new int[folds], new int[folds]);
    }

    internal static Examples Read(TrainingRequest request, DetectionEngine engine, CorpusSurvey survey, AuthorSplit split, Action<string, long> progress, CancellationToken cancellation)
    {
        var examples = new Examples(split.Folds);
        var run = new ConversationRun(engine);
        var sink = new IndicatorSink();
        // Used again: those of long conversations are large, and would be left for the collector's last generation.
        var spare = new Stack<Sums>();
        var pairs = new Dictionary<ModelPair, Sums>();
        var (ofLong, ofShort) = Shares(survey);
        foreach (var (conversation, kind, fold) in survey.Dialogues(request, split, "learning what is said", progress, cancellation))
        {
            var share = conversation.Messages.Count >= LongFrom ? ofLong : ofShort;
            var kept = kind == ConversationKind.Positive || Seeded.ShareOf((ulong)request.Seed, conversation.Id) < share;
            sink.Begin();
            run.Begin(conversation);
            foreach (var message in conversation.Messages)
            {
                run.Observe(message, sink);
                if (run.Tracker.LastPair is not { } pair)
                    continue;
                if (!pairs.TryGetValue(pair, out var sums))
                    pairs.Add(pair, sums = spare.TryPop(out var cleared) ? cleared : new());
                sums.Messages++;
                if (kept)
                    Add(pair.A == message.From.Value ? sums.A : sums.B, run);
            }

            foreach (var (pair, sums) in pairs)
            {
                if (pair.B is not { } b)
                {
                    spare.Push(sums.Cleared());
                    continue;
                }

                // Held once for both examples it is of: as the one's own words and as the other's counterpart's.
                var (ofA, ofB) = (Side(sums.A, sums.Messages), Side(sums.B, sums.Messages));
                examples.Take(pair.A, b, ofA, ofB, kind, fold, kept, sink, request.Positives);
                examples.Take(b, pair.A, ofB, ofA, kind, fold, kept, sink, request.Positives);
                spare.Push(sums.Cleared());
            }

            pairs.Clear();
        }

        examples.Balance();
        return examples;
    }

    static (double OfLong, double OfShort) Shares(CorpusSurvey survey)
    {
        long longer = 0, shorter = 0;
        for (var i = 0; i < survey.Conversations; i++)
        {
            var (messages, kind, dialogue) = survey[i];
            if (kind != ConversationKind.Negative || !dialogue)
                continue;
            if (messages >= LongFrom)
                longer += messages;
            else
                shorter += messages;
        }

        var ofLong = Math.Min(1, (double)NegativeMessages / Math.Max(1, longer));
        return (ofLong, Math.Min(1, Math.Max(0, NegativeMessages - longer) / (double)Math.Max(1, shorter)));
    }

    static void Add(Dictionary<int, float> sums, ConversationRun run)
    {
        var count = run.Reading.Features + run.Tracker.PairSlots.Length;
        var one = 1 / MathF.Sqrt(count);
        All(run.Reader.Slots(run.Reading));
        All(run.Tracker.PairSlots);

        void All(ReadOnlySpan<int> slots)
        {
            foreach (var slot in slots)
                CollectionsMarshal.GetValueRefOrAddDefault(sums, slot, out _) += one;
        }
    }

    void Take(string account, string counterpart, SaidSide own, SaidSide others, ConversationKind kind, int fold, bool kept, IndicatorSink sink, PositiveAuthors positives)
    {
        var positive = kind == ConversationKind.Positive && positives.Contains(account);
        (positive ? Positives : Others)[fold]++;
        var present = positive ? PresentInPositive : PresentInOther;
        for (var codes = sink.CodesOf(account, counterpart); codes != 0; codes &= codes - 1)
            present[fold, BitOperations.TrailingZeroCount(codes)]++;
        if (!kept)
            return;
        // The other side of a positive conversation teaches which side it is; it counts as much as the positive one.
        All.Add(new(fold, positive, kind == ConversationKind.Positive ? 1 : 0, own, others));
    }

    // What one side said, of all its messages.
    static SaidSide Side(Dictionary<int, float> sums, int messages)
    {
        var root = 1 / MathF.Sqrt(messages);
        var (slots, values) = (new int[sums.Count], new float[sums.Count]);
        sums.Keys.CopyTo(slots, 0);
        Array.Sort(slots);
        for (var i = 0; i < slots.Length; i++)
            values[i] = root * sums[slots[i]];
        return SaidSide.Of(slots, values);
    }

    // Harmless talk together weighs three times the positive conversations, however much there is of it.
    void Balance()
    {
        var positive = All.Count(e => e.Positive);
        var harmless = All.Count(e => e.Weight == 0);
        var weight = harmless == 0 ? 1 : Math.Clamp(3f * positive / harmless, 0.02f, 1);
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i].Weight == 0)
                All[i] = All[i] with { Weight = weight };
        }
    }
}
