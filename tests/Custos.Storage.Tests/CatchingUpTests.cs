using Custos.Pipeline;
using Custos.Vocabulary;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Storage.Tests;

public class CatchingUpTests
{
    static readonly OperationSlug Lantern = new("op-lantern");

    [Fact]
    public async Task A_restart_in_the_middle_ends_with_the_rows_of_one_run()
    {
        await using var whole = await Rig.NewAsync();
        using (var file = await OpenAsync(whole))
        using (var index = file.Operation(Lantern))
        await using (var pipeline = await whole.StartAsync(index))
        {
            await pipeline.AppendAsync(Lines(0, 300), Cancel);
            await pipeline.SettleAsync(Cancel);
        }

        await using var torn = await Rig.NewAsync();
        for (var from = 0; from < 300; from += 100)
        {
            using var file = await OpenAsync(torn);
            using var index = file.Operation(Lantern);
            // Let go without settling, as a process does that is stopped while it works.
            await using (var pipeline = await torn.StartAsync(index))
                await pipeline.AppendAsync(Lines(from, 100), Cancel);
            await torn.OpenLogAsync();
        }

        Derived(torn).ShouldBe(Derived(whole));
    }

    [Fact]
    public async Task What_was_recorded_while_no_pipeline_ran_is_indexed_at_the_next_start()
    {
        await using var rig = await Rig.NewAsync();
        await rig.Log.AppendAsync(Lines(0, 50), Cancel);
        using var file = await OpenAsync(rig);
        using var index = file.Operation(Lantern);
        await using var pipeline = await rig.StartAsync(index);
        await pipeline.SettleAsync(Cancel);
        (await index.CountAsync(Cancel)).Messages.ShouldBe(50);
    }

    [Fact]
    public async Task A_full_disk_stops_the_index_and_never_the_recording()
    {
        await using var rig = await Rig.NewAsync();
        var clock = new FakeTimeProvider();
        var recorded = 0L;
        using (var file = await IndexFile.OpenAsync(rig.Path, 1, 130, Cancel))
        using (var index = file.Operation(Lantern))
        await using (var pipeline = await rig.StartAsync(index, time: clock))
        {
            for (var from = 0; from < 6_000; from += 1_000)
                recorded += (await pipeline.AppendAsync(Lines(from, 1_000), Cancel)).Count;
            var said = await Should.ThrowAsync<IndexUnavailableException>(() => pipeline.SettleAsync(Cancel));
            said.Message.ShouldContain("the disk is full");
            said.Message.ShouldContain("Everything is recorded");
            pipeline.Health.State.ShouldBe(IndexState.Behind);
        }

        recorded.ShouldBe(6_000);
        using (var file = await OpenAsync(rig))
        using (var index = file.Operation(Lantern))
        await using (var pipeline = await rig.StartAsync(index))
        {
            await pipeline.SettleAsync(Cancel);
            (await index.CountAsync(Cancel)).Messages.ShouldBe(6_000);
        }
    }

    [Fact]
    public async Task An_index_that_another_process_holds_too_long_is_behind_and_catches_up_by_itself()
    {
        await using var rig = await Rig.NewAsync();
        var clock = new FakeTimeProvider();
        using var file = await IndexFile.OpenAsync(rig.Path, 1, null, Cancel);
        using var index = file.Operation(Lantern);
        await using var pipeline = await rig.StartAsync(index, time: clock);
        using (var other = new SqliteConnection($"Data Source={rig.Path}"))
        {
            other.Open();
            using var hold = other.CreateCommand();
            hold.CommandText = "BEGIN IMMEDIATE";
            hold.ExecuteNonQuery();
            await pipeline.AppendAsync(Lines(0, 100), Cancel);
            (await Should.ThrowAsync<IndexUnavailableException>(() => pipeline.SettleAsync(Cancel))).Message.ShouldContain("another process");
            // Not handed over while the index is behind: it comes from the log.
            (await pipeline.AppendAsync(Lines(100, 100), Cancel)).Count.ShouldBe(100);
            hold.CommandText = "ROLLBACK";
            hold.ExecuteNonQuery();
        }

        while (pipeline.Health.State != IndexState.Following)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await pipeline.SettleAsync(Cancel);
        (await index.CountAsync(Cancel)).Messages.ShouldBe(200);
    }

