using System.Text;

namespace Custos.Evidence.Tests;

public class AppendTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static readonly MachineRun Run = new("tester", "test 1", "reading back");

    static async Task<List<Exhibit>> ReadAll(EvidenceLog log)
    {
        var all = new List<Exhibit>();
        await foreach (var exhibit in log.ReadAsync(new(0), long.MaxValue, Run, Stop))
            all.Add(exhibit);
        return all;
    }

    [Fact]
    public async Task A_new_log_begins_with_its_own_opening()
    {
        using var folder = new Folder();
        await using var log = await folder.OpenAsync();
        log.Size.ShouldBe(1);
        (await log.Reader.EntryAsync(new(0), Stop)).Kind.ShouldBe("log.opened");
    }

    [Fact]
    public async Task Numbers_are_given_in_append_order_once_and_without_holes()
    {
        using var folder = new Folder();
        await using var log = await folder.OpenAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async producer =>
        {
            var mine = new List<Exhibit>();
            for (var call = 0; call < 20; call++)
                mine.AddRange(await log.AppendAsync(Folder.Chats(37, producer * 1000 + call * 37), Stop));
            return mine;
        }));
        foreach (var mine in answers)
            mine.Select(exhibit => exhibit.Number.LeafIndex).ShouldBeInOrder();
        answers.SelectMany(mine => mine).Select(exhibit => exhibit.Number.LeafIndex).Order().ShouldBe(Enumerable.Range(1, 8 * 20 * 37).Select(i => (long)i));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(700)]
    public async Task A_restart_loses_no_acknowledged_exhibit_and_shows_none_twice(int count)
    {
        using var folder = new Folder();
        await using (var log = await folder.OpenAsync())
            await log.AppendAsync(Folder.Chats(count), Stop);
        await using (var log = await folder.OpenAsync())
        {
            log.Size.ShouldBe(count + 1);
            await log.AppendAsync(Folder.Chats(300, count), Stop);
        }

        await using var again = await folder.OpenAsync();
        var all = await ReadAll(again);
        all.Count.ShouldBe(count + 301);
        for (var i = 0; i < count + 300; i++)
            Encoding.UTF8.GetString(all[i + 1].Content.Span).ShouldBe($"line {i}");
    }
}
