using System.Collections.Concurrent;
using System.Text;

namespace Custos.Evidence.Tests;

/// <summary>What the log asks of a file system: of the machine's own, and in which order of any.</summary>
public sealed class DiskTests : IDisposable
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    string At(string name) => Path.Combine(_folder.Path, name);

    static MemoryDisk Memory()
    {
        var disk = new MemoryDisk();
        disk.CreateDirectory("/data", false);
        return disk;
    }

    static List<string> Changes(MemoryDisk disk, Action act)
    {
        var before = disk.Journal.Count;
        act();
        return disk.Journal[before..];
    }

    [Fact]
    public void A_file_is_put_in_place_whole_it_is_flushed_before_its_name_is_and_its_name_after_it()
    {
        var disk = Memory();
        Changes(disk, () => disk.Replace("/data/a", "one"u8)).ShouldBe(["create /data/a.next", "write /data/a.next", "fsync /data/a.next", "rename /data/a", "fsync-dir /data"]);
        // What a crash left beside it is in nobody's way.
        disk.WriteNew("/data/a.next", "cut o"u8);
        Changes(disk, () => disk.Replace("/data/a", "two"u8)).ShouldBe(["unlink /data/a.next", "create /data/a.next", "write /data/a.next", "fsync /data/a.next", "rename /data/a", "fsync-dir /data"]);
        disk.ReadAll("/data/a").ShouldBe("two"u8.ToArray());
        disk.TryReadAll("/data/b").ShouldBeNull();
        Changes(disk, () => disk.Replace("/data/a", "new"u8, beside: ".rewrapped"))[0].ShouldBe("create /data/a.rewrapped");
    }

    [Fact]
    public void A_mark_moves_only_from_where_its_writer_left_it_and_under_one_writer_at_a_time()
    {
        var disk = Memory();
        disk.Replace("/data/mark", "one"u8);
        Should.Throw<MarkMovedException>(() => disk.Exchange("/data/mark", () => false, "two"u8)).Message.ShouldContain("was moved by another writer");
        disk.ReadAll("/data/mark").ShouldBe("one"u8.ToArray());
        disk.DeleteFile("/data/mark.next");
        Changes(disk, () => disk.Exchange("/data/mark", () => true, "two"u8)).ShouldBe(["create /data/mark.next", "write /data/mark.next", "fsync /data/mark.next", "rename /data/mark", "fsync-dir /data"]);
        disk.ReadAll("/data/mark").ShouldBe("two"u8.ToArray());
        disk.WriteNew("/data/mark.next", "three"u8);
        Should.Throw<MarkMovedException>(() => disk.Exchange("/data/mark", () => true, "four"u8)).Message.ShouldContain("is being moved by another writer");
        disk.ReadAll("/data/mark").ShouldBe("two"u8.ToArray());
    }

    [Fact]
    public void A_folder_is_made_with_those_above_it_each_durable_in_the_one_that_holds_it()
    {
        var disk = Memory();
        Changes(disk, () => disk.CreateDirectories("/data/a/b")).ShouldBe(["mkdir /data/a", "fsync-dir /data", "mkdir /data/a/b", "fsync-dir /data/a"]);
        Changes(disk, () => disk.CreateDirectories("/data/a/b")).ShouldBeEmpty();
        Changes(disk, () => disk.CreateDirectories("/data/a/c")).ShouldBe(["mkdir /data/a/c", "fsync-dir /data/a"]);
    }

    [Fact]
    public void A_real_file_is_read_and_written_where_it_was_told_and_a_failure_names_it()
    {
        var disk = RealDisk.Instance;
        using (var file = disk.Open(At("a"), DiskOpen.CreateNew))
        {
            file.Write(0, "abcdef"u8);
            file.Write(4, "EFGH"u8);
            file.Flush();
            file.Length.ShouldBe(8);
            var read = new byte[6];
            file.Read(1, read).ShouldBe(6);
            Encoding.ASCII.GetString(read).ShouldBe("bcdEFG");
            file.Read(5, read).ShouldBe(3);
            Encoding.ASCII.GetString(read, 0, 3).ShouldBe("FGH");
            file.Read(8, read).ShouldBe(0);
            file.SetLength(2);
        }

        disk.ReadAll(At("a")).ShouldBe("ab"u8.ToArray());
        Should.Throw<DiskException>(() => disk.Open(At("a"), DiskOpen.CreateNew)).Message.ShouldContain(At("a"));
        Should.Throw<DiskException>(() => disk.Open(At("b"), DiskOpen.ReadWrite)).Message.ShouldContain(At("b"));
        Should.Throw<DiskException>(() => disk.Open(At("b"), DiskOpen.Read)).Fault.ShouldBe(EvidenceFault.Io);
        using (var file = disk.Open(At("b"), DiskOpen.OpenOrCreate))
            file.Length.ShouldBe(0);
        using (var file = disk.Open(At("a"), DiskOpen.OpenOrCreate))
            file.Length.ShouldBe(2);
        // Another reader and another writer are let in: the log's lock is its own file.
        using (disk.Open(At("a"), DiskOpen.ReadWrite))
        using (disk.Open(At("a"), DiskOpen.ReadWrite))
            File.ReadAllText(At("a")).ShouldBe("ab");
    }

    [Fact]
    public void A_write_that_is_not_permitted_is_a_failure_of_the_disk_as_any_other()
    {
        RealDisk.Instance.WriteNew(At("a"), "ab"u8);
        using var file = RealDisk.Instance.Open(At("a"), DiskOpen.Read);
        Should.Throw<DiskException>(() => file.Write(0, "x"u8)).Message.ShouldContain(At("a"));
        Should.Throw<DiskException>(() => file.SetLength(0)).Message.ShouldContain(At("a"));
        RealDisk.Instance.ReadAll(At("a")).ShouldBe("ab"u8.ToArray());
    }

    [Fact]
    public void Files_and_folders_are_listed_renamed_and_deleted_and_what_cannot_be_is_said()
    {
        var disk = RealDisk.Instance;
        disk.CreateDirectory(At("d"), secret: false);
        disk.WriteNew(At("d/a"), "1"u8);
        disk.WriteNew(At("d/b"), "2"u8);
        disk.CreateDirectory(At("d/e"), secret: false);
        disk.Files(At("d")).Order().ShouldBe(["a", "b"]);
        disk.Directories(At("d")).ShouldBe(["e"]);
        disk.Files(At("nowhere")).ShouldBeEmpty();
        disk.Directories(At("nowhere")).ShouldBeEmpty();
        (disk.FileExists(At("d/a")), disk.FileExists(At("d")), disk.DirectoryExists(At("d")), disk.DirectoryExists(At("d/a"))).ShouldBe((true, false, true, false));
        disk.Rename(At("d/a"), At("d/b"));
        (disk.Files(At("d")).ShouldHaveSingleItem(), disk.ReadAll(At("d/b"))[0]).ShouldBe(("b", (byte)'1'));
        disk.Rename(At("d"), At("f"));
        disk.FileExists(At("f/b")).ShouldBeTrue();
        Should.Throw<DiskException>(() => disk.DeleteDirectory(At("f"))).Message.ShouldContain(At("f"));
        disk.DeleteFile(At("f/b"));
        disk.DeleteDirectory(At("f/e"));
        disk.DeleteDirectory(At("f"));
        disk.DirectoryExists(At("f")).ShouldBeFalse();
        Should.Throw<DiskException>(() => disk.DeleteFile(At("f/b")));
        Should.Throw<DiskException>(() => disk.Rename(At("f/b"), At("c"))).Message.ShouldContain(At("c"));
        disk.FlushDirectory(_folder.Path);
        Should.Throw<DiskException>(() => disk.FlushDirectory(At("f"))).Message.ShouldContain(At("f"));
        Should.Throw<DiskException>(() => disk.CreateDirectory(At("x/" + new string('n', 300)), secret: false));
    }

    [Fact]
    public void What_is_secret_is_its_owners_alone_from_its_first_moment()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no modes on Windows");
        if (OperatingSystem.IsWindows())
            return;
        var disk = RealDisk.Instance;
        disk.CreateDirectory(At("keys"), secret: true);
        using (var file = disk.Open(At("keys/a"), DiskOpen.CreateNew, secret: true))
        {
            file.Write(0, "k"u8);
            disk.IsOpenToOthers(At("keys/a")).ShouldBeFalse();
        }

        disk.WriteNew(At("plain"), "p"u8);
        File.GetUnixFileMode(At("keys")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.GetUnixFileMode(At("keys/a")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using (disk.Lock(At("keys/lock"), "me", secret: true).ShouldNotBeNull())
            disk.IsOpenToOthers(At("keys/lock")).ShouldBeFalse();
        disk.IsOpenToOthers(At("keys")).ShouldBeFalse();
        disk.IsOpenToOthers(At("plain")).ShouldBe((File.GetUnixFileMode(At("plain")) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0);
        foreach (var loose in (UnixFileMode[])[UnixFileMode.GroupRead, UnixFileMode.GroupWrite, UnixFileMode.GroupExecute, UnixFileMode.OtherRead, UnixFileMode.OtherWrite, UnixFileMode.OtherExecute])
        {
            File.SetUnixFileMode(At("keys/a"), UnixFileMode.UserRead | UnixFileMode.UserWrite | loose);
            disk.IsOpenToOthers(At("keys/a")).ShouldBeTrue(loose.ToString());
        }

        // Gone between a listing and this look.
        disk.IsOpenToOthers(At("keys/gone")).ShouldBeFalse();
    }

    [Fact]
    public void A_lock_is_held_once_names_its_holder_and_ends_with_it()
    {
        var disk = RealDisk.Instance;
        using (disk.Lock(At("lock"), "a long name of a holder", secret: false).ShouldNotBeNull())
            disk.Lock(At("lock"), "another", secret: false).ShouldBeNull();
        using (disk.Lock(At("lock"), "another", secret: false).ShouldNotBeNull())
        {
        }

        File.ReadAllText(At("lock")).ShouldBe("another");
        Should.Throw<DiskException>(() => disk.Lock(At("nowhere/lock"), "me", secret: false)).Message.ShouldContain(At("nowhere/lock"));
        disk.Distrust(At("not/there/yet")).ShouldBeNull();
        Holder.Text.ShouldContain($"process {Environment.ProcessId} on {Environment.MachineName}");
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(3, 1)]
    [InlineData(3, 200)]
    [InlineData(3, 0)]
    public void A_crew_does_every_piece_once_and_a_failure_is_told_after_all_that_began_has_ended(int helpers, int count)
    {
        using var crew = new Crew("test crew", helpers);
        crew.Workers.ShouldBe(helpers + 1);
        for (var round = 0; round < 3; round++)
        {
            var done = new ConcurrentQueue<int>();
            crew.Run(count, (worker, piece) =>
            {
                worker.ShouldBeInRange(0, helpers);
                done.Enqueue(piece);
            });
            done.Order().ShouldBe(Enumerable.Range(0, count));
            var under = 0;
            if (count > 0)
            {
                Should.Throw<IOException>(() => crew.Run(count, (_, piece) =>
                {
                    Interlocked.Increment(ref under);
                    try
                    {
                        if (piece == count / 2)
                            throw new IOException("piece");
                    }
                    finally
                    {
                        Interlocked.Decrement(ref under);
                    }
                })).Message.ShouldBe("piece");
            }

            under.ShouldBe(0);
        }
    }

    [Fact]
    public void A_crew_works_side_by_side()
    {
        using var crew = new Crew("test crew", helpers: 2);
        using var together = new Barrier(3);
        // Nobody passes before all three are there.
        crew.Run(3, (_, _) => together.SignalAndWait(Stop));
        together.CurrentPhaseNumber.ShouldBe(1);
    }
}
