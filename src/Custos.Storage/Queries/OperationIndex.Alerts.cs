using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Custos.Casework;
using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;
using Custos.Pipeline;
using Custos.Vocabulary;
using Microsoft.Data.Sqlite;

namespace Custos.Storage;

public sealed partial class OperationIndex : IAlertIndex, IConversationIndex
{
    const string ConversationColumns = "c.id, c.scope, c.venue, c.thread, c.account, c.counterpart, c.has_persona, c.messages, c.first_exhibit, c.last_exhibit, c.first_at, c.last_at, c.indicators, c.score, c.probability, c.peer";

    // What either side wrote: in the thread for a pair, anywhere in the venue for a place.
    const string OfConversation = """
        m.sender IN (SELECT a.id FROM accounts a JOIN venues w ON w.id = a.venue WHERE w.name = $venue AND w.id BETWEEN $first AND $last AND a.handle IN ($account, $counterpart))
        AND ($scope = 1 OR m.thread = (SELECT h.id FROM threads h JOIN venues w ON w.id = h.venue WHERE w.name = $venue AND w.id BETWEEN $first AND $last AND h.name = $thread))
        """;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredAlert>> AlertsAsync(CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        return await AlertsAsync(reading, "", cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredAlert?> AlertAsync(string id, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(id);
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        if (dash <= 0 || !long.TryParse(id.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var exhibit) || exhibit > RowId.Place(long.MaxValue))
            return null;
        await using var reading = await ReadingAsync(cancellation);
        var alerts = await AlertsAsync(reading, "AND f.exhibit = $exhibit", cancellation, ("$exhibit", RowId.First(reading.Operation) | exhibit));
        return alerts.FirstOrDefault(alert => alert.Id == id);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredAlert?> AlertOfAsync(StoredConversation conversation, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        await using var reading = await ReadingAsync(cancellation);
        var alerts = await AlertsAsync(reading, "AND c.id = $conversation", cancellation, ("$conversation", RowId.First(reading.Operation) | conversation.Id));
        return alerts.Count > 0 ? alerts[0] : null;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredConversation>> ConversationsAsync(AccountKey account, CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        return await reading.ListAsync(
            $"SELECT {ConversationColumns} FROM conversations c WHERE c.venue = $venue AND c.account = $account AND c.id BETWEEN $first AND $last ORDER BY c.id",
            row => Conversation(row, 0), cancellation, ("$venue", account.Space), ("$account", account.Name));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredMessage>> LinesAsync(StoredConversation conversation, long start, int count, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        await using var reading = await ReadingAsync(cancellation);
        return await reading.ListAsync(
            $"{Messages.Select} WHERE {OfConversation} ORDER BY m.id LIMIT $count OFFSET $start",
            Messages.Read, cancellation, [.. Of(conversation), ("$count", count), ("$start", start)]);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredMessage>> LinesAroundAsync(ExhibitNumber exhibit, int before, int after, CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        return await reading.ListAsync(
            $"""
            {Messages.Select} WHERE m.id IN (
                SELECT id FROM (SELECT id FROM messages WHERE thread = (SELECT thread FROM messages WHERE id = $id) AND id <= $id ORDER BY id DESC LIMIT $before)
                UNION SELECT id FROM (SELECT id FROM messages WHERE thread = (SELECT thread FROM messages WHERE id = $id) AND id > $id ORDER BY id LIMIT $after))
            ORDER BY m.id
            """,
            Messages.Read, cancellation, ("$id", RowId.Of(reading.Operation, exhibit.LeafIndex)), ("$before", before + 1), ("$after", after));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<IndexedFinding>> FindingsAsync(StoredConversation conversation, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        await using var reading = await ReadingAsync(cancellation);
        return await reading.ListAsync(
            """
            SELECT f.finding, f.exhibit FROM findings f
            WHERE f.venue = $venue AND f.is_alert = 0 AND f.id BETWEEN $first AND $last
                AND (($scope = 1 AND f.author = $account) OR ($scope = 0 AND f.thread = $thread AND f.author IN ($account, $counterpart) AND (f.counterpart IS NULL OR f.counterpart IN ($account, $counterpart))))
            ORDER BY f.id
            """,
            StoredFinding, cancellation, Of(conversation));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<IndexedFinding> FindingsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        await using var command = reading.Command("SELECT finding, exhibit FROM findings WHERE id BETWEEN $first AND $last ORDER BY id");
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            yield return StoredFinding(rows);
    }

    /// <inheritdoc/>
    public async ValueTask<ConductRecord?> ConductAsync(StoredConversation conversation, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        await using var reading = await ReadingAsync(cancellation);
        return await reading.OneAsync(
            "SELECT conduct FROM conversations WHERE id = $id AND conduct IS NOT NULL",
            row => JsonSerializer.Deserialize(row.GetString(0), StorageJson.Default.ConductRecord)!, cancellation, ("$id", RowId.First(reading.Operation) | conversation.Id));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RiskFact>> RiskFactsAsync(StoredConversation conversation, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        await using var reading = await ReadingAsync(cancellation);
        return await reading.OneAsync(
            "SELECT risk_facts FROM conversations WHERE id = $id", row => RiskFacts(row, 0), cancellation, ("$id", RowId.First(reading.Operation) | conversation.Id)) ?? [];
    }

    static async ValueTask<IReadOnlyList<StoredAlert>> AlertsAsync(Reading reading, string which, CancellationToken cancellation, params (string Name, object? Value)[] values)
    {
        // An alert's number among those of one message, which keeps its id short and the same after a rebuild.
        var alerts = await reading.ListAsync(
            $"""
            SELECT {ConversationColumns}, f.finding, f.exhibit, c.risk_facts, i.at, e.at,
                (SELECT count(*) FROM findings o WHERE o.exhibit = f.exhibit AND o.is_alert = 1 AND o.id < f.id)
            FROM findings f JOIN conversations c ON c.alert = f.id
            JOIN messages i ON i.id = (
                SELECT min(o.exhibit) FROM findings o
                WHERE o.venue = c.venue AND o.author = c.account AND (c.scope = 1 OR o.thread = c.thread) AND o.id BETWEEN $first AND $last)
            JOIN exhibits e ON e.id = i.id
            WHERE f.is_alert = 1 AND f.id BETWEEN $first AND $last {which} ORDER BY f.id
            """,
            row =>
            {
                var exhibit = new ExhibitNumber(RowId.Place(row.GetInt64(17)));
                return new StoredAlert(
                    string.Create(CultureInfo.InvariantCulture, $"{exhibit.LeafIndex}-{row.GetInt64(21)}"), exhibit,
                    JsonSerializer.Deserialize(row.GetString(16), StorageJson.Default.Finding)!, Conversation(row, 0), RiskFacts(row, 18), Spoken(row, 19)?.Instant ?? Time.Instant(row.GetInt64(20)), null);
            },
            cancellation, values);
        if (alerts.Count == 0)
            return alerts;
        var decided = new Dictionary<AlertAddress, StoredDecision>();
        foreach (var decision in await DecisionsAsync(reading, "AND (kind LIKE 'alert.%' OR kind = 'case.opened')", cancellation))
        {
            foreach (var address in AlertsOf(decision.Decision))
                decided[address] = decision;
        }

        return [.. alerts.Select(alert => decided.TryGetValue(alert.Address, out var last) ? alert with { Decided = last } : alert)];
    }

    static IEnumerable<AlertAddress> AlertsOf(Decision decision) => decision switch
    {
        AlertDismissed dismissed => [dismissed.Alert],
        AlertDeferred deferred => [deferred.Alert],
        AlertReopened reopened => [reopened.Alert],
        CaseOpened opened => opened.Alerts,
        _ => [],
    };

    static (string Name, object? Value)[] Of(StoredConversation conversation) =>
    [
        ("$scope", (int)conversation.Scope), ("$venue", conversation.Venue), ("$thread", conversation.Thread),
        ("$account", conversation.Account), ("$counterpart", conversation.Counterpart ?? conversation.Account),
    ];

    static IndexedFinding StoredFinding(SqliteDataReader row) =>
        new(JsonSerializer.Deserialize(row.GetString(0), StorageJson.Default.Finding)!, new(RowId.Place(row.GetInt64(1))));

    static IReadOnlyList<RiskFact> RiskFacts(SqliteDataReader row, int at) =>
        row.IsDBNull(at) ? [] : JsonSerializer.Deserialize(row.GetString(at), StorageJson.Default.IReadOnlyListRiskFact)!;

    static StoredConversation Conversation(SqliteDataReader row, int at) => new(
        RowId.Place(row.GetInt64(at)), (FindingScope)row.GetInt32(at + 1), row.GetString(at + 2), row.GetString(at + 3), row.GetString(at + 4),
        row.GetString(at + 5) is { Length: > 0 } counterpart ? counterpart : null, row.GetInt32(at + 6) != 0, row.GetInt64(at + 7),
        new(RowId.Place(row.GetInt64(at + 8))), new(RowId.Place(row.GetInt64(at + 9))), Spoken(row, at + 10), Spoken(row, at + 11), row.GetInt32(at + 12),
        row.IsDBNull(at + 13) ? null : new Score(row.GetInt32(at + 13)), row.IsDBNull(at + 14) ? null : new Probability(row.GetInt32(at + 14)), row.GetInt32(at + 15) != 0);

    static SpokenAt? Spoken(SqliteDataReader row, int at) => !row.IsDBNull(at) && SpokenAt.TryParse(row.GetString(at), out var spoken) ? spoken : null;
}
