// The chain of custody of one exhibit, printed. It says what the log holds and nothing beyond it: who, when, why, under which authority.
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Custos.Evidence;

/// <summary>A chain of custody as a page that a court can read: text, one self-contained HTML file, or JSON.</summary>
public static class CustodyPage
{
    const string Style = """
        body{font:11pt/1.4 "Liberation Serif",Georgia,serif;margin:2em auto;max-width:52em;padding:0 1em;color:#111}
        h1{font-size:16pt;margin:0 0 .3em}h2{font-size:12pt;margin:1.6em 0 .4em;border-bottom:1px solid #999}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.15em .6em .15em 0}th{font-weight:normal;color:#444;width:13em}
        code,pre{font:9pt/1.35 "Liberation Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
        article{border-top:1px solid #bbb;padding:.5em 0;break-inside:avoid}article h3{font-size:11pt;margin:0 0 .2em}
        article.corrected h3 .what{text-decoration:line-through}.note{color:#444}strong{font-weight:bold}
        @page{size:A4;margin:18mm}
        """;

    static readonly string[] Limits =
    [
        "Times are the log's own clock, in UTC; the order is the log's order and does not rest on a clock.",
        "An event is recorded before the act it allows: a reading stands here although the reader may have broken it off.",
        "A corrected event and its correction are both shown. Nothing here was changed or taken out.",
        "The page shows what was recorded. An act outside the program stands here only if somebody recorded it.",
    ];

    /// <summary>The chain as plain text.</summary>
    public static string Text(CustodyChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"CHAIN OF CUSTODY OF {chain.Exhibit}\n{chain.Checkpoint.Origin}, {chain.Checkpoint.Size} exhibits\n\n");
        foreach (var (name, value) in Facts(chain))
            text.Append(CultureInfo.InvariantCulture, $"{name,-22}{value}\n");
        text.Append(CultureInfo.InvariantCulture, $"\nEVENTS ({chain.Steps.Count})\n");
        for (var i = 0; i < chain.Steps.Count; i++)
        {
            var step = chain.Steps[i];
            text.Append(CultureInfo.InvariantCulture, $"\n{i + 1}. {Time(step.Entry.RecordedAt)}  {What(step)}  ({step.Number})\n");
            foreach (var (name, value) in Details(step))
                text.Append(CultureInfo.InvariantCulture, $"   {name,-19}{value}\n");
        }

        if (chain.Steps.Count == 0)
            text.Append("\nNo custody event names this exhibit.\n");
        if (chain.Related.Count > 0)
        {
            text.Append("\nOTHER EXHIBITS THAT SPEAK OF IT\n");
            foreach (var (number, entry) in chain.Related)
                text.Append(CultureInfo.InvariantCulture, $"{number}  {Time(entry.RecordedAt)}  {entry.Kind}  by {entry.Actor}\n");
        }

