namespace Custos.Detection.Training;

/// <summary>What a conversation may be used for.</summary>
enum ConversationKind : byte
{
    /// <summary>No positive author speaks in it.</summary>
    Negative,

    /// <summary>A positive author and one other speak in it.</summary>
    Positive,

    /// <summary>A positive author speaks in it alone or among several: it may be ordinary talk, and is never taken for harmless.</summary>
    Unlabelled,
}

/// <summary>One pass over corpora: who speaks with whom. Conversations are numbered in the order of the files, harmless talk last.</summary>
sealed class CorpusSurvey
{
    readonly Dictionary<string, int> _authors = new(StringComparer.Ordinal);
    readonly List<int> _parent = [];
    readonly List<bool> _positive = [];
    readonly List<(int Author, int Messages, ConversationKind Kind, bool Dialogue)> _conversations = [];

    internal CorpusSurvey(IReadOnlyList<ICorpus> corpora, PositiveAuthors positives, IReadOnlyList<ICorpus> benign, CancellationToken cancellation)
    {
        EachOnce(corpora.Concat(benign));
        foreach (var corpus in corpora)
            Read(corpus, "", positives, cancellation);
        positives.MustBeIn(_authors.ContainsKey);
        // A handle in a log is somebody else than the same handle in a corpus.
        for (var i = 0; i < benign.Count; i++)
            Read(benign[i], string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{i}\n"), null, cancellation);
    }

    /// <summary>Refuses files of the same bytes.</summary>
    internal static void EachOnce(IEnumerable<ICorpus> corpora)
    {
        if (corpora.GroupBy(c => c.Digest).Any(same => same.Skip(1).Any()))
            throw new CorpusException("The same corpus or log is given twice: what it holds would count twice, or stand for positive and for harmless. Nothing was written. Name each file once.");
    }

    internal int Conversations => _conversations.Count;

    internal int Authors => _authors.Count;

    internal long Messages { get; private set; }

    internal (int Messages, ConversationKind Kind, bool Dialogue) this[int conversation] => (_conversations[conversation].Messages, _conversations[conversation].Kind, _conversations[conversation].Dialogue);

    /// <summary>The component of a conversation: everyone who speaks with someone who speaks with its authors; -1 for an empty one.</summary>
    internal int ComponentOf(int conversation) => _conversations[conversation].Author is >= 0 and var author ? Root(author) : -1;

    internal int ComponentOf(string author) => Root(_authors[author]);

    internal IEnumerable<int> Components() => Enumerable.Range(0, _parent.Count).Where(i => Root(i) == i);

    internal IEnumerable<int> PositiveComponents() => Enumerable.Range(0, _parent.Count).Where(i => _positive[i]).Select(Root).Distinct();

    /// <summary>Every conversation that training may read again, with what it is and its fold: not those of one speaker, and not what a positive author says elsewhere, which may be ordinary.</summary>
    internal IEnumerable<(CorpusConversation Conversation, ConversationKind Kind, int Fold)> Dialogues(TrainingRequest request, AuthorSplit split, string doing, Action<string, long> progress, CancellationToken cancellation)
    {
        var number = 0;
        long messages = 0;
        foreach (var conversation in request.AllCorpora().SelectMany(c => c.Conversations()))
        {
            cancellation.ThrowIfCancellationRequested();
            var (_, kind, dialogue) = this[number];
            var fold = split.FoldOf(number++);
            messages += conversation.Messages.Count;
            progress(doing, messages);
            if (kind != ConversationKind.Unlabelled && dialogue)
                yield return (conversation, kind, fold);
        }
    }

    void Read(ICorpus corpus, string prefix, PositiveAuthors? positives, CancellationToken cancellation)
    {
        var spoke = new HashSet<int>();
        foreach (var conversation in corpus.Conversations())
        {
            cancellation.ThrowIfCancellationRequested();
            spoke.Clear();
            var (first, positive) = (-1, false);
            foreach (var message in conversation.Messages)
            {
                var author = NumberOf(prefix, message.From.Value, positives);
                if (!spoke.Add(author))
                    continue;
                first = first < 0 ? author : first;
                positive |= _positive[author];
                Join(first, author);
            }

            var kind = !positive ? ConversationKind.Negative : spoke.Count == 2 ? ConversationKind.Positive : ConversationKind.Unlabelled;
            _conversations.Add((first, conversation.Messages.Count, kind, spoke.Count > 1));
            Messages += conversation.Messages.Count;
        }
    }

    int NumberOf(string prefix, string name, PositiveAuthors? positives)
    {
        var key = prefix.Length == 0 ? name : prefix + name;
        if (_authors.TryGetValue(key, out var number))
            return number;
        number = _parent.Count;
        _authors.Add(key, number);
        _parent.Add(number);
        _positive.Add(positives?.Contains(name) ?? false);
        return number;
    }

    int Root(int author)
    {
        while (_parent[author] != author)
        {
            _parent[author] = _parent[_parent[author]];
            author = _parent[author];
        }

        return author;
    }

    // The lower number stays the root: it does not depend on the order of joining.
    void Join(int a, int b)
    {
        (a, b) = (Root(a), Root(b));
        if (a < b)
            _parent[b] = a;
        else
            _parent[a] = b;
    }
}
