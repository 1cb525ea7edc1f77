using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;

namespace Custos.Casework;

/// <summary>Writes a dossier as one self-contained HTML file: no script, no outside request, the same bytes every time.</summary>
/// <remarks>The order of its parts is that of casework-spec, section 8. It quotes; it does not discover.</remarks>
public static class DossierWriter
{
    static readonly Lazy<string> Css = new(LoadCss);

    /// <summary>The dossier's bytes: UTF-8, line feeds.</summary>
    /// <param name="dossier">What it quotes.</param>
    /// <param name="data">Names of countries.</param>
    public static byte[] Write(Dossier dossier, SelectorData data)
    {
        ArgumentNullException.ThrowIfNull(dossier);
        ArgumentNullException.ThrowIfNull(data);
        return new UTF8Encoding(false).GetBytes(new Page(dossier, data).Write());
    }

    static string LoadCss()
    {
        using var stream = typeof(DossierWriter).Assembly.GetManifestResourceStream("Custos.Casework.dossier.css")
            ?? throw new InvalidOperationException("The assembly lacks its data 'dossier.css'.");
        using var reader = new StreamReader(stream, new UTF8Encoding(false, true));
        return reader.ReadToEnd();
    }

    sealed class Page(Dossier dossier, SelectorData data)
    {
        readonly DossierHtml _html = new();
        readonly GateAnswer _gate = CompletenessGate.Check(dossier);

        internal string Write()
        {
            Begin();
            PageOne();
            WhatWasSaid();
            ConductTables();
            IdentityPart();
            Countries();
            SpeaksFor();
            Deviations();
            Law();
            Authorisation();
            Recording();
            Versions();
            Gate();
            Signatures();
            _html.Raw("</body>\n</html>\n");
            return _html.ToString();
        }

        // ---- frame ------------------------------------------------------------------------------------------