    [Fact]
    public async Task An_index_that_another_engine_derived_is_derived_again_and_says_so()
    {
        await using var rig = await Rig.NewAsync();
        await FillAsync(rig, "detection/1");
        using (var file = await OpenAsync(rig))
        using (var index = file.Operation(Lantern))
        await using (var pipeline = await rig.StartAsync(index, engine: "detection/2"))
        {
            await pipeline.SettleAsync(Cancel);
            pipeline.Rederived.ShouldNotBeNull().ShouldContain("detection/1");
            var engines = new HashSet<string>();
            await foreach (var finding in index.FindingsAsync(Cancel))
                engines.Add(finding.Finding.Engine);
            engines.ShouldBe(["detection/2"]);
            (await index.CountAsync(Cancel)).Messages.ShouldBe(200);
        }

        using (var file = await OpenAsync(rig))
        using (var index = file.Operation(Lantern))
        await using (var pipeline = await rig.StartAsync(index, engine: "detection/2"))
            pipeline.Rederived.ShouldBeNull();
    }

    [Fact]
    public async Task An_index_of_another_log_is_derived_again()
    {
        await using var one = await Rig.NewAsync();
        await FillAsync(one, "detection/1");
        await using var other = await Rig.NewAsync();
        await other.Log.AppendAsync(Lines(500, 300), Cancel);
        SqliteConnection.ClearAllPools();
        File.Copy(one.Path, other.Path);
        using var file = await OpenAsync(other);
        using var index = file.Operation(Lantern);
        await using var pipeline = await other.StartAsync(index);
        await pipeline.SettleAsync(Cancel);
        pipeline.Rederived.ShouldNotBeNull().ShouldContain("another log");
        (await index.CountAsync(Cancel)).Messages.ShouldBe(300);
    }

    [Fact]
    public async Task A_slow_index_makes_recording_wait_instead_of_growing_memory()
    {
        await using var rig = await Rig.NewAsync();
        using var file = await OpenAsync(rig);
        using var index = file.Operation(Lantern);
        var slow = new HeldIndex(index);
        var options = new PipelineOptions { Bytes = 200_000, Chunk = 16, Batch = 64 };
        await using var pipeline = await rig.StartAsync(slow, options);
        var appends = Enumerable.Range(0, 40).Select(i => pipeline.AppendAsync(Lines(i * 20, 20), Cancel).AsTask()).ToList();
        // One that fits is answered; the room is then full, and the others wait at its door.
        await Task.WhenAny(appends);
        await slow.Reached.Task;
        appends.Count(append => !append.IsCompleted).ShouldBeGreaterThan(10);
        pipeline.Held.ShouldBeLessThanOrEqualTo(200_000);
        slow.Release.SetResult();
        await Task.WhenAll(appends);
        await pipeline.SettleAsync(Cancel);
        pipeline.Held.ShouldBe(0);
        (await index.CountAsync(Cancel)).Messages.ShouldBe(800);
    }

    [Fact]
    public async Task An_exhibit_that_cannot_be_recorded_stops_neither_the_others_nor_the_index()
    {
        await using var rig = await Rig.NewAsync();
        using var file = await OpenAsync(rig);
        using var index = file.Operation(Lantern);
        await using var pipeline = await rig.StartAsync(index);
        var good = pipeline.AppendAsync(Lines(0, 10), Cancel);
        var bad = pipeline.AppendAsync(Rig.Line(10, "nick1", "x") with { Kind = "custody.viewed" }, Cancel);
        var more = pipeline.AppendAsync(Lines(11, 10), Cancel);
        await Should.ThrowAsync<ArgumentException>(async () => await bad);
        (await good).Count.ShouldBe(10);
        (await more).Count.ShouldBe(10);
        await pipeline.SettleAsync(Cancel);
        (await index.CountAsync(Cancel)).Messages.ShouldBe(20);
        pipeline.Held.ShouldBe(0);
    }

