// The hot path: prepared statements by hand, one transaction a batch.
using System.Globalization;
using System.Text;
using System.Text.Json;
using Custos.Detection;
using Custos.Evidence;
using Custos.Pipeline;
using Custos.Vocabulary;
using Microsoft.Data.Sqlite;

namespace Custos.Storage;

/// <summary>Writes one operation's rows. Owned by one thread at a time.</summary>
sealed class Writing : IDisposable
{
    // Handles seen lately, so that most messages cost no look-up; emptied when full, since the table has them all.
    const int CachedNames = 200_000;

    // https://www.sqlite.org/rescode.html: busy, locked, read-only, I/O error, full, cannot open.
    static readonly int[] Passing = [5, 6, 8, 10, 13, 14];

    readonly SqliteConnection _connection;
    readonly List<SqliteCommand> _commands = [];
    readonly SqliteCommand _begin, _commit, _rollback, _exhibit, _custody, _decision, _about, _venue, _findVenue, _countVenue, _thread, _findThread, _account, _findAccount, _message, _text, _source, _finding, _advance;
    readonly Dictionary<string, long> _venues = new(StringComparer.Ordinal);
    readonly Dictionary<(long Venue, string Name), long> _threads = [];
    readonly Dictionary<(long Venue, string Name), long> _accounts = [];
    readonly Dictionary<long, long> _venueMessages = [];
    readonly Dictionary<long, (string Format, long Messages, long LastOffset)> _sources = [];
    readonly int _operation;
    Counters _counters;

    internal Writing(SqliteConnection connection, OperationSlug operation)
    {
        _connection = connection;
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _rollback = Command("ROLLBACK");
        _operation = Number(operation);
        _exhibit = Command("INSERT INTO exhibits (id, kind, at, actor, size, leaf, about) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", 7);
        _custody = Command("INSERT INTO custody_events (id, kind, at, actor, content) VALUES (?1, ?2, ?3, ?4, ?5)", 5);
        _decision = Command("INSERT INTO decisions (id, kind, at, actor, content) VALUES (?1, ?2, ?3, ?4, ?5)", 5);
        _about = Command("INSERT OR IGNORE INTO about (exhibit, event) VALUES (?1, ?2)", 2);
        _venue = Command("INSERT INTO venues (id, name, messages) VALUES (?1, ?2, 0)", 2);
        _findVenue = Command("SELECT id FROM venues WHERE name = ?1 AND id BETWEEN ?2 AND ?3", 3);
        _countVenue = Command("UPDATE venues SET messages = messages + ?2 WHERE id = ?1", 2);
        _thread = Command("INSERT INTO threads (id, venue, name) VALUES (?1, ?2, ?3)", 3);
        _findThread = Command("SELECT id FROM threads WHERE venue = ?1 AND name = ?2", 2);
        _account = Command("INSERT INTO accounts (id, venue, handle) VALUES (?1, ?2, ?3)", 3);
        _findAccount = Command("SELECT id FROM accounts WHERE venue = ?1 AND handle = ?2", 2);
        _message = Command("INSERT INTO messages (id, thread, message_id, at, sender, addressee, text, direction, source, source_offset, start, length) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)", 12);
        _text = Command("INSERT INTO message_text (rowid, text) VALUES (?1, ?2)", 2);
        _source = Command("INSERT INTO sources (id, format, messages, last_offset) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET messages = messages + excluded.messages, last_offset = max(last_offset, excluded.last_offset)", 4);
        _finding = Command("INSERT INTO findings (id, exhibit, is_alert, scope, venue, thread, author, counterpart, is_persona, is_incriminating, code, score, probability, peer, finding) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)", 15);
        _advance = Command("UPDATE operations SET indexed_up_to = ?2, last_leaf = ?3, venues = ?4, threads = ?5, accounts = ?6, findings = ?7 WHERE number = ?1", 7);
        _counters = ReadCounters();
    }

    /// <summary>The operation's number in this file.</summary>
    internal int Operation => _operation;

    public void Dispose()
    {
        foreach (var command in _commands)
            command.Dispose();
        _connection.Dispose();
    }

