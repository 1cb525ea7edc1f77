using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Custos.Storage.Tests;

/// <summary>Every row of every table, as text, with the operation's number taken for its name.</summary>
static class Dump
{
    internal static IReadOnlyList<string> Of(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        var tables = Strings(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_\\_EF%' ESCAPE '\\' AND name NOT LIKE 'message_text%' ORDER BY name");
        var rows = new List<string>();
        foreach (var table in tables)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM \"{table}\" ORDER BY 1, 2";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                var values = new object[reader.FieldCount];
                reader.GetValues(values);
                rows.Add(table + "|" + string.Join('|', values.Select(value => value is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture))));
            }
        }

        // The text index, by what it holds: every term with its rows.
        using (var terms = connection.CreateCommand())
        {
            terms.CommandText = "CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'message_text', 'instance')";
            terms.ExecuteNonQuery();
        }

        rows.AddRange(Strings(connection, "SELECT 'term|' || term || '|' || doc || '|' || offset FROM temp.terms ORDER BY term, doc, offset"));
        return rows;
    }

    static List<string> Strings(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var strings = new List<string>();
        while (reader.Read())
            strings.Add(reader.GetString(0));
        return strings;
    }
}
