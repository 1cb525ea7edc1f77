using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Custos.Study;

/// <summary>Writes a study table for a person, for a spreadsheet and for a program; the same table gives the same bytes.</summary>
public static class StudyWriter
{
    const string Internal = "For the unit only: small cells are not hidden.";

    /// <summary>The table as plain text.</summary>
    public static string Text(StudyTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Operation {table.Operation}, checkpoint {table.TreeSize}, root {table.RootHash}\n{Internal}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Listened: {table.Exposure.VenueHours:F2} venue-hours, {table.Exposure.OperatorHours:F2} operator-hours in {table.Exposure.Venues.Count} venues\n\n");
        Rows(text, ["People", "Accounts", "Anchored", "Lower", "Upper", "Share identified"],
        [
            People("solicitation confirmed by a person", table.Confirmed),
            People("detected, not yet reviewed", table.Unreviewed),
        ]);
        if (table.Confirmed.Upper + table.Unreviewed.Upper > 0)
            text.Append("The bounds are unaudited: no blind audit of the links was entered.\n");
        text.Append('\n');
        Rows(text, ["Venue", "Kind", "Hours", "Operator", "Alerts", "Confirmed", "Confirmed per venue-hour", "Unreviewed per venue-hour"],
            table.Venues.Select(row => (string[])[
                row.Venue.Code, Kind(row.Venue), Hours(row.Exposure?.VenueHours), Hours(row.Exposure?.OperatorHours), N(row.Alerts), N(row.Confirmed), Rate(row.Rate), Rate(row.RateUnreviewed)]));
        text.Append('\n');
        Rows(text, ["Country claimed", "People"], table.Claimed.Select(row => (string[])[row.Country, N(row.People)]));
        text.Append('\n');
        Rows(text, ["Country inferred", "People"], table.Inferred.Select(row => (string[])[row.Country, N(row.People)]));
        foreach (var deletion in table.Deleted)
            text.Append(CultureInfo.InvariantCulture, $"\nDeleted by order {deletion.Order} of {deletion.Day:yyyy-MM-dd}: {deletion.Exhibits} {(deletion.Exhibits == 1 ? "exhibit" : "exhibits")}. What rested only on those is in none of these counts.");
        foreach (var line in table.LeftOut)
            text.Append('\n').Append(line);
        if (table.LeftOut.Count + table.Deleted.Count > 0)
            text.Append('\n');
        return text.ToString();
    }

    /// <summary>The table as CSV (RFC 4180, line feeds): one row a number, with its interval and its form.</summary>
    public static string Csv(StudyTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var csv = new StringBuilder("measure,group,value,lower,upper,form,refused\n");
        void Row(string measure, string group, double? value, double? lower, double? upper, string form, string? refused) => csv
            .Append(Field(measure)).Append(',').Append(Field(group)).Append(',').Append(R(value)).Append(',').Append(R(lower)).Append(',').Append(R(upper)).Append(',')
            .Append(Field(form)).Append(',').Append(Field(refused ?? "")).Append('\n');

        Row("venue-hours", "all", table.Exposure.VenueHours, null, null, "joined and hearing, gaps taken off", null);
        Row("operator-hours", "all", table.Exposure.OperatorHours, null, null, "the same, once a session", null);
        foreach (var (group, people) in new[] { ("confirmed", table.Confirmed), ("unreviewed", table.Unreviewed) })
        {
            Row("accounts", group, people.Accounts, null, null, "distinct accounts", null);
            Row("people", group, null, people.Lower, people.Upper, "permissive anchored clusters to strict ones and throwaway names, unaudited", "a range, not one number");
            Row("share identified", group, null, people.ShareIdentified?.Lower, people.ShareIdentified?.Upper, "Wilson 95 %, lower at the upper bound to upper at the lower bound", people.ShareIdentified is null ? "a share of nothing" : "a range, not one number");
        }

        foreach (var venue in table.Venues)
        {
            Row("venue-hours", venue.Venue.Code, venue.Exposure?.VenueHours, null, null, "joined and hearing, gaps taken off", venue.Exposure is null ? "no exposure" : null);
            Row("alerts", venue.Venue.Code, venue.Alerts, null, null, "alerts raised", null);
            Row("rate", venue.Venue.Code, venue.Rate.Value, venue.Rate.Interval?.Lower, venue.Rate.Interval?.Upper, venue.Rate.Form, venue.Rate.RefusedBecause);
            Row("rate unreviewed", venue.Venue.Code, venue.RateUnreviewed.Value, venue.RateUnreviewed.Interval?.Lower, venue.RateUnreviewed.Interval?.Upper, venue.RateUnreviewed.Form, venue.RateUnreviewed.RefusedBecause);
        }

        foreach (var row in table.Claimed)
            Row("people by country claimed", row.Country, row.People, null, null, "strict view", null);
        foreach (var row in table.Inferred)
            Row("people by country inferred", row.Country, row.People, null, null, "strict view", null);
        foreach (var deletion in table.Deleted)
            Row("exhibits deleted by order", deletion.Order, deletion.Exhibits, null, null, string.Create(CultureInfo.InvariantCulture, $"ordered {deletion.Day:yyyy-MM-dd}; what rested only on them is not counted"), null);
        return csv.ToString();
    }

