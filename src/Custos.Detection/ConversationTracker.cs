using Custos.Vocabulary;

namespace Custos.Detection;

/// <summary>Fed the readings of its venues in order: settles what needs state, keeps the evidence, and says when a conversation waits for a person.</summary>
/// <remarks>It looks at no clock and never looks ahead. One thread at a time; venues may be shared out over several trackers, since none knows another.</remarks>
public sealed class ConversationTracker
{
    readonly DetectionEngine _engine;
    readonly RuleBook _book;
    readonly ConversationMemory _memory;
    readonly bool _stores;
    readonly List<Settled> _settled = [];
    readonly List<Settled> _placeOnly = [];
    readonly int[] _pairSlots = new int[ModelFeatures.PairTokens];
    int _pairSlotCount;
    long _ordinal;

    static readonly int AgeAsked = IndicatorCatalogue.NumberOf("age.asked");

    struct Settled
    {
        internal Indicator Indicator;
        internal IndicatorDefinition Definition;
        internal int Family;
        internal int Weight;
        internal RuleStrength Strength;
        internal int Years;
        internal bool YearsExact;
    }

    internal ConversationTracker(DetectionEngine engine, IConversationStore? store, long memory)
    {
        _engine = engine;
        _book = engine.Book;
        _stores = store is not null;
        _memory = new(engine, store, memory);
        if (_memory.TryTakeTracker(out var ordinal, out var cut))
            (_ordinal, Cut) = (ordinal, cut);
    }

    /// <summary>About how many bytes of conversation state are in memory; 0 where no store bounds it.</summary>
    public long MemoryInUse => _memory.Size;

    /// <summary>Messages observed.</summary>
    public long Messages => _ordinal;

    /// <summary>Indicators left out because their message had more than 256.</summary>
    public long Cut { get; private set; }

    /// <summary>Takes a gap: a stretch in which a venue was not heard. Whatever comes first after it is not known to be the first.</summary>
    /// <param name="venue">The venue.</param>
    /// <param name="thread">The thread; null for the whole venue.</param>
    public void ObserveGap(VenueId venue, string? thread)
    {
        _memory.Begin();
        var state = _memory.Venue(venue.Value);
        if (thread is null)
        {
            state.Gaps++;
        }
        else
        {
            var one = _memory.Thread(state, thread);
            one.Gaps++;
            _memory.Touch(one);
        }

        _memory.Touch(state);
        _memory.End();
    }

    /// <summary>Saves everything that is in memory: a tracker made over the same store goes on where this one stands.</summary>
    /// <exception cref="InvalidOperationException">The tracker has no store.</exception>
    public void Flush()
    {
        if (!_stores)
            throw new InvalidOperationException("This tracker was made without a store: there is nothing to save to.");
        _memory.Flush(_ordinal, Cut);
    }

    /// <summary>Takes the next message of its venue, and hands on what it means.</summary>
    public void Observe(MessageReading reading, IFindingSink sink)
    {
        ArgumentNullException.ThrowIfNull(reading);
        ArgumentNullException.ThrowIfNull(sink);
        _ordinal++;
        Cut += reading.Cut;
        _memory.Begin();
        var message = reading.Message;
        var venue = _memory.Venue(message.Venue.Value);
        var thread = _memory.Thread(venue, message.Thread);
        var author = _memory.Author(venue, message.From.Value);
        if (message.Direction == Direction.Out)
        {
            author.IsPersona = true;
            thread.Persona = author.Name;
        }

        var day = message.At?.Day;
        if (day is { } d)
        {
            if (author.LastDay is not { } last || d > last)
                author.LastDay = d;
            if (thread.LastDay is not { } before || d > before)
                thread.LastDay = d;
        }

        if (thread.First is null && thread.Name.Length > 0)
            (thread.FirstSaid, thread.FirstBehindGap) = (new(reading.Exhibit.Number, message.Id, message.At, 0, reading.Length), venue.Gaps > 0 || thread.Gaps > 0);
        _memory.Speak(thread, author);
        var addressed = Addressee(venue, thread, author, message, out var open);
        var dialogue = Find(thread, author, addressed, open, reading.Count > 0);
        Side? self = null, other = null;
        if (dialogue is not null)
        {
            self = dialogue.Of(author);
            other = dialogue.Other(self);
            dialogue.Speak(self, author.IsPersona, message, reading.Exhibit.Number, reading.Length);
            self.Evidence?.SeeDay(day);
            other.Evidence?.SeeDay(day);
        }

        author.Place?.SeeDay(day);
        _settled.Clear();
        _placeOnly.Clear();
        if (reading.Count > 0)
            Settle(reading, author, self, other, thread.Name.Length > 0);
        other?.OtherSpoke();
        var incriminates = false;
        if (_settled.Count > 0)
        {
            Derive(reading, author, addressed, self, other);
            incriminates = Weigh(venue, author, self, other, day ?? thread.LastDay, day ?? author.LastDay);
            Record(reading, venue, thread, dialogue, self);
            State(reading, self, other, dialogue);
            Children(venue, thread, author, dialogue);
        }

        var learned = _engine.Model.Weights is null ? null : Learn(reading, venue, thread, author, addressed, open, other, incriminates, day);
        LastPair = learned;
        if (!incriminates)
            author.Heard(reading.FunctionWords);
        if (_settled.Count > 0 || _placeOnly.Count > 0)
            Emit(reading, thread, author, addressed, self, learned, sink);
        if (dialogue is { IsOpen: false })
        {
            // Both directions: what one side says can be what the evidence about the other lacked.
            CheckPair(reading, venue, thread, dialogue, dialogue.A, learned, sink);
            CheckPair(reading, venue, thread, dialogue, dialogue.B, learned, sink);
        }

        if (_placeOnly.Count > 0)
            EmitPlaceOnly(reading, author, sink);
        // With a model, a message without an indicator can be what a place lacked.
        if (_settled.Count > 0 || author.Model.Part > 0)
            CheckPlace(reading, author, sink);
        if (_stores)
            Keep(venue, thread, author, addressed, dialogue, learned);
    }

