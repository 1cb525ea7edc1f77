using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Custos.Console.Reading;

namespace Custos.Server.SignIn;

/// <summary>The one open link and the sign-ins it led to. Nothing of this is on disk: a restart ends every sign-in.</summary>
sealed class SignIns(string actor, TimeSpan idleLimit, TimeProvider time) : IDisposable
{
    // 256 bits of chance cannot be guessed; the throttle keeps a guessing program from filling the log and the machine.
    const int TokenBytes = 32;
    const int WrongTriesAMinute = 5;

    // Long enough to walk to the terminal, short enough that a forgotten line of scrollback opens nothing tomorrow.
    static readonly TimeSpan LinkLifetime = TimeSpan.FromHours(1);

    readonly Lock _gate = new();
    readonly Dictionary<string, Entry> _sessions = new(StringComparer.Ordinal);
    readonly Queue<DateTimeOffset> _wrongTries = new();
    ITimer? _sweep;
    byte[]? _linkHash;
    DateTimeOffset _linkUntil;

    /// <summary>Makes a link's token; the one before it is void.</summary>
    internal string NewToken()
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        lock (_gate)
        {
            _linkHash = SHA256.HashData(Encoding.ASCII.GetBytes(token));
            _linkUntil = time.GetUtcNow() + LinkLifetime;
        }

        return token;
    }

    /// <summary>Uses a link's token up.</summary>
    /// <returns>The new sign-in's id, or why there is none.</returns>
    internal (string? Id, SignInRefusal Refusal) Use(string token)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        lock (_gate)
        {
            var now = time.GetUtcNow();
            while (_wrongTries.TryPeek(out var tried) && now - tried >= TimeSpan.FromMinutes(1))
                _wrongTries.Dequeue();
            if (_wrongTries.Count >= WrongTriesAMinute)
                return (null, SignInRefusal.TooManyTries);
            if (_linkHash is null || now >= _linkUntil || !CryptographicOperations.FixedTimeEquals(hash, _linkHash))
            {
                _wrongTries.Enqueue(now);
                return (null, SignInRefusal.NotThisLink);
            }

            _linkHash = null;
            var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
            _sessions.Add(id, new(new ReaderSession(actor)) { LastActive = now });
            _sweep ??= time.CreateTimer(_ => Sweep(), null, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15));
            return (id, SignInRefusal.None);
        }
    }

    /// <summary>Finds a sign-in and notes that it is in use.</summary>
    /// <returns>Null if there is none, or it has been idle too long.</returns>
    internal ReaderSession? Touch(string? id)
    {
        lock (_gate)
        {
            if (id is null || !_sessions.TryGetValue(id, out var entry))
                return null;
            var now = time.GetUtcNow();
            if (now - entry.LastActive < idleLimit)
            {
                entry.LastActive = now;
                return entry.Session;
            }
        }

        End(id);
        return null;
    }

    internal void End(string? id)
    {
        Entry? entry;
        lock (_gate)
        {
            if (id is null || !_sessions.Remove(id, out entry))
                return;
        }

        entry.Session.End();
    }

    public void Dispose() => _sweep?.Dispose();

    void Sweep()
    {
        string[] idle;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            idle = [.. _sessions.Where(s => now - s.Value.LastActive >= idleLimit).Select(s => s.Key)];
        }

        foreach (var id in idle)
            End(id);
    }

    sealed class Entry(ReaderSession session)
    {
        internal ReaderSession Session { get; } = session;

        internal DateTimeOffset LastActive { get; set; }
    }
}

enum SignInRefusal
{
    None,
    NotThisLink,
    TooManyTries,
}
