using CsCheck;
using Custos.Evidence;
using Custos.Fixtures;

namespace Custos.Detection.Training.Tests;

public class ModelTests
{
    static readonly string[] Risky = ["can you turn on your cam", "ill give you $50 if you turn on your cam", "how old are you?", "dont tell anyone that we talk", "lets meet tomorrow"];
    static readonly string[] Plain = ["the train was late again", "what did you read today?", "soup and bread", "i am fine thanks", "nice weather in the garden", "im 14"];

    [Fact]
    public void A_model_is_read_as_it_was_written()
    {
        var header = Talk.Header with
        {
            AuthorBias = -120,
            CounterpartBias = 31,
            Drift = 250,
            Seed = 7,
            Corpus = [new string('a', 64)],
            Indicators = new Dictionary<string, int> { ["age.asked"] = 700, ["refusal"] = -900 },
            Counts = new(5, 1, 4, 1, 40),
            Folds = [new(1, 2, 1_000_000, 500_000, 833_333)],
        };
        var bytes = ModelFile.Write(header, new([.. Enumerable.Range(0, ModelFeatures.Slots).Select(i => ModelWeights.Pack((short)(i % 999 - 500), (short)-(i % 77)))]));
        var model = ModelFile.Read("a", bytes);
        ModelFile.Write(model.Header, model.Weights!).ShouldBe(bytes);
        model.Hash.ShouldBe("sha256:" + Convert.ToHexStringLower(bytes.AsSpan(bytes.Length - 32)));
        model.Weights![998].ShouldBe(ModelWeights.Pack(498, -74));
        model.WeightOf(IndicatorCatalogue.Find("age.asked")!).ShouldBe(700);
        model.WeightOf(IndicatorCatalogue.Find("secrecy")!).ShouldBe(3_000);
    }

    [Fact]
    public void A_damaged_model_is_refused()
    {
        var bytes = ModelFile.Write(Talk.Header, ModelWeights.Zero);
        foreach (var at in new[] { 0, 9, 40, 400_000, bytes.Length - 1 })
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 1;
            Should.Throw<ModelException>(() => ModelFile.Read("a.custosmodel", damaged)).Message.ShouldContain("'a.custosmodel' is refused");
        }

