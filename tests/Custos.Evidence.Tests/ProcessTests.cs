using System.Diagnostics;
using System.Globalization;
using System.Text;
using Custos.Evidence.Ed25519;
using Custos.Evidence.Postgres;

namespace Custos.Evidence.Tests;

/// <summary>This program again, as a writer that can be killed: it appends and prints each number once it is answered.</summary>
static class Writer
{
    const string Variable = "CUSTOS_EVIDENCE_TEST_WRITER";

    public static async Task<int> Main(string[] args)
    {
        LogStores.Register(PostgresLogStore.Reach);
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
        {
            await Append(folder);
            return 0;
        }

        return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }

    static async Task Append(string folder)
    {
        var from = int.Parse(Environment.GetEnvironmentVariable(Variable + "_FROM")!, CultureInfo.InvariantCulture);
        EvidenceLog log;
        var dying = Environment.GetEnvironmentVariable(Variable + "_DIES") is { Length: > 0 } operation ? new DyingDisk() { Last = int.Parse(operation, CultureInfo.InvariantCulture) } : null;
        try
        {
            log = dying is not null ? await OpenOnAsync(folder, dying)
                : Environment.GetEnvironmentVariable(Variable + "_STORE") is { Length: > 0 } store
                    ? await OperationLog.OpenOrCreateInAsync(folder, "op-lantern", store, TimeProvider.System)
                    : await OperationLog.OpenOrCreateAsync(folder, "op-lantern", TimeProvider.System);
        }
        catch (EvidenceLogException e)
        {
            Console.Out.WriteLine($"{e.Fault}: {e.Message}");
            Environment.Exit(1);
            return;
        }

        Console.Out.WriteLine("open");
        Console.Out.Flush();
        dying?.Counts = true;
        var oneAtATime = Environment.GetEnvironmentVariable(Variable + "_ONE") is { Length: > 0 };
        for (var call = 0; !oneAtATime || await Console.In.ReadLineAsync() is not null; call++)
        {
            var count = dying is not null ? DyingDisk.Call : oneAtATime ? 3 : 1 + (call * 37 % 300);
            var answers = await log.AppendAsync(Machine.Messages(from, count), CancellationToken.None);
            var text = new StringBuilder();
            for (var i = 0; i < count; i++)
                text.Append(CultureInfo.InvariantCulture, $"{from + i} {answers[i].Number.LeafIndex}\n");
            Console.Out.Write(oneAtATime ? text.Append("answered\n") : text);
            Console.Out.Flush();
            from += count;
        }
    }

    /// <summary>The log that is there, over a disk that kills its process.</summary>
    static Task<EvidenceLog> OpenOnAsync(string folder, DyingDisk disk)
    {
        var keys = KeyFolder.Open(Path.Combine(folder, "keys"), create: false, disk);
        var signer = Ed25519Signer.Parse(keys.ReadSigner("op-lantern")!);
        return EvidenceLog.OpenAsync(
            new()
            {
                Origin = signer.Name,
                Store = new DirectoryLogStore(Path.Combine(folder, "operations", "op-lantern"), disk, helpers: 0),
                Keys = keys,
                UnitKey = FileUnitKey.Open(keys, create: false),
                Signer = signer,
                Time = TimeProvider.System,
            },
            CancellationToken.None);
    }

    /// <param name="folder">The data folder.</param>
    /// <param name="from">The first message.</param>
    /// <param name="store">Where the log is kept; null for the folder.</param>
    /// <param name="oneAtATime">Whether each call waits for a line of input, and says <c>answered</c> after its numbers.</param>
    /// <param name="dies">At which operation of the disk, counted from the start on, it kills itself; null for none.</param>
    public static Process Start(string folder, int from, string? store = null, bool oneAtATime = false, int? dies = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = oneAtATime };
        start.Environment[Variable + "_ONE"] = oneAtATime ? "1" : null;
        start.Environment[Variable + "_DIES"] = dies?.ToString(CultureInfo.InvariantCulture);
        start.Environment[Variable] = folder;
        start.Environment[Variable + "_STORE"] = store;
        start.Environment[Variable + "_FROM"] = from.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }
}

/// <summary>The machine's file system, on which the process dies by SIGKILL when it is about to do its last operation.</summary>
sealed class DyingDisk : IDisk
{
    /// <summary>Messages of a call: more than a bundle, so that each call fills tiles and begins others.</summary>
    public const int Call = 300;

