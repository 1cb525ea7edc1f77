using System.Globalization;
using System.Text;

namespace Custos.Storage;

public sealed partial class OperationIndex : ISearchIndex
{
    /// <inheritdoc/>
    public async ValueTask<SearchHits> SearchAsync(string words, int most, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(words);
        var match = Match(words);
        await using var reading = await ReadingAsync(cancellation);
        var hits = await reading.ListAsync(
            $"""
            {Messages.SelectWith("(SELECT f.exhibit || '-' || (SELECT count(*) FROM findings o WHERE o.exhibit = f.exhibit AND o.is_alert = 1 AND o.id < f.id) FROM conversations c JOIN findings f ON f.id = c.alert WHERE c.venue = v.name AND c.account = s.handle AND c.id BETWEEN $first AND $last ORDER BY f.id LIMIT 1)")}
            WHERE m.id IN (SELECT rowid FROM message_text WHERE message_text MATCH $match AND rowid BETWEEN $first AND $last ORDER BY rowid LIMIT $count)
            ORDER BY m.id
            """,
            row => new SearchHit(Messages.Read(row), row.IsDBNull(Messages.Columns) ? null : AlertId(row.GetString(Messages.Columns))),
            cancellation, ("$match", match), ("$count", most + 1L));
        return hits.Count > most ? new([.. hits.Take(most)], true) : new(hits, false);
    }

    /// <summary>What a person types, as FTS5 takes it: every word quoted, so that nothing in it is an operator.</summary>
    internal static string Match(string words)
    {
        var match = new StringBuilder();
        var at = 0;
        while (at < words.Length)
        {
            if (char.IsWhiteSpace(words[at]))
            {
                at++;
                continue;
            }

            string term;
            if (words[at] == '"')
            {
                var end = words.IndexOf('"', at + 1);
                term = end < 0 ? words[(at + 1)..] : words[(at + 1)..end];
                at = end < 0 ? words.Length : end + 1;
            }
            else
            {
                var end = at;
                while (end < words.Length && !char.IsWhiteSpace(words[end]) && words[end] != '"')
                    end++;
                term = words[at..end];
                at = end;
            }

            var prefix = term.EndsWith('*');
            term = term.TrimEnd('*');
            // A term of signs alone has no word in it: FTS5 would take the whole query for an error or for everything.
            if (!term.Any(char.IsLetterOrDigit))
                continue;
            match.Append(match.Length == 0 ? "" : " ").Append('"').Append(term.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"').Append(prefix ? "*" : "");
        }

        return match.Length > 0 ? match.ToString() : throw new FormatException("There is no word to look for. Nothing was searched. Give a word of letters or digits.");
    }

    static string AlertId(string stored)
    {
        var dash = stored.IndexOf('-', StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"{RowId.Place(long.Parse(stored.AsSpan(0, dash), CultureInfo.InvariantCulture))}{stored.AsSpan(dash)}");
    }
}
