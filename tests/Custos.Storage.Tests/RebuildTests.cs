using Custos.Vocabulary;
using Microsoft.Data.Sqlite;

namespace Custos.Storage.Tests;

public class RebuildTests
{
    static readonly OperationSlug Lantern = new("op-lantern");

    [Fact]
    public async Task A_deleted_index_comes_back_row_for_row()
    {
        await using var rig = await Rig.NewAsync();
        await FillAsync(rig, settleEvery: 37);
        var before = Dump.Of(rig.Path);
        before.Count(row => row.StartsWith("messages|", StringComparison.Ordinal)).ShouldBe(500);
        before.Count(row => row.StartsWith("findings|", StringComparison.Ordinal)).ShouldBeGreaterThan(40);

        SqliteConnection.ClearAllPools();
        IndexFile.Delete(rig.Path);
        using (var file = await IndexFile.OpenAsync(rig.Path, TestContext.Current.CancellationToken))
        using (var index = file.Operation(Lantern))
        await using (var pipeline = await rig.StartAsync(index))
            await pipeline.SettleAsync(TestContext.Current.CancellationToken);

        // Reading the log to rebuild is itself recorded, after everything that was there.
        Differences(before, Dump.Of(rig.Path)).ShouldBe(["new: custody_events", "new: exhibits", "lost: operations", "new: operations"], ignoreOrder: true);
    }

    static async Task FillAsync(Rig rig, int settleEvery)
    {
        using var file = await IndexFile.OpenAsync(rig.Path, TestContext.Current.CancellationToken);
        using var index = file.Operation(Lantern);
        await using var pipeline = await rig.StartAsync(index);
        var lines = Enumerable.Range(0, 500).Select(i => Rig.Line(
            i, "nick" + (i % 7), i % 11 == 3 ? $"one {WordDetection.Word} more {i}" : $"weather and dogs {i}", thread: i % 5 == 0 ? "t1" : ""));
        foreach (var some in lines.Chunk(settleEvery))
        {
            await pipeline.AppendAsync(some, TestContext.Current.CancellationToken);
            await pipeline.SettleAsync(TestContext.Current.CancellationToken);
        }

        await pipeline.SettleAsync(TestContext.Current.CancellationToken);
    }

    // Counted, not printed: rows hold words.
    static List<string> Differences(IReadOnlyList<string> before, IReadOnlyList<string> after) =>
        [.. before.Except(after).Select(row => "lost: " + row.Split('|')[0]), .. after.Except(before).Select(row => "new: " + row.Split('|')[0])];
}
