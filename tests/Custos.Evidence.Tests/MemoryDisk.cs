namespace Custos.Evidence.Tests;

/// <summary>How an operation fails.</summary>
public enum Fault
{
    /// <summary>It did not take effect, and the caller is told.</summary>
    Before,

    /// <summary>It took effect, and the caller is told that it failed.</summary>
    AnswerLost,

    /// <summary>The power goes before it: all that was not flushed is forgotten, renames and new names too.</summary>
    PowerCut,

    /// <summary>The power goes before it: of what was not flushed, chance decides what reached the disk.</summary>
    PowerCutByChance,

    /// <summary>The disk has no room for it.</summary>
    Full,
}

/// <summary>A disk that fails at its k-th change, and forgets what was not flushed. Files and the names in a directory are durable apart.</summary>
sealed class MemoryDisk : IDisk
{
    readonly Lock _gate = new();
    readonly HashSet<string> _locks = [];
    Node _root = new() { Children = [], Durable = [] };
    bool _dead;

    public int Changes { get; private set; }

    public int FailAt { get; set; } = int.MaxValue;

    public Fault Fault { get; set; }

    public int Reads { get; private set; }

    public int FailReadAt { get; set; } = int.MaxValue;

    public Random Chance { get; set; } = new(1);

    /// <summary>Names of changes in order, for a test that looks for one.</summary>
    public List<string> Journal { get; } = [];

    /// <summary>What was made so that others than its owner may read it.</summary>
    public List<string> OpenToOthers { get; } = [];