    /// <summary>The table as JSON: UTF-8, fixed key order, line feed at the end.</summary>
    public static byte[] Json(StudyTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("operation", table.Operation);
            json.WriteNumber("treeSize", table.TreeSize);
            json.WriteString("rootHash", table.RootHash);
            json.WriteString("handling", Internal);
            json.WriteNumber("venueHours", table.Exposure.VenueHours);
            json.WriteNumber("operatorHours", table.Exposure.OperatorHours);
            People(json, "confirmed", table.Confirmed);
            People(json, "unreviewed", table.Unreviewed);
            json.WriteStartArray("venues");
            foreach (var venue in table.Venues)
            {
                json.WriteStartObject();
                json.WriteString("venue", venue.Venue.Code);
                json.WriteString("kind", Kind(venue.Venue));
                Number(json, "venueHours", venue.Exposure?.VenueHours);
                Number(json, "operatorHours", venue.Exposure?.OperatorHours);
                json.WriteNumber("alerts", venue.Alerts);
                json.WriteNumber("confirmed", venue.Confirmed);
                Estimate(json, "rate", venue.Rate);
                Estimate(json, "rateUnreviewed", venue.RateUnreviewed);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Countries(json, "countriesClaimed", table.Claimed);
            Countries(json, "countriesInferred", table.Inferred);
            json.WriteStartArray("deleted");
            foreach (var deletion in table.Deleted)
            {
                json.WriteStartObject();
                json.WriteString("order", deletion.Order);
                json.WriteString("day", deletion.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                json.WriteNumber("exhibits", deletion.Exhibits);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("leftOut");
            foreach (var line in table.LeftOut)
                json.WriteStringValue(line);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    static string[] People(string group, PeopleCount people) => [group, N(people.Accounts), N(people.Anchored), N(people.Lower), N(people.Upper), people.ShareIdentified is { } share ? string.Create(CultureInfo.InvariantCulture, $"{share.Lower * 100:F3}-{share.Upper * 100:F3} %") : "nobody counted"];

    static void People(Utf8JsonWriter json, string name, PeopleCount people)
    {
        json.WriteStartObject(name);
        json.WriteNumber("accounts", people.Accounts);
        json.WriteNumber("anchored", people.Anchored);
        json.WriteNumber("peopleLower", people.Lower);
        json.WriteNumber("peopleUpper", people.Upper);
        json.WriteBoolean("audited", people.Audited);
        json.WriteNumber("identifiedLower", people.IdentifiedLower);
        json.WriteNumber("identifiedUpper", people.IdentifiedUpper);
        Number(json, "shareIdentifiedLower", people.ShareIdentified?.Lower);
        Number(json, "shareIdentifiedUpper", people.ShareIdentified?.Upper);
        json.WriteEndObject();
    }

    static void Estimate(Utf8JsonWriter json, string name, Estimate estimate)
    {
        json.WriteStartObject(name);
        json.WriteString("form", estimate.Form);
        Number(json, "value", estimate.Value);
        Number(json, "lower", estimate.Interval?.Lower);
        Number(json, "upper", estimate.Interval?.Upper);
        json.WriteString("refusedBecause", estimate.RefusedBecause);
        json.WriteEndObject();
    }

    static void Countries(Utf8JsonWriter json, string name, IReadOnlyList<CountryRow> rows)
    {
        json.WriteStartArray(name);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("country", row.Country);
            json.WriteNumber("people", row.People);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    static string Kind(VenueKey venue) => venue.Kind switch
    {
        Vocabulary.VenueKind.ChatRoom => "chat room",
        Vocabulary.VenueKind.SocialNetwork => "social network",
        Vocabulary.VenueKind.CamSite => "cam site",
        Vocabulary.VenueKind.DatingSite => "dating site",
        _ => throw new ArgumentOutOfRangeException(nameof(venue)),
    };

    static string Rate(Estimate rate) => rate.Value is { } value && rate.Interval is { } interval
        ? string.Create(CultureInfo.InvariantCulture, $"{value:F3} ({interval.Lower:F3}-{interval.Upper:F3})")
        : "no exposure";

    static string Hours(double? hours) => hours is { } number ? number.ToString("F2", CultureInfo.InvariantCulture) : "-";

    static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    static string R(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    static string Field(string text) => text.AsSpan().IndexOfAny("\",\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    static void Rows(StringBuilder text, string[] head, IEnumerable<string[]> rows)
    {
        List<string[]> all = [head, .. rows];
        var widths = Enumerable.Range(0, head.Length).Select(column => all.Max(row => row[column].Length)).ToList();
        for (var i = 0; i < all.Count; i++)
        {
            text.Append(string.Join("  ", all[i].Select((cell, column) => column == 0 || head[column] == "Kind" ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd()).Append('\n');
            if (i == 0)
                text.Append('-', widths.Sum() + (2 * (widths.Count - 1))).Append('\n');
        }
    }
}
