using System.Globalization;
using System.Text;
using Custos.Vocabulary;
using Custos.Yaml;

namespace Custos.Authority;

/// <summary>A person in an order.</summary>
/// <param name="Id">Pseudonym in the log.</param>
/// <param name="Name">Name; sealed in the order's content.</param>
/// <param name="Role">Role.</param>
public sealed record OrderPerson(ActorId Id, string? Name, string? Role);

/// <summary>An order to delete content, as people sign it.</summary>
/// <param name="Operation">Of which operation.</param>
/// <param name="Exhibits">Leaf indices, ascending.</param>
/// <param name="Reason">Why.</param>
/// <param name="Authority">Reference of what allows it.</param>
/// <param name="CarriedOutBy">Who carries it out.</param>
/// <param name="AgreedBy">Who else agreed.</param>
/// <param name="KeyCopies">What was done with older copies of the key folder; null if it is not said.</param>
public sealed record OrderedDeletion(OperationSlug Operation, IReadOnlyList<long> Exhibits, string Reason, string Authority, OrderPerson CarriedOutBy, OrderPerson AgreedBy, string? KeyCopies);

/// <summary>Reads an order to delete: a YAML file (docs/formats/deletion.md).</summary>
public static class DeletionOrderFile
{
    const string Format = "1";
    const int LongestText = 500;
    // What one order of the log takes.
    const int MostExhibits = 4_000;

    static readonly Shape Text = new TextShape(text => string.IsNullOrWhiteSpace(text) ? "it is empty." : text.Length > LongestText ? "it is longer than 500 characters." : null);

    static readonly Shape Person = new MapShape(
        new Field("id", new TextShape(text => ActorId.TryParse(text, out _) ? null : "a pseudonym of 1 to 32 characters of a-z, 0-9 and '-'.")),
        new Field("name", Text, Required: false),
        new Field("role", Text, Required: false));

    static readonly MapShape Schema = new(
        new Field("deletion-format", new TextShape(text => text == Format ? null : $"this program knows format {Format}.")),
        new Field("operation", new TextShape(text => OperationSlug.TryParse(text, out _) ? null : "1 to 32 characters of a-z, 0-9 and '-', beginning with a letter or digit.")),
        new Field("exhibits", new ListShape(new TextShape(text => Range(text) is null ? "an exhibit as in EX-00000007, or a range as in EX-00000010 to EX-00000020." : null), AtLeast: 1)),
        new Field("reason", Text),
        new Field("authority", Text),
        new Field("carried-out-by", Person),
        new Field("agreed-by", Person),
        new Field("key-copies", Text, Required: false));

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="file">Its name, for the faults.</param>
    /// <returns>The order, or everything that is wrong with the file.</returns>
    public static (OrderedDeletion? Order, IReadOnlyList<AuthorizationFault> Faults) Read(ReadOnlySpan<byte> bytes, string file)
    {
        YamlNode root;
        try
        {
            root = StrictYaml.Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes), file);
        }
        catch (DecoderFallbackException)
        {
            return (null, [new(file, 1, 1, "", "the file is not UTF-8 text.")]);
        }
        catch (StrictYamlException fault)
        {
            return (null, [new(file, fault.Line, fault.Column, "", fault.Problem)]);
        }

        var checker = new ShapeChecker(file);
        checker.Check(root, Schema, "");
        if (checker.Faults.Count > 0)
            return (null, [.. checker.Faults.OrderBy(fault => fault.Line).ThenBy(fault => fault.Column)]);
        var map = (YamlMap)root;
        var ranges = ((YamlList)map.Get("exhibits")!).Values.Select(value => Range(((YamlScalar)value).Text)!.Value).ToList();
        if (ranges.Sum(range => (decimal)range.To - range.From + 1) > MostExhibits)
            checker.Add(map.Get("exhibits")!.Line, 1, "exhibits", string.Create(CultureInfo.InvariantCulture, $"more than {MostExhibits:N0} exhibits; give several orders."));
        var (first, second) = (PersonOf(map, "carried-out-by"), PersonOf(map, "agreed-by"));
        if (first.Id == second.Id)
            checker.Add(map.Get("agreed-by")!.Line, 1, "agreed-by.id", "it is the one who carries it out; two persons must agree.");
        return checker.Faults.Count > 0
            ? (null, checker.Faults)
            : (new(
                OperationSlug.Parse(Word(map, "operation")!), [.. ranges.SelectMany(range => Numbers(range.From, range.To)).Distinct().Order()],
                Word(map, "reason")!, Word(map, "authority")!, first, second, Word(map, "key-copies")), []);
    }

    static IEnumerable<long> Numbers(long from, long to)
    {
        for (var number = from; number <= to; number++)
            yield return number;
    }

    static OrderPerson PersonOf(YamlMap map, string field)
    {
        var person = (YamlMap)map.Get(field)!;
        return new(ActorId.Parse(Word(person, "id")!), Word(person, "name"), Word(person, "role"));
    }

    static (long From, long To)? Range(string text)
    {
        var ends = text.Split(" to ");
        return ends.Length switch
        {
            1 when Number(ends[0]) is { } one => (one, one),
            2 when Number(ends[0]) is { } from && Number(ends[1]) is { } to && from <= to => (from, to),
            _ => null,
        };
    }

    // The one form in which exhibits are printed (docs/formats/deletion.md).
    static long? Number(string text) =>
        text.StartsWith("EX-", StringComparison.Ordinal) && long.TryParse(text.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    static string? Word(YamlMap map, string key) => (map.Get(key) as YamlScalar)?.Text;
}