    /// <summary>After the failure: what a machine finds when it starts again.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            if (_dead)
                Revert(_root);
            _dead = false;
            _locks.Clear();
            (FailAt, FailReadAt) = (int.MaxValue, int.MaxValue);
        }
    }

    public void CutPower()
    {
        lock (_gate)
        {
            Fault = Fault.PowerCut;
            _dead = true;
        }
    }

    /// <summary>As if the lock files had been removed under their holder.</summary>
    public void ForgetLocks()
    {
        lock (_gate)
            _locks.Clear();
    }

    public MemoryDisk Copy() => new() { _root = _root.Clone() };

    /// <summary>A copy of a folder, as a backup would be: what is on the disk now.</summary>
    public Action Backup(string folder)
    {
        var copy = Find(folder)!.Clone();
        return () =>
        {
            var (parent, name) = Parent(folder);
            parent.Children![name] = copy.Clone();
            parent.Durable![name] = parent.Children[name];
        };
    }

    public bool FileExists(string path) => Find(path) is { Children: null };

    public bool DirectoryExists(string path) => Find(path) is { Children: not null };

    public IReadOnlyList<string> Files(string directory) => Names(directory, file: true);

    public IReadOnlyList<string> Directories(string directory) => Names(directory, file: false);

    public void CreateDirectory(string path, bool secret) => Change("mkdir", path, () =>
    {
        if (!secret)
            OpenToOthers.Add(path);
        var (parent, name) = Parent(path);
        parent.Children!.TryAdd(name, new() { Children = [], Durable = [] });
    });

    public IDiskFile Open(string path, DiskOpen how, bool secret = false)
    {
        Node? node;
        lock (_gate)
        {
            if (_dead)
                throw Lost(path);
            node = Find(path);
            if (node is null && how is DiskOpen.Read or DiskOpen.ReadWrite && node is null)
                throw new DiskException(path, new FileNotFoundException("no such file"));
            if (node is not null && how == DiskOpen.CreateNew)
                throw new DiskException(path, new IOException("the file exists"));
        }

        if (node is null)
        {
            Change("create", path, () =>
            {
                var (parent, name) = Parent(path);
                parent.Children![name] = new();
                if (!secret)
                    OpenToOthers.Add(path);
            });
            node = Find(path)!;
        }

        return new OpenFile(this, path, node);
    }

    public void Rename(string from, string to) => Change("rename", to, () =>
    {
        var (parent, name) = Parent(from);
        var node = parent.Children![name];
        parent.Children.Remove(name);
        var (target, targetName) = Parent(to);
        target.Children![targetName] = node;
    });

    public void DeleteFile(string path) => Change("unlink", path, () => Remove(path));

    public void DeleteDirectory(string path) => Change("rmdir", path, () => Remove(path));

    public void FlushDirectory(string path) => Change("fsync-dir", path, () =>
    {
        var node = Find(path)!;
        node.Durable = new(node.Children!);
    });

    public IDisposable? Lock(string path, string holder, bool secret)
    {
        lock (_gate)
        {
            if (_dead)
                throw Lost(path);
            return _locks.Add(path) ? new Held(this, path) : null;
        }
    }

    public string? Distrust(string directory) => null;

    public bool IsOpenToOthers(string path) => false;

    /// <summary>Counts a step of the same machine that is not the disk's: what is to become of it. Null if it passes.</summary>
    public Fault? Step(string what)
    {
        lock (_gate)
        {
            if (_dead)
                return Fault.PowerCut;
            Changes++;
            Journal.Add(what);
            if (Changes != FailAt)
                return null;
            _dead = Fault is Fault.PowerCut or Fault.PowerCutByChance;
            return Fault;
        }
    }

    void Change(string what, string path, Action change)
    {
        lock (_gate)
        {
            switch (Step($"{what} {path}"))
            {
                case null:
                    change();
                    return;
                case Fault.AnswerLost:
                    change();
                    break;
                case Fault.Full:
                    FailAt = Changes + 1;
                    throw new DiskException(path, new IOException("no space left on device", 28));
            }

            throw Lost(path);
        }
    }

    static DiskException Lost(string path) => new(path, new IOException("input/output error", 5));

    void Revert(Node node)
    {
        bool Kept() => Fault == Fault.PowerCutByChance && Chance.Next(2) == 0;
        if (node.Children is null)
        {
            if (!Kept())
                node.Data = node.DurableData;
            node.DurableData = node.Data;
            return;
        }

        var names = new Dictionary<string, Node>();
        foreach (var name in node.Children.Keys.Union(node.Durable!.Keys).Order(StringComparer.Ordinal).ToList())
        {
            var found = (Kept() ? node.Children : node.Durable).GetValueOrDefault(name);
            if (found is not null)
                names[name] = found;
        }

        (node.Children, node.Durable) = (names, new(names));
        foreach (var child in names.Values)
            Revert(child);
    }

    List<string> Names(string directory, bool file)
    {
        lock (_gate)
            return Find(directory)?.Children?.Where(child => child.Value.Children is null == file).Select(child => child.Key).ToList() ?? [];
    }

    void Remove(string path)
    {
        var (parent, name) = Parent(path);
        if (parent.Children![name].Children is { Count: > 0 })
            throw new DiskException(path, new IOException("directory not empty"));
        parent.Children.Remove(name);
    }

    Node? Find(string path)
    {
        lock (_gate)
        {
            var node = _root;
            foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (node.Children is null || !node.Children.TryGetValue(name, out var child))
                    return null;
                node = child;
            }

            return node;
        }
    }

    (Node Parent, string Name) Parent(string path)
    {
        var slash = path.LastIndexOf('/');
        return (Find(path[..slash]) ?? throw new DiskException(path, new DirectoryNotFoundException()), path[(slash + 1)..]);
    }

    sealed class Node
    {
        public byte[] Data = [];
        public byte[] DurableData = [];
        public Dictionary<string, Node>? Children;
        public Dictionary<string, Node>? Durable;

        public Node Clone()
        {
            var copies = Children?.ToDictionary(child => child.Key, child => child.Value.Clone());
            return new() { Data = Data, DurableData = Data, Children = copies, Durable = copies is null ? null : new(copies) };
        }
    }

    sealed class Held(MemoryDisk disk, string path) : IDisposable
    {
        public void Dispose()
        {
            lock (disk._gate)
                disk._locks.Remove(path);
        }
    }

    sealed class OpenFile(MemoryDisk disk, string path, Node node) : IDiskFile
    {
        public long Length => node.Data.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            if (++disk.Reads >= disk.FailReadAt)
                throw Lost(path);
            var count = (int)Math.Clamp(node.Data.Length - offset, 0, buffer.Length);
            node.Data.AsSpan((int)Math.Min(offset, node.Data.Length), count).CopyTo(buffer);
            return count;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            var copy = bytes.ToArray();
            disk.Change("write", path, () =>
            {
                var data = new byte[Math.Max(node.Data.Length, offset + copy.Length)];
                node.Data.CopyTo(data, 0);
                copy.CopyTo(data, offset);
                node.Data = data;
            });
        }

        public void SetLength(long length) => disk.Change("truncate", path, () =>
        {
            var data = node.Data;
            Array.Resize(ref data, (int)length);
            node.Data = data;
        });

        public void Flush() => disk.Change("fsync", path, () => node.DurableData = node.Data);

        public void Dispose()
        {
        }
    }
}
