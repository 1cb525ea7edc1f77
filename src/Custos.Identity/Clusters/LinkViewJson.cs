using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Custos.Detection;

namespace Custos.Identity;

/// <summary>Writes a view in one form, so that two views can be compared byte by byte.</summary>
public static class LinkViewJson
{
    /// <summary>The view as UTF-8: fixed order, no spaces.</summary>
    public static byte[] Write(LinkView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("subjects");
            foreach (var subject in view.Subjects)
            {
                json.WriteStartObject();
                json.WriteString("cluster", subject.Cluster);
                json.WriteString("level", subject.Level.ToString());
                json.WriteStartArray("accounts");
                foreach (var account in subject.Accounts)
                    Account(json, account);
                json.WriteEndArray();
                json.WriteStartArray("reasons");
                foreach (var reason in subject.Reasons)
                {
                    json.WriteStartObject();
                    json.WriteString("basis", reason.Basis.ToString());
                    json.WriteString("kind", reason.Kind?.ToString());
                    Places(json, "a", reason.WhereA);
                    Places(json, "b", reason.WhereB);
                    json.WriteString("sentence", reason.Sentence);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("held");
            foreach (var held in view.Held)
            {
                json.WriteStartObject();
                json.WriteStartArray("accounts");
                Account(json, held.A);
                Account(json, held.B);
                json.WriteEndArray();
                json.WriteString("sentence", held.Sentence);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("common");
            foreach (var common in view.Common)
            {
                json.WriteStartObject();
                json.WriteString("kind", common.Kind.ToString());
                json.WriteNumber("accounts", common.Accounts);
                json.WriteString("first", common.First.Exhibit.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The SHA-256 of the view, in hex: what a judgement says it saw.</summary>
    public static string Sha256(LinkView view) => Convert.ToHexStringLower(SHA256.HashData(Write(view)));

    static void Account(Utf8JsonWriter json, AccountKey account)
    {
        json.WriteStartArray();
        json.WriteStringValue(account.Space);
        json.WriteStringValue(account.Name);
        json.WriteStringValue(account.Session);
        json.WriteEndArray();
    }

    static void Places(Utf8JsonWriter json, string name, IReadOnlyList<FactPlace> places)
    {
        json.WriteStartArray(name);
        foreach (var place in places)
            json.WriteStringValue(place.Exhibit.ToString());
        json.WriteEndArray();
    }
}