    internal IndexPosition Position()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT indexed_up_to, last_leaf, settled_up_to, engine, pack, model, selectors, derivation FROM operations WHERE number = $number";
        command.Parameters.AddWithValue("$number", _operation);
        using var reader = command.ExecuteReader();
        reader.Read();
        var leaf = (byte[])reader.GetValue(1);
        var engine = reader.GetString(3);
        return new(
            reader.GetInt64(0),
            leaf.Length == 32 ? new Sha256Digest(leaf) : null,
            reader.GetInt64(2),
            engine.Length == 0 ? null : new(engine, reader.GetString(4), reader.GetString(5), reader.GetString(6), reader.GetInt32(7)));
    }

    internal void Reset(DerivedFrom from) => InTransaction(() =>
    {
        var (first, last) = (RowId.First(_operation), RowId.Last(_operation));
        var others = Count("SELECT count(*) FROM operations WHERE number <> $a AND indexed_up_to > 0", _operation, 0) > 0;
        var had = Count("SELECT EXISTS (SELECT 1 FROM messages WHERE id BETWEEN $a AND $b)", first, last) > 0;
        foreach (var table in (string[])["exhibits", "custody_events", "decisions", "venues", "threads", "accounts", "messages", "sources", "hearing", "gaps", "findings", "conversations", "account_readings", "proposals", "link_notes"])
            Execute($"DELETE FROM {table} WHERE id BETWEEN $a AND $b", first, last);
        Execute("DELETE FROM about WHERE exhibit BETWEEN $a AND $b", first, last);
        Execute("DELETE FROM selectors WHERE account BETWEEN $a AND $b", first, last);
        Execute("DELETE FROM statements WHERE account BETWEEN $a AND $b", first, last);
        // The text index reads its words back from the messages to remove them one by one; all at once is cheaper.
        if (had)
            Execute(others ? "INSERT INTO message_text (message_text) VALUES ('rebuild')" : "INSERT INTO message_text (message_text) VALUES ('delete-all')", 0, 0);
        using var command = _connection.CreateCommand();
        command.CommandText = """
            UPDATE operations SET indexed_up_to = 0, last_leaf = x'', settled_up_to = 0, engine = $engine, pack = $pack, model = $model, selectors = $selectors, derivation = $derivation,
                venues = 0, threads = 0, accounts = 0, findings = 0, conversations = 0 WHERE number = $number
            """;
        command.Parameters.AddWithValue("$engine", from.Engine);
        command.Parameters.AddWithValue("$pack", from.Pack);
        command.Parameters.AddWithValue("$model", from.Model);
        command.Parameters.AddWithValue("$selectors", from.Selectors);
        command.Parameters.AddWithValue("$derivation", from.Derivation);
        command.Parameters.AddWithValue("$number", _operation);
        command.ExecuteNonQuery();
    });

    internal void Write(IReadOnlyList<IndexBatch> batches) => InTransaction(() =>
    {
        // Someone else's hand in this operation's rows would leave holes; the log's lock keeps it out, and this notices.
        var at = _counters.IndexedUpTo;
        Sha256Digest leaf = default;
        foreach (var batch in batches)
        {
            if (batch.From != at)
                throw new InvalidOperationException($"The index stands at {new ExhibitNumber(at)} and was given {new ExhibitNumber(batch.From)}.");
            leaf = WriteExhibits(batch);
            foreach (var message in batch.Messages)
                WriteMessage(message);
            foreach (var finding in batch.Findings)
                WriteFinding(finding);
            at = batch.UpTo;
        }

        foreach (var (venue, messages) in _venueMessages)
            Run(_countVenue, venue, messages);
        _venueMessages.Clear();
        foreach (var (source, seen) in _sources)
            Run(_source, source, seen.Format, seen.Messages, seen.LastOffset);
        _sources.Clear();
        _counters = _counters with { IndexedUpTo = at };
        Run(_advance, _operation, at, leaf.ToArray(), _counters.Venues, _counters.Threads, _counters.Accounts, _counters.Findings);
    });

    internal void Settle(SettledRows rows, IdentityPass? identity) => InTransaction(() =>
    {
        new Settling(_connection, _operation).Write(rows);
        if (identity is not null)
        {
            var source = new IdentitySource(_connection, _operation);
            source.Write(identity.Run(source));
        }

        Execute("UPDATE operations SET settled_up_to = $b WHERE number = $a", _operation, rows.UpTo);
    });

    Sha256Digest WriteExhibits(IndexBatch batch)
    {
        Sha256Digest leaf = default;
        foreach (var exhibit in batch.Exhibits)
        {
            var entry = exhibit.Entry;
            var id = RowId.Of(_operation, exhibit.Number.LeafIndex);
            leaf = Leaf(entry.Bytes.Span);
            var at = Time.Microseconds(entry.RecordedAt);
            Run(_exhibit, id, entry.Kind, at, entry.Actor, entry.Size, leaf.ToArray(), entry.About.Count == 0 ? null : string.Join(',', entry.About.Select(about => about.LeafIndex.ToString(CultureInfo.InvariantCulture))));
            foreach (var about in entry.About)
                Run(_about, RowId.Of(_operation, about.LeafIndex), id);
            if (IndexedKinds.IsCustody(entry.Kind))
            {
                var content = exhibit.Content.IsEmpty ? null : Encoding.UTF8.GetString(exhibit.Content.Span);
                Run(_custody, id, entry.Kind, at, entry.Actor, content);
                foreach (var about in ExhibitsOf(exhibit.Content, exhibit.Number))
                    Run(_about, RowId.Of(_operation, about), id);
            }
            else if (IndexedKinds.IsDecision(entry.Kind))
            {
                Run(_decision, id, entry.Kind, at, entry.Actor, Encoding.UTF8.GetString(exhibit.Content.Span));
            }
        }

        return leaf;
    }

    void WriteMessage(in IndexedMessage indexed)
    {
        var message = indexed.Message;
        var id = RowId.Of(_operation, indexed.Exhibit.LeafIndex);
        var venue = Venue(message.Venue.Value);
        var thread = Thread(venue, message.Thread);
        var sender = Account(venue, message.From.Value);
        object? addressee = message.To is { } to ? Account(venue, to.Value) : null;
        object? source = indexed.Source is { } file ? RowId.Of(_operation, file) : null;
        Run(_message, id, thread, message.Id, message.At?.ToString(), sender, addressee, message.Text, (int)message.Direction, source, indexed.SourceOffset, indexed.Start, indexed.Length);
        Run(_text, id, message.Text);
        _venueMessages[venue] = _venueMessages.GetValueOrDefault(venue) + 1;
        if (indexed.Source is { } from)
        {
            var key = RowId.Of(_operation, from);
            var seen = _sources.GetValueOrDefault(key, (indexed.Format, 0, -1));
            _sources[key] = (seen.Format, seen.Messages + 1, Math.Max(seen.LastOffset, indexed.SourceOffset ?? -1));
        }
    }

    void WriteFinding(in IndexedFinding indexed)
    {
        var finding = indexed.Finding;
        var id = RowId.Of(_operation, _counters.Findings);
        _counters = _counters with { Findings = _counters.Findings + 1 };
        Run(
            _finding, id, RowId.Of(_operation, indexed.Exhibit.LeafIndex), finding.Kind == FindingKind.Alert ? 1 : 0, (int)finding.Scope,
            finding.Venue, finding.Thread, finding.Author, finding.Counterpart, finding.Role == AuthorRole.Persona ? 1 : 0,
            finding.Indicators.Any(indicator => IndicatorCatalogue.Find(indicator.Code)?.Kind == IndicatorKind.Incriminating) ? 1 : 0,
            finding.Indicators.Count > 0 ? finding.Indicators[0].Code : "", finding.Score?.Millibits, finding.Probability?.Millionths, finding.Peer ? 1 : 0,
            JsonSerializer.Serialize(finding, StorageJson.Default.Finding));
    }

    long Venue(string name)
    {
        if (_venues.TryGetValue(name, out var id))
            return id;
        if (Find(_findVenue, name, RowId.First(_operation), RowId.Last(_operation)) is { } found)
            return _venues[name] = found;
        id = RowId.Of(_operation, _counters.Venues);
        _counters = _counters with { Venues = _counters.Venues + 1 };
        Run(_venue, id, name);
        return _venues[name] = id;
    }

    long Thread(long venue, string name)
    {
        if (_threads.TryGetValue((venue, name), out var id))
            return id;
        if (_threads.Count >= CachedNames)
            _threads.Clear();
        if (Find(_findThread, venue, name) is { } found)
            return _threads[(venue, name)] = found;
        id = RowId.Of(_operation, _counters.Threads);
        _counters = _counters with { Threads = _counters.Threads + 1 };
        Run(_thread, id, venue, name);
        return _threads[(venue, name)] = id;
    }

    long Account(long venue, string handle)
    {
        if (_accounts.TryGetValue((venue, handle), out var id))
            return id;
        if (_accounts.Count >= CachedNames)
            _accounts.Clear();
        if (Find(_findAccount, venue, handle) is { } found)
            return _accounts[(venue, handle)] = found;
        id = RowId.Of(_operation, _counters.Accounts);
        _counters = _counters with { Accounts = _counters.Accounts + 1 };
        Run(_account, id, venue, handle);
        return _accounts[(venue, handle)] = id;
    }

    void InTransaction(Action write)
    {
        try
        {
            _begin.ExecuteNonQuery();
            try
            {
                write();
                _commit.ExecuteNonQuery();
            }
            catch
            {
                Forget();
                throw;
            }
        }
        catch (SqliteException e) when (Passing.Contains(e.SqliteErrorCode))
        {
            throw new IndexUnavailableException(Sentence(e), e);
        }
    }

    // Places taken inside a transaction that did not happen are free again.
    void Forget()
    {
        try
        {
            _rollback.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // A full disk or an I/O error has rolled back already.
        }

        _venues.Clear();
        _threads.Clear();
        _accounts.Clear();
        _venueMessages.Clear();
        _sources.Clear();
        _counters = ReadCounters();
    }

    string Sentence(SqliteException e) => e.SqliteErrorCode switch
    {
        13 => $"The index '{_connection.DataSource}' could not be written: the disk is full. Everything is recorded; free space, and the index catches up.",
        5 or 6 => $"The index '{_connection.DataSource}' is being written by another process. Everything is recorded; the index catches up when it is free.",
        _ => $"The index '{_connection.DataSource}' could not be written (SQLite error {e.SqliteErrorCode.ToString(CultureInfo.InvariantCulture)}). Everything is recorded; put the disk right, and the index catches up.",
    };

    int Number(OperationSlug operation)
    {
        InTransaction(() =>
        {
            using var command = _connection.CreateCommand();
            command.CommandText = """
                INSERT OR IGNORE INTO operations (number, slug, indexed_up_to, last_leaf, settled_up_to, engine, pack, model, selectors, derivation, venues, threads, accounts, findings, conversations)
                VALUES ((SELECT coalesce(max(number), 0) + 1 FROM operations), $slug, 0, x'', 0, '', '', '', '', 0, 0, 0, 0, 0, 0)
                """;
            command.Parameters.AddWithValue("$slug", operation.Value);
            command.ExecuteNonQuery();
        });
        using var find = _connection.CreateCommand();
        find.CommandText = "SELECT number FROM operations WHERE slug = $slug";
        find.Parameters.AddWithValue("$slug", operation.Value);
        return (int)(long)find.ExecuteScalar()!;
    }

    Counters ReadCounters()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT indexed_up_to, venues, threads, accounts, findings FROM operations WHERE number = $number";
        command.Parameters.AddWithValue("$number", _operation);
        using var reader = command.ExecuteReader();
        reader.Read();
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
    }

    SqliteCommand Command(string sql, int parameters = 0)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 1; i <= parameters; i++)
            command.Parameters.Add(new() { ParameterName = "?" + i.ToString(CultureInfo.InvariantCulture) });
        _commands.Add(command);
        return command;
    }

    static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        command.ExecuteNonQuery();
    }

    static long? Find(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        return (long?)command.ExecuteScalar();
    }

    void Execute(string sql, long a, long b)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$a", a);
        command.Parameters.AddWithValue("$b", b);
        command.ExecuteNonQuery();
    }

    long Count(string sql, long a, long b)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$a", a);
        command.Parameters.AddWithValue("$b", b);
        return (long)command.ExecuteScalar()!;
    }

    // What a custody event lists beyond the sixteen that its entry has room for (evidence-spec, section 11).
    static IEnumerable<long> ExhibitsOf(ReadOnlyMemory<byte> content, ExhibitNumber own)
    {
        if (content.IsEmpty)
            yield break;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(content);
        }
        catch (JsonException)
        {
            yield break;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("exhibits", out var list) || list.ValueKind != JsonValueKind.Array)
                yield break;
            foreach (var value in list.EnumerateArray())
            {
                if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var index) && index >= 0 && index < own.LeafIndex)
                    yield return index;
            }
        }
    }

    static Sha256Digest Leaf(ReadOnlySpan<byte> entry)
    {
        Span<byte> bytes = stackalloc byte[1 + LogEntry.MaxBytes];
        bytes[0] = 0;
        entry.CopyTo(bytes[1..]);
        return Sha256Digest.Of(bytes[..(entry.Length + 1)]);
    }

    readonly record struct Counters(long IndexedUpTo, long Venues, long Threads, long Accounts, long Findings);
}
