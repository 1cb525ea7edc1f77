// The bounded memory of detection-spec, section 7: what was touched longest ago is saved byte for byte and comes back when it is next needed.
using System.Buffers;

namespace Custos.Detection;

/// <summary>The first byte of a saved state.</summary>
enum StateKind : byte
{
    Tracker,
    Venue,
    Author,
    Thread,
    Dialogue,
    Member,
    Model,
}

/// <summary>A part of conversation state that is saved and comes back by itself.</summary>
abstract class KeptState
{
    // The list of all, by when they were touched.
    internal KeptState? Older, Newer;
    internal bool IsListed;
    internal long Touched;

    /// <summary>Its bytes in memory as the budget counts them.</summary>
    internal int Size;

    internal abstract ConversationStateKey Key { get; }

    /// <summary>True if it says no more than one that has just been made: it need not be saved.</summary>
    internal abstract bool IsBlank { get; }

    /// <summary>About how many bytes it takes in memory.</summary>
    internal abstract int Measure();

    internal abstract void Save(StateWriter to);

    /// <summary>Takes it out of what holds it.</summary>
    internal abstract void Forget(Dictionary<string, VenueState> venues);
}

/// <summary>Conversation state: in memory up to a budget, the rest in a store.</summary>
sealed class ConversationMemory
{
    readonly IConversationStore? _store;
    readonly long _budget;
    readonly Dictionary<string, VenueState> _venues = new(StringComparer.Ordinal);
    readonly StateWriter _writer = new();
    readonly ArrayBufferWriter<byte> _taken = new();
    readonly Dictionary<string, string> _shared = new(StringComparer.Ordinal);
    readonly Func<string, string> _share;
    VenueState? _lastVenue;
    ThreadState? _lastThread;
    KeptState? _oldest, _newest;
    long _size;
    long _now;

    // False while nothing was ever saved: then nothing needs to be looked for.
    bool _anySaved;

    internal ConversationMemory(DetectionEngine engine, IConversationStore? store, long budget)
    {
        (_store, _budget) = (store, budget);
        _share = Shared;
        foreach (var rule in engine.Book.Rules)
            _shared[rule.Id] = rule.Id;
        _anySaved = store?.Open(engine.StateMaker) ?? false;
    }

    /// <summary>Bytes of state in memory, as the budget counts them; 0 where nothing bounds it.</summary>
    internal long Size => _size;

    // Rule ids and names of attributes are a closed set: one copy of each.
    string Shared(string text)
    {
        if (_shared.TryGetValue(text, out var known))
            return known;
        if (_shared.Count < 16_384)
            _shared.Add(text, text);
        return text;
    }

    /// <summary>What the tracker itself saved; false if it saved nothing.</summary>
    internal bool TryTakeTracker(out long ordinal, out long cut)
    {
        (ordinal, cut) = (0, 0);
        if (!Take(ConversationStateKey.Of(StateKind.Tracker)))
            return false;
        var reader = Reader();
        (ordinal, cut) = (reader.Number(), reader.Number());
        return true;
    }

    internal VenueState Venue(string name) => FindVenue(name, make: true)!;

    internal ThreadState Thread(VenueState venue, string name) => FindThread(venue, name, make: true)!;

    internal Author Author(VenueState venue, string handle) => FindAuthor(venue, handle, make: true)!;

    /// <summary>An account by a part of a line; a handle that is in memory already is not made again.</summary>
    internal Author Author(VenueState venue, ReadOnlySpan<char> handle) =>
        venue.Authors.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(handle, out var author) ? author : Author(venue, handle.ToString());

    internal VenueState? FindVenue(string name, bool make = false)
    {
        if (_lastVenue is { } last && last.Name == name)
            return last;
        if (!_venues.TryGetValue(name, out var venue))
        {
            venue = new(name);
            if (Take(venue))
            {
                var reader = Reader();
                venue.Restore(ref reader);
            }
            else if (!make && !_anySaved)
            {
                return null;
            }

            _venues.Add(name, venue);
            Touch(venue);
        }

        _lastVenue = venue;
        _lastThread = null;
        return venue;
    }

    internal ThreadState? FindThread(VenueState venue, string name, bool make = false)
    {
        if (_lastThread is { } last && ReferenceEquals(last.Venue, venue) && last.Name == name)
            return last;
        if (!venue.Threads.TryGetValue(name, out var thread))
        {
            thread = new(venue, name);
            if (Take(thread))
            {
                var reader = Reader();
                thread.Restore(ref reader);
            }
            else if (!make)
            {
                return null;
            }

            venue.Threads.Add(name, thread);
            Touch(thread);
        }

        _lastThread = thread;
        return thread;
    }

