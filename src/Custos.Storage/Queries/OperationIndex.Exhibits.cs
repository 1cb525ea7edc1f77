using System.Globalization;
using Custos.Evidence;

namespace Custos.Storage;

public sealed partial class OperationIndex : IExhibitIndex, IVenueIndex
{
    /// <inheritdoc/>
    public async ValueTask<StoredExhibit?> ExhibitAsync(ExhibitNumber number, CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        var id = ("$id", (object?)RowId.Of(reading.Operation, number.LeafIndex));
        var acts = await reading.ListAsync(
            "SELECT e.id, e.kind, e.at, e.actor, c.content FROM about b JOIN exhibits e ON e.id = b.event LEFT JOIN custody_events c ON c.id = e.id WHERE b.exhibit = $id AND e.kind <> 'chat' ORDER BY e.id",
            row => new StoredAct(new(RowId.Place(row.GetInt64(0))), row.GetString(1), Time.Instant(row.GetInt64(2)), row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4)),
            cancellation, id);
        return await reading.OneAsync(
            "SELECT e.kind, e.at, e.actor, e.size, e.leaf, e.about, v.name, m.source FROM exhibits e LEFT JOIN messages m ON m.id = e.id LEFT JOIN threads t ON t.id = m.thread LEFT JOIN venues v ON v.id = t.venue WHERE e.id = $id",
            row => new StoredExhibit(
                number, row.GetString(0), Time.Instant(row.GetInt64(1)), row.GetString(2), row.GetInt32(3), new((byte[])row.GetValue(4)),
                row.IsDBNull(5) ? [] : [.. row.GetString(5).Split(',').Select(about => new ExhibitNumber(long.Parse(about, CultureInfo.InvariantCulture)))],
                row.IsDBNull(6) ? null : row.GetString(6), row.IsDBNull(7) ? null : new ExhibitNumber(RowId.Place(row.GetInt64(7))), acts),
            cancellation, id);
    }

    /// <summary>Custody events of one kind, in the order of the log.</summary>
    /// <param name="kind">The entry's kind: <c>custody.deleted</c>.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public async ValueTask<IReadOnlyList<StoredAct>> ActsAsync(string kind, CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        return await reading.ListAsync(
            "SELECT id, kind, at, actor, content FROM custody_events WHERE kind = $kind AND id BETWEEN $first AND $last ORDER BY id",
            row => new StoredAct(new(RowId.Place(row.GetInt64(0))), row.GetString(1), Time.Instant(row.GetInt64(2)), row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4)),
            cancellation, ("$kind", kind));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredDecision>> DecisionsAsync(CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        return await DecisionsAsync(reading, "", cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredVenue>> VenuesAsync(CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        var counts = await reading.ListAsync(
            """
            SELECT v.name, v.messages, (SELECT count(*) FROM accounts a WHERE a.venue = v.id),
                (SELECT count(*) FROM conversations c WHERE c.venue = v.name AND c.alert IS NOT NULL AND c.id BETWEEN $first AND $last)
            FROM venues v WHERE v.id BETWEEN $first AND $last
            """,
            row => (Name: row.GetString(0), Messages: row.GetInt64(1), Accounts: row.GetInt64(2), Alerts: row.GetInt64(3)), cancellation);
        var hearing = (await reading.ListAsync(
            "SELECT venue, since, until, ended, id FROM hearing WHERE id BETWEEN $first AND $last ORDER BY id",
            row => (Venue: row.GetString(0), Heard: new StoredHearing(Time.Instant(row.GetInt64(1)), Time.Instant(row.GetInt64(2)), row.GetInt32(3) != 0, new(RowId.Place(row.GetInt64(4))))),
            cancellation)).ToLookup(row => row.Venue, row => row.Heard, StringComparer.Ordinal);
        var gaps = (await reading.ListAsync(
            "SELECT venue, since, until, cause, id FROM gaps WHERE id BETWEEN $first AND $last ORDER BY id",
            row => (Venue: row.GetString(0), Gap: new StoredGap(Time.Instant(row.GetInt64(1)), row.IsDBNull(2) ? null : Time.Instant(row.GetInt64(2)), row.GetString(3), new(RowId.Place(row.GetInt64(4))))),
            cancellation)).ToLookup(row => row.Venue, row => row.Gap, StringComparer.Ordinal);
        // A room that was heard and in which nothing was said is a venue too: an hour heard is not an hour missed.
        var silent = hearing.Select(group => group.Key).Concat(gaps.Select(group => group.Key)).Except(counts.Select(count => count.Name), StringComparer.Ordinal).Distinct(StringComparer.Ordinal);
        return
        [
            .. counts.Concat(silent.Select(name => (Name: name, Messages: 0L, Accounts: 0L, Alerts: 0L)))
                .OrderBy(venue => venue.Name, StringComparer.Ordinal)
                .Select(venue => new StoredVenue(venue.Name, venue.Messages, venue.Accounts, venue.Alerts, [.. hearing[venue.Name]], [.. gaps[venue.Name]])),
        ];
    }

    static async ValueTask<List<StoredDecision>> DecisionsAsync(Reading reading, string which, CancellationToken cancellation)
    {
        var rows = await reading.ListAsync(
            $"SELECT id, kind, at, content FROM decisions WHERE id BETWEEN $first AND $last {which} ORDER BY id",
            row => (Id: RowId.Place(row.GetInt64(0)), Kind: row.GetString(1), At: Time.Instant(row.GetInt64(2)), Content: row.GetString(3)), cancellation);
        var decisions = new List<StoredDecision>(rows.Count);
        foreach (var row in rows)
        {
            if (StoredDecision.TryRead(row.Kind, row.Content) is { } decision)
                decisions.Add(new(new(row.Id), row.At, decision));
        }

        return decisions;
    }
}
