using System.Text.Json;
using Custos.Casework;
using Custos.Evidence;
using Custos.Identity;
using Custos.Pipeline;
using Microsoft.Data.Sqlite;

namespace Custos.Storage;

/// <summary>What the identity pass reads of the index, and where it writes; inside the caller's transaction.</summary>
sealed class IdentitySource(SqliteConnection connection, int operation) : IIdentitySource
{
    // identity-spec, section 2: a cue or a question may stand in the two messages before, by either side; a few more for what is read between.
    const int LinesBefore = 5;

    public IReadOnlyList<ReadAccount> Accounts()
    {
        // Messages of whole threads bring an account's reading up to date; of the room itself only its own do.
        using var command = Command(
            """
            WITH flagged AS (
                SELECT a.id AS account, v.name AS venue, a.handle AS handle
                FROM (SELECT DISTINCT venue, author FROM findings WHERE id BETWEEN $first AND $last AND is_incriminating = 1 AND is_persona = 0) f
                JOIN venues v ON v.name = f.venue AND v.id BETWEEN $first AND $last
                JOIN accounts a ON a.venue = v.id AND a.handle = f.author)
            SELECT g.account, g.venue, g.handle, r.reading, r.last_line,
                (SELECT max(m.id) FROM messages m WHERE m.sender = g.account),
                (SELECT max(m.id) FROM messages m WHERE m.thread IN
                    (SELECT DISTINCT o.thread FROM messages o JOIN threads t ON t.id = o.thread WHERE o.sender = g.account AND t.name <> ''))
            FROM flagged g LEFT JOIN account_readings r ON r.id = g.account
            ORDER BY g.account
            """);
        using var reader = command.ExecuteReader();
        var accounts = new List<ReadAccount>();
        while (reader.Read())
        {
            var last = Math.Max(reader.IsDBNull(5) ? 0 : reader.GetInt64(5), reader.IsDBNull(6) ? 0 : reader.GetInt64(6));
            var known = !reader.IsDBNull(4) && reader.GetInt64(4) == last;
            accounts.Add(new(
                reader.GetInt64(0),
                new(reader.GetString(1), reader.GetString(2)),
                last,
                known ? JsonSerializer.Deserialize(reader.GetString(3), StorageJson.Default.SelectorReading) : null));
        }

        return accounts;
    }

    public IReadOnlyList<TranscriptLine> Lines(ReadAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        var ids = new SortedSet<long>();
        using (var threads = Command("SELECT m.id FROM messages m WHERE m.thread IN (SELECT DISTINCT o.thread FROM messages o JOIN threads t ON t.id = o.thread WHERE o.sender = $account AND t.name <> '')"))
        {
            threads.Parameters.AddWithValue("$account", account.Row);
            Add(threads, ids);
        }

        var own = new List<(long Id, long Thread)>();
        using (var room = Command("SELECT m.id, m.thread FROM messages m JOIN threads t ON t.id = m.thread WHERE m.sender = $account AND t.name = '' ORDER BY m.id"))
        {
            room.Parameters.AddWithValue("$account", account.Row);
            using var reader = room.ExecuteReader();
            while (reader.Read())
                own.Add((reader.GetInt64(0), reader.GetInt64(1)));
        }

        using (var before = Command("SELECT id FROM messages WHERE thread = $thread AND id <= $id ORDER BY id DESC LIMIT $count"))
        {
            before.Parameters.AddWithValue("$count", LinesBefore + 1);
            var (thread, id) = (before.Parameters.Add("$thread", SqliteType.Integer), before.Parameters.Add("$id", SqliteType.Integer));
            foreach (var line in own)
            {
                (thread.Value, id.Value) = (line.Thread, line.Id);
                Add(before, ids);
            }
        }

        var lines = new List<TranscriptLine>(ids.Count);
        using var message = Command($"{Messages.Select} WHERE m.id = $id");
        var key = message.Parameters.Add("$id", SqliteType.Integer);
        foreach (var id in ids)
        {
            key.Value = id;
            using var reader = message.ExecuteReader();
            if (!reader.Read())
                continue;
            var said = Messages.Read(reader);
            lines.Add(new(said.Exhibit, said.Message, IdentityPass.RoleOf(account.Account, said.Message)));
        }

        return lines;
    }

    public (IReadOnlyList<Judgement> Judgements, IReadOnlyList<JudgementWithdrawal> Withdrawals) Judgements()
    {
        using var command = Command("SELECT id, kind, content FROM decisions WHERE kind = 'judgement' AND id BETWEEN $first AND $last ORDER BY id");
        using var reader = command.ExecuteReader();
        var (judgements, withdrawals) = (new List<Judgement>(), new List<JudgementWithdrawal>());
        while (reader.Read())
        {
            var exhibit = new ExhibitNumber(RowId.Place(reader.GetInt64(0)));
            switch (StoredDecision.TryRead(reader.GetString(1), reader.GetString(2)))
            {
                case AccountsJudged judged:
                    judgements.Add(judged.At(exhibit));
                    break;
                case JudgementWithdrawn withdrawn:
                    withdrawals.Add(withdrawn.At(exhibit));
                    break;
                default:
                    break;
            }
        }

        return (judgements, withdrawals);
    }