        foreach (var length in new[] { 0, 7, 20, bytes.Length - 1 })
            Should.Throw<ModelException>(() => ModelFile.Read("a", bytes[..length]));
    }

    [Fact]
    public void A_model_of_another_version_is_refused_with_both_versions()
    {
        Refusal(Talk.Header with { EngineFloor = 99 }).ShouldContain("detection/99");
        Refusal(Talk.Header with { FeatureVersion = ModelFeatures.Version + 1 }).ShouldContain($"feature version {ModelFeatures.Version + 1}");
        Refusal(Talk.Header with { Knots = [new(0, 5), new(10, 5)] }).ShouldContain("calibrator");
        Refusal(Talk.Header with { Indicators = new Dictionary<string, int> { ["no.such"] = 1 } }).ShouldContain("closed list");
        Refusal(Talk.Header with { Indicators = new Dictionary<string, int> { ["refusal"] = 1 } }).ShouldContain("refusal");
        Refusal(Talk.Header with { Threshold = 0 }).ShouldContain("out of range");

        static string Refusal(ModelHeader header) => Should.Throw<ModelException>(() => ModelFile.Read("a", ModelFile.Write(header, ModelWeights.Zero))).Message;
    }

    [Fact]
    public void A_model_cannot_learn_a_name_an_address_or_a_number()
    {
        Sums("anna", "anna here, write to anna@example.org or +31 6 12345678").ShouldBe(Sums("berndt", "berndt here, write to bob@example.net or +49 151 2345678"));
        Sums("anna", "one thing").ShouldNotBe(Sums("anna", "other thing"));

        static (long, long, int) Sums(string from, string text)
        {
            var model = Talk.Model(slot => ((short)((slot * 7919L % 2_000) - 1_000), (short)(slot % 311)));
            var log = new ScratchLog(TimeProvider.System);
            var reading = DetectionEngine.Open(Talk.Pack, model, new()).NewReader().Read(new(log.Append(new("chat", "t", new byte[1])), 0, 0, Talk.Line(1, from, text)));
            return (reading.AuthorSum, reading.CounterpartSum, reading.Features);
        }
    }

    [Theory]
    [InlineData("will you hello there", "wiIl you h3llo th3re")]
    [InlineData("a long river", "a lоng rivеr")]
    [InlineData("soup and bread", "so\u200Bup and br\u200Bead")]
    [InlineData("the kata came here to dumefi", "th3 k474 cam3 h3r3 to dum3f1")]
    [InlineData("the kata came here", "the k-a-t-a came heeeere")]
    [InlineData("the kata came here now", "the kata\U0001F600 came \u2764\uFE0F here \U0001F44D\U0001F3FD now")]
    [InlineData("the kata came here now", "the kata\U0001F4F7 came here now\U0001F600")]
    public void A_word_and_its_disguise_are_the_same_features(string plain, string disguised)
    {
        var expected = Slots(plain);
        // What stands there besides is what names the undoing, and each kind of emoji.
        Slots(disguised).Except(expected).Count().ShouldBeLessThanOrEqualTo(2 + disguised.EnumerateRunes().Count(r => UnicodeTables.IsEmoji(UnicodeTables.Record(r.Value))));
        expected.Except(Slots(disguised)).ShouldBeEmpty();

        static int[] Slots(string text)
        {
            var reader = DetectionEngine.Open(Talk.Pack, Talk.Model(_ => (0, 0)), new()).NewReader();
            var reading = reader.Read(new(new ScratchLog(TimeProvider.System).Append(new("chat", "t", new byte[1])), 0, 0, Talk.Line(1, "a", text)));
            return reader.Slots(reading).ToArray();
        }
    }

    [Theory]
    [InlineData("bred", "b*ed")]
    [InlineData("garden", "g*rden")]
    [InlineData("harbour", "harb*ur")]
    public void A_sign_for_a_letter_leaves_as_many_features_and_none_that_the_word_has_not(string word, string masked)
    {
        var (whole, hidden) = (Slots(word), Slots(masked));
        hidden.Length.ShouldBe(whole.Length);
        hidden.Except(whole).ShouldBeEmpty();
        // Another word of that length, another letter hidden: what is left is not the same.
        Slots("quince").Intersect(hidden).ShouldBeEmpty();

        static int[] Slots(string text)
        {
            int[] slots = [];
            byte[] scratch = [];
            var folded = new NormalizedText();
            folded.ReadFolded(NormalizedText.Of(text), null);
            var count = ModelFeatures.Of(folded.Plain, folded.Words, ref slots, ref scratch);
            return slots[..count];
        }
    }

    [Fact]
    public void A_message_without_words_gives_no_more_than_its_bias()
    {
        var model = Talk.Model(_ => (900, 900), Talk.Header with { Drift = 250 });
        model.S(0, 0, 40).ShouldBe(40 - 250);
        Talk.Findings(model, [Talk.Line(1, "a", "..."), Talk.Line(2, "b", ""), Talk.Line(3, "a", string.Concat(Enumerable.Repeat("\U0001F600", 300)))]).ShouldBeEmpty();
    }

    [Fact]
    public void A_number_is_no_word()
    {
        Slots("11").Intersect(Slots("i")).ShouldBeEmpty();
        Slots("100").Intersect(Slots("ioo")).ShouldBeEmpty();
        Slots("2011").Intersect(Slots("20i1")).ShouldBeEmpty();

        static int[] Slots(string text)
        {
            int[] slots = [];
            byte[] scratch = [];
            var plain = NormalizedText.Of(text);
            var count = ModelFeatures.Of(plain.Plain, plain.Words, ref slots, ref scratch);
            return slots[..count];
        }
    }

    [Fact]
    public void The_formula_of_a_message_is_whole_numbers_and_clamped()
    {
        var model = Talk.Model(_ => (0, 0), Talk.Header with { Drift = 250 });
        // 100 features: isqrt(409,600) = 640; 64 x 5,000 / 640 = 500.
        model.S(5_000, 100, -50).ShouldBe(500 - 50 - 250);
        // Division is towards zero: 64 x -19 / 640 = -1.9.
        model.S(-19, 100, 0).ShouldBe(-1 - 250);
        model.S(long.MaxValue / 128, 3, 0).ShouldBe(6_000);
        model.S(long.MinValue / 128, 3, 0).ShouldBe(-4_000);
        Gen.Long[0, 1L << 52].Sample(n => ModelFeatures.Root(n) is var r && r * r <= n && (r + 1) * (r + 1) > n);
    }

    [Fact]
    public void The_model_alone_raises_no_alert()
    {
        var sure = Talk.Model(_ => (4_000, 4_000));
        var talk = Enumerable.Range(0, 200).Select(i => Talk.Line(i, i % 2 == 0 ? "a" : "b", Plain[i % 5])).ToList();
        Talk.Findings(DetectionEngine.Open(Talk.Pack, sure, new() { ThresholdMillionths = 1 }), talk, out _).ShouldAllBe(f => f.Kind == FindingKind.Indicator);
    }

    [Fact]
    public void What_the_model_gives_is_capped_and_halves_in_64_days()
    {
        var sure = Talk.Model(_ => (4_000, 0));
        var talk = new List<Vocabulary.ChatMessage>();
        for (var i = 0; i < 12; i++)
            talk.Add(Talk.Line(i, i % 2 == 0 ? "a" : "b", "the train was late", "2026-03-01T10:00:00Z"));
        talk.Add(Talk.Line(20, "a", "how old are you?", "2026-03-01T10:00:00Z"));
        Talk.Findings(sure, talk).ShouldHaveSingleItem().Score!.Value.Millibits.ShouldBe(8_000 + 991);
        talk[^1] = Talk.Line(20, "b", "how old are you?", "2026-09-09T10:00:00Z");
        talk.Insert(0, Talk.Line(99, "b", "ok", "2026-03-01T09:00:00Z"));
        // C is capped by its table at 65,535 and a message takes at most 4,000 from it, so that talk of the other side leaves the peak: 192 days halve it three times.
        Talk.Findings(sure, talk).ShouldHaveSingleItem().Score!.Value.Millibits.ShouldBeInRange(991, 8_991);
    }

    [Fact]
    public void Benign_talk_cannot_drain_a_peak()
    {
        var model = Talk.Model(slot => ((short)(slot % 2 == 0 ? 900 : -600), 0), Talk.Header with { Drift = 400 });
        var talk = Enumerable.Range(0, 40).Select(i => Talk.Line(i, i % 2 == 0 ? "a" : "b", i == 0 ? "how old are you?" : Plain[i % 5])).ToList();
        var engine = DetectionEngine.Open(Talk.Pack, model, new());
        var before = 0;
        for (var n = 2; n <= talk.Count; n++)
        {
            Talk.Findings(engine, talk.Take(n), out var tracker);
            var score = tracker.ScoreOf(new("net/#room", "t1", "a", "b"))!.Value.Millibits;
            score.ShouldBeGreaterThanOrEqualTo(before);
            before = score;
        }

        before.ShouldBeGreaterThan(991);
    }

    [Fact]
    public void Adding_a_risky_message_never_lowers_a_score()
    {
        var model = Talk.Model(slot => ((short)(((slot * 2_654_435L) % 4_001) - 2_000), (short)(((slot * 40_503L) % 4_001) - 2_000)), Talk.Header with { Drift = 250, AuthorBias = 40 });
        var engine = DetectionEngine.Open(Talk.Pack, model, new());
        var line = Gen.Select(Gen.Bool, Gen.Int[0, Risky.Length + Plain.Length - 1]);
        Gen.Select(line.List[1, 12], Gen.Int[0, 11], Gen.Int[0, 1]).Sample((lines, at, which) =>
        {
            var talk = lines.Select((l, i) => Talk.Line(i, l.Item1 ? "a" : "b", l.Item2 < Risky.Length ? Risky[l.Item2] : Plain[l.Item2 - Risky.Length])).ToList();
            // Both have spoken before, so that the added message names nobody anew.
            talk.InsertRange(0, [Talk.Line(50, "a", "hi"), Talk.Line(51, "b", "hi")]);
            var place = 2 + Math.Min(at, lines.Count);
            var added = talk.ToList();
            added.Insert(place, Talk.Line(99, "a", Risky[which]));
            for (var end = place; end <= talk.Count; end++)
                (Score(added.Take(end + 1)) ?? int.MinValue).ShouldBeGreaterThanOrEqualTo(Score(talk.Take(end)) ?? int.MinValue);
        }, iter: 150);

        int? Score(IEnumerable<Vocabulary.ChatMessage> messages)
        {
            Talk.Findings(engine, messages, out var tracker);
            return tracker.ScoreOf(new("net/#room", "t1", "a", "b"))?.Millibits;
        }
    }

    [Fact]
    public void A_reader_with_a_model_allocates_nothing_for_a_clean_message()
    {
        var engine = DetectionEngine.Open(Talk.Pack, Talk.Model(slot => ((short)(slot % 50), (short)-(slot % 50))), new());
        var reader = engine.NewReader();
        var reading = new MessageReading();
        var log = new ScratchLog(TimeProvider.System);
        var messages = Enumerable.Range(0, 64).Select(i => new RecordedMessage(log.Append(new("chat", "t", new byte[1])), 0, 0, Talk.Line(i, "a", Plain[i % 5]))).ToArray();
        long held = 0;
        for (var pass = 0; pass < 40; pass++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (ref readonly var message in messages.AsSpan())
                reader.Read(message, reading);
            held = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        held.ShouldBe(0);
    }

    [Fact]
    public void Findings_with_a_model_name_its_hash()
    {
        var model = Talk.Model(_ => (0, 0));
        Talk.Findings(model, [Talk.Line(1, "a", "how old are you?")]).ShouldHaveSingleItem().Model.ShouldBe(model.Hash);
    }

    [Fact]
    public void A_file_loads_from_disk()
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "m.custosmodel");
        File.WriteAllBytes(path, ModelFile.Write(Talk.Header, ModelWeights.Zero));
        DetectionModel.Load(path).IsCalibrated.ShouldBeTrue();
        DetectionModel.Builtin.IsCalibrated.ShouldBeFalse();
    }

    [Fact]
    public void Features_are_the_ones_a_plain_reading_finds()
    {
        string[] pieces = ["soup", "bread", "ball", "aaa", "lll", "14", "a", "don't", "\u00e9t\u00e9", "\u043f\u0440\u0438\u0432\u0435\u0442", "https://example.org", "@nick", "!!", " ", "\U0001F600", "extraordinarily", "c a m", "n0w", "gr8", "m2", "s*up", "br**d", "g#rd*n", "extra*rdinarily", "ext*nd", "*", "2011"];
        int[] slots = [];
        byte[] even = [];
        var folded = new NormalizedText();
        Gen.Int[0, pieces.Length - 1].Array[0, 30].Sample(
            some =>
            {
                var plain = NormalizedText.Of(string.Join(' ', some.Select(i => pieces[i])));
                folded.ReadFolded(plain, null);
                foreach (var text in new[] { plain, folded })
                {
                    var count = ModelFeatures.Of(text.Plain, text.Words, ref slots, ref even);
                    slots[..count].Order().ShouldBe(Plainly(text).Order());
                }
            },
            threads: 1);
    }

    // Feature version 3 as docs/formats/custosmodel.md has it, with nothing done for speed.
    static List<int> Plainly(NormalizedText text)
    {
        const ulong Golden = 0x9E3779B97F4A7C15, Second = 0xC2B2AE3D27D4EB4F;
        const byte Sign = 0x0B;
        var slots = new List<int>();
        ulong? before = null;
        int? hiddenBefore = null;
        unchecked
        {
            foreach (var word in text.Words)
            {
                if (word.Kind == WordKind.Emoji)
                    continue;
                var letters = new List<byte>();
                foreach (var b in text.Plain[word.Start..word.End])
                {
                    var letter = word.Kind == WordKind.Digits ? b : b is (byte)'l' or (>= (byte)'0' and <= (byte)'9') ? NormalizedText.ClassOf(b) : b;
                    if (letters.Count == 0 || letters[^1] != letter || letter is < (byte)'a' or > (byte)'z')
                        letters.Add(letter);
                }

                var signs = letters.Count(b => b == Sign);
                var stands = letters.Count <= 8 && signs < 2;
                byte[] spaced = [(byte)' ', .. letters, (byte)' '];
                var hash = Hash(letters);
                slots.Add(Slot(hash));
                if (before is { } last && (signs == 0 || stands))
                    slots.Add(hiddenBefore ?? (signs == 1 ? Slot(hash) : Slot(System.Numerics.BitOperations.RotateLeft(last, 23) ^ (hash * Second))));
                hiddenBefore = signs == 1 && stands ? Slot(hash) : null;
                before = signs == 0 || stands ? hash : null;
                for (var at = 0; at + 3 <= spaced.Length; at++)
                {
                    for (var n = 3; n <= 5 && at + n <= spaced.Length; n++)
                    {
                        var key = (ulong)n << 56;
                        for (var i = 0; i < n; i++)
                            key |= (ulong)spaced[at + i] << (8 * i);
                        if (!spaced.AsSpan(at, n).Contains(Sign))
                            slots.Add(Slot(key));
                        else if (stands)
                            slots.Add(Slot(hash));
                    }
                }

                for (var i = 1; stands && i + 1 < letters.Count; i++)
                {
                    if (signs == 1)
                        slots.Add(Slot(hash));
                    else if (letters[i] is >= (byte)'a' and <= (byte)'z')
                        slots.Add(Slot(Hash([.. letters[..i], Sign, .. letters[(i + 1)..]])));
                }
            }

            return slots;

            static int Slot(ulong key) => (int)((key * Golden) >> 45);

            static ulong Hash(List<byte> letters)
            {
                var hash = (ulong)letters.Count * Second;
                for (var i = 0; i == 0 || i < letters.Count; i += 8)
                {
                    ulong bytes = 0;
                    for (var j = i; j < Math.Min(i + 8, letters.Count); j++)
                        bytes |= (ulong)letters[j] << (8 * (j - i));
                    hash = (hash ^ bytes) * Golden;
                    hash ^= hash >> 32;
                }

                return hash;
            }
        }
    }
}
