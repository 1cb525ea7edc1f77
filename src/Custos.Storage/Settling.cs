using System.Text.Json;
using Custos.Capture.Gaps;
using Custos.Pipeline;
using Microsoft.Data.Sqlite;

namespace Custos.Storage;

/// <summary>Writes what is made at rest, inside the caller's transaction.</summary>
sealed class Settling(SqliteConnection connection, int operation)
{
    internal void Write(SettledRows rows)
    {
        foreach (var conversation in rows.Conversations)
            Write(conversation);
        if (rows.Exposure is { } exposure)
            Write(exposure);
    }

    void Write(IndexedConversation conversation)
    {
        var extent = ExtentOf(conversation);
        Execute(
            """
            INSERT INTO conversations (id, scope, venue, thread, account, counterpart, has_persona, messages, first_exhibit, last_exhibit, first_at, last_at, indicators, score, probability, peer, alert, conduct, risk_facts)
            VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
            ON CONFLICT (id) DO UPDATE SET has_persona = excluded.has_persona, messages = excluded.messages, first_exhibit = excluded.first_exhibit, last_exhibit = excluded.last_exhibit,
                first_at = excluded.first_at, last_at = excluded.last_at, indicators = excluded.indicators, score = excluded.score, probability = excluded.probability, peer = excluded.peer,
                alert = excluded.alert, conduct = excluded.conduct, risk_facts = excluded.risk_facts
            """,
            RowId.Of(operation, conversation.Place), (int)conversation.Scope, conversation.Venue, conversation.Thread, conversation.Account, conversation.Counterpart ?? "",
            conversation.Conduct?.HasPersona == true ? 1 : 0, extent.Messages, extent.First, extent.Last, AtOf(extent.First), AtOf(extent.Last),
            conversation.Indicators, conversation.Score?.Millibits, conversation.Probability?.Millionths, conversation.Peer ? 1 : 0,
            conversation.Alert is { } alert ? RowId.Of(operation, alert) : null,
            conversation.Conduct is null ? null : JsonSerializer.Serialize(conversation.Conduct, StorageJson.Default.ConductRecord),
            JsonSerializer.Serialize(conversation.RiskFacts, StorageJson.Default.IReadOnlyListRiskFact));
    }

    void Write(Exposure exposure)
    {
        var (first, last) = (RowId.First(operation), RowId.Last(operation));
        Execute("DELETE FROM hearing WHERE id BETWEEN $0 AND $1", first, last);
        Execute("DELETE FROM gaps WHERE id BETWEEN $0 AND $1", first, last);
        foreach (var heard in exposure.Hearing)
        {
            Execute(
                "INSERT INTO hearing (id, venue, capture, since, until, ended, last) VALUES ($0, $1, $2, $3, $4, $5, $6)",
                RowId.Of(operation, heard.Began.LeafIndex), heard.Venue.Value, heard.Capture, Time.Microseconds(heard.From), Time.Microseconds(heard.Until), heard.Ended ? 1 : 0, RowId.Of(operation, heard.Last.LeafIndex));
        }

        foreach (var gap in exposure.Gaps)
        {
            Execute(
                "INSERT INTO gaps (id, venue, capture, since, until, cause) VALUES ($0, $1, $2, $3, $4, $5)",
                RowId.Of(operation, gap.Began.LeafIndex), gap.Venue.Value, gap.Capture, Time.Microseconds(gap.From), gap.Until is { } until ? Time.Microseconds(until) : null, gap.Cause.ToString());
        }
    }

    // A pair's conversation is what either of the two wrote in the thread; a place's is what the account wrote anywhere in the venue.
    (long Messages, long First, long Last) ExtentOf(IndexedConversation conversation)
    {
        using var command = connection.CreateCommand();
        command.CommandText = conversation.Scope == Detection.FindingScope.Pair
            ? """
              SELECT count(*), min(m.id), max(m.id) FROM messages m
              JOIN venues v ON v.name = $venue AND v.id BETWEEN $first AND $last
              JOIN threads t ON t.venue = v.id AND t.name = $thread
              JOIN accounts a ON a.venue = v.id AND a.handle IN ($account, $counterpart)
              WHERE m.sender = a.id AND m.thread = t.id
              """
            : """
              SELECT count(*), min(m.id), max(m.id) FROM messages m
              JOIN venues v ON v.name = $venue AND v.id BETWEEN $first AND $last
              JOIN accounts a ON a.venue = v.id AND a.handle = $account
              WHERE m.sender = a.id
              """;
        command.Parameters.AddWithValue("$venue", conversation.Venue);
        command.Parameters.AddWithValue("$first", RowId.First(operation));
        command.Parameters.AddWithValue("$last", RowId.Last(operation));
        command.Parameters.AddWithValue("$account", conversation.Account);
        if (conversation.Scope == Detection.FindingScope.Pair)
        {
            command.Parameters.AddWithValue("$thread", conversation.Thread);
            command.Parameters.AddWithValue("$counterpart", conversation.Counterpart ?? conversation.Account);
        }

        using var reader = command.ExecuteReader();
        reader.Read();
        return reader.IsDBNull(1) ? (0, RowId.First(operation), RowId.First(operation)) : (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    string? AtOf(long message)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT at FROM messages WHERE id = $id";
        command.Parameters.AddWithValue("$id", message);
        return command.ExecuteScalar() is string at ? at : null;
    }

    void Execute(string sql, params ReadOnlySpan<object?> values)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue("$" + i.ToString(System.Globalization.CultureInfo.InvariantCulture), values[i] ?? DBNull.Value);
        command.ExecuteNonQuery();
    }
}