    internal Author? FindAuthor(VenueState venue, string handle, bool make = false)
    {
        if (venue.Authors.TryGetValue(handle, out var author))
            return author;
        author = new(venue, handle);
        if (Take(author))
        {
            var reader = Reader();
            author.Restore(ref reader);
        }
        else if (!make)
        {
            return null;
        }

        venue.Authors.Add(handle, author);
        Touch(author);
        return author;
    }

    /// <summary>Notes that an account speaks in a thread.</summary>
    internal void Speak(ThreadState thread, Author author)
    {
        var name = author.Name;
        if (thread.First is null || name == thread.First)
        {
            thread.First = name;
            thread.FirstCount++;
        }
        else if (thread.Second is null || name == thread.Second)
        {
            thread.Second = name;
            thread.SecondCount++;
        }
        else
        {
            if (!thread.HasMore || !HasSpokenAfterTwo(thread, name))
                (thread.More ??= new(StringComparer.Ordinal)).Add(name, new(thread, name));
            thread.HasMore = true;
            Touch(thread.More![name]);
        }
    }

    internal bool HasSpoken(ThreadState thread, ReadOnlySpan<char> name) =>
        (thread.First is { } first && name.SequenceEqual(first)) || (thread.Second is { } second && name.SequenceEqual(second)) || (thread.HasMore && HasSpokenAfterTwo(thread, name));

    bool HasSpokenAfterTwo(ThreadState thread, ReadOnlySpan<char> name)
    {
        if (thread.More is { } more && more.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(name))
            return true;
        if (!_anySaved || !Take(ConversationStateKey.Of(StateKind.Member, thread.Venue.Name, thread.Name, name)))
            return false;
        var handle = name.ToString();
        var member = new Member(thread, handle);
        (thread.More ??= new(StringComparer.Ordinal)).Add(handle, member);
        Touch(member);
        return true;
    }

    /// <summary>The dialogue of two who are not the first two of a thread; null if they have none.</summary>
    internal Dialogue? Other(ThreadState thread, (string, string) pair)
    {
        if (!thread.HasOthers)
            return null;
        if (thread.Others is { } others && others.TryGetValue(pair, out var known))
            return known;
        if (!_anySaved || !Take(ConversationStateKey.Of(StateKind.Dialogue, thread.Venue.Name, thread.Name, pair.Item1, pair.Item2)))
            return null;
        var reader = Reader();
        reader.Text();
        reader.Text();
        var dialogue = Dialogue.ReadContent(thread, ref reader);
        (thread.Others ??= []).Add(pair, dialogue);
        Touch(dialogue);
        return dialogue;
    }

    internal void AddOther(ThreadState thread, (string, string) pair, Dialogue dialogue)
    {
        thread.HasOthers = true;
        (thread.Others ??= []).Add(pair, dialogue);
        Touch(dialogue);
    }

    /// <summary>What a model holds of two accounts; made where it is new. The second is null while the pair is open.</summary>
    internal ModelPair Model(ThreadState thread, string author, string? addressed)
    {
        if (FindModel(thread, author, addressed) is { } known)
            return known;
        var pair = new ModelPair(thread, author) { B = addressed };
        if (thread.Model is null && thread.Name.Length > 0)
            return thread.Model = pair;
        (thread.Models ??= []).Add(ThreadState.PairOf(author, addressed!), pair);
        Touch(pair);
        return pair;
    }

    internal ModelPair? FindModel(ThreadState thread, string author, string? addressed)
    {
        if (thread.Model is { } main)
        {
            if (addressed is null || main.B is null)
            {
                if (main.A == author || main.A == addressed)
                {
                    main.B ??= main.A == author ? addressed : author;
                    return main;
                }
            }
            else if ((main.A == author && main.B == addressed) || (main.A == addressed && main.B == author))
            {
                return main;
            }
        }
        else if (thread.Name.Length > 0)
        {
            return null;
        }

        // A pair of its own for everyone else; nobody is addressed by an open line here.
        var key = ThreadState.PairOf(author, addressed!);
        if (thread.Models is { } models && models.TryGetValue(key, out var pair))
            return pair;
        if (!_anySaved || !Take(ConversationStateKey.Of(StateKind.Model, thread.Venue.Name, thread.Name, key.Item1, key.Item2)))
            return null;
        var reader = Reader();
        pair = ModelPair.ReadContent(thread, ref reader);
        (thread.Models ??= []).Add(key, pair);
        Touch(pair);
        Touch(thread);
        return pair;
    }