    /// <summary>The slots of what the model was told of the pair of the message observed last; for training.</summary>
    internal ReadOnlySpan<int> PairSlots => _pairSlots.AsSpan(0, _pairSlotCount);

    /// <summary>The pair of the message observed last, as the model knows it; null if it was said to nobody; for training.</summary>
    internal ModelPair? LastPair { get; private set; }

    /// <summary>Told of every score that is held against the threshold; for measuring at every threshold at once.</summary>
    internal IScoreTrace? Trace { get; set; }

    // Detection-spec, section 13: the message's weights go to its author's C and, with their other half, to the other side's.
    ModelPair? Learn(MessageReading reading, VenueState venue, ThreadState thread, Author author, Author? addressed, bool open, Side? other, bool incriminates, int? day)
    {
        var (model, weights) = (_engine.Model, _engine.Model.Weights!);
        var (authorSum, counterpartSum, features) = (reading.AuthorSum, reading.CounterpartSum, reading.Features);
        _pairSlotCount = 0;
        if (!author.IsPersona)
            author.Model.Add(Floor(model.S(authorSum, features, model.Header.AuthorBias)), day ?? author.LastDay);
        if (!open && addressed is null)
            return null;
        var pair = _memory.Model(thread, author.Name, addressed?.Name);
        ref var self = ref pair.Of(author.Name);
        ref var opposite = ref pair.Other(author.Name);
        if (!incriminates && self.Clean == 0)
            author.Counterparts++;
        PairFeatures(author, in self, in opposite, IsChild(other));
        var (more, moreForOther) = weights.Sum(PairSlots);
        (authorSum, counterpartSum, features) = (authorSum + more, counterpartSum + moreForOther, features + _pairSlotCount);
        if (!author.IsPersona)
            self.Evidence.Add(Floor(model.S(authorSum, features, model.Header.AuthorBias)), day ?? thread.LastDay);
        if (!((author.Name == pair.A ? pair.B : pair.A) is { } opponent && _memory.Author(venue, opponent).IsPersona))
            opposite.Evidence.Add(model.S(counterpartSum, features, model.Header.CounterpartBias), day ?? thread.LastDay);
        if (!incriminates)
        {
            self.Clean++;
            self.Questions += reading.Asks ? 1 : 0;
        }

        return pair;

        // What incriminates may not drain what was gathered.
        int Floor(int s) => incriminates ? Math.Max(0, s) : s;
    }

    // Never the hour and never a gap: a corpus's times cannot be relied on.
    void PairFeatures(Author author, in ModelSide self, in ModelSide other, bool childAgeFact)
    {
        Add(ModelFeatures.Token.Position, ModelFeatures.Doubling(self.Clean + other.Clean));
        Add(ModelFeatures.Token.Share, ModelFeatures.Eighths(self.Clean, self.Clean + other.Clean));
        Add(ModelFeatures.Token.Questions, ModelFeatures.Eighths(self.Questions, self.Clean));
        Add(ModelFeatures.Token.ChildAge, childAgeFact ? 1 : 0);
        Add(ModelFeatures.Token.Counterparts, ModelFeatures.Doubling(author.Counterparts));

        void Add(ModelFeatures.Token token, int bucket) => _pairSlots[_pairSlotCount++] = ModelFeatures.Slot(token, bucket);
    }

    // What holds another is touched after it, so that it never leaves memory first.
    void Keep(VenueState venue, ThreadState thread, Author author, Author? addressed, Dialogue? dialogue, ModelPair? learned)
    {
        _memory.Touch(author);
        if (addressed is not null)
            _memory.Touch(addressed);
        if (dialogue is not null && !ReferenceEquals(dialogue, thread.Main))
            _memory.Touch(dialogue);
        if (learned is not null && !ReferenceEquals(learned, thread.Model))
            _memory.Touch(learned);
        _memory.Touch(thread);
        _memory.Touch(venue);
        _memory.End();
    }

