using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Evidence.Postgres;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos bench log</c>: durable entries a second on this machine, beside what it could hash and flush at best (evidence-spec, section 17).</summary>
static class BenchLogCommand
{
    // As many callers as a busy unit has rooms being imported and watched at once (evidence-spec, section 17).
    const int Producers = 64;

    public static Command Create()
    {
        var entries = new Option<int>("--entries") { Description = "Exhibits to append.", DefaultValueFactory = _ => 500_000 };
        var content = new Option<int>("--content") { Description = "Bytes of content an exhibit, invented.", DefaultValueFactory = _ => 300 };
        var call = new Option<int>("--call") { Description = "Exhibits a call.", DefaultValueFactory = _ => 64 };
        var path = new Option<string>("--path") { Description = "Where to make the folder that is measured and removed.", DefaultValueFactory = _ => Path.GetTempPath() };
        var store = new Option<string?>("--store") { Description = "Keep the log in this empty database instead: postgres:Host=127.0.0.1;Database=bench;Username=custos_log. What is measured is removed." };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("log", "Durable entries a second of one log: sealed, flushed, signed, published and answered. A run counts only if the whole verifier accepts its log. Exit: 0 done, 1 the log did not verify, 2 wrong use.")
        {
            entries, content, call, path, store, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (count, size, each) = (parsed.GetValue(entries), parsed.GetValue(content), parsed.GetValue(call));
            if (count < 1 || size is < 0 or > 65_536 || each < 1)
            {
                await System.Console.Error.WriteLineAsync("Entries and calls are at least 1, content 0 to 65,536 bytes.");
                return 2;
            }

            var folder = Directory.CreateDirectory(Path.Combine(parsed.GetValue(path)!, $"custos-bench-{Environment.ProcessId}")).FullName;
            try
            {
                return await RunAsync(folder, parsed.GetValue(store), count, size, each, parsed.GetValue(json), cancellation);
            }
            catch (Exception e) when (e is LogStoreException or EvidenceLogException or FormatException)
            {
                await System.Console.Error.WriteLineAsync(e.Message);
                return 2;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    static async Task<int> RunAsync(string folder, string? store, int count, int size, int each, bool json, CancellationToken cancellation)
    {
        var (p50, p99) = Fsync(folder);
        var ceiling = HashCeiling(size);
        await using var scratch = store is null ? null : await ScratchSchema.TakeAsync(StoreSetting.Parse("bench", store).Address, cancellation);
        await AppendAsync(Path.Combine(folder, "warm"), store, "warm.example", Math.Min(count, 50_000), size, each, cancellation);
        var data = Path.Combine(folder, "data");
        var before = Environment.WorkingSet;
        var cpu = Environment.CpuUsage.TotalTime;
        var seconds = await AppendAsync(data, store, OperationLog.DefaultUnit, count, size, each, cancellation);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        using var process = Process.GetCurrentProcess();
        var peak = process.PeakWorkingSet64;
        var bytes = scratch is not null ? await scratch.BytesAsync(cancellation) : new DirectoryInfo(data).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        var (opening, verified) = (await OpeningAsync(data, cancellation), await VerifyAsync(data, count, cancellation));
        var found = await LogFolder.Find(data, null)[0].VerifyAsync(null, Path.Combine(data, "keys"), otherEntries: false, TimeProvider.System, cancellation: cancellation);
        var rate = count / seconds;
        var where = scratch is null ? $"on {new DriveInfo(folder).DriveFormat}" : $"in PostgreSQL {scratch.Version}";
        var text = string.Create(CultureInfo.InvariantCulture, $"{rate:N0} durable entries/s ({count:N0} of {size} bytes, {each} a call, {Producers} callers), {100 * rate / ceiling:N1} % of the {ceiling:N0}/s this machine hashes at best; fsync of 4 KiB p50 {p50:N0} us, p99 {p99:N0} us; CPU {1e6 * cpu.TotalSeconds / count:N1} us an entry; peak {peak / 1e6:N0} MB, {(peak - before) / 1e6:N0} MB above the process before opening; opened in {opening:N0} ms, its entries verified at {verified:N0}/s by one core; {bytes / 1e6:N0} MB {where}; the log {(found.Verified ? "verifies" : "DOES NOT VERIFY")}");
        if (!json)
        {
            System.Console.WriteLine(text);
            if (p50 < 50)
                System.Console.WriteLine("An fsync below 50 us: the device may answer from a volatile cache.");
        }
        else
        {
            using var stream = System.Console.OpenStandardOutput();
            using var writer = new Utf8JsonWriter(stream);
            writer.WriteStartObject();
            writer.WriteNumber("entriesPerSecond", Math.Round(rate));
            writer.WriteNumber("hashCeilingPerSecond", Math.Round(ceiling));
            writer.WriteNumber("ratioToCeiling", Math.Round(rate / ceiling, 4));
            writer.WriteNumber("fsyncP50Microseconds", Math.Round(p50, 1));
            writer.WriteNumber("peakBytes", peak);
            writer.WriteNumber("fsyncP99Microseconds", Math.Round(p99, 1));
            writer.WriteNumber("entries", count);
            writer.WriteNumber("contentBytes", size);
            writer.WriteNumber("entriesPerCall", each);
            writer.WriteNumber("seconds", Math.Round(seconds, 3));
            writer.WriteNumber("cpuMicrosecondsPerEntry", Math.Round(1e6 * cpu.TotalSeconds / count, 2));
            writer.WriteNumber("bytesOnDisk", bytes);
            writer.WriteNumber("peakAboveStartBytes", peak - before);
            writer.WriteNumber("openMilliseconds", Math.Round(opening, 1));
            writer.WriteNumber("verifiedEntriesPerSecond", Math.Round(verified));
            writer.WriteString("fileSystem", new DriveInfo(folder).DriveFormat);
            writer.WriteString("store", scratch is null ? "directory" : $"PostgreSQL {scratch.Version}");
            writer.WriteBoolean("shaExtensions", ShaExtensions());
            writer.WriteBoolean("verified", found.Verified);
            writer.WriteEndObject();
            writer.Flush();
            System.Console.WriteLine();
        }

        return found.Verified ? 0 : 1;
    }

    /// <summary>First append to last answer: published means signed and flushed.</summary>
    static async Task<double> AppendAsync(string folder, string? store, string unit, int count, int size, int each, CancellationToken cancellation)
    {
        await using var log = store is null
            ? await OperationLog.OpenOrCreateAsync(folder, "bench", TimeProvider.System, unit, cancellation: cancellation)
            : await OperationLog.OpenOrCreateInAsync(folder, "bench", store, TimeProvider.System, unit, cancellation: cancellation);
        var next = 0;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => Task.Run(
            async () =>
            {
                while (true)
                {
                    var from = Interlocked.Add(ref next, each) - each;
                    if (from >= count)
                        return;
                    var exhibits = new NewExhibit[Math.Min(each, count - from)];
                    for (var i = 0; i < exhibits.Length; i++)
                        exhibits[i] = new("chat", "bench-1", Content(from + i, size)) { Source = new((UInt128)(from + i + 1)) };
                    if (exhibits.Length == 1)
                        await log.AppendAsync(exhibits[0], cancellation);
                    else
                        await log.AppendAsync(exhibits, cancellation);
                }
            },
            cancellation)));
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Median milliseconds to open the log for appending, of 20.</summary>
    static async Task<double> OpeningAsync(string folder, CancellationToken cancellation)
    {
        var times = new double[20];
        for (var i = 0; i < times.Length; i++)
        {
            var watch = Stopwatch.StartNew();
            var log = await OperationLog.OpenOrCreateAsync(folder, "bench", TimeProvider.System, cancellation: cancellation);
            times[i] = watch.Elapsed.TotalMilliseconds;
            await log.DisposeAsync();
        }

        Array.Sort(times);
        return (times[9] + times[10]) / 2;
    }

    /// <summary>Entries a second of the whole verifier over the published tree, without contents: what a stranger holds.</summary>
    static async Task<double> VerifyAsync(string folder, int count, CancellationToken cancellation)
    {
        var policy = TrustPolicy.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "operations", "bench", "policy"), cancellation));
        var tree = Path.Combine(folder, "operations", "bench", "log");
        await using (var kept = LogStores.Of(folder, "bench"))
        {
            if (kept is not DirectoryLogStore)
                await TreeCopy.WriteAsync(kept, tree = Path.Combine(folder, "tree"), cancellation: cancellation);
        }