    readonly RealDisk _disk = RealDisk.Instance;
    int _done;

    public bool Counts { get; set; }

    public required int Last { get; init; }

    void Step()
    {
        if (!Counts || ++_done != Last)
            return;
        using var self = Process.GetCurrentProcess();
        self.Kill();
        // The signal ends all threads; until it is delivered nothing may go on.
        Thread.Sleep(Timeout.Infinite);
    }

    public bool FileExists(string path) => _disk.FileExists(path);

    public bool DirectoryExists(string path) => _disk.DirectoryExists(path);

    public IReadOnlyList<string> Files(string directory) => _disk.Files(directory);

    public IReadOnlyList<string> Directories(string directory) => _disk.Directories(directory);

    public void CreateDirectory(string path, bool secret)
    {
        Step();
        _disk.CreateDirectory(path, secret);
    }

    public IDiskFile Open(string path, DiskOpen how, bool secret = false)
    {
        if (how is DiskOpen.CreateNew or DiskOpen.OpenOrCreate)
            Step();
        return new DyingFile(this, _disk.Open(path, how, secret));
    }

    public void Rename(string from, string to)
    {
        Step();
        _disk.Rename(from, to);
    }

    public void DeleteFile(string path)
    {
        Step();
        _disk.DeleteFile(path);
    }

    public void DeleteDirectory(string path)
    {
        Step();
        _disk.DeleteDirectory(path);
    }

    public void FlushDirectory(string path)
    {
        Step();
        _disk.FlushDirectory(path);
    }

    public IDisposable? Lock(string path, string holder, bool secret) => _disk.Lock(path, holder, secret);

    public string? Distrust(string directory) => _disk.Distrust(directory);

    public bool IsOpenToOthers(string path) => _disk.IsOpenToOthers(path);

    sealed class DyingFile(DyingDisk disk, IDiskFile file) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> buffer) => file.Read(offset, buffer);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            disk.Step();
            // Half a write is what a kill leaves at worst: the rest is the step after it.
            file.Write(offset, bytes[..(bytes.Length / 2)]);
            disk.Step();
            file.Write(offset + (bytes.Length / 2), bytes[(bytes.Length / 2)..]);
        }

        public void SetLength(long length)
        {
            disk.Step();
            file.SetLength(length);
        }

        public void Flush()
        {
            disk.Step();
            file.Flush();
        }

        public void Dispose() => file.Dispose();
    }
}

