using System.Text;
using System.Text.RegularExpressions;
using Custos.Fixtures;
using Custos.Identity;

namespace Custos.Casework.Tests;

public partial class DossierTests
{
    // What the program may never say of a person, in any form.
    static readonly string[] Forbidden = ["predator", "guilt", "entrap", "suspect", "groom", "offender", "perpetrator", "criminal", "paedophil", "pedophil", "abuser", "target", "innocent", "clean record"];

    static string Html(Dossier dossier) => Encoding.UTF8.GetString(DossierWriter.Write(dossier, SelectorData.BuiltIn));

    [Fact]
    public void The_invented_case_is_written_as_it_was_approved()
    {
        var golden = Path.Combine(Checkout.Root, "tests", "Custos.Casework.Tests", "Golden", "dossier.html");
        var written = Html(InventedCase.Dossier);
        if (Environment.GetEnvironmentVariable("CUSTOS_WRITE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(golden)!);
            File.WriteAllText(golden, written);
        }

        written.ShouldBe(File.ReadAllText(golden), "run the test with CUSTOS_WRITE_GOLDEN=1, look at the file, then commit it");
    }

    [Fact]
    public void The_same_dossier_gives_the_same_bytes() =>
        DossierWriter.Write(InventedCase.Dossier, SelectorData.BuiltIn).ShouldBe(DossierWriter.Write(InventedCase.Dossier with { }, SelectorData.BuiltIn));

    [Fact]
    public void No_dossier_says_more_of_a_person_than_what_was_said()
    {
        foreach (var dossier in (Dossier[])[InventedCase.Dossier, InventedCase.Thin])
        {
            var html = Html(dossier);
            foreach (var word in Forbidden)
                html.Contains(word, StringComparison.OrdinalIgnoreCase).ShouldBeFalse(word);
        }
    }

    [Fact]
    public void Chat_text_cannot_run_in_a_dossier()
    {
        var line = InventedCase.Dossier.Conversations[0].Quotations[0].Lines[0];
        foreach (var hostile in (string[])["<script>x</script>", "</td></style><img src=x onerror=y>", "\"><a href='javascript:x'>", "&lt;script&gt;"])
        {
            var html = Html(With(line with { Text = hostile, From = hostile }));
            html.ShouldNotContain("<script");
            html.ShouldNotContain("<img");
            html.ShouldNotContain("<a ");
            Tags().Matches(html).Select(match => match.Groups[1].Value).ShouldBeSubsetOf(KnownTags);
        }
    }

    [Fact]
    public void A_dossier_allows_nothing_but_its_own_style()
    {
        var html = Html(InventedCase.Dossier);
        html.ShouldContain("default-src 'none'; style-src 'sha256-");
        html.ShouldNotContain("unsafe-inline");
        html.ShouldNotContain("http://");
        html.ShouldNotContain("https://");
        html.ShouldNotContain(" style=");
        Attributes().IsMatch(html).ShouldBeFalse();
    }

    [Theory]
    [InlineData("\u202Egnp.exe", "U+202E")]
    [InlineData("a\u2066b", "U+2066")]
    [InlineData("a\u200Bb", "U+200B")]
    [InlineData("a\u0000b", "U+0000")]
    [InlineData("a\u0007b", "U+0007")]
    [InlineData("a\U000E0041b", "U+E0041")]
    [InlineData("a\u3164b", "U+3164")]
    public void A_character_that_cannot_be_seen_is_visible(string text, string shown)
    {
        var html = Html(With(InventedCase.Dossier.Conversations[0].Quotations[0].Lines[0] with { Text = text }));
        html.ShouldContain($"<span class=\"inv\">{shown}</span>");
        html.ShouldNotContain(text);
    }

    [Fact]
    public void Half_of_a_character_is_visible() =>
        Html(With(InventedCase.Dossier.Conversations[0].Quotations[0].Lines[0] with { Text = "a\uD800b" })).ShouldContain("a<span class=\"inv\">U+D800</span>b");

    [Fact]
    public void A_quotation_is_word_for_word_with_its_exhibit_and_its_context()
    {
        var html = Html(InventedCase.Dossier);
        foreach (var line in InventedCase.Dossier.Conversations.SelectMany(conversation => conversation.Quotations).SelectMany(quotation => quotation.Lines))
        {
            html.ShouldContain(line.Exhibit.ToString());
            var row = html[html.IndexOf($"<td class=\"ex\">{line.Exhibit}</td>", StringComparison.Ordinal)..];
            row = row[..row.IndexOf("</tr>", StringComparison.Ordinal)];
            var words = row[(row.IndexOf("<bdi dir=\"auto\">", StringComparison.Ordinal) + 16)..];
            words = words[..words.IndexOf("</bdi>", StringComparison.Ordinal)];
            words = Code().Replace(words, "").Replace("<mark>", "", StringComparison.Ordinal).Replace("</mark>", "", StringComparison.Ordinal);
            words = Invisible().Replace(words, match => ((char)Convert.ToInt32(match.Groups[1].Value, 16)).ToString());
            System.Net.WebUtility.HtmlDecode(words).ShouldBe(line.Text, line.Exhibit.ToString());
        }
    }

    [Fact]
    public void A_marked_span_holds_the_cited_code_points()
    {
        var html = Html(InventedCase.Dossier);
        html.ShouldContain("<mark>how old are you</mark><span class=\"code\">age.asked</span>");
        html.ShouldContain("<mark>13 is fine</mark>");
        html.ShouldContain("i <mark>pay 40 euro</mark>");
    }

    [Fact]
    public void Overlapping_spans_are_both_shown_and_no_word_is_doubled()
    {
        var line = InventedCase.Dossier.Conversations[0].Quotations[0].Lines[0] with { Text = "abcdef", Marks = [new("x.one", 0, 4), new("x.two", 2, 4)] };
        Html(With(line)).ShouldContain("<mark>ab</mark><mark>cd</mark><span class=\"code\">x.one</span><mark>ef</mark><span class=\"code\">x.two</span></bdi>");
    }

    [Fact]
    public void Page_one_says_what_happened_who_raised_what_first_what_is_known_what_speaks_for_the_person_and_what_is_missing()
    {
        var html = Html(InventedCase.Dossier);
        var page = html[html.IndexOf("class=\"page1\"", StringComparison.Ordinal)..html.IndexOf("1  What was said", StringComparison.Ordinal)];
        string[] order = ["What happened", "Who raised what first", "What is known of the person, and how", "What speaks for the person", "What is missing"];
        order.Select(part => page.IndexOf(part, StringComparison.Ordinal)).ShouldBeInOrder();
        order.ShouldAllBe(part => page.Contains(part, StringComparison.Ordinal));
        page.ShouldContain("stated the age 13");
        page.ShouldContain("volunteered unasked");
        page.ShouldContain("volunteered when asked");
    }

    [Fact]
    public void The_parts_stand_in_the_order_of_the_specification()
    {
        var html = Html(InventedCase.Dossier);
        string[] order = ["1  What was said", "2  Conduct record", "3  Identity", "4  Countries", "5  What speaks for the person", "6  Deviations", "7  Law", "8  Authorisation", "9  Recording", "10  What derived this", "11  Completeness", "12  Signatures"];
        order.Select(part => html.IndexOf(part, StringComparison.Ordinal)).ShouldBeInOrder();
        order.ShouldAllBe(part => html.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void An_age_that_was_not_stated_is_red_on_every_page()
    {
        var html = Html(InventedCase.Thin);
        html.ShouldContain("@top-center{content:\"AGE NOT STATED\";color:#a8071a");
        html.ShouldContain("<p class=\"flag\">Age not stated");
        Html(InventedCase.Dossier).ShouldNotContain("AGE NOT STATED");
    }

    [Fact]
    public void A_thin_dossier_is_informational_never_silently_actionable()
    {
        foreach (var dossier in (Dossier[])[InventedCase.Thin, InventedCase.Dossier])
            Html(dossier).ShouldContain("<strong>INFORMATIONAL</strong>");
    }

    [Fact]
    public void Volunteered_and_found_share_no_table()
    {
        var found = InventedCase.Dossier.Statements[2] with { Basis = StatementBasis.Found, Raw = "found-value", Value = "found-value" };
        var html = Html(InventedCase.Dossier with { Statements = [.. InventedCase.Dossier.Statements, found] });
        var volunteered = html[html.IndexOf("Volunteered by the account", StringComparison.Ordinal)..html.IndexOf("Displayed by the service", StringComparison.Ordinal)];
        volunteered.ShouldNotContain("found-value");
        html[html.IndexOf("Found by us, or supplied", StringComparison.Ordinal)..].ShouldContain("found-value");
    }

    [Fact]
    public void Claimed_and_inferred_countries_stand_apart_and_the_conflict_comes_first()
    {
        var html = Html(InventedCase.Dossier);
        var part = html[html.IndexOf("4  Countries", StringComparison.Ordinal)..html.IndexOf("5  What speaks", StringComparison.Ordinal)];
        new[] { "Conflict:", "Claimed by the account", "Netherlands (NL)", "Inferred", "Poland (PL)" }.Select(text => part.IndexOf(text, StringComparison.Ordinal)).ShouldBeInOrder();
    }

    [Fact]
    public void Every_provision_carries_its_label_and_none_is_offered_as_shown()
    {
        InventedCase.Dossier.Law.ShouldNotBeEmpty();
        var html = Html(InventedCase.Dossier);
        var part = html[html.IndexOf("7  Law", StringComparison.Ordinal)..html.IndexOf("8  Authorisation", StringComparison.Ordinal)];
        part.ShouldContain("Not legal advice.");
        part.ShouldContain("No provision is offered as shown");
        foreach (var match in InventedCase.Dossier.Law)
            part.ShouldContain(match.Entry.LabelInWords);
        Regex.Count(part, "<tr>").ShouldBe(InventedCase.Dossier.Law.Count + 1);
    }

    [Fact]
    public void Nothing_that_speaks_for_the_person_is_left_out()
    {
        var conversation = InventedCase.Dossier.Conversations[0];
        var many = conversation with
        {
            Conduct = conversation.Conduct with
            {
                Exculpatory = [.. new[] { "withdrawal", "age.declined", "reports", "refusal", "advice.safety", "peer.age", "adult.stated", "fiction.stated", "age.doubted", "retraction" }.Select((code, i) => InventedCase.Indicator(code, 2000 + i))],
                RefusalsAndExits = [new(true, "silent-withdrawal", InventedCase.Place(2100, 3), [])],
            },
        };
        var html = Html(InventedCase.Dossier with { Conversations = [many] });
        var part = html[html.IndexOf("5  What speaks", StringComparison.Ordinal)..html.IndexOf("6  Deviations", StringComparison.Ordinal)];
        for (var exhibit = 2000; exhibit < 2010; exhibit++)
            part.ShouldContain($"EX-0000{exhibit}");
        part.ShouldContain("EX-00002100");
    }

    [Fact]
    public void A_probability_that_is_not_calibrated_is_not_printed()
    {
        Html(InventedCase.Dossier).ShouldNotContain("0.968065");
        Html(InventedCase.Dossier with { Versions = InventedCase.Dossier.Versions with { Calibrated = true } }).ShouldContain("0.968065");
    }

    [Fact]
    public void A_failed_check_is_said_in_red()
    {
        var failed = InventedCase.Dossier with { Recording = InventedCase.Dossier.Recording with { Verified = false } };
        Html(failed).ShouldContain("<dd class=\"red\">a check FAILED");
    }

    [Fact]
    public void A_description_of_a_dossier_contains_no_words_of_a_chat()
    {
        InventedCase.Dossier.ToString().ShouldBe("D-lantern-1 v1");
        InventedCase.Dossier.Conversations[0].Quotations[0].Lines[0].ToString().ShouldBe("EX-00001205");
    }

    static Dossier With(QuotedLine line) => InventedCase.Dossier with
    {
        Conversations = [InventedCase.Dossier.Conversations[0] with { Quotations = [new([line])] }],
    };

    static readonly string[] KnownTags =
    [
        "html", "head", "meta", "title", "style", "body", "section", "div", "p", "h1", "h2", "h3", "strong", "span", "table", "colgroup", "col", "thead", "tr", "th", "td", "mark", "bdi", "ul", "li", "dl", "dt", "dd", "pre",
    ];

    [GeneratedRegex(@"</?([a-zA-Z0-9]+)")]
    private static partial Regex Tags();

    [GeneratedRegex(@"<[^>]*\s(?:on\w+|src|href)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Attributes();

    [GeneratedRegex("<span class=\"code\">[^<]*</span>")]
    private static partial Regex Code();

    [GeneratedRegex("<span class=\"inv\">U\\+([0-9A-F]+)</span>")]
    private static partial Regex Invisible();
}