    // Detection-spec, section 2: the addressed handle; else the other one of two; else the name a line begins with; else nobody.
    Author? Addressee(VenueState venue, ThreadState thread, Author author, ChatMessage message, out bool open)
    {
        open = false;
        if (message.To is { } to && to.Value.Length > 0)
            return to.Value == author.Name ? null : _memory.Author(venue, to.Value);
        if (thread.Name.Length > 0 && !thread.HasMore)
        {
            if (thread.Second is null)
            {
                open = true;
                return null;
            }

            return _memory.Author(venue, author.Name == thread.First ? thread.Second : thread.First!);
        }

        if (LineStart(venue, thread, author, message.Text) is { } named)
            return named;
        // A line the source calls said to our persona, where it does not name it.
        return message.Direction == Direction.In && thread.Persona is { } persona && persona != author.Name ? _memory.Author(venue, persona) : null;
    }

    Author? LineStart(VenueState venue, ThreadState thread, Author author, string text)
    {
        var head = text.AsSpan(0, Math.Min(text.Length, 65));
        var cut = head.IndexOfAny(':', ',');
        if (cut <= 0 || head[..cut].SequenceEqual(author.Name) || !_memory.HasSpoken(thread, head[..cut]))
            return null;
        return _memory.Author(venue, head[..cut]);
    }

    // A dialogue is kept once it has a persona or something was said in it.
    Dialogue? Find(ThreadState thread, Author author, Author? addressed, bool open, bool wanted)
    {
        if (open)
        {
            if (thread.Main is null && (wanted || author.IsPersona))
                thread.Main = new(thread, author.Name) { Messages = thread.FirstCount - 1, A = { Messages = thread.FirstCount - 1, Openings = thread.FirstCount > 1 ? 1 : 0 } };
            return thread.Main;
        }

        if (addressed is null)
            return null;
        wanted |= author.IsPersona || addressed.IsPersona;
        if (thread.Main is { } main && (main.A.Name == author.Name || main.A.Name == addressed.Name))
        {
            // The open pair takes its second name.
            var second = main.A.Name == author.Name ? addressed : author;
            main.B.Name ??= second.Name;
            if (main.B.Name == second.Name)
                return main;
        }

        if (thread.Name.Length > 0 && thread.Main is null && (thread.First == author.Name || thread.First == addressed.Name) && (thread.Second == author.Name || thread.Second == addressed.Name))
        {
            if (!wanted)
                return null;
            var made = new Dialogue(thread, thread.First!);
            made.B.Name = thread.Second;
            made.A.Messages = thread.FirstCount - (author.Name == thread.First ? 1 : 0);
            made.B.Messages = thread.SecondCount - (author.Name == thread.Second ? 1 : 0);
            made.Messages = made.A.Messages + made.B.Messages;
            made.A.Openings = made.Messages > 0 ? 1 : 0;
            return thread.Main = made;
        }

        var pair = ThreadState.PairOf(author.Name, addressed.Name);
        if (_memory.Other(thread, pair) is { } known)
            return known;
        if (!wanted)
            return null;
        var fresh = new Dialogue(thread, author.Name);
        fresh.B.Name = addressed.Name;
        fresh.FirstBehindGap = thread.Venue.Gaps > 0 || thread.Gaps > 0;
        _memory.AddOther(thread, pair, fresh);
        return fresh;
    }

    void Settle(MessageReading reading, Author author, Side? self, Side? other, bool isDialogue)
    {
        var introduces = (isDialogue && (self is null || self.Messages <= RuleLanguage.IntroductionMessages)) || (other?.HasOpen ?? false);
        for (var i = 0; i < reading.Count; i++)
        {
            ref var candidate = ref reading.Candidates[i];
            var rule = candidate.Rule;
            if ((rule.Needs & RuleNeeds.Language) != 0
                && reading.FunctionWords[rule.Language] + author.FunctionWords(rule.Language, reading.FunctionWords.Length) < 2)
            {
                continue;
            }

            if ((rule.Needs & RuleNeeds.Open) != 0 && !(other?.IsOpen(rule.OpenCode) ?? false))
                continue;
            // "Which class are you in?" "8." is a class, and no one of eight: a class has a number up to thirteen. What a rule reads as a class has its age already.
            if ((rule.Needs & RuleNeeds.Open) != 0 && other!.AskedGrade && candidate.YearsExact && candidate.Years is >= 0 and <= RuleLanguage.HighestGrade && rule.OpenCode == AgeAsked)
                continue;
            if ((rule.Needs & RuleNeeds.Fresh) != 0 && !(other?.IsFresh(rule.OpenCode) ?? false))
                continue;
            if ((rule.Needs & RuleNeeds.Introduced) != 0 && !introduces)
                continue;
            // What our persona says beside the age it gave is on record as the account's would be: it may be the first to raise a topic, and is never scored.
            var asChild = author.IsPersona && IsChild(self);
            if ((rule.Needs & RuleNeeds.ChildAge) != 0 && !IsChild(other) && !asChild)
                continue;
            if ((rule.Needs & RuleNeeds.NoPeer) != 0 && !asChild && (IsChild(self) || IsChild(author.Years)))
                continue;
            if (IsEcho(rule, in candidate, other))
                continue;
            if (rule.Definition.Code == "age.stated" && candidate.Years >= 0)
                author.Years = candidate.Years;
            var weight = _engine.Model.WeightOf(rule, candidate.Strength);
            if (Overlaps(ref candidate, rule, weight, reading))
                continue;
            if (_settled.Count == MessageReader.MostIndicators)
            {
                Cut++;
                continue;
            }

            _settled.Add(new()
            {
                Indicator = IndicatorOf(reading, ref candidate),
                Definition = rule.Definition,
                Family = rule.Family,
                Weight = weight,
                Strength = candidate.Strength,
                Years = candidate.Years,
                YearsExact = candidate.YearsExact,
            });
        }
    }