public class ProcessTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Stack.Directory, 8)]
    [InlineData(Stack.PostgreSql, 4)]
    public async Task A_process_killed_at_a_random_moment_loses_nothing_it_answered_for(Stack stack, int rounds)
    {
        using var folder = new Folder();
        await using var database = stack == Stack.PostgreSql ? await Cluster.Current.DatabaseAsync() : null;
        var chance = new Random(20261203);
        var answered = new Dictionary<int, long>();
        for (var round = 0; round < rounds; round++)
        {
            using var writer = Writer.Start(folder.Path, answered.Count == 0 ? 0 : answered.Keys.Max() + 1, database is null ? null : "postgres:" + database.Connection);
            (await writer.StandardOutput.ReadLineAsync(Stop)).ShouldBe("open");
            var lines = chance.Next(1, 1_500);
            while (await writer.StandardOutput.ReadLineAsync(Stop) is { } line)
            {
                // A kill can cut the last line short; what counts as answered ends in a whole number.
                if (line.Split(' ') is [var message, var number] && --lines >= 0)
                    answered[int.Parse(message, CultureInfo.InvariantCulture)] = long.Parse(number, CultureInfo.InvariantCulture);
                if (lines <= 0)
                    break;
            }

            writer.Kill();
            await writer.WaitForExitAsync(Stop);
            database?.EndOthers();
            await ShouldHoldAsync(folder, answered);
        }

        answered.Count.ShouldBeGreaterThan(500);
    }

    // Killed before each operation of a commit in turn, and in the middle of each write: what was done before it is on disk.
    [Fact]
    public async Task A_process_killed_at_each_operation_of_the_disk_in_a_commit_loses_nothing_it_answered_for()
    {
        using var folder = new Folder();
        await (await folder.OpenAsync()).DisposeAsync();
        var answered = new Dictionary<int, long>();
        var (operation, whole) = (0, false);
        while (!whole)
        {
            using var writer = Writer.Start(folder.Path, answered.Count == 0 ? 0 : answered.Keys.Max() + 1, oneAtATime: true, dies: ++operation);
            (await writer.StandardOutput.ReadLineAsync(Stop)).ShouldBe("open");
            await writer.StandardInput.WriteLineAsync();
            while (!whole && await writer.StandardOutput.ReadLineAsync(Stop) is { } line)
            {
                if (line.Split(' ') is [var message, var number])
                    answered[int.Parse(message, CultureInfo.InvariantCulture)] = long.Parse(number, CultureInfo.InvariantCulture);
                whole = line == "answered";
            }

            writer.Kill();
            await writer.WaitForExitAsync(Stop);
            writer.ExitCode.ShouldBe(128 + 9);
            await ShouldHoldAsync(folder, answered);
        }

        operation.ShouldBeGreaterThan(40);
    }

    // Killed as the statement is about to leave: it was not sent, or it was and nobody is there to hear the answer.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_killed_at_each_statement_of_a_commit_loses_nothing_it_answered_for(bool sent)
    {
        using var folder = new Folder();
        await using var database = await Cluster.Current.DatabaseAsync();
        var answered = new Dictionary<int, long>();
        Process? writer = null;
        var left = 0;
        database.Wire.Step = _ =>
        {
            if (Volatile.Read(ref left) == 0 || Interlocked.Decrement(ref left) != 0)
                return null;
            writer!.Kill();
            return sent ? null : Fault.Before;
        };
        for (var (statement, whole) = (1, false); !whole; statement++)
        {
            using (writer = Writer.Start(folder.Path, answered.Count == 0 ? 0 : answered.Keys.Max() + 1, "postgres:" + database.Connection, oneAtATime: true))
            {
                (await writer.StandardOutput.ReadLineAsync(Stop)).ShouldBe("open");
                Volatile.Write(ref left, statement);
                await writer.StandardInput.WriteLineAsync();
                while (await writer.StandardOutput.ReadLineAsync(Stop) is { } line && !whole)
                {
                    if (line.Split(' ') is [var message, var number])
                        answered[int.Parse(message, CultureInfo.InvariantCulture)] = long.Parse(number, CultureInfo.InvariantCulture);
                    whole = line == "answered" && Volatile.Read(ref left) > 0;
                }

                Volatile.Write(ref left, 0);
                writer.Kill();
                await writer.WaitForExitAsync(Stop);
            }

            database.EndOthers();
            await ShouldHoldAsync(folder, answered);
            if (whole)
                statement.ShouldBeGreaterThan(8);
        }
    }

    /// <summary>Everything that was answered for, in its place and once; and the whole verifier.</summary>
    static async Task ShouldHoldAsync(Folder folder, Dictionary<int, long> answered)
    {
        await using (var log = await folder.OpenAsync())
        {
            var all = await Machine.ReadAllAsync(log);
            all.Count.ShouldBeGreaterThan(answered.Count);
            foreach (var (message, number) in answered)
                Encoding.UTF8.GetString(all[(int)number].Content.Span).ShouldBe($"line {message}");
            var messages = all.Where(exhibit => exhibit.Entry.Kind == "chat").Select(exhibit => Encoding.UTF8.GetString(exhibit.Content.Span)).ToList();
            messages.Distinct().Count().ShouldBe(messages.Count);
        }

        var found = await LogFolder.Find(folder.Path, null)[0].VerifyAsync(null, Path.Combine(folder.Path, "keys"), otherEntries: false, TimeProvider.System, cancellation: Stop);
        found.Discrepancies.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_processes_cannot_write_one_operation_and_the_second_is_told_who_does()
    {
        using var folder = new Folder();
        await using var log = await folder.OpenAsync();
        using var writer = Writer.Start(folder.Path, 0);
        var told = await writer.StandardOutput.ReadToEndAsync(Stop);
        await writer.WaitForExitAsync(Stop);
        told.ShouldStartWith("LockHeld");
        told.ShouldContain("op-lantern.lock");
        writer.ExitCode.ShouldBe(1);
        await log.AppendAsync(Machine.Message(0), Stop);
    }
}
