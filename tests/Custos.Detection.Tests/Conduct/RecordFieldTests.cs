using System.Buffers;
using System.Text.Json;
using Custos.Vocabulary;

namespace Custos.Detection.Tests.Conduct;

/// <summary>The fields of the law data's record that come from the words (detection-spec, section 9: 3 to 12), one test each.</summary>
public class RecordFieldTests
{
    static readonly PairKey Pair = new("net/#room", "t1", "ann", "kim");

    static Told In(Told told, string text, string? at = null) => told.Says("ann", text, direction: Direction.In, at: at is null ? null : $"2026-03-01T{at}Z");

    static Told Out(Told told, string text, string? at = null) => told.Says("kim", text, direction: Direction.Out, at: at is null ? null : $"2026-03-01T{at}Z");

    static ConductRecord Record(Told told) => told.Tracker.Conduct(Pair)!;

    [Fact]
    public void Field_3_who_wrote_first_is_known_though_nothing_was_found_yet()
    {
        var told = Out(In(new Told(), "hello"), "hello");
        Record(told).Contact.First.ShouldBe("account");
        Record(told).Contact.Where.Where!.MessageId.ShouldBe("m1");
        Record(In(Out(new Told(), "hello"), "hello")).Contact.First.ShouldBe("counterpart");
        var room = new Told().Says("kim", "hi all", thread: "", direction: Direction.Out).Says("ann", "kim: hello", thread: "", direction: Direction.In);
        var contact = room.Tracker.Conduct(Pair with { Thread = "" })!.Contact;
        (contact.First, contact.Where.State, contact.Where.Where!.MessageId).ShouldBe(("account", FactState.Known, "m2"));
    }

    [Fact]
    public void Field_3_behind_a_gap_is_unknown()
    {
        var told = new Told();
        told.Tracker.ObserveGap(new("net/#room"), null);
        var contact = Record(Out(In(told, "hello"), "hello")).Contact;
        (contact.First, contact.Where.State, contact.Where.Where!.MessageId).ShouldBe(("unknown", FactState.Unknown, "m1"));
        contact.Where.Reason!.ShouldContain("gap");
    }

    [Fact]
    public void Field_3_between_two_accounts_of_a_room_is_unknown()
    {
        var told = new Told().Says("bob", "hello", thread: "").Says("ann", "bob: hello", thread: "").Says("ann", "bob: can we meet", thread: "");
        told.Tracker.Conduct(new("net/#room", "", "ann", "bob"))!.Contact.First.ShouldBe("unknown");
    }

    [Fact]
    public void Field_4_every_statement_of_age_with_its_words_acknowledgement_and_contradiction()
    {
        var told = Out(In(Out(In(new Told(), "how old are you"), "im 14"), "thats fine"), "im nineteen");
        var record = Record(told);
        record.Ages.Select(a => (a.ByAccount, a.Years, a.Where.MessageId, a.Where.Start, a.Where.Length)).ShouldBe([(false, 14, "m2", 0, 5), (false, 19, "m4", 0, 11)]);
        record.AgeAcknowledged.Where!.MessageId.ShouldBe("m3");
        record.Contradictions.ShouldHaveSingleItem().ShouldSatisfyAllConditions(c => (c.ByAccount, c.Years, c.Earlier, c.Where.MessageId).ShouldBe((false, 19, 14, "m4")));
    }

    [Fact]
    public void Fields_5_and_7_first_of_each_topic_and_by_whom()
    {
        var record = Record(In(Out(In(In(Out(new Told(), "hello"), "turn on your cam"), "can we meet"), "meet me"), "turn on your cam"));
        var camera = record.Topics.Single(t => t.Topic == "camera");
        (camera.First, camera.ByAccount.Where!.MessageId, camera.LaterByAccount).ShouldBe(("account", "m2", 1));
        var meeting = record.Topics.Single(t => t.Topic == "meeting");
        (meeting.First, meeting.ByPersona.Where!.MessageId).ShouldBe(("account", "m4"));
        record.Topics.Single(t => t.Topic == "sexual").First.ShouldBe("nobody");
    }

    [Fact]
    public void Field_6_the_first_mention_of_payment_with_amount_and_currency()
    {
        var record = Record(In(In(Out(new Told(), "hello"), "ill give you $50"), "ill give you 80 euro"));
        record.FirstPayment.ShouldNotBeNull().ShouldSatisfyAllConditions(
            p => (p.ByAccount, p.Code, p.Amount, p.Currency, p.Channel, p.Where.MessageId).ShouldBe((true, "payment.offer", "50", "USD", null, "m2")));
        Record(Out(new Told().Says("ann", "hi", direction: Direction.In), "hello")).FirstPayment.ShouldBeNull();
    }

    [Fact]
    public void Field_8_invitations_and_renewals_of_each_side_and_what_lay_between()
    {
        var told = Out(In(Out(In(In(new Told(), "can we meet", "10:00:00"), "turn on your cam", "10:01:00"), "no way", "10:02:00"), "meet me. meet me", "10:05:00"), "can we meet");
        Record(told).Invitations.Select(i => (i.ByAccount, i.Topic, i.Renewal, i.MessagesSince, i.SecondsSince, i.Where.MessageId)).ShouldBe(
        [
            (true, "meeting", false, null, null, "m1"), (true, "camera", false, null, null, "m2"), (true, "meeting", true, 3, 300L, "m4"), (false, "meeting", false, null, null, "m5"),
        ]);
        told.Says("kim", "meet me", direction: Direction.Out, at: "2026-03-01T10:09:00Z");
        // The time of the one before is not known, so neither is what lay between.
        Record(told).Invitations[^1].ShouldSatisfyAllConditions(i => (i.ByAccount, i.Renewal, i.MessagesSince, i.SecondsSince).ShouldBe((false, true, 1, null)));
    }