    // "14?" to someone who has just said 14 repeats it, and so does a bare "14" that nobody asked for: neither is an age of one's own.
    static bool IsEcho(BookRule rule, in Candidate candidate, Side? other) =>
        (rule.Needs & RuleNeeds.Brief) != 0 && rule.Definition.Code == "age.stated" && other is not null && candidate.Years >= 0 && other.Years == candidate.Years
        && (candidate.InQuestion || (rule.Needs & RuleNeeds.Open) == 0);

    bool IsChild(Side? side) => side is not null && IsChild(side.Years);

    bool IsChild(int years) => years >= 0 && years < _book.ChildAgeBelow;

    // The same words count once in a family: the heavier reading of them stays, of equal ones the one that begins first, and of those the longer.
    bool Overlaps(ref Candidate candidate, BookRule rule, int weight, MessageReading reading)
    {
        for (var i = _settled.Count - 1; i >= 0; i--)
        {
            var known = _settled[i];
            var same = rule.Family >= 0 ? known.Family == rule.Family : known.Definition.Code == rule.Definition.Code;
            if (!same || known.Indicator.Start + known.Indicator.Length <= candidate.From || candidate.To <= known.Indicator.Start)
                continue;
            if (Math.Abs(known.Weight) > Math.Abs(weight) || (known.Weight == weight && (candidate.From > known.Indicator.Start || candidate.To <= known.Indicator.Start + known.Indicator.Length)))
                return true;
            _settled[i] = known with
            {
                Indicator = IndicatorOf(reading, ref candidate),
                Definition = rule.Definition,
                Weight = weight,
                Strength = candidate.Strength,
                Years = candidate.Years,
                YearsExact = candidate.YearsExact,
            };
            return true;
        }

        return false;
    }

    Indicator IndicatorOf(MessageReading reading, ref Candidate candidate)
    {
        var rule = candidate.Rule;
        var attributes = rule.Fixed;
        if (rule.Filled.Length > 0)
        {
            var filled = new List<IndicatorAttribute>(rule.Fixed);
            if (candidate.Years >= 0)
            {
                filled.Add(new("years", candidate.Years.ToString(System.Globalization.CultureInfo.InvariantCulture), true));
                filled.Add(new("exact", candidate.YearsExact ? "true" : "false", false));
            }

            if (candidate.MoneyTo > 0)
            {
                var (amount, currency, ambiguous) = _book.Currencies.Read(Currencies.Whole(reading.Message.Text, Span(reading.Message.Text, candidate.MoneyFrom, candidate.MoneyTo)));
                filled.Add(new("amount", amount, true));
                if (currency.Length > 0)
                    filled.Add(new("currency", currency, false));
                if (ambiguous)
                    filled.Add(new("ambiguous", "true", false));
            }

            if (candidate.DateTo > 0 && WrittenDate.Read(Span(reading.Message.Text, candidate.DateFrom, candidate.DateTo)) is { } date)
                filled.Add(new("date", date, false));
            if (candidate.Channel is { } channel)
                filled.Add(new("channel", channel, false));
            if (candidate.Service is { } service)
                filled.Add(new("service", service, false));
            attributes = [.. filled];
        }

        return new(rule.Definition.Code, reading.Message.Id, candidate.From, candidate.To - candidate.From, rule.Id, Names(candidate.Steps), attributes, reading.Exhibit.Number);
    }

    internal static string[] Names(FoldStep steps) =>
        steps == FoldStep.None ? [] : [.. NormalizedText.StepNames.Where(s => (steps & s.Step) != 0).Select(s => s.Name)];

