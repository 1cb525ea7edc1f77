using System.Globalization;
using System.Net;
using System.Text;

namespace Custos.Detection.Training;

/// <summary>An evaluation as one self-contained page for a person who did not make it: plain words, no scripts, fit to print.</summary>
public static class EvaluationPage
{
    /// <summary>The page.</summary>
    /// <param name="evaluation">What was measured.</param>
    /// <param name="at">When the page was written.</param>
    public static string Write(Evaluation evaluation, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var e = evaluation;
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Evaluation of detection</title><style>").Append(Style).Append("</style></head><body><main>");
        page.Append("<h1>Evaluation of detection</h1>");
        page.Append(Text($"<p class=\"lead\">Custos reads conversations and says which ones a person should read first. This page shows how often it was right on a corpus whose outcome is known: {e.Messages:N0} messages in {e.Conversations:N0} conversations of {e.Authors:N0} authors, of whom {e.Positives:N0} are listed as positive.</p>"));
        page.Append("<p class=\"limits\"><strong>What this does not show.</strong> It is a measurement on this corpus at this threshold, and not an error rate for another kind of place. Public corpora of this kind hold adults who posed as children, mostly in English, from 2003 to 2011, and were chosen by outcome. Invented corpora show that the machinery works and nothing about people. A flagged conversation is a reason for a person to read it. It is no finding about anyone.</p>");
        if (e.Split == "training")
            page.Append("<p class=\"limits\"><strong>The model was trained on this very corpus.</strong> Figures from it are better than they would be elsewhere. Do not rely on them.</p>");
        if (e.Positives < 50)
            page.Append(Text($"<p class=\"limits\"><strong>There are only {e.Positives:N0} positive authors.</strong> The intervals are wide, and differences between two such measurements say little.</p>"));
        Main(page, e);
        Calibration(page, e);
        Latency(page, e);
        Disguises(page, e);
        Recalls(page, e);
        Provenance(page, e, at);
        return page.Append("</main></body></html>\n").ToString();
    }

    const string Style = """
        :root{--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--accent:#1f5fa8;--warn:#8a2c0d}
        *{box-sizing:border-box}body{margin:0;background:#fff;color:var(--ink);font:16px/1.55 system-ui,"DejaVu Sans",sans-serif}
        main{max-width:54rem;margin:0 auto;padding:2rem 1.25rem 4rem}h1{font-size:1.9rem;margin:0 0 .5rem}h2{font-size:1.25rem;margin:2.5rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
        p{margin:.6rem 0}.lead{font-size:1.1rem}.limits{border-left:4px solid var(--warn);padding:.25rem 0 .25rem .9rem}.note{color:var(--soft);font-size:.92rem}
        table{border-collapse:collapse;width:100%;margin:.8rem 0;font-variant-numeric:tabular-nums}caption{text-align:left;color:var(--soft);font-size:.92rem;padding-bottom:.3rem}
        th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600}td.n,th.n{text-align:right}td.n{white-space:nowrap}
        figure{margin:1rem 0}svg{max-width:100%;height:auto;display:block}figcaption{color:var(--soft);font-size:.92rem;margin-top:.3rem}code{font-size:.85rem;overflow-wrap:anywhere}
        @media print{body{font-size:10.5pt}main{max-width:none;padding:0}h2{break-after:avoid}table,figure,.limits{break-inside:avoid}@page{size:A4;margin:18mm}}
        """;

