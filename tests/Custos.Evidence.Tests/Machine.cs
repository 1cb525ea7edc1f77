using System.Text;
using Custos.Evidence.Ed25519;
using Custos.Evidence.Postgres;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Evidence.Tests;

/// <summary>What a log is kept in: the same sentences hold for both.</summary>
public enum Stack
{
    Directory,
    PostgreSql,
}

/// <summary>One operation on a machine that can fail; the same keys at every start.</summary>
sealed class Machine
{
    public const string Origin = "unit.example/custos/op-lantern";
    public const string Folder = "/data/operations/op-lantern";
    public const string Outside = "/state/op-lantern.head";

    public Machine()
    {
        // The root of the file system is there before any log is.
        Disk.CreateDirectory("/data", false);
        Disk.FlushDirectory("");
    }

    public static TheoryData<Stack> Stacks => [Stack.Directory, Stack.PostgreSql];

    /// <summary>A machine whose log is kept in the one or the other. Its keys are on its disk.</summary>
    public static async Task<Machine> OnAsync(Stack stack, bool outside = false, int maxBatch = 8_192, long poolBytes = 16 << 20) =>
        new() { Database = stack == Stack.PostgreSql ? await Cluster.Current.DatabaseAsync() : null, UseOutsideMark = outside, MaxBatch = maxBatch, PoolBytes = poolBytes };

    public MemoryDisk Disk { get; init; } = new();

    /// <summary>Where the log is kept, if not on the disk. Reached by a wire that fails as the disk does, and counts with it.</summary>
    public Database? Database
    {
        get;
        init
        {
            field = value;
            value?.Wire.Step = Disk.Step;
        }
    }

    /// <summary>Another machine with the same disk, as it is now.</summary>
    public Machine Copy() => With(Disk.Copy());

    /// <summary>What the machine is now; each answer is one that goes on from there. One at a time: a database is one.</summary>
    public Func<Machine> Saved()
    {
        var disk = Disk.Copy();
        var restore = Database?.Backup();
        return () =>
        {
            restore?.Invoke();
            return With(disk.Copy());
        };
    }

    /// <summary>After a failure: the machine starts again.</summary>
    public void Restart()
    {
        Disk.Restart();
        Database?.EndOthers();
    }

    /// <summary>A copy of what holds the log, without the keys; the answer brings it back.</summary>
    public Action BackupStore() => Database?.Backup() ?? Disk.Backup(Folder);

    /// <summary>A file of the log, by its path in the operation's folder.</summary>
    public byte[] Read(string file) => TryRead(file) ?? throw new FileNotFoundException(file);

    /// <summary>The same; null if it is missing.</summary>
    public byte[]? TryRead(string file) => Database is null ? Disk.TryReadAll($"{Folder}/{file}") : Database.Read(file);

    /// <summary>Puts a file of the log in place.</summary>
    public void Write(string file, byte[] bytes)
    {
        if (Database is not null)
        {
            Database.Write(file, bytes);
            return;
        }

        Disk.CreateDirectories(Path.GetDirectoryName($"{Folder}/{file}")!);
        Disk.Replace($"{Folder}/{file}", bytes);
    }

    public void Delete(string file)
    {
        if (Database is null)
            Disk.DeleteFile($"{Folder}/{file}");
        else
            Database.Delete(file);
    }

    /// <summary>The log's files by their paths, as the store lists them.</summary>
    public async Task<List<string>> FilesAsync()
    {
        await using var store = Store();
        var files = new List<string>();
        await foreach (var file in store.ListAsync(TestContext.Current.CancellationToken))
            files.Add(file);
        if (!files.Contains("log/checkpoint"))
            files.Add("log/checkpoint");
        return files;
    }

    /// <summary>From now, the n-th read fails: of a file, or a statement.</summary>
    public void FailRead(int n)
    {
        Disk.Fault = Fault.Before;
        if (Database is null)
            Disk.FailReadAt = Disk.Reads + n;
        else
            Disk.FailAt = Disk.Changes + n;
    }

    /// <summary>Adds bytes behind a content bundle, as a commit that was cut off might.</summary>
    public void Lengthen(string bundle, byte[] bytes)
    {
        if (Database is null)
            Disk.Replace($"{Folder}/{bundle}", [.. Read(bundle), .. bytes]);
        else
            Database.Execute($"INSERT INTO custos_log.content SELECT log, n, max(first_slot) + 200, 1, $1 FROM custos_log.content WHERE n = {int.Parse(bundle.AsSpan(8), System.Globalization.CultureInfo.InvariantCulture)} GROUP BY log, n", bytes);
    }