    static ReadOnlySpan<char> Span(string text, int from, int to)
    {
        int start = 0, point = 0;
        while (point < from)
        {
            start += char.IsHighSurrogate(text[start]) ? 2 : 1;
            point++;
        }

        var end = start;
        while (point < to)
        {
            end += char.IsHighSurrogate(text[end]) ? 2 : 1;
            point++;
        }

        return text.AsSpan(start, end - start);
    }

    // What only state can say: the codes whose rule is derived/<code>.
    void Derive(MessageReading reading, Author author, Author? addressed, Side? self, Side? other)
    {
        var core = 0;
        var asks = 0;
        var strongest = RuleStrength.Weak;
        var incriminating = false;
        var evades = false;
        var said = _settled.Count;
        for (var i = 0; i < said; i++)
        {
            var settled = _settled[i];
            incriminating |= settled.Definition.Kind == IndicatorKind.Incriminating;
            evades |= settled.Definition.Kind == IndicatorKind.Incriminating && settled.Indicator.Folded.Count > 0;
            if (settled.Definition.IsCore)
            {
                core |= 1 << settled.Family;
                if (settled.Strength > strongest)
                    strongest = settled.Strength;
                if (settled.Strength > RuleStrength.Weak)
                    asks |= 1 << settled.Family;
            }

            if (settled.Definition.Code == "age.stated" && settled.Years >= 0 && self is not null)
                Ages(settled, author, self);
        }

        if (author.IsPersona)
            return;
        if (evades)
            Derived("evasion", reading, RuleStrength.Plain);
        if (core != 0 && IsChild(other))
            Derived("continued.after-age", reading, strongest);
        if (core != 0 && self is not null)
        {
            for (var f = 0; f < Evidence.FamilyCount; f++)
            {
                if ((core & (1 << f)) == 0 || !self.IsRefused(f))
                    continue;
                Derived("repeat.after-refusal", reading, strongest);
                break;
            }
        }

        if (incriminating && self is { Withdrew: true })
        {
            self.Withdrew = false;
            Derived("return.after-withdrawal", reading, RuleStrength.Plain);
        }

        // A weak ask is what many say to many: it is no broadcast.
        if (asks != 0 && addressed is not null)
        {
            for (var f = 0; f < Evidence.FamilyCount; f++)
            {
                if ((asks & (1 << f)) != 0 && author.Asks((Family)f, addressed))
                    _placeOnly.Add(Whole("broadcast", reading, []));
            }
        }
    }

    void Ages(in Settled stated, Author author, Side self)
    {
        var cited = stated.Indicator;
        // Beside "under 18" a number contradicts nothing.
        if (self.Years >= 0 && self.Years != stated.Years && self.AgeCited is not { Code: "peer.age" })
            _settled.Add(Beside("age.contradicted", cited, [new("years", Digits(stated.Years), true), new("earlier", Digits(self.Years), true)]));
        if (author.IsPersona)
            return;
        var already = _settled.Exists(s => s.Definition.Code is "peer.age" or "adult.stated");
        if (stated.Years < 18 && !already)
            _settled.Add(Beside("peer.age", cited, [new("years", Digits(stated.Years), true)]));
    }