    static void Main(StringBuilder page, Evaluation e)
    {
        page.Append("<h2>How often it was right</h2>");
        page.Append(Text($"<p>It flagged {e.Flagged:N0} authors. {e.TruePositives:N0} of them are listed as positive, {e.Flagged - e.TruePositives:N0} are not. {e.Positives - e.TruePositives:N0} positive authors were not flagged. An alert needs two things that can be cited; the packs found them in what {e.Reachable:N0} of the positive authors said. No threshold and no model flags the other {e.Positives - e.Reachable:N0}: only words added to the packs would.</p>"));
        page.Append("<table><caption>Every figure with the range in which it would lie in 95 of 100 corpora drawn from the same people (authors who speak with each other are drawn together).</caption><tr><th>Measure</th><th>In words</th><th class=\"n\">Value</th><th class=\"n\">95 % interval</th></tr>");
        Row("Precision", "of the authors flagged, the share that is listed as positive", e.Precision);
        Row("Recall", "of the positive authors, the share that was flagged", e.Recall);
        Row("F0.5", "both in one figure; being right when flagging counts double", e.F05);
        Row("F1", "both in one figure, alike", e.F1);
        var wrong = e.Flagged - e.TruePositives;
        if (wrong == 0 && e.FalseAuthorsPerMillionMessages.High is { } most)
            page.Append(Text($"<tr><th>False alerts</th><td>authors flagged that are not listed as positive, in every million messages; none in {e.Messages:N0}, and none in n is at most 3 / n</td><td class=\"n\">none</td><td class=\"n\">at most {most:F2}</td></tr>"));
        else
            Row("False alerts", "authors flagged that are not listed as positive, in every million messages", e.FalseAuthorsPerMillionMessages, "F2");
        Row("Latency-weighted F1", "F1, less for every message it took until the alert", e.FLatency);
        Row("Too early", e.TooEarlyBasis == "lines" ? "alerts before the first line that a judge found telling" : "alerts before the first message with a core indicator; the corpus came without judged lines", e.TooEarlyRate);
        page.Append("</table>");

        void Row(string name, string words, Measured measured, string format = "F3") => page.Append(Text(
            $"<tr><th>{name}</th><td>{words}</td><td class=\"n\">{Number(measured.Value, format)}</td><td class=\"n\">{(measured.Low is null ? "not known" : $"{Number(measured.Low, format)} to {Number(measured.High, format)}")}</td></tr>"));
    }

