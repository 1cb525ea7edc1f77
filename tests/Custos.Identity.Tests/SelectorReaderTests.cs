using Custos.Vocabulary;

namespace Custos.Identity.Tests;

public class SelectorReaderTests
{
    [Theory]
    [InlineData("write me at k.harrow77@lantern-post-demo.org ok", "k.harrow77@lantern-post-demo.org")]
    [InlineData("K.Harrow@Lantern-Post-Demo.ORG.", "K.Harrow@lantern-post-demo.org")]
    [InlineData("mail=sea+glass@lantern-post-demo.org", "sea+glass@lantern-post-demo.org")]
    [InlineData("(sea@grün-demo.de)", "sea@xn--grn-demo-75a.de")]
    public void An_address_keeps_its_local_part_and_lowers_its_domain(string text, string normal)
    {
        var hit = Scene.Only(Scene.Of(text));
        hit.Selector.Kind.ShouldBe(SelectorKind.Email);
        hit.Selector.Normal.ShouldBe(normal);
        hit.Validity.ShouldBe(SelectorValidity.Checked);
    }

    [Theory]
    [InlineData("marlow!~mar@host77.lantern-demo.org has joined", "email.hostmask")]
    [InlineData("ban *!*@lantern-demo.org", "email.hostmask")]
    [InlineData("-!- marlow [mar@host77.lantern-demo.org] has joined #room", "email.hostmask")]
    [InlineData("find me as @marlow@lantern-demo.org", "email.fediverse")]
    [InlineData("xmpp:marlow@lantern-demo.org", "email.jid")]
    [InlineData("room@chat.lantern-demo.org/marlow", "email.jid")]
    [InlineData("see a@b.notatld for that", "email.invalid")]
    public void What_looks_like_an_address_and_is_none_is_counted_not_kept(string text, string reason)
    {
        var reading = Scene.Of(text);
        reading.Hits.ShouldBeEmpty();
        reading.NotKept.ShouldContainKey(reason);
    }

    [Fact]
    public void A_hostmask_is_not_an_e_mail() => Scene.Of("nick!user@host.lantern-demo.org").Hits.ShouldBeEmpty();

    [Fact]
    public void A_spelled_out_address_needs_a_cue_and_is_never_better_than_plausible()
    {
        Scene.Of("meet marlow77 at harbour dot com tonight").Hits.ShouldBeEmpty();
        var hit = Scene.Only(Scene.Of("my email: marlow77 (at) lantern-demo (dot) org"));
        hit.Selector.Normal.ShouldBe("marlow77@lantern-demo.org");
        hit.Validity.ShouldBe(SelectorValidity.Plausible);
        hit.Flags.HasFlag(SelectorFlags.Disguised).ShouldBeTrue();
        Scene.Of("mail me at gmail dot com").Hits.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("marlow@example.org")]
    [InlineData("marlow@chat.example.com")]
    [InlineData("marlow@harbour.invalid")]
    [InlineData("+61 491 570 156")]
    [InlineData("+1 212 555 0123")]
    public void A_value_reserved_for_examples_is_flagged_and_weighs_nothing(string text)
    {
        var hit = Scene.Only(Scene.Of(text));
        hit.Flags.HasFlag(SelectorFlags.Reserved).ShouldBeTrue();
        hit.Volunteered.ShouldBeFalse();
    }

    [Theory]
    [InlineData("+31 6 12345678", "+31612345678", "NL")]
    [InlineData("call me 0031 6 12345678", "+31612345678", "NL")]
    [InlineData("text me +44 7400 123456 ok", "+447400123456", "GB")]
    [InlineData("+1 (204) 234-5678", "+12042345678", "CA")]
    [InlineData("+7 701 234 56 78", "+77012345678", "KZ")]
    public void A_number_in_international_form_is_checked_and_its_region_comes_from_the_whole_number(string text, string normal, string region)
    {
        var hit = Scene.Only(Scene.Of(text));
        hit.Selector.Normal.ShouldBe(normal);
        hit.Region.ShouldBe(region);
        hit.Validity.ShouldBe(SelectorValidity.Checked);
    }