    static string Digits(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    Settled Beside(string code, Indicator cited, IndicatorAttribute[] attributes)
    {
        var definition = IndicatorCatalogue.Find(code)!;
        return new()
        {
            Indicator = cited with { Code = code, Rule = "derived/" + code, Attributes = attributes },
            Definition = definition,
            Family = RuleBookBuilder.FamilyOf(definition),
            Weight = _engine.Model.WeightOf(definition),
            Years = -1,
        };
    }

    // What follows from an ask weighs no more than the ask: of a weak one, a third.
    void Derived(string code, MessageReading reading, RuleStrength of)
    {
        var whole = Whole(code, reading, []);
        _settled.Add(of == RuleStrength.Weak ? whole with { Weight = Math.Max(1, whole.Weight / 3), Strength = of } : whole);
    }

    Settled Whole(string code, MessageReading reading, IndicatorAttribute[] attributes)
    {
        var definition = IndicatorCatalogue.Find(code)!;
        return new()
        {
            Indicator = new(code, reading.Message.Id, 0, reading.Length, "derived/" + code, [], attributes, reading.Exhibit.Number),
            Definition = definition,
            Family = RuleBookBuilder.FamilyOf(definition),
            Weight = _engine.Model.WeightOf(definition),
            Years = -1,
        };
    }

    // Puts what was said into the evidence of the pair and of the place; true if anything of it incriminates its author.
    bool Weigh(VenueState venue, Author author, Side? self, Side? other, int? pairDay, int? placeDay)
    {
        var incriminates = false;
        var core = false;
        var hard = false;
        foreach (var settled in _settled)
        {
            incriminates |= settled.Definition.Kind == IndicatorKind.Incriminating;
            core |= settled.Definition.IsCore;
            hard |= settled.Definition.Code is "payment.offer" or "payment.claimed" or "gift" or "payment.request" or "coercion" or "travel.plan";
        }

        if (author.IsPersona)
            return incriminates;
        var pair = self is null ? null : self.Evidence ??= new();
        var place = author.Place ??= new();
        if (core)
        {
            pair?.VoidAgainst(hard);
            place.VoidAgainst(hard);
        }

        foreach (var settled in _settled)
        {
            switch (settled.Definition.Kind)
            {
                case IndicatorKind.Incriminating:
                    pair?.Add((Family)settled.Family, settled.Weight, pairDay, settled.Indicator, _ordinal, settled.Strength > RuleStrength.Weak);
                    // Persistence is towards someone: summed over everyone an account talks to, it would say what no pair says.
                    if ((Family)settled.Family != Family.Persistence)
                        place.Add((Family)settled.Family, settled.Weight, placeDay, settled.Indicator, _ordinal, settled.Strength > RuleStrength.Weak);
                    break;
                case IndicatorKind.Exculpatory when settled.Definition.Code == "adult.stated":
                    // Said by the counterpart, it speaks for the account it was said to.
                    Adult(venue, other, settled.Indicator);
                    break;
                case IndicatorKind.Exculpatory:
                    pair?.AddAgainst(settled.Weight, settled.Indicator);
                    place.AddAgainst(settled.Weight, settled.Indicator);
                    break;
                case IndicatorKind.Fact:
                    if (settled.Definition.Code == "age.stated" && settled.Years >= 18)
                        Adult(venue, other, settled.Indicator with { Code = "adult.stated", Rule = "derived/adult.stated" });
                    break;
                default:
                    throw new InvalidOperationException($"An indicator of kind {settled.Definition.Kind} has no weight.");
            }
        }

        foreach (var settled in _placeOnly)
            place.Add((Family)settled.Family, settled.Weight, placeDay, settled.Indicator, _ordinal);
        return incriminates;
    }

    void Adult(VenueState venue, Side? other, Indicator stated)
    {
        if (other is not null && !(other.Name is { } name && _memory.Author(venue, name).IsPersona))
            (other.Evidence ??= new()).AddAgainst(_engine.Model.WeightOf(IndicatorCatalogue.Find("adult.stated")!), stated);
    }

    void Record(MessageReading reading, VenueState venue, ThreadState thread, Dialogue? dialogue, Side? self)
    {
        if (dialogue is null || self is null)
            return;
        var afterGap = venue.Gaps > 0 || thread.Gaps > 0;
        foreach (var settled in _settled)
        {
            dialogue.Events.Add(new(self, settled.Indicator, settled.Definition, reading.Message.At, dialogue.Messages, afterGap, settled.Years, settled.YearsExact));
            if (settled.Definition.Code is "refusal" or "withdrawal" or "age.declined")
                dialogue.Followed.Add(new(self, settled.Indicator, reading.Message.At, dialogue.Messages, [], []));
        }
    }

    // What later messages will be read against.
    void State(MessageReading reading, Side? self, Side? other, Dialogue? dialogue)
    {
        if (self is null || other is null || dialogue is null)
            return;
        foreach (var settled in _settled)
        {
            switch (settled.Definition.Code)
            {
                case "age.stated" when settled.Years >= 0:
                    self.Years = settled.Years;
                    self.AgeCited = settled.Indicator;
                    self.AgeAt = reading.Message.At;
                    // An answered question is closed: a number said later is no age.
                    other.Closes(AgeAsked);
                    if (settled.Years < _book.ChildAgeBelow && other.FirstAfterAge is null)
                        other.AwaitsFirstAfterAge = true;
                    break;
                case "peer.age" when settled.Years < 0 && settled.Strength > RuleStrength.Weak && self.Years < 0:
                    // "I am under age too", without a number: below the line, and no more is known.
                    self.Years = _book.ChildAgeBelow - 1;
                    self.AgeCited = settled.Indicator;
                    self.AgeAt = reading.Message.At;
                    break;
                case "refusal":
                    other.IsRefusedNow();
                    break;
                case "withdrawal" or "age.declined":
                    self.Withdrew = true;
                    break;
                default:
                    break;
            }

            if (settled.Definition.Kind == IndicatorKind.Incriminating)
            {
                var code = IndicatorCatalogue.NumberOf(settled.Definition.Code);
                self.Opens(code);
                if (code == AgeAsked)
                    self.AskedGrade = settled.Indicator.Attributes.Any(attribute => attribute is { Name: "kind", Value: "grade" });
                if (settled.Definition.IsCore)
                    self.Raised |= 1 << settled.Family;
            }
        }
    }

    // Each account keeps with whom it stands so, that counting them asks for no other conversation.
    void Children(VenueState venue, ThreadState thread, Author author, Dialogue? dialogue)
    {
        if (dialogue is null or { IsOpen: true })
            return;
        foreach (var side in (ReadOnlySpan<Side>)[dialogue.A, dialogue.B])
        {
            var other = dialogue.Other(side);
            var stated = side.Raised != 0 && IsChild(other) && other.AgeCited is { } cited ? new FactPlace(cited.Exhibit, cited.MessageId, other.AgeAt, cited.Start, cited.Length) : null;
            (side.Name == author.Name ? author : _memory.Author(venue, side.Name!)).SetChild(thread.Name, other.Name!, stated);
        }
    }

    void Emit(MessageReading reading, ThreadState thread, Author author, Author? addressed, Side? self, ModelPair? learned, IFindingSink sink)
    {
        Sort(_settled);
        var paired = addressed is not null && self is not null;
        Score? score = null;
        Probability? probability = null;
        if (!author.IsPersona)
        {
            var evidence = paired ? (self!.Evidence?.Score() ?? 0) + (learned?.Of(author.Name).Evidence.Part ?? 0) : PlaceScore(author);
            score = new(evidence);
            probability = _engine.ProbabilityOf(evidence);
        }

        var peer = IsPeer(self);
        foreach (var settled in _settled)
        {
            sink.Add(
                new(
                    FindingKind.Indicator,
                    paired ? FindingScope.Pair : FindingScope.Place,
                    reading.Message.Venue.Value,
                    thread.Name,
                    author.Name,
                    paired ? addressed!.Name : null,
                    author.IsPersona ? AuthorRole.Persona : AuthorRole.Account,
                    reading.Message.Id,
                    reading.Message.At,
                    score,
                    probability,
                    [settled.Indicator],
                    [],
                    peer && !author.IsPersona,
                    DetectionEngine.EngineName,
                    _engine.PackHash,
                    _engine.Model.Hash),
                reading.Exhibit.Number);
        }
    }

    void EmitPlaceOnly(MessageReading reading, Author author, IFindingSink sink)
    {
        var evidence = PlaceScore(author);
        foreach (var settled in _placeOnly)
        {
            sink.Add(
                new(
                    FindingKind.Indicator, FindingScope.Place, reading.Message.Venue.Value, reading.Message.Thread, author.Name, null, AuthorRole.Account,
                    reading.Message.Id, reading.Message.At, new Score(evidence), _engine.ProbabilityOf(evidence), [settled.Indicator], [], false,
                    DetectionEngine.EngineName, _engine.PackHash, _engine.Model.Hash),
                reading.Exhibit.Number);
        }
    }

    static int PlaceScore(Author author) => (author.Place?.Score() ?? 0) + author.Model.Part;

    static void Sort(List<Settled> settled) => settled.Sort(static (a, b) =>
    {
        var order = a.Indicator.Start.CompareTo(b.Indicator.Start);
        if (order == 0)
            order = a.Indicator.Length.CompareTo(b.Indicator.Length);
        if (order == 0)
            order = string.CompareOrdinal(a.Indicator.Code, b.Indicator.Code);
        return order != 0 ? order : string.CompareOrdinal(a.Indicator.Rule, b.Indicator.Rule);
    });

    static bool IsPeer(Side? side) => side is { Years: >= 0 and < 18, Evidence: not { PeerIsVoid: true } };

    void CheckPair(MessageReading reading, VenueState venue, ThreadState thread, Dialogue dialogue, Side side, ModelPair? learned, IFindingSink sink)
    {
        if ((side.Alerted && Trace is null) || side.Evidence is not { } evidence || _memory.Author(venue, side.Name!) is not { IsPersona: false } account)
            return;
        var other = dialogue.Other(side);
        var child = IsChild(other);
        var score = evidence.Score() + (learned?.Of(account.Name).Evidence.Part ?? 0);
        Trace?.Scored(thread.Name, account.Name, other.Name!, score, evidence.GateIsOpen(child));
        if (side.Alerted || !_engine.Passes(score) || !evidence.GateIsOpen(child))
            return;
        side.Alerted = true;
        account.PairAlerted = true;
        var cited = evidence.Citations();
        if (child && other.AgeCited is { } age)
            InsertByExhibit(cited, age);
        sink.Add(
            new(
                FindingKind.Alert, FindingScope.Pair, reading.Message.Venue.Value, thread.Name, account.Name, other.Name, AuthorRole.Account,
                reading.Message.Id, reading.Message.At, new Score(score), _engine.ProbabilityOf(score), cited, [.. evidence.Exculpatory], IsPeer(side),
                DetectionEngine.EngineName, _engine.PackHash, _engine.Model.Hash)
            {
                MessagesToAlert = dialogue.Messages,
            },
            reading.Exhibit.Number);
    }

    // Apart, so that a message that alerts nobody allocates nothing for it.
    static void InsertByExhibit(List<Indicator> cited, Indicator one)
    {
        var at = cited.FindIndex(c => c.Exhibit > one.Exhibit);
        cited.Insert(at >= 0 ? at : cited.Count, one);
    }

    void CheckPlace(MessageReading reading, Author author, IFindingSink sink)
    {
        if (author.IsPersona || ((author.PlaceAlerted || author.PairAlerted) && Trace is null) || author.Place is not { } evidence)
            return;
        var score = PlaceScore(author);
        Trace?.Scored("", author.Name, null, score - _engine.Model.PlaceMargin, evidence.GateIsOpen(childAgeFact: false));
        if (author.PlaceAlerted || author.PairAlerted || !_engine.Passes(score - _engine.Model.PlaceMargin) || !evidence.GateIsOpen(childAgeFact: false))
            return;
        author.PlaceAlerted = true;
        sink.Add(
            new(
                FindingKind.Alert, FindingScope.Place, reading.Message.Venue.Value, reading.Message.Thread, author.Name, null, AuthorRole.Account,
                reading.Message.Id, reading.Message.At, new Score(score), _engine.ProbabilityOf(score), evidence.Citations(), [.. evidence.Exculpatory], false,
                DetectionEngine.EngineName, _engine.PackHash, _engine.Model.Hash),
            reading.Exhibit.Number);
    }

    /// <summary>Every pair that has a conduct record, in the order of venue, thread, account, counterpart.</summary>
    public IReadOnlyList<PairKey> Pairs()
    {
        var pairs = new List<PairKey>();
        foreach (var (venue, thread, a, b, byA, byB) in _memory.Dialogues())
        {
            if (b is null)
                continue;
            var (aIsPersona, bIsPersona) = Ask(venue, state => (_memory.FindAuthor(state, a)?.IsPersona ?? false, _memory.FindAuthor(state, b)?.IsPersona ?? false));
            if (!aIsPersona && (bIsPersona || byA))
                pairs.Add(new(venue, thread, a, b));
            if (!bIsPersona && (aIsPersona || byB))
                pairs.Add(new(venue, thread, b, a));
        }

        pairs.Sort(static (a, b) =>
        {
            var order = string.CompareOrdinal(a.Venue, b.Venue);
            if (order == 0)
                order = string.CompareOrdinal(a.Thread, b.Thread);
            if (order == 0)
                order = string.CompareOrdinal(a.Account, b.Account);
            return order != 0 ? order : string.CompareOrdinal(a.Counterpart, b.Counterpart);
        });
        return pairs;
    }

    /// <summary>Who first raised what between two accounts; null where nothing is kept of them.</summary>
    public ConductRecord? Conduct(PairKey pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return Ask(pair.Venue, venue => Locate(venue, pair, out var side) is { } dialogue
            ? ConductWriter.Write(pair, dialogue, side!, _memory.FindAuthor(venue, pair.Counterpart)?.IsPersona ?? false, venue.Gaps > 0 || dialogue.Thread.Gaps > 0, _book.ChildAgeBelow)
            : null);
    }

    /// <summary>Facts about risk to a child (detection-spec, section 10); empty where nothing is kept of the pair.</summary>
    public IReadOnlyList<RiskFact> RiskFacts(PairKey pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return Ask(pair.Venue, venue => Locate(venue, pair, out var side) is { } dialogue
            ? RiskFactWriter.Write(dialogue, side!, _memory.FindAuthor(venue, pair.Account)?.Children ?? [], _memory.FindAuthor(venue, pair.Counterpart)?.IsPersona ?? false, _book.ChildAgeBelow)
            : null) ?? [];
    }

    /// <summary>The evidence about the account of a pair, now; null where nothing is kept of it.</summary>
    public Score? ScoreOf(PairKey pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return Ask(pair.Venue, venue => Locate(venue, pair, out var side) is { } dialogue && side!.Evidence is { } evidence
            ? new Score(evidence.Score() + (_engine.Model.Weights is null ? 0 : _memory.FindModel(dialogue.Thread, side.Name!, dialogue.Other(side).Name)?.Of(side.Name!).Evidence.Part ?? 0))
            : (Score?)null);
    }

    // A question brings back what it needs, and leaves memory within its budget.
    T? Ask<T>(string name, Func<VenueState, T> question)
    {
        _memory.Begin();
        if (_memory.FindVenue(name) is not { } venue)
            return default;
        var answer = question(venue);
        _memory.Touch(venue);
        _memory.End();
        return answer;
    }

    Dialogue? Locate(VenueState venue, PairKey pair, out Side? side)
    {
        side = null;
        if (pair.Account == pair.Counterpart || _memory.FindThread(venue, pair.Thread) is not { } thread)
            return null;
        var dialogue = thread.Main is { } main && ThreadState.PairOf(pair.Account, pair.Counterpart) == ThreadState.PairOf(main.A.Name!, main.B.Name ?? "")
            ? main
            : _memory.Other(thread, ThreadState.PairOf(pair.Account, pair.Counterpart));
        _memory.Touch(thread);
        side = dialogue is null ? null : dialogue.A.Name == pair.Account ? dialogue.A : dialogue.B;
        return dialogue;
    }
}