    static void Calibration(StringBuilder page, Evaluation e)
    {
        page.Append("<h2>Whether a percentage means what it says</h2>");
        page.Append(e.Calibrated
            ? "<p>Of sides of conversations given 30 %, three in ten should be positive. The points would lie on the line if that held everywhere. Both kinds of conversation are made equally frequent here, because positive ones are so rare that a program that always said \"no\" would look right.</p>"
            : "<p><strong>No model was trained: the percentages of the built-in weights are a way to rank, not frequencies.</strong> The plot shows how far off they are.</p>");
        const int Size = 360, Left = 78, Top = 12;
        var svg = new StringBuilder(Text($"<svg viewBox=\"0 0 {Size + Left + 28} {Size + Top + 48}\" width=\"466\" role=\"img\" aria-label=\"Calibration plot: predicted against observed\">"));
        for (var tick = 0; tick <= 4; tick++)
        {
            var at = tick * Size / 4;
            svg.Append(Text($"<line x1=\"{Left + at}\" y1=\"{Top}\" x2=\"{Left + at}\" y2=\"{Top + Size}\" stroke=\"#e6eaee\"/><line x1=\"{Left}\" y1=\"{Top + at}\" x2=\"{Left + Size}\" y2=\"{Top + at}\" stroke=\"#e6eaee\"/>"));
            svg.Append(Text($"<text x=\"{Left + at}\" y=\"{Top + Size + 18}\" text-anchor=\"middle\" font-size=\"12\">{tick * 25} %</text><text x=\"{Left - 8}\" y=\"{Top + Size - at + 4}\" text-anchor=\"end\" font-size=\"12\">{tick * 25} %</text>"));
        }

        svg.Append(Text($"<line x1=\"{Left}\" y1=\"{Top + Size}\" x2=\"{Left + Size}\" y2=\"{Top}\" stroke=\"#57606a\" stroke-dasharray=\"5 4\"/>"));
        foreach (var bin in e.Reliability)
            svg.Append(Text($"<line x1=\"{Left + (bin.Predicted * Size):F1}\" y1=\"{Top + Size - (bin.High * Size):F1}\" x2=\"{Left + (bin.Predicted * Size):F1}\" y2=\"{Top + Size - (bin.Low * Size):F1}\" stroke=\"#1f5fa8\" stroke-opacity=\".55\" stroke-width=\"2\"/>"));
        foreach (var bin in e.Reliability)
            svg.Append(Text($"<circle cx=\"{Left + (bin.Predicted * Size):F1}\" cy=\"{Top + Size - (bin.Observed * Size):F1}\" r=\"5\" fill=\"#1f5fa8\" fill-opacity=\".75\"><title>{bin.Conversations} sides of conversations</title></circle>"));
        svg.Append(Text($"<text x=\"{Left + (Size / 2)}\" y=\"{Top + Size + 40}\" text-anchor=\"middle\" font-size=\"13\">probability that was said</text><text transform=\"translate(16 {Top + (Size / 2)}) rotate(-90)\" text-anchor=\"middle\" font-size=\"13\">share that was positive</text></svg>"));
        page.Append("<figure>").Append(svg).Append(Text($"<figcaption>Up to fifteen groups of equal weight, at a prior of one half. The bars are where the share may lie (95 %, each conversation taken by itself); a bar that crosses the line is no sign of a wrong percentage. Mean distance from the line (expected calibration error): {Number(e.Ece.Value, "F4")}{Range(e.Ece, "F4")}. If every percentage were exactly right, chance alone would make it {Number(e.EceFloor.Value, "F4")}{Range(e.EceFloor, "F4")} on so many conversations. At the prior in use, {Encode(e.Prior)}: {Number(e.EceAtPrior.Value, "F6")}; Brier score there {Number(e.Brier.Value, "F6")}.</figcaption></figure>"));
        page.Append("<table><caption>The same as numbers.</caption><tr><th class=\"n\">Said</th><th class=\"n\">Was</th><th class=\"n\">95 % interval</th><th class=\"n\">Sides of conversations</th><th class=\"n\">Of positive authors</th></tr>");
        foreach (var bin in e.Reliability)
            page.Append(Text($"<tr><td class=\"n\">{bin.Predicted * 100:F1} %</td><td class=\"n\">{bin.Observed * 100:F1} %</td><td class=\"n\">{bin.Low * 100:F1} to {bin.High * 100:F1} %</td><td class=\"n\">{bin.Conversations:N0}</td><td class=\"n\">{bin.Positives:N0}</td></tr>"));
        page.Append("</table>");
        page.Append(Text($"<p class=\"note\">Of the sides of conversations that reach the threshold, the probabilities (with the prior at this corpus's own share) expect {e.ExpectedFalseAlerts:F1} of others; there were {e.ObservedFalseAlerts:N0}.</p>"));
    }

    static void Latency(StringBuilder page, Evaluation e)
    {
        page.Append("<h2>How early</h2>");
        if (e.MessagesToAlert.Count == 0)
        {
            page.Append("<p>No positive author was flagged, so there is nothing to show.</p>");
            return;
        }

        page.Append(Text($"<p>Half of the positive authors that were flagged had been flagged by message {e.MedianMessagesToAlert:N0} of the conversation, nine in ten by message {e.P90MessagesToAlert:N0}. The score never looks ahead.</p>"));
        int[] edges = [1, 5, 10, 20, 30, 40, 50, 75, 100, 150, 300];
        var counts = new int[edges.Length];
        foreach (var k in e.MessagesToAlert)
            counts[Math.Max(0, Array.FindLastIndex(edges, from => from <= k))]++;
        const int Width = 640, Height = 200, Bottom = 232;
        var most = Math.Max(1, counts.Max());
        var step = Width / edges.Length;
        var svg = new StringBuilder(Text($"<svg viewBox=\"0 0 {Width} 264\" width=\"{Width}\" role=\"img\" aria-label=\"Histogram of messages to the alert\"><line x1=\"0\" y1=\"{Bottom - 18}\" x2=\"{Width}\" y2=\"{Bottom - 18}\" stroke=\"#57606a\"/>"));
        for (var i = 0; i < edges.Length; i++)
        {
            var tall = counts[i] * (Height - 20) / most;
            svg.Append(Text($"<rect x=\"{(i * step) + 6}\" y=\"{Bottom - 18 - tall}\" width=\"{step - 12}\" height=\"{tall}\" fill=\"#1f5fa8\"/>"));
            svg.Append(Text($"<text x=\"{(i * step) + (step / 2)}\" y=\"{Bottom - 24 - tall}\" text-anchor=\"middle\" font-size=\"12\">{counts[i]}</text>"));
            svg.Append(Text($"<text x=\"{(i * step) + (step / 2)}\" y=\"{Bottom}\" text-anchor=\"middle\" font-size=\"12\">{(i + 1 < edges.Length ? $"{edges[i]}-{edges[i + 1] - 1}" : $"{edges[i]}+")}</text>"));
        }

        svg.Append(Text($"<text x=\"{Width / 2}\" y=\"258\" text-anchor=\"middle\" font-size=\"13\">messages of both sides up to the alert</text></svg>"));
        page.Append("<figure>").Append(svg).Append("<figcaption>Positive authors by the message at which they were first flagged.</figcaption></figure>");
    }