        await using var store = DirectoryLogStore.At(tree)!;
        var watch = Stopwatch.StartNew();
        var found = await LogVerifier.VerifyAsync(store, policy, [.. policy.Logs.Select(key => new Ed25519Verifier(key))], cancellation: cancellation);
        return found.Verified ? count / watch.Elapsed.TotalSeconds : 0;
    }

    static byte[] Content(int number, int size)
    {
        var content = new byte[size];
        content.AsSpan().Fill((byte)'a');
        if (size >= 4)
            BitConverter.TryWriteBytes(content, number);
        return content;
    }

    /// <summary>The same three hashes an exhibit needs, on every core, and nothing else.</summary>
    static double HashCeiling(int size)
    {
        const int Rounds = 200_000;
        var watch = Stopwatch.StartNew();
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var (content, entry, node, hash) = (new byte[32 + size], new byte[161], new byte[65], new byte[32]);
            for (var i = 0; i < Rounds; i++)
            {
                foreach (var bytes in (ReadOnlySpan<byte[]>)[content, entry, node])
                {
                    sha256.AppendData(bytes);
                    sha256.GetHashAndReset(hash);
                }
            }
        });
        return Rounds * Environment.ProcessorCount / watch.Elapsed.TotalSeconds;
    }

    static (double P50, double P99) Fsync(string folder)
    {
        var file = Path.Combine(folder, "fsync");
        var times = new double[200];
        var block = new byte[4096];
        using (var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write))
        {
            for (var i = 0; i < times.Length; i++)
            {
                var watch = Stopwatch.StartNew();
                RandomAccess.Write(handle, block, i * block.Length);
                RandomAccess.FlushToDisk(handle);
                times[i] = watch.Elapsed.TotalMicroseconds;
            }
        }

        File.Delete(file);
        Array.Sort(times);
        return (times[times.Length / 2], times[times.Length * 99 / 100]);
    }

    // .NET names the extension on Arm only; on x64 the kernel's list is asked.
    static bool ShaExtensions() =>
        System.Runtime.Intrinsics.Arm.Sha256.IsSupported
        || (File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").Any(line => line.StartsWith("flags", StringComparison.Ordinal) && line.Contains(" sha_ni", StringComparison.Ordinal)));
}