    [Fact]
    public void Field_9_refusals_and_exits_of_the_account_and_what_we_did_next()
    {
        var told = Out(Out(In(Out(In(Out(In(new Told(), "how old are you"), "im 14"), "no way"), "ok"), "you are too young"), "bye"), "hello?");
        Record(told).RefusalsAndExits.Where(r => r.ByAccount).Select(r => (r.Code, r.Where.MessageId, string.Join(' ', r.Next.Select(n => n.MessageId)))).ShouldBe([("refusal", "m3", "m4 m5 m6"), ("age.declined", "m5", "m6 m7")]);
    }

    [Fact]
    public void Field_10_where_the_account_was_given_a_reason_to_leave()
    {
        var told = Out(In(Out(In(Out(In(new Told(), "how old are you"), "im 14"), "turn on your cam"), "no way"), "turn on your cam"), "talk to your parents");
        Record(told).Opportunities.Select(o => (o.Code, o.Where.MessageId)).ShouldBe([("age.stated", "m2"), ("refusal", "m4"), ("advice.safety", "m6")]);
    }

    [Fact]
    public void Field_11_inducements_of_our_side_are_listed_and_none_is_expected()
    {
        var record = Record(Out(In(Out(In(new Told(), "hi"), "you are so mature"), "hm"), "ill give you $5"));
        record.Inducements.Select(i => (i.Code, i.Where.MessageId)).ShouldBe([("flattery.age", "m2"), ("payment.offer", "m4")]);
        record.Pressure.Inducements.ShouldBe(2);
        record.Deviations.Count(d => d.Code == "inducement").ShouldBe(2);
        Record(In(Out(In(new Told(), "hi"), "hello"), "you are so mature")).Inducements.ShouldBeEmpty();
    }

    [Fact]
    public void Field_14_of_lines_of_ours_that_nobody_is_named_for_the_first_is_a_deviation()
    {
        var told = new Told().Says("kim", "hello", direction: Direction.Out).Says("ann", "how old are you", direction: Direction.In).Says("kim", "im 14", direction: Direction.Out);
        told.Tracker.Conduct(new("net/#room", "t1", "ann", "kim"))!.ShouldSatisfyAllConditions(
            record => record.Deviations.ShouldBeEmpty(), record => (record.FirstOwn!.MessageId, record.LastOwn!.MessageId).ShouldBe(("m1", "m3")));
        told.Says("kim", "hm", direction: Direction.Out, typedBy: null).Says("ann", "turn on your cam", direction: Direction.In).Says("kim", "no way", direction: Direction.Out, typedBy: null);
        told.Tracker.Conduct(new("net/#room", "t1", "ann", "kim"))!.Deviations.Select(d => (d.Code, d.Where!.MessageId)).ShouldBe([("unattributed-line", "m4")]);
    }

    [Fact]
    public void Field_12_signs_that_the_account_is_vulnerable_or_under_age()
    {
        var record = Record(Out(In(In(Out(new Told(), "hello"), "i have no friends"), "im 15"), "turn on your cam"));
        record.CareSigns.Select(c => (c.Code, c.Where.MessageId)).ShouldBe([("vulnerability", "m2"), ("peer.age", "m3")]);
        record.Deviations.Select(d => d.Code).ShouldContain("vulnerability-ignored");
    }

    [Fact]
    public void A_line_within_a_minute_of_a_refusal_is_counted_where_both_times_are_known()
    {
        var told = Out(Out(Out(In(Out(new Told(), "hi", "10:00:00"), "no way", "10:01:00"), "hm", "10:01:40"), "ok", "10:02:01"), "hello");
        Record(told).Pressure.WithinMinuteOfRefusal.ShouldBe(1);
    }

    [Fact]
    public void An_opening_is_the_first_line_or_the_first_after_eight_hours_of_silence()
    {
        var told = In(Out(Out(In(new Told(), "hello", "08:00:00"), "hello", "08:01:00"), "are you there", "16:00:59"), "yes", "16:02:00");
        Record(told).Pressure.ShouldSatisfyAllConditions(p => (p.Openings, p.OpeningsOfAll).ShouldBe((0, 1)));
        Record(Out(told, "good morning", "23:59:00")).Pressure.OpeningsOfAll.ShouldBe(1);
        told.Says("kim", "good morning", direction: Direction.Out, at: "2026-03-02T08:00:00Z");
        Record(told).Pressure.ShouldSatisfyAllConditions(p => (p.Openings, p.OpeningsOfAll).ShouldBe((1, 2)));
    }

    [Fact]
    public void Everything_of_the_record_is_written()
    {
        var told = In(Out(In(Out(In(new Told(), "how old are you"), "im 14"), "ill give you $50. turn on your cam"), "im nineteen. no way"), "ill give you $60");
        var output = new ArrayBufferWriter<byte>();
        ConductJson.Write(output, Record(told));
        using var document = JsonDocument.Parse(output.WrittenMemory);
        document.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(
        [
            "venue", "thread", "account", "counterpart", "persona", "messages", "topics", "ages", "ageStatedByCounterpart", "ageAcknowledged", "messagesToNextCore", "refusalsAndExits", "exculpatory", "pressure",
            "firstContact", "contradictions", "firstPayment", "invitations", "opportunities", "inducements", "careSigns", "deviations",
        ]);
        document.RootElement.GetProperty("firstPayment").GetProperty("amount").GetDecimal().ShouldBe(50);
        document.RootElement.GetProperty("invitations").GetArrayLength().ShouldBe(3);
    }
}
