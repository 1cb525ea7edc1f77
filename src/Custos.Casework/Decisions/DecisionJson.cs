using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Casework;

/// <summary>Writes and reads the content of a decision's exhibit: one JSON object, fixed key order, no spaces, then a line feed.</summary>
public static class DecisionJson
{
    // Bytes that were recorded are never re-serialised, so a later version may write more keys and must go on reading these.
    const int Version = 1;

    static readonly UTF8Encoding Strict = new(false, true);

    /// <summary>The content of a decision's exhibit.</summary>
    public static byte[] Write(Decision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("v", Version);
            json.WriteString("by", decision.By.Value);
            switch (decision)
            {
                case AlertDismissed dismissed:
                    Alert(json, "alert", dismissed.Alert);
                    json.WriteString("reason", dismissed.Reason);
                    break;
                case AlertDeferred deferred:
                    Alert(json, "alert", deferred.Alert);
                    json.WriteString("until", Time(deferred.Until));
                    json.WriteString("reason", deferred.Reason);
                    break;
                case AlertReopened reopened:
                    Alert(json, "alert", reopened.Alert);
                    json.WriteString("reason", reopened.Reason);
                    break;
                case CaseOpened opened:
                    json.WriteString("case", opened.CaseId);
                    json.WriteStartArray("alerts");
                    foreach (var alert in opened.Alerts)
                        Alert(json, null, alert);
                    json.WriteEndArray();
                    json.WriteString("reason", opened.Reason);
                    break;
                case SubjectOpened opened:
                    json.WriteString("case", opened.CaseId);
                    json.WriteString("subject", opened.SubjectId);
                    json.WriteStartArray("accounts");
                    foreach (var account in opened.Accounts)
                        Account(json, null, account);
                    json.WriteEndArray();
                    json.WriteString("reason", opened.Reason);
                    json.WriteString("view", opened.ViewSha256);
                    break;
                case AccountsJudged judged:
                    Account(json, "a", judged.A);
                    Account(json, "b", judged.B);
                    json.WriteString("answer", Answer(judged.Answer));
                    json.WriteString("reason", judged.Reason);
                    json.WriteString("view", judged.ViewSha256);
                    break;
                case JudgementWithdrawn withdrawn:
                    json.WriteString("withdraws", withdrawn.Judged.ToString());
                    json.WriteString("reason", withdrawn.Reason);
                    break;
                case StatementGraded graded:
                    json.WriteString("statement", graded.StatementId);
                    json.WriteString("exhibit", graded.Statement.ToString());
                    json.WriteString("scheme", graded.Grade.SchemeName);
                    json.WriteString("source", graded.Grade.Source);
                    json.WriteString("information", graded.Grade.Information);
                    json.WriteString("handling", graded.Grade.Handling);
                    break;
                case DossierSigned signed:
                    json.WriteString("dossier", signed.DossierId);
                    json.WriteNumber("version", signed.Version);
                    json.WriteString("sha256", signed.Sha256);
                    json.WriteNumber("treeSize", signed.TreeSize);
                    json.WriteString("rootHash", signed.RootHash);
                    break;
                case PackPublished published:
                    json.WriteString("second", published.Second.Value);
                    json.WriteString("pack", published.Hash);
                    json.WriteString("replaces", published.Replaces);
                    json.WriteString("reason", published.Reason);
                    Trial(json, published.Tried);
                    break;
                default:
                    throw new ArgumentException($"A decision of kind '{decision.Kind}' has no written form.", nameof(decision));
            }

            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>Reads a decision's exhibit again.</summary>
    /// <param name="kind">The exhibit's kind.</param>
    /// <param name="content">Its content.</param>
    /// <returns>Null if the kind is no decision of this version.</returns>
    /// <exception cref="FormatException">The content is not in the form of its kind.</exception>
    public static Decision? Read(string kind, ReadOnlyMemory<byte> content)
    {
        if (kind is not ("alert.dismissed" or "alert.deferred" or "alert.reopened" or "case.opened" or "subject.opened" or "judgement" or "grade" or "dossier.signed" or PackPublished.ExhibitKind))
            return null;
        try
        {
            using var document = JsonDocument.Parse(Strict.GetString(content.Span));
            var root = document.RootElement;
            if (root.GetProperty("v").GetInt32() != Version)
                throw new FormatException($"The '{kind}' exhibit is of a newer version than this program reads. Use the program that wrote it, or a later one.");
            var by = ActorId.Parse(Text(root, "by"));
            return kind switch
            {
                "alert.dismissed" => new AlertDismissed(by, Alert(root.GetProperty("alert")), Text(root, "reason")),
                "alert.deferred" => new AlertDeferred(by, Alert(root.GetProperty("alert")), Time(Text(root, "until")), Text(root, "reason")),
                "alert.reopened" => new AlertReopened(by, Alert(root.GetProperty("alert")), Text(root, "reason")),
                "case.opened" => new CaseOpened(by, Text(root, "case"), [.. root.GetProperty("alerts").EnumerateArray().Select(Alert)], Text(root, "reason")),
                "subject.opened" => new SubjectOpened(by, Text(root, "case"), Text(root, "subject"), [.. root.GetProperty("accounts").EnumerateArray().Select(Account)], Text(root, "reason"), Text(root, "view")),
                "judgement" when root.TryGetProperty("withdraws", out var withdrawn) => new JudgementWithdrawn(by, ExhibitNumber.Parse(withdrawn.GetString()!), Text(root, "reason")),
                "judgement" => new AccountsJudged(by, Account(root.GetProperty("a")), Account(root.GetProperty("b")), Answer(Text(root, "answer")), Text(root, "reason"), Text(root, "view")),
                "grade" => new StatementGraded(by, Text(root, "statement"), Graded(root), ExhibitNumber.Parse(Text(root, "exhibit"))),
                PackPublished.ExhibitKind => new PackPublished(by, ActorId.Parse(Text(root, "second")), Text(root, "pack"), Text(root, "replaces"), Text(root, "reason"), Trial(root.GetProperty("tried"))),
                _ => new DossierSigned(by, Text(root, "dossier"), root.GetProperty("version").GetInt32(), Text(root, "sha256"), root.GetProperty("treeSize").GetInt64(), Text(root, "rootHash")),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            // The words of a decision are never repeated in an error, so neither is the reader's own message.
            throw new FormatException($"A '{kind}' exhibit is not in its form. The log is untouched; run custos verify, then report the exhibit's number.", error);
        }
    }

    static void Alert(Utf8JsonWriter json, string? name, AlertAddress alert)
    {
        if (name is null)
            json.WriteStartObject();
        else
            json.WriteStartObject(name);
        json.WriteString("scope", alert.Scope == FindingScope.Pair ? "pair" : "place");
        json.WriteString("venue", alert.Venue);
        json.WriteString("thread", alert.Thread);
        json.WriteString("account", alert.Account);
        json.WriteString("counterpart", alert.Counterpart);
        json.WriteString("exhibit", alert.Exhibit.ToString());
        json.WriteEndObject();
    }

    static AlertAddress Alert(JsonElement json) => new(
        Text(json, "scope") == "pair" ? FindingScope.Pair : FindingScope.Place,
        Text(json, "venue"), Text(json, "thread"), Text(json, "account"), json.GetProperty("counterpart").GetString(), ExhibitNumber.Parse(Text(json, "exhibit")));

    static void Trial(Utf8JsonWriter json, PackTrial? tried)
    {
        if (tried is null)
        {
            json.WriteNull("tried");
            return;
        }

        json.WriteStartObject("tried");
        json.WriteString("operation", tried.Operation);
        json.WriteNumber("messages", tried.Messages);
        json.WriteNumber("days", tried.Days);
        json.WriteNumber("gained", tried.Gained);
        json.WriteNumber("lost", tried.Lost);
        json.WriteEndObject();
    }

    static PackTrial? Trial(JsonElement json) => json.ValueKind == JsonValueKind.Null ? null : new(
        Text(json, "operation"), json.GetProperty("messages").GetInt64(), json.GetProperty("days").GetInt32(), json.GetProperty("gained").GetInt32(), json.GetProperty("lost").GetInt32());

    static void Account(Utf8JsonWriter json, string? name, AccountKey account)
    {
        if (name is null)
            json.WriteStartArray();
        else
            json.WriteStartArray(name);
        json.WriteStringValue(account.Space);
        json.WriteStringValue(account.Name);
        json.WriteStringValue(account.Session);
        json.WriteEndArray();
    }

    static AccountKey Account(JsonElement json) => json.GetArrayLength() == 3
        ? new(json[0].GetString()!, json[1].GetString()!, json[2].GetString()!)
        : throw new FormatException("An account is written as space, name and session.");

    static Grade Graded(JsonElement root)
    {
        var (name, source, information, handling) = (Text(root, "scheme"), Text(root, "source"), Text(root, "information"), root.GetProperty("handling").GetString());
        return name switch
        {
            "3x5x2" => Grade.Of(GradeScheme.ThreeFiveTwo, source, information, handling),
            "Admiralty" => Grade.Of(GradeScheme.Admiralty, source, information, handling),
            "Europol 4x4" => Grade.Of(GradeScheme.EuropolFourFour, source, information, handling),
            _ => Grade.AsReceived(name, source, information, handling),
        };
    }

    static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' has no text.");

    static string Answer(JudgementAnswer answer) => answer switch
    {
        JudgementAnswer.Positive => "positive",
        JudgementAnswer.Negative => "negative",
        JudgementAnswer.Unsure => "unsure",
        _ => throw new ArgumentOutOfRangeException(nameof(answer)),
    };

    static JudgementAnswer Answer(string text) => text switch
    {
        "positive" => JudgementAnswer.Positive,
        "negative" => JudgementAnswer.Negative,
        "unsure" => JudgementAnswer.Unsure,
        _ => throw new FormatException("A judgement is positive, negative or unsure."),
    };

    static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    static DateTimeOffset Time(string text) => DateTimeOffset.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