    [Fact]
    public void A_group_that_begins_with_00_is_only_plausible_without_a_cue() =>
        Scene.Only(Scene.Of("0031 6 12345678")).Validity.ShouldBe(SelectorValidity.Plausible);

    [Fact]
    public void A_number_in_national_form_needs_a_region_and_a_cue_and_is_plausible()
    {
        Scene.Of("06 12345678", "NL").Hits.ShouldBeEmpty();
        Scene.Of("my number is 06 12345678").NotKept.ShouldContainKey("phone.region-unknown");
        var hit = Scene.Only(Scene.Of("my number is 06 12345678", "NL"));
        hit.Selector.Normal.ShouldBe("+31612345678");
        hit.Validity.ShouldBe(SelectorValidity.Plausible);
        hit.Flags.HasFlag(SelectorFlags.RegionOfVenue).ShouldBeTrue();
    }

    [Fact]
    public void The_stated_country_comes_before_the_venues()
    {
        var scene = new Scene { Region = "NL" }.Says("i live in Germany").Says("my number is 0151 23456789");
        var hit = Scene.Only(scene.Read());
        hit.Selector.Normal.ShouldBe("+4915123456789");
        hit.Flags.HasFlag(SelectorFlags.RegionStated).ShouldBeTrue();
    }

    [Theory]
    [InlineData("bel me, mijn bsn is 201234567", "NL")]
    [InlineData("call me, nummer 201234567", "NL")]
    public void A_Dutch_citizen_number_is_not_a_phone(string text, string region) => Scene.Of(text, region).Hits.ShouldBeEmpty();

    [Theory]
    [InlineData("call me on 2026-03-01 19:30", "NL")]
    [InlineData("my number of days: 01.03.2026", "NL")]
    [InlineData("phone costs 0612345678 euro", "NL")]
    [InlineData("my phone is at 192.168.100.200", "NL")]
    [InlineData("phone pic IMG_0612345678.jpg", "NL")]
    [InlineData("phone file 0612345678.jpg", "NL")]
    [InlineData("cell 123e4567-e89b-12d3-a456-426614174000", "NL")]
    [InlineData("call, card 4111 1111 1111 1111", "NL")]
    [InlineData("nummer NL91 ABNA 0417 1643 00", "NL")]
    [InlineData("my phone 0612345678", null)]
    public void What_looks_like_a_number_and_is_none_is_not_kept(string text, string? region) => Scene.Of(text, region).Hits.ShouldBeEmpty();

    [Theory]
    [InlineData("western union mtcn 0612345678")]
    [InlineData("mtcn: 061 234 5678")]
    public void A_transfer_reference_is_not_a_phone(string text)
    {
        var reading = Scene.Of(text + " call me", "NL");
        reading.Hits.ShouldBeEmpty();
        reading.NotKept.ShouldContainKey("phone.transfer-reference");
    }

    [Fact]
    public void An_MTCN_without_a_cue_is_not_kept() => Scene.Of("0123456789", "NL").Hits.ShouldBeEmpty();

    [Fact]
    public void A_bare_number_answers_the_question_before_it_and_is_marked_asked()
    {
        var scene = new Scene { Region = "NL" }.PersonaSays("what is your number?").Says("0612345678");
        var hit = Scene.Only(scene.Read());
        hit.Selector.Normal.ShouldBe("+31612345678");
        hit.AskedIn.ShouldNotBeNull().Exhibit.LeafIndex.ShouldBe(100);
        hit.AskedIn.Start.ShouldBe(13);
        hit.AskedIn.Length.ShouldBe(6);
    }

    [Fact]
    public void A_question_three_messages_ago_no_longer_counts()
    {
        var scene = new Scene { Region = "NL" }.PersonaSays("what is your number?").OtherSays("hi all").OtherSays("hello").Says("0612345678");
        scene.Read().Hits.ShouldBeEmpty();
    }

    [Fact]
    public void A_value_nobody_asked_for_has_no_question()
    {
        var scene = new Scene().PersonaSays("nice weather").Says("marlow@lantern-demo.org");
        Scene.Only(scene.Read()).AskedIn.ShouldBeNull();
    }