    /// <summary>As if there had never been one.</summary>
    public void RemoveLog()
    {
        if (Database is null)
            Disk.DeleteFile($"{Folder}/log/checkpoint");
        else
            Database.RemoveLog();
    }

    /// <summary>As if the locks had been taken from their holder.</summary>
    public void ForgetLocks()
    {
        Disk.ForgetLocks();
        Database?.EndLockHolders();
    }

    public FakeTimeProvider Time { get; init; } = new(new DateTimeOffset(2026, 12, 3, 14, 5, 9, TimeSpan.Zero));

    // Not the published test seed: OperationLog refuses that one, and so would a unit.
    public Ed25519Signer Signer { get; init; } = new(Origin, Enumerable.Range(7, 32).Select(i => (byte)i).ToArray());

    public bool UseOutsideMark { get; init; }

    public int MaxBatch { get; init; } = 8_192;

    public long PoolBytes { get; init; } = 16 << 20;

    public ILogStore Store() => Database is null ? new DirectoryLogStore(Folder, Disk, helpers: 0) : new PostgresLogStore(Database.Connection, Origin);

    /// <summary>The same machine with another signing key.</summary>
    public Machine With(Ed25519Signer signer) => new() { Signer = signer, Disk = Disk, Database = Database };

    /// <summary>What else a log is opened with: its witnesses, its authorities.</summary>
    public Func<EvidenceLogOptions, EvidenceLogOptions> Company { get; set; } = options => options;

    public AnchorFolder Anchors => new(Folder, Disk);

    Machine With(MemoryDisk disk) => new() { Signer = Signer, Company = Company, UseOutsideMark = UseOutsideMark, MaxBatch = MaxBatch, PoolBytes = PoolBytes, Disk = disk, Database = Database };

    public async Task<EvidenceLog> OpenAsync(ILogStore? store = null)
    {
        var keys = KeyFolder.Open("/data/keys", create: true, Disk);
        return await EvidenceLog.OpenAsync(
            Company(new()
            {
                Origin = Origin,
                Store = store ?? Store(),
                Keys = keys,
                UnitKey = FileUnitKey.Open(keys, create: true),
                Signer = Signer,
                Time = Time,
                Create = true,
                OutsideMark = UseOutsideMark ? Outside : null,
                MaxBatch = MaxBatch,
                PoolBytes = PoolBytes,
                SealHelpers = 0,
            }),
            TestContext.Current.CancellationToken);
    }

    /// <summary>The whole verifier, by the way that can fail if it is asked to.</summary>
    public async Task<Verification> VerifyAsync(bool overTheWire = false)
    {
        var keys = KeyFolder.Open("/data/keys", create: false, Disk);
        using var ring = KeyRing.Open(keys, Origin, FileUnitKey.Open(keys, create: false));
        await using var own = Database is null || overTheWire ? Store() : null;
        var store = own ?? Database!.Looking;
        return await LogVerifier.VerifyAsync(store, TrustPolicy.Of(Signer.Verifier.Key), [Signer.Verifier], new() { Keys = ring, Marks = keys }, cancellation: TestContext.Current.CancellationToken);
    }

    public async Task ShouldVerifyAsync()
    {
        var found = await VerifyAsync();
        found.Discrepancies.ShouldBeEmpty();
        found.Opened.ShouldBe(found.Entries);
    }

    /// <summary>An exhibit that its sender would send again: known by its source.</summary>
    public static NewExhibit Message(int number) => new("chat", "irc-1", Encoding.UTF8.GetBytes($"line {number}")) { Source = SourceId.Of(BitConverter.GetBytes(number)) };

    public static NewExhibit[] Messages(int from, int count) => [.. Enumerable.Range(from, count).Select(Message)];

    public static async Task<List<Exhibit>> ReadAllAsync(EvidenceLog log)
    {
        var all = new List<Exhibit>();
        await foreach (var exhibit in log.ReadAsync(new(0), long.MaxValue, new("tester", "tests", "reading back"), TestContext.Current.CancellationToken))
            all.Add(exhibit);
        return all;
    }
}