    [Fact]
    public async Task The_same_source_twice_is_one_message()
    {
        await using var rig = await Rig.NewAsync();
        using var file = await OpenAsync(rig);
        using var index = file.Operation(Lantern);
        await using var pipeline = await rig.StartAsync(index);
        var line = Rig.Line(1, "nick1", "hello") with { Source = new(77) };
        var first = await pipeline.AppendAsync(line, Cancel);
        await pipeline.AppendAsync(Lines(2, 5), Cancel);
        (await pipeline.AppendAsync(line, Cancel)).Number.ShouldBe(first.Number);
        await pipeline.SettleAsync(Cancel);
        (await index.CountAsync(Cancel)).Messages.ShouldBe(6);
    }

    [Fact]
    public async Task Opening_and_closing_an_operation_adds_nothing_without_end()
    {
        await using var rig = await Rig.NewAsync();
        await FillAsync(rig, "detection/1");
        var sizes = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            using var file = await OpenAsync(rig);
            using var index = file.Operation(Lantern);
            await using (var pipeline = await rig.StartAsync(index))
                await pipeline.SettleAsync(Cancel);
            sizes.Add(rig.Log.Size);
        }

        sizes[3].ShouldBe(sizes[1]);
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static Task<IndexFile> OpenAsync(Rig rig) => IndexFile.OpenAsync(rig.Path, Cancel);

    static async Task FillAsync(Rig rig, string engine)
    {
        using var file = await OpenAsync(rig);
        using var index = file.Operation(Lantern);
        await using var pipeline = await rig.StartAsync(index, engine: engine);
        await pipeline.AppendAsync(Lines(0, 200), Cancel);
        await pipeline.SettleAsync(Cancel);
    }

    static Evidence.NewExhibit[] Lines(int from, int count) =>
    [
        .. Enumerable.Range(from, count).Select(i => Rig.Line(i, "nick" + (i % 5), i % 9 == 2 ? $"well {WordDetection.Word} then" : $"rain and dogs {i}", thread: i % 4 == 0 ? "t1" : "")),
    ];

    // What follows from messages alone: reading the log to catch up is itself recorded, so numbers of exhibits differ between one run and several.
    static List<string> Derived(Rig rig)
    {
        using var connection = new SqliteConnection($"Data Source={rig.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT 'm|' || t.name || '|' || s.handle || '|' || m.message_id || '|' || m.text FROM messages m JOIN threads t ON t.id = m.thread JOIN accounts s ON s.id = m.sender
            UNION ALL SELECT 'f|' || f.id || '|' || f.author || '|' || f.is_alert || '|' || f.score || '|' || f.thread FROM findings f
            UNION ALL SELECT 'c|' || c.id || '|' || c.account || '|' || c.thread || '|' || c.messages || '|' || c.indicators || '|' || c.score || '|' || coalesce(c.alert, '') || '|' || c.conduct FROM conversations c
            ORDER BY 1
            """;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetString(0));
        rows.Count.ShouldBeGreaterThan(300);
        return rows;
    }

    sealed class HeldIndex(IOperationIndex index) : IOperationIndex
    {
        internal TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<IndexPosition> PositionAsync(CancellationToken cancellation) => index.PositionAsync(cancellation);

        public ValueTask ResetAsync(DerivedFrom from, CancellationToken cancellation) => index.ResetAsync(from, cancellation);

        public async ValueTask WriteAsync(IReadOnlyList<IndexBatch> batches, CancellationToken cancellation)
        {
            Reached.TrySetResult();
            await Release.Task;
            await index.WriteAsync(batches, cancellation);
        }

        public ValueTask SettleAsync(SettledRows rows, IdentityPass? identity, CancellationToken cancellation) => index.SettleAsync(rows, identity, cancellation);
    }
}
