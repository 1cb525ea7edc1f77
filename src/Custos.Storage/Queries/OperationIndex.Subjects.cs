using System.Text.Json;
using Custos.Casework;
using Custos.Identity;

namespace Custos.Storage;

public sealed partial class OperationIndex : ISubjectIndex
{
    /// <inheritdoc/>
    public async ValueTask<LinkView> LinksAsync(CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        var subjects = await reading.ListAsync(
            "SELECT proposal FROM proposals WHERE id BETWEEN $first AND $last ORDER BY id",
            row => JsonSerializer.Deserialize(row.GetString(0), StorageJson.Default.SubjectProposal)!, cancellation);
        var accounts = await reading.ListAsync(
            "SELECT v.name, a.handle, r.cluster, r.level FROM account_readings r JOIN accounts a ON a.id = r.id JOIN venues v ON v.id = a.venue WHERE r.id BETWEEN $first AND $last",
            row => new AccountProposal(new(row.GetString(0), row.GetString(1)), row.GetString(2), (IdentityLevel)row.GetInt32(3)), cancellation);
        var notes = await reading.OneAsync(
            "SELECT held, common FROM link_notes WHERE id = $first",
            row => Tuple.Create(
                JsonSerializer.Deserialize(row.GetString(0), StorageJson.Default.IReadOnlyListHeldMerge)!,
                JsonSerializer.Deserialize(row.GetString(1), StorageJson.Default.IReadOnlyListCommonValue)!),
            cancellation);
        return new([.. accounts.OrderBy(account => account.Account)], subjects, notes?.Item1 ?? [], notes?.Item2 ?? []);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AccountKey>> AccountsAsync(string handle, CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        var accounts = await reading.ListAsync(
            "SELECT DISTINCT venue FROM findings WHERE author = $handle AND is_persona = 0 AND id BETWEEN $first AND $last",
            row => new AccountKey(row.GetString(0), handle), cancellation, ("$handle", handle));
        return [.. accounts.Order()];
    }

    /// <inheritdoc/>
    public async ValueTask<SelectorReading?> ReadingOfAsync(AccountKey account, CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        return await ReadingOfAsync(reading, account, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Statement>> StatementsAsync(AccountKey account, CancellationToken cancellation)
    {
        await using var reading = await ReadingAsync(cancellation);
        if (await ReadingOfAsync(reading, account, cancellation) is not { } read)
            return [];
        var graded = (await DecisionsAsync(reading, "AND kind = 'grade'", cancellation))
            .Select(decision => decision.Decision).OfType<StatementGraded>()
            .GroupBy(grade => grade.StatementId).ToDictionary(grades => grades.Key, grades => grades.Last().Grade);
        return [.. StatementBook.Of(read).Select(statement => graded.TryGetValue(statement.Id, out var grade) ? statement with { Grade = grade, GradeProposed = false } : statement)];
    }

    static ValueTask<SelectorReading?> ReadingOfAsync(Reading reading, AccountKey account, CancellationToken cancellation) => reading.OneAsync(
        "SELECT r.reading FROM account_readings r JOIN accounts a ON a.id = r.id JOIN venues v ON v.id = a.venue WHERE v.name = $space AND v.id BETWEEN $first AND $last AND a.handle = $name",
        row => JsonSerializer.Deserialize(row.GetString(0), StorageJson.Default.SelectorReading)!, cancellation, ("$space", account.Space), ("$name", account.Name));
}