    internal void Write(IdentityRows rows)
    {
        foreach (var (account, reading) in rows.Read)
            Write(account, reading);
        using (var clear = Command("DELETE FROM proposals WHERE id BETWEEN $first AND $last"))
            clear.ExecuteNonQuery();
        using var proposal = Command("INSERT INTO proposals (id, cluster, accounts, level, proposal) VALUES ($id, $cluster, $accounts, $level, $proposal)");
        foreach (var name in (string[])["$id", "$cluster", "$accounts", "$level", "$proposal"])
            proposal.Parameters.Add(new(name, null));
        for (var i = 0; i < rows.View.Subjects.Count; i++)
        {
            var subject = rows.View.Subjects[i];
            Run(proposal, RowId.Of(operation, i), subject.Cluster, subject.Accounts.Count, (int)subject.Level, JsonSerializer.Serialize(subject, StorageJson.Default.SubjectProposal));
        }

        using (var account = Command("UPDATE account_readings SET cluster = $cluster, level = $level WHERE id = (SELECT a.id FROM accounts a JOIN venues v ON v.id = a.venue WHERE v.name = $space AND v.id BETWEEN $first AND $last AND a.handle = $name)"))
        {
            foreach (var name in (string[])["$cluster", "$level", "$space", "$name"])
                account.Parameters.Add(new(name, null));
            foreach (var placed in rows.View.Accounts)
            {
                (account.Parameters["$cluster"].Value, account.Parameters["$level"].Value) = (placed.Cluster, (int)placed.Level);
                (account.Parameters["$space"].Value, account.Parameters["$name"].Value) = (placed.Account.Space, placed.Account.Name);
                account.ExecuteNonQuery();
            }
        }

        using var notes = Command("INSERT INTO link_notes (id, view_sha256, held, common) VALUES ($first, $sha, $held, $common) ON CONFLICT (id) DO UPDATE SET view_sha256 = excluded.view_sha256, held = excluded.held, common = excluded.common");
        notes.Parameters.AddWithValue("$sha", LinkViewJson.Sha256(rows.View));
        notes.Parameters.AddWithValue("$held", JsonSerializer.Serialize(rows.View.Held, StorageJson.Default.IReadOnlyListHeldMerge));
        notes.Parameters.AddWithValue("$common", JsonSerializer.Serialize(rows.View.Common, StorageJson.Default.IReadOnlyListCommonValue));
        notes.ExecuteNonQuery();
    }

    void Write(ReadAccount account, SelectorReading reading)
    {
        foreach (var table in (string[])["selectors", "statements"])
        {
            using var clear = Command($"DELETE FROM {table} WHERE account = $account");
            clear.Parameters.AddWithValue("$account", account.Row);
            clear.ExecuteNonQuery();
        }

        using (var row = Command("INSERT INTO account_readings (id, last_line, cluster, level, reading) VALUES ($id, $line, '', 0, $reading) ON CONFLICT (id) DO UPDATE SET last_line = excluded.last_line, reading = excluded.reading"))
        {
            row.Parameters.AddWithValue("$id", account.Row);
            row.Parameters.AddWithValue("$line", account.LastLine);
            row.Parameters.AddWithValue("$reading", JsonSerializer.Serialize(reading, StorageJson.Default.SelectorReading));
            row.ExecuteNonQuery();
        }

        for (var i = 0; i < reading.Hits.Count; i++)
        {
            var hit = reading.Hits[i];
            using var row = Command("INSERT INTO selectors (account, place, kind, normal, exhibit, volunteered) VALUES ($account, $place, $kind, $normal, $exhibit, $volunteered)");
            row.Parameters.AddWithValue("$account", account.Row);
            row.Parameters.AddWithValue("$place", i);
            row.Parameters.AddWithValue("$kind", (int)hit.Selector.Kind);
            row.Parameters.AddWithValue("$normal", hit.Selector.Normal);
            row.Parameters.AddWithValue("$exhibit", RowId.Of(operation, hit.Where.Exhibit.LeafIndex));
            row.Parameters.AddWithValue("$volunteered", hit.Volunteered ? 1 : 0);
            row.ExecuteNonQuery();
        }

        var statements = StatementBook.Of(reading);
        for (var i = 0; i < statements.Count; i++)
        {
            using var row = Command("INSERT INTO statements (account, place, statement_id, property, exhibit) VALUES ($account, $place, $statement, $property, $exhibit)");
            row.Parameters.AddWithValue("$account", account.Row);
            row.Parameters.AddWithValue("$place", i);
            row.Parameters.AddWithValue("$statement", statements[i].Id);
            row.Parameters.AddWithValue("$property", statements[i].Property);
            row.Parameters.AddWithValue("$exhibit", RowId.Of(operation, statements[i].Where.Exhibit.LeafIndex));
            row.ExecuteNonQuery();
        }
    }

    SqliteCommand Command(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        if (sql.Contains("$first", StringComparison.Ordinal))
            command.Parameters.AddWithValue("$first", RowId.First(operation));
        if (sql.Contains("$last", StringComparison.Ordinal))
            command.Parameters.AddWithValue("$last", RowId.Last(operation));
        return command;
    }

    static void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        command.ExecuteNonQuery();
    }

    static void Add(SqliteCommand command, SortedSet<long> ids)
    {
        using var reader = command.ExecuteReader();
        while (reader.Read())
            ids.Add(reader.GetInt64(0));
    }
}
