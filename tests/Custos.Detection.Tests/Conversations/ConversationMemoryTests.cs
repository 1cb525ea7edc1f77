using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Text;
using CsCheck;
using Custos.Vocabulary;

namespace Custos.Detection.Tests.Conversations;

public class ConversationMemoryTests
{
    static readonly string[] Lines =
    [
        "hello", "how old are you", "im 14", "im 15", "thats fine", "turn on your cam", "ill give you $50", "ill give you $80", "dont tell anyone", "can we meet", "i dont want to", "no way",
        "you are too young", "i have to go now bye", "add me on skype", "im nineteen", "14", "what the kind and", "the weather and what", "ann: turn on your cam", "bob, how old are you",
        "zoë: meet me", "turn on your c4m", "hm, well", "t u r n on your webcam",
    ];

    static readonly string[] Handles = ["ann", "bob", "cat", "dan", "zoë", "kim", "\ud800odd"];

    static readonly DetectionEngine Engine = new(TestBook.NewBuilder().Build(), "sha256:test", DetectionModel.Builtin, new() { Prior = "0.2" });

    // Weights of no meaning: what matters is that they are felt.
    static readonly DetectionEngine Learned = new(
        TestBook.NewBuilder().Build(), "sha256:test", new("sha256:random", new() { Threshold = 500_000, PlaceMargin = 2_000 }, new(RandomWeights())), new() { Prior = "0.2" });

    static int[] RandomWeights()
    {
        var random = new Random(20261129);
        var slots = new int[ModelFeatures.Slots];
        for (var i = 0; i < slots.Length; i++)
            slots[i] = ModelWeights.Pack((short)random.Next(-400, 600), (short)random.Next(-400, 600));
        return slots;
    }

    record struct Said(int Venue, int Thread, int From, int To, int Line, int Day, int Kind);

    static readonly Gen<Said[]> Talk = Gen.Select(Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[0, 6], Gen.Int[-12, 6], Gen.Int[0, Lines.Length - 1], Gen.Int[-3, 200], Gen.Int[0, 29])
        .Select((venue, thread, from, to, line, day, kind) => new Said(venue, thread, from, to, line, day, kind)).Array[1, 120];

    static void Tell(Told told, Said said)
    {
        var venue = "net/#" + said.Venue;
        if (said.Kind == 0)
        {
            told.Tracker.ObserveGap(new(venue), said.Thread == 0 ? null : "t" + said.Thread);
            return;
        }

        var at = said.Day < 0 ? null : new DateTime(2026, 1, 1, 10, 0, 0, DateTimeKind.Unspecified).AddDays(said.Day).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + (said.Kind % 2 == 0 ? "Z" : "");
        var direction = Handles[said.From] == "kim" ? Direction.Out : said.Kind < 4 ? Direction.In : Direction.None;
        told.Says(Handles[said.From], Lines[said.Line], said.Thread == 0 ? "" : "t" + said.Thread, said.To < 0 ? null : Handles[said.To], at, direction, venue);
    }

