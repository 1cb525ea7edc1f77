using Custos.Fixtures;

namespace Custos.Detection.Tests;

/// <summary>With the packs that ship: which numbers are an age. A number misread as one makes a child of an adult, and then every picture asked for counts.</summary>
public class AgeReadingTests
{
    static readonly DetectionEngine Engine = DetectionEngine.Open(Pack.Load(Path.Combine(Checkout.Root, "packs")), DetectionModel.Builtin, new DetectionOptions());

    static List<string> Ages(params string[] said)
    {
        var told = new Told(Engine);
        for (var i = 0; i < said.Length; i++)
            told.Says(i % 2 == 0 ? "ann" : "bob", said[i]);
        return [.. told.Indicators.Where(i => i.Code == "age.stated").Select(i => i.Attributes[0].Value)];
    }

    [Theory]
    [InlineData("15m away")]
    [InlineData("15m")]
    [InlineData("ok 15m")]
    [InlineData("hey 10m late sorry")]
    [InlineData("im 15m from here")]
    [InlineData("im 15 at the station")]
    [InlineData("im 16 now in the queue")]
    [InlineData("im 11 in line")]
    [InlineData("i feel like im 12")]
    [InlineData("14 f outside")]
    [InlineData("m16 and m14")]
    [InlineData("ik ben 15 te laat")]
    [InlineData("ich bin 10 zu spät")]
    [InlineData("j'ai 15 de moyenne")]
    [InlineData("rdv à 14h")]
    [InlineData("tengo 15 sin leer")]
    [InlineData("mag 12 na ng tanghali")]
    public void A_number_of_something_else_is_no_age(string said) => Ages(said).ShouldBeEmpty();

    [Theory]
    [InlineData("14f", "14")]
    [InlineData("hi 15m here", "15")]
    [InlineData("15/m", "15")]
    [InlineData("im 13 and you", "13")]
    [InlineData("im 14 from texas", "14")]
    [InlineData("ik ben 15 en jij", "15")]
    [InlineData("ich bin 13 jahre alt", "13")]
    [InlineData("j'ai 14 ans", "14")]
    [InlineData("tengo 13 años", "13")]
    [InlineData("im 15 palang po", "15")]
    public void An_age_is_read_without_a_question(string said, string years) => Ages(said).ShouldBe([years]);

    [Theory]
    [InlineData("*im 14, she says*")]
    [InlineData("*the guard looks up* *i am 14 years old and this is my house*")]
    [InlineData("*the elf nods: im 14.*")]
    [InlineData("*knikt* *ik ben 14, zegt ze zacht*")]
    public void An_age_in_a_played_scene_is_not_its_players(string said) => Ages(said).ShouldBeEmpty();

    [Theory]
    [InlineData("*opens the door* im 14")]
    [InlineData("im 14, *waves at you all*")]
    [InlineData("im 14 *waves*")]
    [InlineData("*waves at you all, im 14")]
    public void An_age_beside_stars_is_its_authors(string said) => Ages(said).ShouldBe(["14"]);

    // A class of eight is no child of eight: a wrong age in the record is worse than none.
    [Theory]
    [InlineData("what grade are you in", "8")]
    [InlineData("in welche klasse gehst du?", "8.")]
    [InlineData("in welke klas zit je", "12")]
    [InlineData("tu es en quelle classe", "9")]
    [InlineData("en qué curso estás", "9")]
    [InlineData("anong grade mo na", "10")]
    public void A_class_is_no_age(string asked, string said)
    {
        Ages(asked, said).ShouldBeEmpty();
        Ages(asked, "14").ShouldBe(["14"]);
        Ages(asked, "hm", "how old are you", said).ShouldBe([said.TrimEnd('.')]);
    }