    static void Disguises(StringBuilder page, Evaluation e)
    {
        page.Append("<h2>When words are disguised</h2>");
        if (e.Disguised is null || e.Without is null)
        {
            page.Append("<p>Not measured in this run (<code>--obfuscate all</code>).</p>");
            return;
        }

        page.Append("<p>The same corpus with its words disguised as people disguise them, at the same threshold. A disguise that is seen through is itself a sign (evasion), so that a recall can rise. Differences smaller than the intervals may be chance.</p><table><tr><th>Disguise</th><th class=\"n\">Recall</th><th class=\"n\">95 % interval</th><th class=\"n\">Lost, points</th><th class=\"n\">False alerts a million messages</th><th class=\"n\">95 % interval</th></tr>");
        page.Append(Text($"<tr><th>as written</th>{Shares(e.Recall)}<td class=\"n\"></td>{Rates(e.FalseAuthorsPerMillionMessages)}</tr>"));
        foreach (var row in e.Disguised)
            page.Append(Text($"<tr><th>{Words(row.Name)}</th>{Shares(row.Recall)}<td class=\"n\">{Number((e.Recall.Value - row.Recall.Value) * 100, "F1")}</td>{Rates(row.FalseAuthorsPerMillionMessages)}</tr>"));
        page.Append("</table><p>And the words as written, with what a step of reading alone would find left out: what each step costs in false alerts.</p><table><tr><th>Step switched off</th><th class=\"n\">Recall</th><th class=\"n\">95 % interval</th><th class=\"n\">False alerts a million messages</th><th class=\"n\">95 % interval</th></tr>");
        foreach (var row in e.Without)
            page.Append(Text($"<tr><th>{Words(row.Name)}</th>{Shares(row.Recall)}{Rates(row.FalseAuthorsPerMillionMessages)}</tr>"));

        static string Shares(Measured share) => Text($"<td class=\"n\">{Number(share.Value, "F3")}</td><td class=\"n\">{Between(share, "F3")}</td>");

        static string Rates(Measured rate) => rate is { Value: 0, High: { } most }
            ? Text($"<td class=\"n\">none</td><td class=\"n\">at most {most:F2}</td>")
            : Text($"<td class=\"n\">{Number(rate.Value, "F2")}</td><td class=\"n\">{Between(rate, "F2")}</td>");

        static string Between(Measured measured, string format) => measured.Low is null ? "not known" : $"{Number(measured.Low, format)} to {Number(measured.High, format)}";
        page.Append("</table>");
    }