    /// <summary>Begins a message, or a question about what is kept: what is touched from here on stays in memory until it ends.</summary>
    internal void Begin() => _now++;

    /// <summary>Notes that a part was used and may have changed.</summary>
    internal void Touch(KeptState state)
    {
        if (_store is null)
            return;
        state.Touched = _now;
        var size = state.Measure();
        _size += size - state.Size;
        state.Size = size;
        if (ReferenceEquals(state, _newest))
            return;
        if (state.IsListed)
            Unlink(state);
        state.IsListed = true;
        state.Older = _newest;
        if (_newest is { } newest)
            newest.Newer = state;
        else
            _oldest = state;
        _newest = state;
    }

    /// <summary>Ends what <see cref="Begin"/> began: over the budget, what was touched longest ago is saved and leaves memory. What this message touched stays, unless there is no room at all.</summary>
    internal void End()
    {
        while (_size > _budget && _oldest is { } oldest && (oldest.Touched != _now || _budget == 0))
            Save(oldest);
    }

    /// <summary>Saves all of it, and the tracker's own numbers.</summary>
    internal void Flush(long ordinal, long cut)
    {
        while (_oldest is { } oldest)
            Save(oldest);
        _writer.Clear();
        _writer.Byte((int)StateKind.Tracker);
        _writer.Number(ordinal);
        _writer.Number(cut);
        _store!.Save(ConversationStateKey.Of(StateKind.Tracker), _writer.Written);
        _anySaved = true;
    }

    void Save(KeptState state)
    {
        if (!state.IsBlank)
        {
            _writer.Clear();
            state.Save(_writer);
            _store!.Save(state.Key, _writer.Written);
            _anySaved = true;
        }

        Unlink(state);
        _size -= state.Size;
        state.Forget(_venues);
        if (ReferenceEquals(state, _lastVenue))
            _lastVenue = null;
        if (ReferenceEquals(state, _lastThread))
            _lastThread = null;
    }

    void Unlink(KeptState state)
    {
        if (state.Older is { } older)
            older.Newer = state.Newer;
        else if (ReferenceEquals(state, _oldest))
            _oldest = state.Newer;
        if (state.Newer is { } newer)
            newer.Older = state.Older;
        else if (ReferenceEquals(state, _newest))
            _newest = state.Older;
        (state.Older, state.Newer, state.IsListed) = (null, null, false);
    }

    bool Take(KeptState state) => _anySaved && Take(state.Key);

    bool Take(ConversationStateKey key)
    {
        if (!_anySaved)
            return false;
        _taken.ResetWrittenCount();
        return _store!.TryTake(key, _taken);
    }

    // Past the kind: who takes a state knows it by its key.
    StateReader Reader() => new(_taken.WrittenSpan[1..], _share);

    /// <summary>Every dialogue of which something is kept, in memory or saved: where it stands, and which side said something for the record.</summary>
    internal List<(string Venue, string Thread, string A, string? B, bool ByA, bool ByB)> Dialogues()
    {
        var found = new List<(string, string, string, string?, bool, bool)>();
        foreach (var venue in _venues.Values)
        {
            foreach (var thread in venue.Threads.Values)
            {
                if (thread.Main is { } main)
                    found.Add(Of(main));
                foreach (var other in thread.Others?.Values ?? Enumerable.Empty<Dialogue>())
                    found.Add(Of(other));
            }
        }

        foreach (var state in _store?.States() ?? [])
        {
            var reader = new StateReader(state.Span, _share);
            var kind = (StateKind)reader.Byte();
            if (kind == StateKind.Dialogue || (kind == StateKind.Thread && (reader.Byte() & 4) != 0))
            {
                var (venue, thread, a, b, by) = (reader.Text(), reader.Text(), reader.Text(), reader.TextOrNull(), reader.Byte());
                found.Add((venue, thread, a, b, (by & 1) != 0, (by & 2) != 0));
            }
        }

        return found;

        static (string, string, string, string?, bool, bool) Of(Dialogue dialogue) => (
            dialogue.Thread.Venue.Name, dialogue.Thread.Name, dialogue.A.Name!, dialogue.B.Name,
            dialogue.Events.Exists(e => ReferenceEquals(e.Side, dialogue.A)), dialogue.Events.Exists(e => ReferenceEquals(e.Side, dialogue.B)));
    }
}