    /// <summary>Findings, conduct records and risk facts as bytes.</summary>
    static string Everything(Told told)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var finding in told.Findings)
            FindingWriter.Write(output, finding, withExhibits: true);
        var text = new StringBuilder();
        foreach (var pair in told.Tracker.Pairs())
        {
            ConductJson.Write(output, told.Tracker.Conduct(pair)!);
            foreach (var fact in told.Tracker.RiskFacts(pair))
                text.Append(CultureInfo.InvariantCulture, $"{fact.Code} {fact.Value} {string.Join(';', fact.Where)}\n");
            text.Append(CultureInfo.InvariantCulture, $"{told.Tracker.ScoreOf(pair)}\n");
        }

        return Encoding.UTF8.GetString(output.WrittenSpan) + text;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_memory_of_one_conversation_changes_no_byte(bool trained) => Talk.Sample(talk =>
    {
        var engine = trained ? Learned : Engine;
        var all = new Told(engine);
        var two = new Told(engine, new PackedConversationStore(), 4_000);
        var one = new Told(engine, new PackedConversationStore(), 1);
        var none = new Told(engine, new PackedConversationStore(), 0);
        foreach (var said in talk)
        {
            foreach (var told in new[] { all, two, one, none })
                Tell(told, said);
        }

        none.Tracker.MemoryInUse.ShouldBe(0);
        var expected = Everything(all);
        Everything(two).ShouldBe(expected);
        Everything(one).ShouldBe(expected);
        Everything(none).ShouldBe(expected);
    }, iter: 80);

    [Fact]
    public void A_tracker_over_the_same_store_goes_on_where_the_last_one_stood() => Gen.Select(Talk, Gen.Int[0, 120]).Sample((talk, at) =>
    {
        var whole = new Told(Engine);
        var store = new PackedConversationStore();
        var parted = new Told(Engine, store, 10_000);
        for (var i = 0; i < talk.Length; i++)
        {
            if (i == at)
                parted.Restart(store, 10_000);
            Tell(whole, talk[i]);
            Tell(parted, talk[i]);
        }

        Everything(parted).ShouldBe(Everything(whole));
        parted.Tracker.Messages.ShouldBe(whole.Tracker.Messages);
    }, iter: 120);

    [Fact]
    public void A_weak_word_that_came_back_from_the_store_still_opens_no_gate()
    {
        var writer = new StateWriter();
        foreach (var opens in new[] { true, false })
        {
            var evidence = new Evidence();
            evidence.Add(Family.Camera, 4_000, 3, new("camera.request", "m1", 0, 4, "r", [], [], new(0)), 1, opens);
            writer.Clear();
            evidence.Save(writer);
            var reader = new StateReader(writer.Written, static text => text);
            var back = Evidence.Read(ref reader);
            reader.IsAtEnd.ShouldBeTrue();
            (back.GateIsOpen(childAgeFact: true), back.Score()).ShouldBe((opens, evidence.Score()));
        }
    }

    // docs/formats/conversation-state.md
    [Fact]
    public void The_bytes_of_an_account_are_those_of_its_page()
    {
        var writer = new StateWriter();
        new Author(new("net/#room"), "ann") { LastDay = 20_513 }.Save(writer);
        Convert.ToHexString(writer.Written).ShouldBe("0210010000C2C002");
    }

    [Fact]
    public void What_another_pack_saved_is_void()
    {
        var store = new PackedConversationStore();
        var told = new Told(Engine, store, 0).Says("ann", "turn on your cam").Says("bob", "im 14");
        told.Tracker.Flush();
        store.Count.ShouldBeGreaterThan(0);
        var other = new Told(new(TestBook.NewBuilder().Build(), "sha256:other", DetectionModel.Builtin, new() { Prior = "0.2" }), store, 0);
        store.Count.ShouldBe(0);
        other.Tracker.Messages.ShouldBe(0);
        other.Tracker.Pairs().ShouldBeEmpty();
    }

    // Detection-spec, section 15: one line each from very many handles leaves in memory what the budget says.
    [Fact]
    public void Many_handles_in_one_venue_stay_within_the_budget()
    {
        var store = new PackedConversationStore();
        var told = new Told(Engine, store, 100_000);
        long most = 0;
        for (var i = 0; i < 20_000; i++)
        {
            told.Says("flood" + i.ToString(CultureInfo.InvariantCulture), i % 50 == 0 ? "turn on your cam" : "hello", thread: "", to: i % 3 == 0 ? "ann" : null);
            most = Math.Max(most, told.Tracker.MemoryInUse);
        }

        most.ShouldBeLessThan(110_000);
        store.Count.ShouldBeGreaterThan(20_000);
    }

    // A field that is added to the state and not saved would be lost with the first conversation that leaves memory: whoever adds one comes by here, and by the format's page.
    [Theory]
    [InlineData(typeof(Evidence), "_against _againstSum _dated _families _today PeerIsVoid")]
    [InlineData(typeof(Author), "Children Counterparts IsPersona LastDay Model Name PairAlerted Place PlaceAlerted Years _asked _ring _ringAt venue")]
    [InlineData(typeof(VenueState), "Authors Gaps Name Threads")]
    [InlineData(typeof(ThreadState), "First FirstBehindGap FirstCount FirstSaid Gaps HasMore HasOthers LastDay Main Model Models More Name Others Persona Second SecondCount Venue")]
    [InlineData(typeof(Dialogue), "A B Events FirstBehindGap FirstIsA FirstSaid Followed Messages PersonaTenth Thread UnansweredRuns _run _runOf")]
    [InlineData(typeof(Side), "AgeAt AgeCited Alerted AskedGrade AwaitsFirstAfterAge Evidence FirstAfterAge FirstOwn LastAt LastExhibit LastId LastLength LastNumber LastOwn LongestRun Messages Name Openings Raised SoonAfterRefusal Unattributed Withdrew Years _open _openMost _refused _refusedMost")]
    [InlineData(typeof(ModelPair), "A B OfA OfB thread")]
    [InlineData(typeof(ModelSide), "Clean Evidence Questions")]
    [InlineData(typeof(ModelEvidence), "_c _dated _peak _peaked _today")]
    [InlineData(typeof(ConductEvent), "AfterGap At Definition Exact Indicator Number Side Years")]
    [InlineData(typeof(FollowedEvent), "At Indicator Next NextByPersona Number Side")]
    public void Every_field_of_the_state_is_saved(Type state, string saved)
    {
        var fields = state.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Select(field => field.Name.Split('<', '>') is [_, var name, _] ? name : field.Name).Order(StringComparer.Ordinal);
        string.Join(' ', fields).ShouldBe(string.Join(' ', saved.Split(' ').Order(StringComparer.Ordinal)));
    }
}