    static void Recalls(StringBuilder page, Evaluation e)
    {
        page.Append("<h2>What a number of false alerts buys</h2>");
        if (e.RecallAt is null)
        {
            page.Append("<p>Not measured in this run: it needs harmless talk (<code>--benign</code>).</p>");
            return;
        }

        if (e.BenignWasLearned)
            page.Append("<p class=\"limits\"><strong>The model was trained on this harmless talk.</strong> These figures are better than they would be on other talk. Do not rely on them.</p>");
        page.Append("<p>The threshold is set on one half of the harmless talk so that it gives no more false alerts than the first column allows. What it then gives on the other half, other venues, stands beside it. None in n messages is printed as \"at most 3 / n\".</p><table><tr><th class=\"n\">Allowed a million</th><th class=\"n\">Threshold</th><th class=\"n\">Recall</th><th class=\"n\">95 % interval</th><th class=\"n\">On the other half, a million</th></tr>");
        foreach (var row in e.RecallAt)
        {
            var seen = row.FalseAlerts == 0 ? Text($"none in {row.Messages:N0} messages: at most {Number(row.FalseAlertsPerMillion.High, "F2")}") : Text($"{Number(row.FalseAlertsPerMillion.Value, "F2")} ({row.FalseAlerts:N0} in {row.Messages:N0} messages)");
            page.Append(Text($"<tr><td class=\"n\">{row.PerMillion:0.#}</td><td class=\"n\">{row.Threshold:F6}</td><td class=\"n\">{Number(row.Recall.Value, "F3")}</td><td class=\"n\">{Number(row.Recall.Low, "F3")} to {Number(row.Recall.High, "F3")}</td><td class=\"n\">{seen}</td></tr>"));
        }

        page.Append("</table>");
    }

    static void Provenance(StringBuilder page, Evaluation e, DateTimeOffset at)
    {
        page.Append("<h2>To do it again</h2><table>");
        Row("Engine", e.Engine);
        Row("Pack", e.Pack);
        Row("Model", e.Model);
        foreach (var digest in e.Corpus)
            Row("Corpus", "sha256:" + digest);
        foreach (var (digest, i) in e.Labels.Select((d, i) => (d, i)))
            Row(i == 0 ? "Positive authors" : "Judged lines", "sha256:" + digest);
        foreach (var digest in e.Benign)
            Row("Harmless talk", "sha256:" + digest);
        Row("Threshold, prior, seed", Text($"{e.Threshold:F6}, {e.Prior}, {e.Seed}"));
        Row("Corpus and training", e.Split switch { "none" => "nothing was trained", "training" => "the model was trained on this corpus", _ => "not a file the model was trained on; that its authors are others is for the corpus's documentation to say" });
        Row("Speed", Text($"{e.MessagesPerSecond:N0} messages a second on one core, reading the file included; the one figure here that another run changes"));
        Row("Written", at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        page.Append("</table><p class=\"note\">The same program, pack, model, corpus and seed give the same figures. The formulas are in docs/detection.md.</p>");

        void Row(string name, string value) => page.Append(CultureInfo.InvariantCulture, $"<tr><th>{name}</th><td><code>{Encode(value)}</code></td></tr>");
    }

    static string Words(string name) => name switch
    {
        "look-alikes-10" => "look-alike letters, 1 in 10",
        "look-alikes-30" => "look-alike letters, 3 in 10",
        "look-alikes-50" => "look-alike letters, 5 in 10",
        "look-alikes" => "look-alike letters",
        "zero-width" => "invisible characters inside words",
        "leet" => "digits for letters",
        "spacing" => "letters apart",
        "repeats" => "letters repeated",
        "punctuation" => "signs inside words",
        "mask" => "a star for a letter",
        "emoji" => "emoji between words",
        "marks" => "stray marks on letters",
        "all" => "all of these, mixed",
        _ => Encode(name),
    };

    static string Range(Measured measured, string format) => measured.Low is null ? "" : $" ({Number(measured.Low, format)} to {Number(measured.High, format)})";

    static string Number(double? value, string format) => value is { } known ? known.ToString(format, CultureInfo.InvariantCulture) : "not known";

    static string Encode(string text) => WebUtility.HtmlEncode(text);

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
