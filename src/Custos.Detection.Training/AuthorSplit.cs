using System.Globalization;

namespace Custos.Detection.Training;

/// <summary>Parts of a corpus that share no author: connected components of authors who speak in one conversation. A random split by conversation is refused, since an account's style would be on both sides.</summary>
public sealed class AuthorSplit
{
    readonly int[] _foldOf;

    AuthorSplit(int[] foldOf, int folds) => (_foldOf, Folds) = (foldOf, folds);

    /// <summary>How many parts.</summary>
    public int Folds { get; }

    /// <summary>The part of a conversation, by its number in the order of the files.</summary>
    public int FoldOf(int conversation) => _foldOf[conversation];

    /// <summary>Shares components out: those with positive authors first, evenly, then the rest, so that parts are alike in size.</summary>
    internal static AuthorSplit ByComponents(CorpusSurvey survey, int folds, ulong seed)
    {
        var messages = new Dictionary<int, long>();
        for (var i = 0; i < survey.Conversations; i++)
        {
            var component = survey.ComponentOf(i);
            messages[component] = messages.GetValueOrDefault(component) + survey[i].Messages;
        }

        var positive = survey.PositiveComponents().ToHashSet();
        var order = survey.Components().ToArray();
        new Seeded(seed).Shuffle<int>(order);
        var foldOf = new Dictionary<int, int> { [-1] = 0 };
        var held = new (int Components, long Messages)[folds];
        foreach (var group in new[] { order.Where(positive.Contains), order.Where(c => !positive.Contains(c)) })
        {
            Array.Clear(held);
            // The largest first; of equal ones the order drawn.
            foreach (var component in group.OrderByDescending(c => messages.GetValueOrDefault(c)))
            {
                var least = 0;
                for (var f = 1; f < folds; f++)
                {
                    if (held[f].Messages < held[least].Messages || (held[f].Messages == held[least].Messages && held[f].Components < held[least].Components))
                        least = f;
                }

                foldOf.Add(component, least);
                held[least] = (held[least].Components + 1, held[least].Messages + messages.GetValueOrDefault(component));
            }
        }

        return Of(survey, [.. Enumerable.Range(0, survey.Conversations).Select(i => foldOf[survey.ComponentOf(i)])], folds);
    }

    /// <summary>Takes a split made elsewhere.</summary>
    /// <exception cref="CorpusException">Authors who speak with each other are on both sides, as a random split by conversation puts them.</exception>
    internal static AuthorSplit Of(CorpusSurvey survey, int[] foldOf, int folds)
    {
        var known = new Dictionary<int, int>();
        var torn = new HashSet<int>();
        for (var i = 0; i < foldOf.Length; i++)
        {
            var component = survey.ComponentOf(i);
            if (component >= 0 && !known.TryAdd(component, foldOf[i]) && known[component] != foldOf[i])
                torn.Add(component);
        }

        return torn.Count == 0
            ? new(foldOf, folds)
            : throw new CorpusException(string.Create(CultureInfo.InvariantCulture,
                $"The split puts {torn.Count} groups of authors who speak with each other on both sides, as a random split by conversation does. Nothing was written. Split by groups of authors; 'custos train' does."));
    }
}