    [Theory]
    [InlineData("\uFF0B\uFF13\uFF11 \uFF16 \uFF11\uFF12\uFF13\uFF14\uFF15\uFF16\uFF17\uFF18")]
    [InlineData("+\u0663\u0661 \u0666 \u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668")]
    [InlineData("+3\u200B1612345678")]
    public void A_disguised_number_is_read_but_never_better_than_plausible(string text)
    {
        var scene = new Scene().Says(text);
        var hit = Scene.Only(scene.Read());
        hit.Selector.Normal.ShouldBe("+31612345678");
        hit.Validity.ShouldBe(SelectorValidity.Plausible);
        hit.Selector.Raw.ShouldBe(text);
        scene.Cited(hit).ShouldBe(text);
    }

    [Fact]
    public void Digits_in_words_are_read_with_a_cue()
    {
        var scene = new Scene { Region = "NL" }.Says("my number is zero six one two three four five six seven eight");
        var hit = Scene.Only(scene.Read());
        hit.Selector.Normal.ShouldBe("+31612345678");
        hit.Validity.ShouldBe(SelectorValidity.Plausible);
        Scene.Of("one two three four five six seven go", "NL").Hits.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://t.me/Marlow_77", "telegram:marlow_77")]
    [InlineData("add me t.me/marlow_77.", "telegram:marlow_77")]
    [InlineData("https://www.snapchat.com/add/sea.glass", "snapchat:sea.glass")]
    [InlineData("https://www.instagram.com/sea.glass?igsh=abc123", "instagram:sea.glass")]
    [InlineData("https://www.tiktok.com/@seaglass9", "tiktok:seaglass9")]
    [InlineData("https://cash.app/$seaglass", "cashapp:seaglass")]
    public void A_profile_link_is_checked(string text, string normal)
    {
        var hit = Scene.Only(Scene.Of(text));
        hit.Selector.Normal.ShouldBe(normal);
        hit.Validity.ShouldBe(SelectorValidity.Checked);
    }

    [Theory]
    [InlineData("https://www.instagram.com/reel/Cabc123/?igsh=xyz")]
    [InlineData("https://x.com/sea_glass/status/1234567890")]
    [InlineData("https://t.me/joinchat/AAAAAabc")]
    [InlineData("https://www.facebook.com/share/p/abc123")]
    [InlineData("https://www.tiktok.com/@seaglass9/video/7012345678901234567?sender=77")]
    public void A_share_link_names_nobody(string text)
    {
        var reading = Scene.Of(text);
        reading.Hits.ShouldBeEmpty();
        reading.NotKept.ShouldContainKey("handle.share-link");
    }

    [Fact]
    public void A_shortened_link_is_not_resolved() => Scene.Of("https://bit.ly/3abcdef").NotKept.ShouldContainKey("link.shortener");

    [Fact]
    public void A_messenger_link_with_a_number_is_a_phone()
    {
        var hit = Scene.Only(Scene.Of("https://wa.me/31612345678"));
        hit.Selector.Kind.ShouldBe(SelectorKind.Phone);
        hit.Selector.Normal.ShouldBe("+31612345678");
    }

    [Theory]
    [InlineData("my snap is sea_glass9", "snapchat:sea_glass9")]
    [InlineData("kik: seaglass", "kik:seaglass")]
    [InlineData("add me on telegram @seaglass", "telegram:seaglass")]
    [InlineData("add me on snap sea.glass9", "snapchat:sea.glass9")]
    [InlineData("i'm on insta, its @sea.glass", "instagram:sea.glass")]
    public void A_name_beside_its_service_is_plausible(string text, string normal)
    {
        var hit = Scene.Only(Scene.Of(text));
        hit.Selector.Normal.ShouldBe(normal);
        hit.Validity.ShouldBe(SelectorValidity.Plausible);
    }

    [Fact]
    public void A_bare_name_answers_the_question_for_it()
    {
        var scene = new Scene().PersonaSays("whats your kik?").Says("seaglass");
        var hit = Scene.Only(scene.Read());
        hit.Selector.Normal.ShouldBe("kik:seaglass");
        hit.AskedIn.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("add me please")]
    [InlineData("add me on snap please")]
    [InlineData("my kik is broken")]
    [InlineData("snap me later")]
    [InlineData("telegram is better than discord")]
    [InlineData("snap 14f")]
    [InlineData("@anna is on telegram too")]
    [InlineData("her snap is jenny_99")]
    [InlineData("his number is +31612345678")]
    public void An_everyday_word_or_somebody_elses_name_is_not_kept(string text) => Scene.Of(text).Hits.ShouldBeEmpty();

    [Fact]
    public void Telling_somebody_ones_own_number_is_not_about_somebody_else() => Scene.Only(Scene.Of("tell her my number is +31612345678")).Volunteered.ShouldBeTrue();

    [Fact]
    public void What_the_persona_said_first_is_a_stop_list()
    {
        var scene = new Scene().PersonaSays("mine is lampje@lantern-demo.org").Says("lampje@lantern-demo.org right?");
        var reading = scene.Read();
        reading.Hits.Count.ShouldBe(2);
        reading.Hits[0].Speaker.ShouldBe(Speaker.Persona);
        reading.Hits[1].Flags.HasFlag(SelectorFlags.SaidByPersona).ShouldBeTrue();
        reading.Hits[1].Volunteered.ShouldBeFalse();
    }

    [Fact]
    public void What_the_account_said_first_stays_its_own_when_the_persona_repeats_it()
    {
        var scene = new Scene().Says("marlow@lantern-demo.org").PersonaSays("so marlow@lantern-demo.org ?").Says("yes marlow@lantern-demo.org");
        scene.Read().Hits.Count(hit => hit.Volunteered).ShouldBe(2);
    }

    [Theory]
    [InlineData("> mail dune@lantern-demo.org")]
    [InlineData("<dune> mail me dune@lantern-demo.org")]
    [InlineData("[21:04] <dune> dune@lantern-demo.org")]
    [InlineData("21:04 dune: dune@lantern-demo.org")]
    [InlineData("look what he wrote: <dune> dune@lantern-demo.org")]
    [InlineData("[01.03.26, 21:04] Dune: dune@lantern-demo.org")]
    public void A_pasted_line_is_not_volunteered_by_who_pasted_it(string text)
    {
        var hit = Scene.Only(Scene.Of(text));
        hit.Speaker.ShouldBe(Speaker.Quoted);
        hit.Volunteered.ShouldBeFalse();
    }

    [Fact]
    public void Below_a_quoted_line_the_authors_own_words_are_volunteered()
    {
        var reading = Scene.Of("> mail dune@lantern-demo.org\nmine is marlow@lantern-demo.org");
        reading.Hits.Select(hit => hit.Speaker).ShouldBe([Speaker.Quoted, Speaker.Account]);
    }

    [Fact]
    public void What_others_wrote_is_not_read() => new Scene().OtherSays("dune@lantern-demo.org").Says("hi").Read().Hits.ShouldBeEmpty();

    [Theory]
    [InlineData("\U0001F600\U0001F600 marlow@lantern-demo.org")]
    [InlineData("é\u0301 x marlow@lantern-demo.org y")]
    [InlineData("marlow@lantern-demo.org")]
    public void A_cited_span_counted_in_code_points_holds_the_value(string text)
    {
        var scene = new Scene().Says(text);
        scene.Cited(Scene.Only(scene.Read())).ShouldBe("marlow@lantern-demo.org");
    }

    [Fact]
    public void An_address_inside_a_link_is_part_of_the_link()
    {
        var reading = Scene.Of("https://lantern-demo.org/?mail=marlow@lantern-demo.org");
        reading.Hits.ShouldBeEmpty();
        reading.NotKept.ShouldContainKey("link.other");
    }

    [Fact]
    public void Reading_twice_gives_the_same_and_names_its_data()
    {
        var first = Scene.Of("marlow@lantern-demo.org +31612345678");
        var second = Scene.Of("marlow@lantern-demo.org +31612345678");
        first.Hits.ShouldBe(second.Hits);
        first.DataSha256.ShouldBe(SelectorData.BuiltIn.Sha256);
        first.DataSha256.Length.ShouldBe(64);
    }

    [Fact]
    public void No_description_of_a_hit_contains_the_value()
    {
        var hit = Scene.Only(Scene.Of("marlow@lantern-demo.org"));
        hit.ToString().ShouldBe("Email EX-00000100");
    }
}
