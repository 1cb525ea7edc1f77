using System.Text;
using Custos.Evidence.Ed25519;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Evidence.Tests;

/// <summary>One operation on a disk that can fail; the same keys at every start.</summary>
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

    public MemoryDisk Disk { get; init; } = new();

    /// <summary>Another machine with the same disk, as it is now.</summary>
    public Machine Copy() => new() { Signer = Signer, UseOutsideMark = UseOutsideMark, MaxBatch = MaxBatch, PoolBytes = PoolBytes, Disk = Disk.Copy() };

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 12, 3, 14, 5, 9, TimeSpan.Zero));

    // Not the published test seed: OperationLog refuses that one, and so would a unit.
    public Ed25519Signer Signer { get; init; } = new(Origin, Enumerable.Range(7, 32).Select(i => (byte)i).ToArray());

    public bool UseOutsideMark { get; init; }

    public int MaxBatch { get; init; } = 8_192;

    public long PoolBytes { get; init; } = 16 << 20;

    public DirectoryLogStore Store() => new(Folder, Disk, helpers: 0);

    public async Task<EvidenceLog> OpenAsync(ILogStore? store = null)
    {
        var keys = KeyFolder.Open("/data/keys", create: true, Disk);
        return await EvidenceLog.OpenAsync(
            new()
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
            },
            TestContext.Current.CancellationToken);
    }

    public async Task<Verification> VerifyAsync()
    {
        var keys = KeyFolder.Open("/data/keys", create: false, Disk);
        using var ring = KeyRing.Open(keys, Origin, FileUnitKey.Open(keys, create: false));
        await using var store = Store();
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
