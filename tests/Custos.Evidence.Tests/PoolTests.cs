using System.Text;

namespace Custos.Evidence.Tests;

public class PoolTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A store whose commits wait until they are let go.</summary>
    sealed class Held(ILogStore inner) : ILogStore
    {
        readonly SemaphoreSlim _go = new(0);

        public SemaphoreSlim Waiting { get; } = new(0);

        public bool Hold { get; set; }

        public List<LogBatch> Batches { get; } = [];

        public string Place => inner.Place;

        public bool HasContent => inner.HasContent;

        public void LetGo()
        {
            Hold = false;
            _go.Release();
        }

        public async ValueTask IntegrateAsync(LogBatch batch, CancellationToken cancellation)
        {
            Batches.Add(batch);
            if (Hold)
            {
                Waiting.Release();
                await _go.WaitAsync(cancellation);
            }

            await inner.IntegrateAsync(batch, cancellation);
        }

        public ValueTask<StoredState?> OpenAsync(string origin, bool create, CancellationToken cancellation) => inner.OpenAsync(origin, create, cancellation);

        public ValueTask<byte[]?> ReadNoteAsync(CancellationToken cancellation) => inner.ReadNoteAsync(cancellation);

        public ValueTask TrimAsync(long size, CancellationToken cancellation) => inner.TrimAsync(size, cancellation);

        public ValueTask PublishAsync(ReadOnlyMemory<byte> note, CancellationToken cancellation) => inner.PublishAsync(note, cancellation);

        public ValueTask TidyAsync(long oldSize, long newSize, CancellationToken cancellation) => inner.TidyAsync(oldSize, newSize, cancellation);

        public ValueTask<byte[]?> ReadTileAsync(TilePath path, CancellationToken cancellation) => inner.ReadTileAsync(path, cancellation);

        public ValueTask<byte[]?> ReadContentAsync(long number, CancellationToken cancellation) => inner.ReadContentAsync(number, cancellation);

        public ValueTask WritePartAsync(long opening, int part, ReadOnlyMemory<byte> sealedBytes, CancellationToken cancellation) => inner.WritePartAsync(opening, part, sealedBytes, cancellation);

        public ValueTask<byte[]?> ReadPartAsync(long opening, int part, CancellationToken cancellation) => inner.ReadPartAsync(opening, part, cancellation);

        public ValueTask ReplaceContentAsync(long number, ReadOnlyMemory<byte> bundle, CancellationToken cancellation) => inner.ReplaceContentAsync(number, bundle, cancellation);

        public ValueTask DeletePartsAsync(long opening, CancellationToken cancellation) => inner.DeletePartsAsync(opening, cancellation);

        public ValueTask<string?> ReadDeletingAsync(CancellationToken cancellation) => inner.ReadDeletingAsync(cancellation);

        public ValueTask WriteDeletingAsync(string? deletion, CancellationToken cancellation) => inner.WriteDeletingAsync(deletion, cancellation);

        public ValueTask MarkRecordingAsync(long opening, bool underWay, CancellationToken cancellation) => inner.MarkRecordingAsync(opening, underWay, cancellation);

        public ValueTask AnnounceRecordingAsync(SourceId opening, bool announced, CancellationToken cancellation) => inner.AnnounceRecordingAsync(opening, announced, cancellation);

        public ValueTask<OpenRecordings> OpenRecordingsAsync(CancellationToken cancellation) => inner.OpenRecordingsAsync(cancellation);

        public IAsyncEnumerable<string> ListAsync(CancellationToken cancellation) => inner.ListAsync(cancellation);

        public ValueTask DisposeAsync()
        {
            _go.Dispose();
            Waiting.Dispose();
            return inner.DisposeAsync();
        }
    }

    static async Task<(Held Store, EvidenceLog Log)> Start(Machine machine)
    {
        var store = new Held(machine.Store());
        var log = await machine.OpenAsync(store);
        store.Hold = true;
        return (store, log);
    }

    [Fact]
    public async Task A_full_pool_makes_the_caller_wait_and_keeps_the_order()
    {
        var machine = new Machine { PoolBytes = 4_096, MaxBatch = 2 };
        var (store, log) = await Start(machine);
        await using var _ = log;
        var calls = Enumerable.Range(0, 100).Select(i => log.AppendAsync(Machine.Message(i), Stop).AsTask()).ToList();
        await store.Waiting.WaitAsync(Stop);
        calls.ShouldAllBe(call => !call.IsCompleted);
        // 4,096 bytes take seven of 512 bytes and a line; two more are in the commit that is held, two in the next.
        log.Waiting.Pooled.ShouldBeLessThanOrEqualTo(4_096);
        log.Waiting.Outside.ShouldBeGreaterThan(80);
        store.LetGo();
        var answers = await Task.WhenAll(calls);
        answers.Select(exhibit => exhibit.Number.LeafIndex).ShouldBe(Enumerable.Range(1, 100).Select(i => (long)i));
    }

    [Fact]
    public async Task Cancelling_before_sequencing_records_nothing_and_after_it_the_answer_still_comes()
    {
        var machine = new Machine { MaxBatch = 1 };
        var (store, log) = await Start(machine);
        await using var _ = log;
        using var cancel = new CancellationTokenSource();
        var first = log.AppendAsync(Machine.Message(0), cancel.Token).AsTask();
        await store.Waiting.WaitAsync(Stop);
        // One is being written, the next is sequenced behind it; the third and fourth are only waiting.
        var second = log.AppendAsync(Machine.Message(1), Stop).AsTask();
        var third = log.AppendAsync(Machine.Message(2), cancel.Token).AsTask();
        var fourth = log.AppendAsync(Machine.Message(3), Stop).AsTask();
        SpinWait.SpinUntil(() => log.Waiting.Pooled < 3 * 512, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        await cancel.CancelAsync();
        await Should.ThrowAsync<TaskCanceledException>(async () => await third);
        store.LetGo();
        (await first).Number.LeafIndex.ShouldBe(1);
        (await second).Number.LeafIndex.ShouldBe(2);
        (await fourth).Number.LeafIndex.ShouldBe(3);
        log.Size.ShouldBe(4);
        await Should.ThrowAsync<OperationCanceledException>(async () => await log.AppendAsync(Machine.Message(9), cancel.Token));
        log.Size.ShouldBe(4);
    }

    [Fact]
    public async Task What_arrives_while_a_batch_is_written_becomes_one_batch()
    {
        var machine = new Machine();
        var (store, log) = await Start(machine);
        await using var _ = log;
        var calls = new List<Task<Exhibit>> { log.AppendAsync(Machine.Message(0), Stop).AsTask() };
        await store.Waiting.WaitAsync(Stop);
        calls.AddRange(Enumerable.Range(1, 500).Select(i => log.AppendAsync(Machine.Message(i), Stop).AsTask()));
        store.LetGo();
        await Task.WhenAll(calls);
        store.Batches.Skip(1).Select(batch => batch.Next.Size - batch.Expected.Size).ShouldBe([1, 500]);
    }

    [Fact]
    public async Task A_batch_that_waits_behind_a_failed_one_falls_with_it()
    {
        var machine = new Machine();
        var (store, log) = await Start(machine);
        await using var _ = log;
        var first = log.AppendAsync(Machine.Message(0), Stop).AsTask();
        await store.Waiting.WaitAsync(Stop);
        var second = log.AppendAsync(Machine.Message(1), Stop).AsTask();
        (machine.Disk.Fault, machine.Disk.FailAt) = (Fault.Before, machine.Disk.Changes + 1);
        store.LetGo();
        (await Should.ThrowAsync<EvidenceLogException>(async () => await first)).DurableCount.ShouldBe(1);
        await Should.ThrowAsync<EvidenceLogException>(async () => await second);
        log.State.ShouldBe(EvidenceLogState.Stopped);
    }

    [Fact]
    public async Task The_same_source_twice_is_one_exhibit_even_on_the_way_and_without_a_source_it_is_two()
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        var same = await log.AppendAsync(new[] { Machine.Message(7), Machine.Message(7), Machine.Message(8) }, Stop);
        same.Select(exhibit => exhibit.Number.LeafIndex).ShouldBe([1, 1, 2]);
        var again = await log.AppendAsync(Machine.Message(7) with { Content = "other bytes"u8.ToArray() }, Stop);
        again.Number.LeafIndex.ShouldBe(1);
        Encoding.UTF8.GetString(again.Content.Span).ShouldBe("line 7");
        var plain = new NewExhibit("chat", "irc-1", "hello"u8.ToArray());
        (await log.AppendAsync(new[] { plain, plain }, Stop)).Select(exhibit => exhibit.Number.LeafIndex).ShouldBe([3, 4]);
    }

    [Fact]
    public void Only_the_last_65_536_source_ids_are_remembered()
    {
        var ids = new SourceIds();
        for (var i = 1; i <= SourceIds.Remembered + 1; i++)
            ids.Add(new((UInt128)i), i);
        ids.TryGet(new(1), out _).ShouldBeFalse();
        ids.TryGet(new(2), out var index).ShouldBeTrue();
        index.ShouldBe(2);
    }

    public static TheoryData<string, NewExhibit> Refused() => new()
    {
        { "kind", new("Chat", "a", default) },
        { "kind", new("", "a", default) },
        { "kind", new("chat.", "a", default) },
        { "own", new("custody.viewed", "a", default) },
        { "own", new("log.opened", "a", default) },
        { "own", new("recording.part", "a", default) },
        { "actor", new("chat", "A", default) },
        { "actor", new("chat", new string('a', 33), default) },
        { "65536", new("chat", "a", new byte[65_537]) },
        { "published", new("chat", "a", default) { About = [new(1)] } },
        { "ascending", new("chat", "a", default) { About = [new(0), new(0)] } },
        { "16", new("chat", "a", default) { About = [.. Enumerable.Range(0, 17).Select(i => new ExhibitNumber(i))] } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_may_not_be_recorded_is_refused_and_nothing_is_recorded(string why, NewExhibit exhibit)
    {
        var machine = new Machine();
        await using var log = await machine.OpenAsync();
        (await Should.ThrowAsync<ArgumentException>(async () => await log.AppendAsync(exhibit, Stop))).Message.ShouldContain(why);
        await Should.ThrowAsync<ArgumentException>(async () => await log.AppendAsync(new[] { Machine.Message(0), exhibit }, Stop));
        log.Size.ShouldBe(1);
    }

    [Fact]
    public async Task The_largest_content_is_taken_whole()
    {
        var machine = new Machine();
        var large = Enumerable.Range(0, 65_536).Select(i => (byte)(i & 255)).ToArray();
        await using (var log = await machine.OpenAsync())
            await log.AppendAsync(Enumerable.Range(0, 200).Select(_ => new NewExhibit("file.part", "a", large) { About = [new(0)] }).ToArray(), Stop);
        await using var again = await machine.OpenAsync();
        var all = await Machine.ReadAllAsync(again);
        all.Count.ShouldBe(201);
        all.Skip(1).Count(exhibit => exhibit.Content.Span.SequenceEqual(large) && exhibit.Entry.About.Count == 1).ShouldBe(200);
        await again.DisposeAsync();
        await machine.ShouldVerifyAsync();
    }

    [Fact]
    public async Task Disposing_writes_what_waits_and_then_refuses()
    {
        var machine = new Machine();
        var (store, log) = await Start(machine);
        var calls = Enumerable.Range(0, 10).Select(i => log.AppendAsync(Machine.Message(i), Stop).AsTask()).ToList();
        await store.Waiting.WaitAsync(Stop);
        var closing = log.DisposeAsync().AsTask();
        store.LetGo();
        await closing;
        (await Task.WhenAll(calls)).Length.ShouldBe(10);
        await Should.ThrowAsync<ObjectDisposedException>(async () => await log.AppendAsync(Machine.Message(10), Stop));
        log.State.ShouldBe(EvidenceLogState.Closed);
        await log.DisposeAsync();
    }
}