        text.Append("\nWHAT THIS PAGE IS\n");
        foreach (var limit in Limits)
            text.Append(CultureInfo.InvariantCulture, $"- {limit}\n");
        return text.ToString();
    }

    /// <summary>The chain as one HTML file: no script, no outside request.</summary>
    public static string Html(CustodyChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var html = new StringBuilder();
        // The style is ours; whatever else the page could be made to hold stays inert.
        var hash = Convert.ToBase64String(Sha256Digest.Of(Encoding.UTF8.GetBytes(Style)).ToArray());
        html.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<title>Chain of custody of {chain.Exhibit}</title><style>{Style}</style></head><body>\n<h1>Chain of custody of {chain.Exhibit}</h1>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{Safe(chain.Checkpoint.Origin)}, at {chain.Checkpoint.Size} exhibits</p>\n<h2>The exhibit</h2>\n");
        Table(html, Facts(chain));
        html.Append(CultureInfo.InvariantCulture, $"<h2>Events ({chain.Steps.Count})</h2>\n");
        for (var i = 0; i < chain.Steps.Count; i++)
        {
            var step = chain.Steps[i];
            html.Append(CultureInfo.InvariantCulture, $"<article{(step.CorrectedBy.Count > 0 ? " class=\"corrected\"" : "")}><h3>{i + 1}. {Time(step.Entry.RecordedAt)} <span class=\"what\">{Safe(What(step))}</span> ({step.Number})</h3>\n");
            Table(html, Details(step));
            html.Append("</article>\n");
        }

        if (chain.Steps.Count == 0)
            html.Append("<p>No custody event names this exhibit.</p>\n");
        if (chain.Related.Count > 0)
        {
            html.Append("<h2>Other exhibits that speak of it</h2>\n<table>\n");
            foreach (var (number, entry) in chain.Related)
                html.Append(CultureInfo.InvariantCulture, $"<tr><th>{number}</th><td>{Time(entry.RecordedAt)}</td><td>{Safe(entry.Kind)}</td><td>by {Safe(entry.Actor)}</td></tr>\n");
            html.Append("</table>\n");
        }

        html.Append("<h2>What this page is</h2>\n<ul>\n");
        foreach (var limit in Limits)
            html.Append(CultureInfo.InvariantCulture, $"<li>{Safe(limit)}</li>\n");
        return html.Append("</ul>\n</body></html>\n").ToString();
    }

    /// <summary>The chain as one JSON object on one line; each event's content as it was recorded.</summary>
    public static string Json(CustodyChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("exhibit", chain.Exhibit.ToString());
            json.WriteString("origin", chain.Checkpoint.Origin);
            json.WriteNumber("size", chain.Checkpoint.Size);
            json.WriteString("root", Convert.ToBase64String(chain.Checkpoint.Root.ToArray()));
            json.WritePropertyName("entry");
            json.WriteRawValue(chain.Entry.Bytes.Span);
            json.WriteString("leafHash", Merkle.Leaf(chain.Entry.Bytes.Span).ToString());
            json.WriteString("content", chain.State switch { ContentState.Sealed => "sealed", ContentState.SealedPart => "sealed-part", ContentState.Deleted => "deleted", _ => throw new ArgumentOutOfRangeException(nameof(chain)) });
            if (chain.DeletedBy is { } order)
                json.WriteString("deletedBy", order.ToString());
            json.WriteStartArray("events");
            foreach (var step in chain.Steps)
            {
                json.WriteStartObject();
                json.WriteString("number", step.Number.ToString());
                json.WriteString("kind", step.Entry.Kind);
                json.WriteString("at", Time(step.Entry.RecordedAt));
                json.WriteString("actor", step.Entry.Actor);
                json.WriteString("reach", Lower(step.Why.ToString()));
                if (step.CorrectedBy.Count > 0)
                {
                    json.WriteStartArray("correctedBy");
                    foreach (var later in step.CorrectedBy)
                        json.WriteStringValue(later.ToString());
                    json.WriteEndArray();
                }

                json.WritePropertyName("event");
                if (step.Event is { } custody)
                    json.WriteRawValue(custody.ToContent());
                else
                    json.WriteNullValue();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("related");
            foreach (var (number, entry) in chain.Related)
            {
                json.WriteStartObject();
                json.WriteString("number", number.ToString());
                json.WriteString("kind", entry.Kind);
                json.WriteString("at", Time(entry.RecordedAt));
                json.WriteString("actor", entry.Actor);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    internal static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    static List<(string, string)> Facts(CustodyChain chain)
    {
        var facts = new List<(string, string)>
        {
            ("Exhibit", $"{chain.Exhibit} of {chain.Checkpoint.Origin}"),
            ("Kind", chain.Entry.Kind),
            ("Recorded", Time(chain.Entry.RecordedAt)),
            ("Recorded by", chain.Entry.Actor),
            ("Size", Invariant($"{chain.Entry.Size} bytes")),
            ("Commitment (SHA-256)", chain.Entry.Commitment.ToString()),
            ("Leaf hash (RFC 6962)", Merkle.Leaf(chain.Entry.Bytes.Span).ToString()),
            ("Content", chain.State switch
            {
                ContentState.Sealed => "sealed in the operation's content",
                ContentState.SealedPart => "sealed as a part of a recording",
                ContentState.Deleted => $"deleted under the order {chain.DeletedBy}; entry and proof remain",
                _ => throw new ArgumentOutOfRangeException(nameof(chain)),
            }),
        };
        if (chain.Entry.About.Count > 0)
            facts.Add(("Speaks of", string.Join(", ", chain.Entry.About)));
        facts.Add(("Log's root hash", Invariant($"{Convert.ToBase64String(chain.Checkpoint.Root.ToArray())} at size {chain.Checkpoint.Size}")));
        return facts;
    }

    static string What(CustodyStep step) => step.Entry.Kind[8..] switch
    {
        CustodyKind.CaptureStarted => "Capture began",
        CustodyKind.CaptureEnded => "Capture ended",
        CustodyKind.Imported => "Taken in",
        CustodyKind.Clock => "Clock compared",
        CustodyKind.Viewed => "Opened by a person",
        CustodyKind.ViewEnded => "Closed again",
        CustodyKind.Decrypted => "Read by a program",
        CustodyKind.Derived => "A derivative was made",
        CustodyKind.Redacted => "A redacted derivative was made",
        CustodyKind.Exported => "Exported: a copy left",
        CustodyKind.Transferred => "Handed over",
        CustodyKind.Received => "Received",
        CustodyKind.Returned => "Came back",
        CustodyKind.Consulted => "Looked up",
        CustodyKind.Searched => "Shown by a search",
        CustodyKind.Listed => "Listed",
        CustodyKind.Sealed => "Sealed",
        CustodyKind.Rotated => "Key changed",
        CustodyKind.Verified => "Verified",
        CustodyKind.Corrected => "Correction",
        "deletion-ordered" => "Deletion ordered",
        "deleted" => "Content deleted",
        var other => other,
    };

    static List<(string, string)> Details(CustodyStep step)
    {
        var details = new List<(string, string)>();
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                details.Add((name, Printable(value)));
        }

        if (step.Event is not { } custody)
        {
            Add("by", step.Entry.Actor);
            Add("content", "not readable by this program; the entry and its proof stand");
            return details;
        }

        Add("by", Person(custody.Actor));
        Add("with", custody.SecondPerson is { } second ? Person(second) : null);
        Add("why", custody.Purpose);
        Add("case", custody.Case);
        Add("authority", custody.Authority is { } authority ? Authority(authority) : "none recorded");
        Add("reaches it as", step.Why switch
        {
            CustodyReach.Exhibit => null,
            CustodyReach.Whole => "a part of the whole that the event names",
            CustodyReach.Range => custody.Range is { } range ? $"one of {new ExhibitNumber(range.From)} to {new ExhibitNumber(range.Through)}" : null,
            CustodyReach.Correction => "a correction of an event above",
            CustodyReach.Sequel => "what came of an event above",
            _ => throw new ArgumentOutOfRangeException(nameof(step)),
        });
        Add("corrects", custody.Corrects is { } corrects ? new ExhibitNumber(corrects).ToString() : null);
        Add("corrected by", step.CorrectedBy.Count > 0 ? string.Join(", ", step.CorrectedBy) : null);
        Add("change", custody.Change is { } change ? Joined(change.What, change.Why is { } reason ? $"because: {reason}" : null) : null);
        Add("to", custody.Recipient is { } recipient ? Joined(recipient.Name, recipient.Method, recipient.Receipt is { } receipt ? $"receipt {receipt}" : null) : null);
        Add("tool", custody.Tool is { } tool ? Joined(tool.Name, tool.Version, tool.BuildSha256 is { } build ? $"build SHA-256 {build}" : null, tool.SettingsSha256 is { } settings ? $"settings SHA-256 {settings}" : null) : null);
        Add("place", custody.Place is { } place ? Joined(place.Site, place.Host) : null);
        Add("time of the act", custody.Time is { } time ? Joined(time.Utc is { } utc ? Time(utc) : null, time.Source, time.OffsetMs is { } offset ? Invariant($"offset {offset} ms") : null, time.UncertaintyMs is { } uncertain ? Invariant($"uncertain by {uncertain} ms") : null, time.AnchorSize is { } anchored ? Invariant($"newest anchor {anchored}") : null) : null);
        foreach (var input in custody.Input ?? [])
            Add("went in", Object(input));
        foreach (var output in custody.Output ?? [])
            Add("came out", Object(output));
        Add("verification", custody.Verification is { } verification ? Joined(verification.Result, verification.TreeSize is { } size ? Invariant($"at size {size}") : null) : null);
        Add("viewing", custody.Viewing is { } viewing ? Joined(viewing.Seconds is { } seconds ? Invariant($"{seconds} s") : null, viewing.Revealed switch { true => "revealed", false => "blurred", null => null }) : null);
        Add("disclosure", custody.Disclosure);
        Add("deletion", custody.Deletion is { } deletion ? Joined(
            deletion.Order is { } order ? $"ordered by {new ExhibitNumber(order)}" : null,
            deletion.Count is { } count ? Invariant($"{count} contents destroyed") : null,
            deletion.KeyCopies is { } copies ? $"older copies of the keys: {copies}" : null,
            deletion.EarlierExports is { Count: > 0 } exports ? $"had left before: {string.Join(", ", exports.Select(export => new ExhibitNumber(export)))}" : null) : null);
        Add("exhibits", custody.Exhibits is { Count: > 1 } exhibits
            ? exhibits.Count <= EntryText.MaxAbout ? string.Join(", ", exhibits.Select(index => new ExhibitNumber(index))) : Invariant($"{exhibits.Count} in all, between {new ExhibitNumber(exhibits.Min())} and {new ExhibitNumber(exhibits.Max())}")
            : null);
        Add("event before", custody.Previous is { } previous ? new ExhibitNumber(previous).ToString() : null);
        return details;
    }

    static string Person(CustodyPerson person) => Joined(person.Id, person.Name, person.Role, person.Unit);

    static string Authority(CustodyAuthority authority) => Joined(
        authority.Ref ?? "no reference",
        authority.ValidFrom is { } from ? $"from {Time(from)}" : null,
        authority.ValidTo is { } until ? $"until {Time(until)}" : null,
        authority.ValidThen switch { true => "valid then", false => "NOT valid then", null => null });

    static string Object(CustodyObject thing) => Joined(thing.Mime, thing.Size is { } size ? Invariant($"{size} bytes") : null, thing.Sha256 is { } hash ? $"SHA-256 {hash}" : null);

    static string Joined(params string?[] parts) => string.Join(", ", parts.Where(part => !string.IsNullOrEmpty(part)));

    static void Table(StringBuilder html, List<(string Name, string Value)> rows)
    {
        html.Append("<table>\n");
        foreach (var (name, value) in rows)
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Safe(name)}</th><td>{Safe(value)}</td></tr>\n");
        html.Append("</table>\n");
    }

    static string Safe(string text) => HtmlEncoder.Default.Encode(Printable(text));

    // A reason may quote what somebody wrote in a chat; that must not turn the reading order or move a cursor.
    static string Printable(string text) => string.Create(text.Length, text, static (shown, text) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            shown[i] = char.IsControl(text[i]) || char.GetUnicodeCategory(text[i]) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                ? '\uFFFD'
                : text[i];
        }
    });

    static string Lower(string word) => char.ToLowerInvariant(word[0]) + word[1..];

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