        void Begin()
        {
            var css = Css.Value + PageRule();
            // The style is allowed by its hash and nothing else is allowed at all: words of a chat cannot run, load or call.
            var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(css)));
            _html.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .Raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-").Raw(hash).Raw("'\">\n")
                .Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
                .Open("title").Text($"{dossier.Id} v{dossier.Version}: {Title}").Raw("</title>\n")
                .Raw("<style>").Raw(css).Raw("</style>\n</head>\n<body>\n");
        }

        // Name, page and, where no age was stated, the red line stand on every printed page.
        string PageRule()
        {
            var name = CssText($"{dossier.Id} v{dossier.Version}, operation {dossier.Operation}, checkpoint {dossier.Recording.TreeSize.ToString(CultureInfo.InvariantCulture)}");
            var red = _gate.AgeStated ? "" : "@top-center{content:\"AGE NOT STATED\";color:#a8071a;font:bold 9pt sans-serif}";
            return "@page{size:A4;margin:17mm 16mm 17mm 18mm;"
                + "@bottom-left{content:\"" + name + "\";font:7.5pt sans-serif;color:#555d66}"
                + "@bottom-right{content:\"page \" counter(page) \" of \" counter(pages);font:7.5pt sans-serif;color:#555d66}"
                + "@top-right{content:\"" + Title + "\";font:7.5pt sans-serif;color:#555d66}"
                + red + "}\n";
        }

        // Ids are ours, but a style sheet must not depend on that.
        static string CssText(string text) => string.Concat(text.Where(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-' or '.' or ',' or '_'));

        string Title => _gate.Result == GateResult.Actionable ? "ACTIONABLE" : "INFORMATIONAL";

        string Who => dossier.Case is { } opened ? $"Subject {opened.SubjectId}" : dossier.Accounts.Count switch
        {
            1 => "Account " + dossier.Accounts[0].Name,
            <= 3 => "Accounts " + DossierWords.List([.. dossier.Accounts.Select(account => account.Name)]),
            _ => $"{dossier.Accounts.Count} accounts",
        };

        // ---- page one ---------------------------------------------------------------------------------------

        void PageOne()
        {
            _html.Raw("<section class=\"page1\">\n<div class=\"head\"><div>")
                .Element("p", "kicker", $"Dossier {dossier.Id}, version {dossier.Version}. Operation {dossier.Operation}. Assembled by {dossier.Author} at checkpoint {N(dossier.Recording.TreeSize)} of {dossier.Recording.Origin}.")
                .Element("h1", null, Who)
                .Element("p", "kicker", dossier.Accounts.Count == 1 && dossier.Case is null ? dossier.Accounts[0].Space : DossierWords.List([.. dossier.Accounts.Select(account => account.ToString())]))
                .Raw("</div>\n<div class=\"status\">").Element("strong", null, Title)
                .Text(dossier.Recipient is { } recipient ? $"To {recipient}. " : "No recipient chosen. ")
                .Text(dossier.Signatures.Count == 0 ? "Draft, not signed. " : $"Signed by {DossierWords.Count(dossier.Signatures.Count, "person", "people")}. ")
                .Text($"Identity: {DossierWords.Level(dossier.Level)}.");
            if (dossier.Conversations.Select(conversation => conversation.Triage).FirstOrDefault(triage => triage is not null) is { } triage)
                _html.Text($" Risk band {triage.Band}: {triage.BandInWords}.");
            _html.Raw("</div></div>\n");

            if (!_gate.AgeStated)
                _html.Element("p", "flag", "Age not stated: in what was recorded, nobody stated a child's age to this account.");

            _html.Element("h2", null, "What happened");
            foreach (var conversation in dossier.Conversations.Take(1))
                Summary(conversation);
            if (dossier.Conversations.Count == 0)
                _html.Element("p", null, "No conversation with one other side stands out. What the account wrote to nobody in particular stands below.");
            OtherConversations();
            foreach (var place in dossier.Places.Take(2))
                PlaceSummary(place);

            if (dossier.Conversations.Count > 0)
            {
                var main = dossier.Conversations[0].Conduct;
                _html.Element("h2", null, "Who raised what first");
                Topics(main, brief: true);
            }

            _html.Raw("<div class=\"two\"><div>").Element("h2", null, "What is known of the person, and how");
            Known();
            _html.Raw("</div><div>").Element("h2", null, "What speaks for the person");
            SpeaksForBrief();
            _html.Element("h2", null, "What is missing");
            Missing();
            _html.Raw("</div></div>\n</section>\n");
        }

        void Summary(DossierConversation conversation)
        {
            var conduct = conversation.Conduct;
            var (account, other) = (conduct.Pair.Account, conduct.Pair.Counterpart);
            _html.Raw("<p>").Text($"{Capital(DossierWords.Day(conversation.First))}");
            if (conversation.First is not null)
                _html.Text($", from {DossierWords.Clock(conversation.First)} to {DossierWords.Clock(conversation.Last)}{(SameDay(conversation) ? "" : " " + DossierWords.Day(conversation.Last))}");
            _html.Text(", the account ").Element("span", "account", account)
                .Text(" and ").Element("span", "account", other).Text(conduct.HasPersona ? ", a persona of an authorised officer," : ", who is not our persona and may be a child,")
                .Text($" exchanged {DossierWords.Count(conduct.Messages, "message", "messages")} in {conduct.Pair.Venue}. ");
            AgeSentence(conduct);

            var byAccount = conduct.Topics.Where(topic => topic.First == "account" && topic.Topic != "age").ToList();
            var byOther = conduct.Topics.Where(topic => topic.First == "counterpart" && topic.Topic != "age").ToList();
            if (byAccount.Count > 0)
            {
                _html.Text($"{account} was first to raise ");
                Raised(byAccount, topic => topic.ByAccount);
                _html.Text(". ");
            }

            if (byOther.Count > 0)
            {
                _html.Text($"{other} was first to raise ");
                Raised(byOther, topic => topic.ByPersona);
                _html.Text(". ");
            }

            if (byOther.Count == 0 && byAccount.Count > 0)
                _html.Text($"{other} was first to raise none of these. ");
            if (conduct.MessagesToNextCore is { } messages)
                _html.Text(messages <= 1 ? "After the age was stated the account went on with its next message that counts. " : $"After the age was stated the account went on within {DossierWords.Count(messages, "message", "messages")}. ");
            var refusals = conduct.RefusalsAndExits.Where(refusal => !refusal.ByAccount && refusal.Code == "refusal").ToList();
            if (refusals.Count > 0)
            {
                _html.Text($"{other} refused {(refusals.Count == 1 ? "once" : DossierWords.Count(refusals.Count, "time", "times"))} (");
                Exhibits(refusals.Select(refusal => refusal.Where.Exhibit));
                _html.Text(").");
            }

            _html.Raw("</p>\n");
            if (conversation.Triage is { } triage)
                Urgency(triage);
        }

        void PlaceSummary(DossierPlace place)
        {
            _html.Raw("<p>").Element("span", "account", place.Account.Name).Text($" also wrote in {place.Venue} to nobody in particular, from {DossierWords.Time(place.First)} to {DossierWords.Time(place.Last)}; the evidence there passed the threshold of an alert (");
            Exhibits(place.Alert.Indicators.Select(indicator => indicator.Exhibit).Distinct().Order().Take(6));
            _html.Text(").").Raw("</p>\n");
        }

        void Urgency(TriageAnswer triage)
        {
            var band = triage.Reasons.Where(reason => reason.Band is not null).Select(reason => reason.Sentence).Distinct(StringComparer.Ordinal).ToList();
            var points = triage.Reasons.Where(reason => reason.Band is null).Select(reason => reason.Sentence).Distinct(StringComparer.Ordinal).ToList();
            _html.Raw("<p class=\"note\">").Text($"Risk to a child, band {triage.Band} ({triage.BandInWords})");
            if (band.Count > 0)
                _html.Text(": " + DossierWords.List(band));
            if (points.Count > 0)
                _html.Text($". Within the band {DossierWords.Count(triage.Points, "point", "points")}: {DossierWords.List(points)}");
            _html.Text(".").Raw("</p>\n");
        }

        void AgeSentence(ConductRecord conduct)
        {
            var stated = conduct.AgeStatedByCounterpart;
            switch (stated.State)
            {
                case FactState.Known:
                    var age = conduct.Ages.FirstOrDefault(statement => !statement.ByAccount && statement.Where.Exhibit == stated.Where!.Exhibit);
                    _html.Text(age is null ? $"{conduct.Pair.Counterpart} stated a child's age (" : $"{conduct.Pair.Counterpart} stated the age {age.Years.ToString(CultureInfo.InvariantCulture)}{(age.Exact ? "" : ", by school year or year of birth")} (");
                    Exhibits([stated.Where!.Exhibit]);
                    _html.Text(")");
                    if (conduct.AgeAcknowledged is { State: FactState.Known, Where: { } acknowledged })
                    {
                        _html.Text($", and {conduct.Pair.Account} acknowledged it (");
                        Exhibits([acknowledged.Exhibit]);
                        _html.Text("). ");
                    }
                    else
                    {
                        _html.Text("; whether it was read is " + (conduct.AgeAcknowledged.State == FactState.Unknown ? "unknown" : "not shown by an answer") + ". ");
                    }

                    break;
                case FactState.None:
                    _html.Element("span", "red", "No age was stated in this conversation.").Text(" ");
                    break;
                case FactState.Unknown:
                    _html.Element("span", "red", $"Whether an age was stated is unknown: {stated.Reason}.").Text(" ");
                    break;
            }
        }

        void Raised(List<TopicFirst> topics, Func<TopicFirst, ConductFact> fact)
        {
            for (var i = 0; i < topics.Count; i++)
            {
                _html.Text(i == 0 ? "" : i == topics.Count - 1 ? " and " : ", ").Text(DossierWords.Topic(topics[i].Topic)).Text(" (");
                Exhibits([fact(topics[i]).Where!.Exhibit]);
                _html.Text(")");
            }
        }

        void OtherConversations()
        {
            if (dossier.Conversations.Count < 2)
                return;
            const int Shown = 4;
            _html.Open("table").Head("Also in this dossier", "With", "Messages", "Age stated", "First raised by the account");
            foreach (var other in dossier.Conversations.Skip(1).Take(Shown))
            {
                _html.Open("tr").Cell($"{other.Conduct.Pair.Venue}, {DossierWords.Time(other.First)}").Cell(other.Conduct.Pair.Counterpart + (other.Conduct.HasPersona ? " (persona)" : "")).Cell(N(other.Conduct.Messages))
                    .Cell(AgeShort(other.Conduct), other.Conduct.AgeStatedByCounterpart.State == FactState.Known ? null : "red")
                    .Cell(OrNone(DossierWords.List([.. other.Conduct.Topics.Where(topic => topic.First == "account" && topic.Topic != "age").Select(topic => DossierWords.Topic(topic.Topic))]))).Close("tr");
            }

            _html.Close("table");
            if (dossier.Conversations.Count > Shown + 1)
                _html.Element("p", "note", $"{DossierWords.Count(dossier.Conversations.Count - Shown - 1, "further conversation stands", "further conversations stand")} in part 1.");
        }

        static string AgeShort(ConductRecord conduct) => conduct.AgeStatedByCounterpart.State switch
        {
            FactState.Known => conduct.Ages.FirstOrDefault(age => !age.ByAccount && age.Where.Exhibit == conduct.AgeStatedByCounterpart.Where!.Exhibit) is { } age ? age.Years.ToString(CultureInfo.InvariantCulture) : "yes",
            FactState.None => "not stated",
            _ => "unknown",
        };

        void Known()
        {
            var said = dossier.Statements.Where(statement => statement.Basis == StatementBasis.Volunteered).ToList();
            if (dossier.Statements.Count == 0)
                _html.Element("p", null, "Nothing but the account. It volunteered no value, and nothing was looked up.");
            foreach (var group in said.GroupBy(statement => (statement.Property, statement.Value)).Take(6))
            {
                var first = group.First();
                _html.Raw("<p>").Element("span", "account", first.Property.StartsWith("country", StringComparison.Ordinal) ? data.CountryName(first.Value) : first.Value)
                    .Text($": {first.Property}, volunteered{(first.AskedIn is null ? " unasked" : " when asked")}, {DossierWords.Validity(first.Validity)} (");
                Exhibits(group.Select(statement => statement.Where.Exhibit));
                _html.Text(").").Raw("</p>\n");
            }

            if (dossier.Links.Count > 0)
                _html.Element("p", null, $"{DossierWords.Count(dossier.Accounts.Count, "account", "accounts")} are taken for one person; why stands in part 3.");
            _html.Element("p", "note", dossier.Statements.Any(statement => statement.Basis is StatementBasis.Found or StatementBasis.Supplied)
                ? "What was found or supplied stands apart, in part 3."
                : "Nothing was found by us or supplied by others. " + DossierWords.LevelInWords(dossier.Level));
        }

        void SpeaksForBrief()
        {
            var lines = SpeaksForLines().ToList();
            if (lines.Count == 0)
            {
                _html.Element("p", null, $"Looked for in {DossierWords.Count(dossier.Conversations.Count, "conversation", "conversations")}: leaving when the age was stated, declining, refusing, doubting the age, advice on safety. None was found.");
                return;
            }

            _html.Raw("<ul>");
            foreach (var (sentence, exhibits) in lines.Take(5))
            {
                _html.Raw("<li>").Text(Capital(sentence) + " (");
                Exhibits(exhibits);
                _html.Text(").").Raw("</li>");
            }

            _html.Raw("</ul>\n");
            if (lines.Count > 5)
                _html.Element("p", "note", $"{DossierWords.Count(lines.Count - 5, "more stands", "more stand")} in part 5.");
        }

        void Missing()
        {
            var lacking = _gate.Findings.Where(finding => finding.State != GateState.Met).ToList();
            if (lacking.Count == 0)
            {
                _html.Element("p", null, "Nothing of A1 to A11.");
                return;
            }

            _html.Raw("<ul>");
            foreach (var finding in lacking)
                _html.Raw("<li>").Element("span", finding.State == GateState.Missing ? "state-missing" : "state-open", finding.Id).Text(" " + finding.Sentence).Raw("</li>");
            _html.Raw("</ul>\n");
            if (_gate.Result == GateResult.Refused)
                _html.Element("p", "note", "As it stands it may be read inside the unit; its release would be refused.");
        }

        // ---- 1 what was said --------------------------------------------------------------------------------

        void WhatWasSaid()
        {
            _html.Element("h2", null, "1  What was said")
                .Element("p", "note", "Word for word as recorded, with the lines around it in grey. Marked words are what an indicator cites; the indicator's name follows them. An indicator is an observation, not a finding of fact. Characters that cannot be seen are shown as U+ and their number.");
            for (var i = 0; i < dossier.Conversations.Count; i++)
            {
                var conversation = dossier.Conversations[i];
                var pair = conversation.Conduct.Pair;
                _html.Element("h3", null, $"1.{i + 1}  {pair.Account} and {pair.Counterpart}{(conversation.Conduct.HasPersona ? " (persona)" : "")}, {pair.Venue}{(pair.Thread.Length > 0 ? ", thread " + pair.Thread : "")}")
                    .Element("p", "note", $"{DossierWords.Count(conversation.Conduct.Messages, "message", "messages")}, {DossierWords.Time(conversation.First)} to {DossierWords.Time(conversation.Last)}.{AlertSentence(conversation.Alert)}");
                Talk(conversation.Quotations);
            }

            for (var i = 0; i < dossier.Places.Count; i++)
            {
                var place = dossier.Places[i];
                _html.Element("h3", null, $"1.{dossier.Conversations.Count + i + 1}  {place.Account.Name} in {place.Venue}, to nobody in particular")
                    .Element("p", "note", $"{DossierWords.Time(place.First)} to {DossierWords.Time(place.Last)}.{AlertSentence(place.Alert)}");
                Talk(place.Quotations);
            }

            if (dossier.Elsewhere.Count > 0)
            {
                _html.Element("h3", null, $"1.{dossier.Conversations.Count + dossier.Places.Count + 1}  Lines that part 3 rests on, said elsewhere");
                Talk(dossier.Elsewhere);
            }
        }

        void Talk(IReadOnlyList<Quotation> quotations)
        {
            if (quotations.Count == 0)
                return;
            _html.Raw("<table class=\"talk\"><colgroup><col class=\"c1\"><col class=\"c2\"><col class=\"c3\"><col></colgroup>\n").Head("Exhibit", "When", "Who", "Words");
            string? day = null;
            for (var q = 0; q < quotations.Count; q++)
            {
                if (q > 0)
                    _html.Raw("<tr class=\"skip\"><td colspan=\"4\">lines between are in the log and left out here</td></tr>\n");
                foreach (var line in quotations[q].Lines)
                {
                    if (DossierWords.DayHeading(line.At) != day)
                    {
                        day = DossierWords.DayHeading(line.At);
                        _html.Raw("<tr class=\"day\"><td colspan=\"4\">").Text(day).Raw("</td></tr>\n");
                    }

                    Quote(line);
                }
            }

            _html.Close("table");
        }

        string AlertSentence(Finding? raised)
        {
            if (raised is not { } alert)
                return " The evidence did not pass the threshold of an alert.";
            var score = alert.Score is { } bits ? string.Create(CultureInfo.InvariantCulture, $" Evidence {bits.Millibits / 1000.0:F3} bits") : "";
            if (dossier.Versions.Calibrated && alert.Probability is { } p)
                score += string.Create(CultureInfo.InvariantCulture, $", probability {p.Millionths / 1e6:F6}");
            return score.Length == 0 ? " An alert was raised." : $" An alert was raised:{score}{(dossier.Versions.Calibrated ? "" : "; the measure is not calibrated, so no probability is given")}.";
        }

        void Quote(QuotedLine line)
        {
            var css = line.Cited ? line.Role == LineRole.Account ? "account-line" : "cited" : "context";
            _html.Open("tr", css).Cell(line.Exhibit.ToString(), "ex").Cell(DossierWords.TimeOfDay(line.At)).Open("td", "who").Raw("<bdi>").Text(line.From).Raw("</bdi>").Text(line.Role == LineRole.Persona ? " (persona)" : "").Raw("</td><td class=\"words\"><bdi dir=\"auto\">");
            Words(line);
            _html.Raw("</bdi></td>").Close("tr");
        }

        void Words(QuotedLine line)
        {
            var starts = CodePointStarts(line.Text);
            var length = starts.Count - 1;
            // Spans may overlap: the text is cut at every edge, and each piece knows which spans cover it.
            var marks = line.Marks.Where(mark => mark.Length > 0 && mark.Start >= 0 && mark.Start + mark.Length <= length).OrderBy(mark => mark.Start).ThenBy(mark => mark.Length).ThenBy(mark => mark.Code, StringComparer.Ordinal).ToList();
            var edges = marks.SelectMany(mark => (int[])[mark.Start, mark.Start + mark.Length]).Append(0).Append(length).Distinct().Order().ToList();
            for (var i = 0; i + 1 < edges.Count; i++)
            {
                var piece = line.Text[starts[edges[i]]..starts[edges[i + 1]]];
                var covered = marks.Exists(mark => mark.Start <= edges[i] && mark.Start + mark.Length >= edges[i + 1]);
                if (covered)
                    _html.Raw("<mark>").Text(piece).Raw("</mark>");
                else
                    _html.Text(piece);
                foreach (var code in marks.Where(mark => mark.Start + mark.Length == edges[i + 1]).Select(mark => mark.Code).Distinct(StringComparer.Ordinal))
                    _html.Element("span", "code", code);
            }
        }

        static List<int> CodePointStarts(string text)
        {
            var starts = new List<int>(text.Length + 1);
            for (var i = 0; i < text.Length; i++)
            {
                starts.Add(i);
                if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                    i++;
            }

            starts.Add(text.Length);
            return starts;
        }

        // ---- 2 conduct --------------------------------------------------------------------------------------

        void ConductTables()
        {
            _html.Element("h2", null, "2  Conduct record")
                .Element("p", "note", "Computed from the exhibits alone. A first is unknown where a gap lies before it.");
            for (var i = 0; i < dossier.Conversations.Count; i++)
            {
                var conduct = dossier.Conversations[i].Conduct;
                _html.Element("h3", null, $"2.{i + 1}  {conduct.Pair.Account} and {conduct.Pair.Counterpart}{(conduct.HasPersona ? " (persona)" : "")}, {conduct.Pair.Venue}");
                Topics(conduct, brief: false);
                _html.Raw("<dl class=\"facts\">");
                Fact("Age stated to the account", conduct.AgeStatedByCounterpart.State == FactState.None ? "not stated" : DossierWords.Fact(conduct.AgeStatedByCounterpart), conduct.AgeStatedByCounterpart.State == FactState.Known ? null : "red");
                Fact("Acknowledged by the account", DossierWords.Fact(conduct.AgeAcknowledged));
                foreach (var age in conduct.Ages)
                    Fact($"Age said by {(age.ByAccount ? conduct.Pair.Account : conduct.Pair.Counterpart)}", $"{age.Years.ToString(CultureInfo.InvariantCulture)}{(age.Exact ? "" : " (not exact)")}: {DossierWords.Place(age.Where)}");
                Fact("Messages to the account's next core indicator", conduct.MessagesToNextCore?.ToString(CultureInfo.InvariantCulture) ?? "none followed");
                foreach (var refusal in conduct.RefusalsAndExits)
                    Fact($"{(refusal.ByAccount ? conduct.Pair.Account : conduct.Pair.Counterpart)} {DossierWords.SpeaksFor(refusal.Code)}", $"{DossierWords.Place(refusal.Where)}; then {(refusal.Next.Count == 0 ? "nothing more" : string.Join(", ", refusal.Next.Select(next => next.Exhibit)))}");
                if (conduct.HasPersona)
                    Fact("Our persona's share", $"{N(conduct.Pressure.Messages)} of {N(conduct.Pressure.OfAll)} messages; longest run without an answer {N(conduct.Pressure.LongestUnansweredRun)}; inducements {N(conduct.Pressure.Inducements)}", conduct.Pressure.Inducements == 0 ? null : "red");
                _html.Raw("</dl>\n");
            }
        }

        void Topics(ConductRecord conduct, bool brief)
        {
            var other = conduct.HasPersona ? $"{conduct.Pair.Counterpart} (persona)" : conduct.Pair.Counterpart;
            _html.Open("table").Head(brief ? ["Topic", "First", $"First by {conduct.Pair.Account}", $"First by {other}"] : ["Topic", "First", $"First by {conduct.Pair.Account}", "Later", $"First by {other}", "Later"]);
            foreach (var topic in conduct.Topics)
            {
                if (brief && topic.First == "nobody")
                    continue;
                var first = topic.First switch
                {
                    "account" => conduct.Pair.Account,
                    "counterpart" => conduct.Pair.Counterpart,
                    "nobody" => "nobody",
                    _ => "unknown",
                };
                _html.Open("tr").Cell(DossierWords.Topic(topic.Topic)).Cell(first, topic.First switch { "account" => "first-account", "nobody" => "nobody", _ => null });
                _html.Cell(TopicFact(topic.ByAccount, brief));
                if (!brief)
                    _html.Cell(N(topic.LaterByAccount));
                _html.Cell(TopicFact(topic.ByPersona, brief));
                if (!brief)
                    _html.Cell(N(topic.LaterByCounterpart));
                _html.Close("tr");
            }

            _html.Close("table");
            var nobody = conduct.Topics.Where(topic => topic.First == "nobody").Select(topic => DossierWords.Topic(topic.Topic)).ToList();
            if (brief && nobody.Count > 0)
                _html.Element("p", "note", $"Raised by nobody: {DossierWords.List(nobody)}.");
        }

        static string TopicFact(ConductFact fact, bool brief) => fact.State switch
        {
            FactState.Known => brief ? $"{fact.Where!.Exhibit}, {DossierWords.Clock(fact.Where.At)}" : DossierWords.Place(fact.Where!),
            FactState.None => "not raised",
            _ => "unknown: " + fact.Reason,
        };

        // ---- 3 identity -------------------------------------------------------------------------------------

        void IdentityPart()
        {
            _html.Element("h2", null, "3  Identity").Element("p", null, $"Level: {DossierWords.Level(dossier.Level)}. {DossierWords.LevelInWords(dossier.Level)}");
            if (dossier.Case is { } opened)
                _html.Element("p", null, $"Subject {opened.SubjectId} was opened in case {opened.CaseId} by {opened.By} in {opened.Opened}, with the reason: {opened.Reason}");

            _html.Element("h3", null, "Volunteered by the account");
            Statements([StatementBasis.Volunteered], "The account volunteered no value.");
            _html.Element("h3", null, "Displayed by the service");
            Statements([StatementBasis.Displayed], "Nothing beyond the name of the account.");
            _html.Element("h3", null, "Found by us, or supplied by others");
            Statements([StatementBasis.Found, StatementBasis.Supplied], "Nothing was looked up and nothing was supplied.");

            _html.Element("h3", null, "Why these accounts are taken for one person");
            if (dossier.Accounts.Count == 1)
            {
                _html.Element("p", null, "One account; nothing was linked.");
            }
            else if (dossier.Links.Count == 0)
            {
                _html.Element("p", null, "No shared value and no judgement ties them; a person listed them together.");
            }
            else
            {
                _html.Raw("<ul>");
                foreach (var link in dossier.Links)
                    _html.Element("li", null, link.Sentence);
                _html.Raw("</ul>\n");
            }

            foreach (var held in dossier.Held)
                _html.Element("p", "red", held.Sentence);

            _html.Element("h3", null, "Rival explanations");
            var given = dossier.Statements.Count(statement => statement.Basis == StatementBasis.Volunteered && statement.Validity == SelectorValidity.Checked);
            var peers = dossier.Conversations.SelectMany(conversation => conversation.Conduct.Exculpatory).Where(indicator => indicator.Code == "peer.age").Select(indicator => indicator.Exhibit).Distinct().ToList();
            _html.Open("table").Head("Explanation", "What the exhibits show", "What would decide");
            Rival("H1 The holder of the values given uses the account", given > 0 ? $"{DossierWords.Count(given, "value", "values")} with a checked form, given by the account" : "no value was given", "subscriber data for a value, with times");
            Rival("H2 Somebody else uses that person's account or device", "not shown either way", "address and device data for the times above");
            Rival("H3 Somebody poses with that person's data", "not shown either way", "a check that the holder controls the value");
            Rival("H4 A coincidence of names", dossier.Links.Any(link => link.Basis == LinkBasis.SharedSelector) ? "accounts share a value, not a name" : "no name was used to link", "a second source with no common root");
            Rival("H5 The holder is a child, or another unit's persona", peers.Count > 0 ? $"the account stated a child's age: {string.Join(", ", peers)}" : "nothing suggests it; deconfliction was not asked", "deconfliction, and the holder's age");
            _html.Close("table").Element("p", "note", "A person answers these before release; the program does not.");
        }

        void Rival(string hypothesis, string shown, string decides) => _html.Open("tr").Cell(hypothesis).Cell(shown).Cell(decides).Close("tr");

        void Statements(StatementBasis[] bases, string none)
        {
            var statements = dossier.Statements.Where(statement => bases.Contains(statement.Basis)).ToList();
            if (statements.Count == 0)
            {
                _html.Element("p", "note", none);
                return;
            }

            _html.Open("table").Head("Value as written", "What it is", "Compared as", "Asked", "Form", "Grade", "Exhibit");
            foreach (var statement in statements)
            {
                _html.Open("tr").Cell(statement.Raw).Cell(statement.Property).Cell(statement.Value)
                    .Cell(statement.AskedIn is { } asked ? "yes, " + asked.Exhibit : "no").Cell(DossierWords.Validity(statement.Validity))
                    .Cell(statement.Grade + (statement.GradeProposed ? " (proposed)" : "") + (statement.Grade.Handling is null ? ", handling not chosen" : ""))
                    .Cell(statement.Where.Exhibit.ToString(), "ex").Close("tr");
            }

            _html.Close("table");
            foreach (var grade in statements.Select(statement => statement.Grade).Distinct())
                _html.Element("p", "note", $"{grade}: {grade.InWords}.");
        }

        // ---- 4 countries ------------------------------------------------------------------------------------

        void Countries()
        {
            _html.Element("h2", null, "4  Countries");
            foreach (var conflict in dossier.Countries.Conflicts)
                _html.Element("p", "flag", "Conflict: " + conflict.Sentence);
            if (dossier.Countries.Unknown)
            {
                _html.Element("p", null, "Unknown: the account named no country and nothing it gave points to one.");
                return;
            }

            _html.Raw("<div class=\"two\"><div>").Element("h3", null, "Claimed by the account");
            if (dossier.Countries.Claimed.Count == 0)
                _html.Element("p", "note", "It named none.");
            foreach (var claim in dossier.Countries.Claimed)
            {
                _html.Raw("<p>").Text($"{data.CountryName(claim.Country)} ({claim.Country}), {DossierWords.Role(claim.Role)}, {(claim.AskedIn is null ? "unasked" : "when asked")}: ");
                Exhibits([claim.Where.Exhibit]);
                _html.Raw("</p>\n");
            }

            _html.Raw("</div><div>").Element("h3", null, "Inferred");
            if (dossier.Countries.Inferred.Count == 0)
                _html.Element("p", "note", "Nothing it gave points to one.");
            foreach (var inference in dossier.Countries.Inferred)
            {
                _html.Raw("<p>").Text($"{data.CountryName(inference.Country)} ({inference.Country}), {DossierWords.Role(inference.Role)}, by the {inference.Method}; carries {inference.Class.ToString().ToLowerInvariant()} weight: ");
                Exhibits([inference.Where.Exhibit]);
                _html.Raw("</p>\n");
            }

            _html.Raw("</div></div>\n").Element("p", "note", "Claimed and inferred are not added together. A number can be used abroad; a claim can be a joke or the past.");
        }

        // ---- 5 what speaks for the person ---------------------------------------------------------------------

        IEnumerable<(string Sentence, IReadOnlyList<ExhibitNumber> Exhibits)> SpeaksForLines()
        {
            foreach (var conversation in dossier.Conversations)
            {
                var conduct = conversation.Conduct;
                var with = dossier.Conversations.Count == 1 ? "" : $", with {conduct.Pair.Counterpart} in {conduct.Pair.Venue}";
                foreach (var group in conduct.Exculpatory.GroupBy(indicator => indicator.Code))
                    yield return (DossierWords.SpeaksFor(group.Key) + with, [.. group.Select(indicator => indicator.Exhibit).Distinct()]);
                foreach (var exit in conduct.RefusalsAndExits.Where(exit => exit.ByAccount && !conduct.Exculpatory.Any(indicator => indicator.Code == exit.Code)))
                    yield return (DossierWords.SpeaksFor(exit.Code) + with, [exit.Where.Exhibit]);
            }
        }

        void SpeaksFor()
        {
            _html.Element("h2", null, "5  What speaks for the person");
            var lines = SpeaksForLines().ToList();
            if (lines.Count == 0)
                _html.Element("p", null, "None of the indicators that speak for an account was found in these conversations.");
            else
                _html.Open("table").Head("What", "Exhibits");
            foreach (var (sentence, exhibits) in lines)
            {
                _html.Open("tr").Cell(Capital(sentence)).Open("td");
                Exhibits(exhibits);
                _html.Raw("</td>").Close("tr");
            }

            if (lines.Count > 0)
                _html.Close("table");
            var quiet = dossier.Conversations.Where(conversation => conversation.Alert is null).ToList();
            if (quiet.Count > 0)
                _html.Element("p", null, $"In {DossierWords.Count(quiet.Count, "conversation", "conversations")} of {N(dossier.Conversations.Count)} the evidence did not pass the threshold of an alert.");
        }

        // ---- 6 deviations -----------------------------------------------------------------------------------

        void Deviations()
        {
            _html.Element("h2", null, "6  Deviations from the rules of conduct");
            var any = false;
            foreach (var conversation in dossier.Conversations)
            {
                foreach (var deviation in conversation.Conduct.Deviations)
                {
                    if (!any)
                        _html.Open("table").Head("Code", "What", "Conversation", "Where", "Reviewed");
                    any = true;
                    _html.Open("tr").Cell(deviation.Code).Cell(Capital(DossierWords.Deviation(deviation.Code)) + (deviation.Topic is { } topic ? ": " + DossierWords.Topic(topic) : "")).Cell($"{conversation.Conduct.Pair.Counterpart}, {conversation.Conduct.Pair.Venue}")
                        .Cell(deviation.Where is { } where ? DossierWords.Place(where) : "not one line").Cell("no", "red").Close("tr");
                }
            }

            if (any)
                _html.Close("table");
            else
                _html.Element("p", null, dossier.Conversations.Any(conversation => conversation.Conduct.HasPersona) ? "None was found." : "No line in these conversations is ours.");
        }

        // ---- 7 law, 8 authorisation ---------------------------------------------------------------------------

        void Law()
        {
            _html.Element("h2", null, "7  Law")
                .Element("p", null, "No provision is offered as shown: a person maps conduct to a provision, and none has been mapped. Not legal advice.");
            if (dossier.Law.Count == 0)
            {
                _html.Element("p", "note", dossier.Countries.Unknown
                    ? "No country is known, so no provision stands beside the conduct."
                    : "The matrix holds none for these countries that speaks of what was found, which does not mean that there is no law.");
                return;
            }

            _html.Element("p", "note", "For comparison: provisions of the countries claimed or inferred that speak of what the indicators touch. Each stands for itself.")
                .Open("table").Head("Provision", "How far vouched for", "Speaks of", "Beside the conduct");
            foreach (var match in dossier.Law)
            {
                var entry = match.Entry;
                _html.Open("tr").Cell($"{entry.Jurisdiction}, {entry.Instrument}, {entry.Provision}")
                    .Cell(entry.LabelInWords, entry.Label switch { LawLabel.NotVerified => "state-missing", LawLabel.TextRead => "state-open", _ => "state-met" })
                    .Cell(string.Join(", ", match.Elements).Replace('-', ' ')).Cell(Capital(string.Join("; ", match.Comparisons)) + ".").Close("tr");
            }

            _html.Close("table");
        }

        void Authorisation()
        {
            _html.Element("h2", null, "8  Authorisation");
            if (dossier.Authorization is not { } authorization)
            {
                _html.Element("p", "red", "The log holds no authorisation.");
                return;
            }

            _html.Raw("<dl class=\"facts\">");
            Fact("Exhibit", authorization.Exhibit.ToString());
            Fact("Authority", authorization.Authority);
            Fact("Legal basis", authorization.LegalBasis);
            Fact("In force", $"{DossierWords.Time(authorization.From)} to {DossierWords.Time(authorization.Until)}");
            Fact("Venues", DossierWords.List(authorization.Venues));
            Fact("Personas", OrNone(DossierWords.List(authorization.Personas)));
            Fact("Permitted acts", DossierWords.List(authorization.Acts));
            Fact("Signed by", DossierWords.List(authorization.Signatories));
            _html.Raw("</dl>\n");
        }

        // ---- 9 recording ------------------------------------------------------------------------------------

        void Recording()
        {
            var recording = dossier.Recording;
            _html.Element("h2", null, "9  Recording, gaps and proofs").Raw("<dl class=\"facts\">");
            Fact("Log", recording.Origin);
            Fact("Checkpoint", $"{N(recording.TreeSize)} exhibits, the last recorded {DossierWords.Time(recording.RecordedUntil)}");
            Fact("Root hash", recording.RootHash, "hash");
            Fact("Key of the log", recording.SignerKey ?? "not at hand", "hash");
            Fact("Cited exhibits", recording.Verified switch
            {
                true => "all checked against the checkpoint when this was written",
                false => "a check FAILED: stop work on this log",
                null => "not checked when this was written",
            }, recording.Verified == false ? "red" : null);
            Fact("Anchor outside the unit", recording.Anchored ? "a witness or a time stamp covers the checkpoint" : "none covers the checkpoint");
            Fact("Heard", recording.ListenedSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600.0:F2} hours joined and hearing, gaps taken off") : "no session of ours: the conversations come from imported files, whose own gaps are unknown");
            _html.Raw("</dl>\n");

            _html.Element("h3", null, "Where the messages come from");
            _html.Open("table").Head("How", "Format", "Exhibit", "Cited exhibits from it");
            foreach (var source in recording.Sources)
                _html.Open("tr").Cell(source.Kind == "live" ? "recorded live by us" : "imported from a file, which is kept").Cell(source.Format).Cell(source.Exhibit.ToString(), "ex").Cell(N(source.Messages)).Close("tr");
            _html.Close("table");

            _html.Element("h3", null, "Gaps: when a venue was not heard");
            if (recording.Gaps.Count == 0)
            {
                _html.Element("p", "note", recording.ListenedSeconds is null ? "None is recorded; an imported file does not show what it lacks." : "None is recorded.");
            }
            else
            {
                _html.Open("table").Head("Venue", "From", "Until", "Why", "Exhibit");
                foreach (var gap in recording.Gaps)
                    _html.Open("tr").Cell(gap.Venue).Cell(DossierWords.Time(gap.From)).Cell(gap.Until is { } until ? DossierWords.Time(until) : "still").Cell(gap.Why).Cell(gap.Exhibit.ToString(), "ex").Close("tr");
                _html.Close("table");
            }

            if (recording.Deletions.Count > 0)
            {
                _html.Element("h3", null, "Deleted by order")
                    .Element("p", "note", "In this operation, whoever it spoke of: nobody can tell any more. Findings that rested only on it are gone and are not in this dossier. Each entry, with its time and its proof, is still there, and so is the order.");
                _html.Open("table").Head("Order", "Recorded", "Under", "Exhibits");
                foreach (var deletion in recording.Deletions)
                    _html.Open("tr").Cell(deletion.Order.ToString(), "ex").Cell(DossierWords.Time(deletion.At)).Cell(deletion.Authority).Cell(N(deletion.Exhibits)).Close("tr");
                _html.Close("table");
            }

            _html.Raw("<div class=\"how\">").Element("h3", null, "How to check this without us")
                .Element("p", null, "The log is plain files in the C2SP tlog-tiles layout. Each exhibit number here is a leaf of its Merkle tree; the root hash above commits to all of them. With a copy of the log folder:")
                .Raw("<pre>").Text($"custos verify operations/{dossier.Operation}").Raw("</pre>")
                .Element("p", null, "It says whether every exhibit is there, unchanged and in order, and prints size and root; both must be those above. Any other program for tlog-tiles can do the same.")
                .Raw("</div>\n");
        }

        // ---- 10 versions, 11 completeness, 12 signatures ------------------------------------------------------

        void Versions()
        {
            var versions = dossier.Versions;
            _html.Element("h2", null, "10  What derived this").Raw("<dl class=\"facts\">");
            Fact("Program", versions.Program);
            Fact("Detection engine", versions.Engine);
            Fact("Pack", versions.Pack, "hash");
            Fact("Model", versions.Model + (versions.Calibrated ? "" : ", not calibrated"), "hash");
            Fact("Selector data", versions.SelectorData, "hash");
            Fact("Numbering plans", versions.PhoneData);
            Fact("Triage rules", versions.TriageRules, "hash");
            _html.Raw("</dl>\n").Element("p", "note", "The same log at the same checkpoint with these gives the same indicators, statements and proposals.");
        }

        void Gate()
        {
            _html.Element("h2", null, "11  Completeness").Open("table").Head("", "Asked", "State", "Why", "If it stays so", "Exhibits");
            foreach (var finding in _gate.Findings)
            {
                var (css, state) = finding.State switch
                {
                    GateState.Met => ("state-met", "met"),
                    GateState.Missing => ("state-missing", "missing"),
                    _ => ("state-open", "open"),
                };
                _html.Open("tr").Cell(finding.Id).Cell(finding.Requirement).Cell(state, css).Cell(finding.Sentence)
                    .Cell(finding.State == GateState.Met ? "" : finding.IfMissing == GateResult.Refused ? "release refused" : "informational").Open("td");
                Exhibits(finding.Exhibits);
                _html.Raw("</td>").Close("tr");
            }

            _html.Close("table");
        }

        void Signatures()
        {
            _html.Element("h2", null, "12  Signatures");
            foreach (var signature in dossier.Signatures)
                _html.Element("p", null, $"{signature.By}, {signature.As}, {DossierWords.Time(signature.At)}, in {signature.Exhibit}.");
            if (dossier.Signatures.Count == 0)
                _html.Element("p", "note", "Not signed. Two different people sign; the second must have opened parts 5 and 6.");
            _html.Raw("<div class=\"sign\"><div>Author: name, date, signature</div><div>Second person: name, date, signature</div></div>\n");
        }

        // ---- parts ------------------------------------------------------------------------------------------

        void Fact(string name, string value, string? css = null) => _html.Element("dt", null, name).Element("dd", css, value);

        void Exhibits(IEnumerable<ExhibitNumber> exhibits)
        {
            var first = true;
            foreach (var exhibit in exhibits.Distinct().Order())
            {
                _html.Text(first ? "" : ", ").Element("span", "ex", exhibit.ToString());
                first = false;
            }
        }

        static bool SameDay(DossierConversation conversation) => conversation.First?.Day == conversation.Last?.Day;

        static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

        static string OrNone(string text) => text.Length == 0 ? "none" : text;

        static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
    }
}