    // Read as the account's own age, an echo would spare it every rule that peers are spared.
    [Theory]
    [InlineData("how old are you", "im 13", "13?")]
    [InlineData("how old are you", "im 13", "13")]
    [InlineData("how old are you", "13 u?", "13??")]
    [InlineData("how old are you", "im 13", "ok 13 is fine with me")]
    [InlineData("how old are you", "im 13", "oh 13")]
    [InlineData("wie alt bist du", "ich bin 13", "cool 13")]
    [InlineData("t'as quel age", "j'ai 13 ans", "ok 13")]
    [InlineData("hoe oud ben je", "ik ben 13", "ok 13")]
    [InlineData("ilang taon ka na", "13 po", "ah 13")]
    public void An_age_said_back_is_no_age_of_ones_own(string asked, string said, string echo) => Ages(asked, said, echo).ShouldBe(["13"]);

    [Theory]
    [InlineData("how old are you", "im 13 u?", "13", "13")]
    [InlineData("how old are you", "im 13", "im 13 too", "13")]
    [InlineData("how old are you", "im 13", "14", "14")]
    public void An_age_of_ones_own_is_one_though_the_other_said_it_first(string asked, string said, string own, string years) => Ages(asked, said, own).ShouldBe(["13", years]);

    [Theory]
    [InlineData("how old are you", "almost 18", "17")]
    [InlineData("wie alt bist du", "fast 18", "17")]
    [InlineData("hoe oud ben je", "bijna 18", "17")]
    [InlineData("quel age as tu", "bientôt 18 ans", "17")]
    [InlineData("cuantos años tienes", "casi 18", "17")]
    [InlineData("ilang taon ka na", "mag 18 na", "17")]
    [InlineData("what grade are you in", "7th grade", "12")]
    [InlineData("in welche klasse gehst du", "in die 7", "13")]
    [InlineData("in welke groep zit je", "groep 8", "11")]
    [InlineData("tu es en quelle classe", "en 5eme", "12")]
    public void Almost_eighteen_is_below_it_and_a_school_year_has_an_age(string asked, string said, string years) => Ages(asked, said).ShouldBe([years]);

    [Fact]
    public void Fifteen_m_answers_asl() => Ages("asl?", "15m").ShouldBe(["15"]);

    [Fact]
    public void A_bare_number_answers_within_three_messages_and_not_later()
    {
        Ages("how old are you", "hi", "hi", "um", "ok", "14").ShouldBe(["14"]);
        Ages("how old are you", "hi", "hi", "um", "what time?", "maybe", "so?", "10").ShouldBeEmpty();
    }

    [Fact]
    public void Ten_you_is_no_question_of_age() => Ages("what time do we go?", "10 u?", "11").ShouldBeEmpty();

    [Fact]
    public void Who_calls_itself_of_the_same_age_is_a_peer()
    {
        var told = new Told(Engine).Says("ann", "how old are you").Says("bob", "13").Says("ann", "same age as me").Says("ann", "send me a pic of you").Says("ann", "do you have a cam?");
        told.Indicators.Select(i => i.Rule).ShouldNotContain("en.camera.own.child");
        told.Indicators.Select(i => i.Code).ShouldContain("peer.age");
    }

    [Fact]
    public void Who_said_its_age_to_one_in_a_room_is_a_peer_of_all_there()
    {
        var told = new Told(Engine).Says("ann", "hi im 14", thread: "", to: "cas").Says("bob", "im 13", thread: "", to: "ann").Says("ann", "do you have a cam?", thread: "", to: "bob");
        told.Indicators.Select(i => i.Rule).ShouldNotContain("en.camera.own.child");
    }

    // Who raised a meeting first is a question about both sides.
    [Fact]
    public void A_persona_that_gave_a_childs_age_is_on_record_with_what_it_asks()
    {
        var told = new Told(Engine).Says("acc", "how old are you", direction: Custos.Vocabulary.Direction.In).Says("per", "im 14", direction: Custos.Vocabulary.Direction.Out).Says("per", "can we meet", direction: Custos.Vocabulary.Direction.Out);
        told.Findings.Where(f => f.Author == "per" && f.Score is null).SelectMany(f => f.Indicators).Select(i => i.Code).ShouldContain("meeting.request");
        told.Alerts.ShouldBeEmpty();
    }
}
