using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Custos.Evidence;

/// <summary>A verification as text: the same for every host that prints one.</summary>
public static class VerificationText
{
    /// <summary>A page for a person; the last line is the result in one sentence.</summary>
    public static string Plain(string name, Verification found)
    {
        ArgumentNullException.ThrowIfNull(found);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"log {name}\n");
        if (found.Checkpoint is { } checkpoint)
            text.Append(CultureInfo.InvariantCulture, $"  origin {checkpoint.Origin}\n  size   {checkpoint.Size}\n  root   {Convert.ToBase64String(checkpoint.Root.ToArray())}\n");
        foreach (var wrong in found.Discrepancies)
            text.Append(CultureInfo.InvariantCulture, $"  WRONG  {wrong}\n");
        foreach (var notice in found.Notices)
            text.Append(CultureInfo.InvariantCulture, $"  note   {notice}\n");
        return text.Append(found.Sentence).ToString();
    }

    /// <summary>One JSON object on one line.</summary>
    public static string Json(string name, Verification found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return Write(json =>
        {
            json.WriteString("log", name);
            json.WriteBoolean("verified", found.Verified);
            if (found.Checkpoint is { } checkpoint)
                Write(json, checkpoint);
            json.WriteNumber("entries", found.Entries);
            json.WriteNumber("opened", found.Opened);
            json.WriteNumber("deleted", found.Deleted);
            json.WriteNumber("witnessed", found.Witnessed);
            Write(json, found.Discrepancies, found.Notices);
            json.WriteString("sentence", found.Sentence);
        });
    }

    /// <summary>A bag's verdict as a page for a person; the last line is the result in one sentence.</summary>
    public static string Plain(BagVerification found)
    {
        ArgumentNullException.ThrowIfNull(found);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"bag {found.Bag}\n  files  {found.Files}, {found.Bytes} bytes\n");
        foreach (var log in found.Logs)
        {
            text.Append(CultureInfo.InvariantCulture, $"  log    {log.Slug}\n");
            if (log.Checkpoint is { } checkpoint)
                text.Append(CultureInfo.InvariantCulture, $"    origin {checkpoint.Origin}\n    size   {checkpoint.Size}\n    root   {Convert.ToBase64String(checkpoint.Root.ToArray())}\n");
            text.Append(CultureInfo.InvariantCulture, $"    {log.Proofs} proofs hold, {log.Contents} contents match, {log.Deleted} deleted under an order, {log.Events} custody events, {log.Elsewhere} parts of recordings not in the bag\n");
        }

        foreach (var wrong in found.Discrepancies)
            text.Append(CultureInfo.InvariantCulture, $"  WRONG  {wrong}\n");
        foreach (var notice in found.Notices)
            text.Append(CultureInfo.InvariantCulture, $"  note   {notice}\n");
        return text.Append(found.Sentence).ToString();
    }

    /// <summary>A bag's verdict as one JSON object on one line.</summary>
    public static string Json(BagVerification found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return Write(json =>
        {
            json.WriteString("bag", found.Bag);
            json.WriteBoolean("verified", found.Verified);
            json.WriteNumber("files", found.Files);
            json.WriteNumber("bytes", found.Bytes);
            json.WriteStartArray("logs");
            foreach (var log in found.Logs)
            {
                json.WriteStartObject();
                json.WriteString("slug", log.Slug);
                if (log.Checkpoint is { } checkpoint)
                    Write(json, checkpoint);
                json.WriteNumber("proofs", log.Proofs);
                json.WriteNumber("contents", log.Contents);
                json.WriteNumber("deleted", log.Deleted);
                json.WriteNumber("custodyEvents", log.Events);
                json.WriteNumber("partsElsewhere", log.Elsewhere);
                json.WriteStartArray("keysInBag");
                foreach (var key in log.PolicyInBag)
                    json.WriteStringValue(key.ToString());
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Write(json, found.Discrepancies, found.Notices);
            json.WriteString("sentence", found.Sentence);
        });
    }

    /// <summary>One proof's verdict as a JSON object on one line.</summary>
    public static string Json(long index, Checkpoint checkpoint, bool verified, string signed, string sentence) => Write(json =>
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        json.WriteNumber("index", index);
        json.WriteBoolean("verified", verified);
        Write(json, checkpoint);
        json.WriteString("signed", signed);
        json.WriteString("sentence", sentence);
    });

    static void Write(Utf8JsonWriter json, IReadOnlyList<Discrepancy> discrepancies, IReadOnlyList<string> notices)
    {
        json.WriteStartArray("discrepancies");
        foreach (var wrong in discrepancies)
        {
            json.WriteStartObject();
            json.WriteString("kind", wrong.Kind.ToString());
            json.WriteString("path", wrong.Path);
            json.WriteString("exhibit", wrong.Exhibit?.ToString());
            json.WriteString("sentence", wrong.Sentence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("notices");
        foreach (var notice in notices)
            json.WriteStringValue(notice);
        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, Checkpoint checkpoint)
    {
        json.WriteString("origin", checkpoint.Origin);
        json.WriteNumber("size", checkpoint.Size);
        json.WriteString("root", Convert.ToBase64String(checkpoint.Root.ToArray()));
    }

    static string Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
