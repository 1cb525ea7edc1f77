using Custos.Evidence;
using Custos.Vocabulary;
using Microsoft.Data.Sqlite;

namespace Custos.Storage;

/// <summary>A message as the index holds it.</summary>
/// <param name="Exhibit">The exhibit that holds it.</param>
/// <param name="Message">What was said.</param>
public sealed record StoredMessage(ExhibitNumber Exhibit, ChatMessage Message)
{
    /// <summary>Where, never what.</summary>
    public override string ToString() => Exhibit.ToString();
}

/// <summary>Reads messages back as they were decoded.</summary>
static class Messages
{
    /// <summary>How many columns <see cref="Read"/> takes.</summary>
    internal const int Columns = 9;

    const string Names = "m.id, v.name, t.name, m.message_id, m.at, s.handle, d.handle, m.text, m.direction";
    const string From = "FROM messages m JOIN threads t ON t.id = m.thread JOIN venues v ON v.id = t.venue JOIN accounts s ON s.id = m.sender LEFT JOIN accounts d ON d.id = m.addressee";

    internal const string Select = $"SELECT {Names} {From}";

    internal static string SelectWith(string more) => $"SELECT {Names}, {more} {From}";

    internal static StoredMessage Read(SqliteDataReader reader) => new(
        new(RowId.Place(reader.GetInt64(0))),
        new(
            new(reader.GetString(1)), reader.GetString(2), reader.GetString(3),
            !reader.IsDBNull(4) && SpokenAt.TryParse(reader.GetString(4), out var at) ? at : null,
            new(reader.GetString(5)),
            reader.IsDBNull(6) ? null : new Handle(reader.GetString(6)),
            reader.GetString(7),
            (Direction)reader.GetInt32(8)));
}
