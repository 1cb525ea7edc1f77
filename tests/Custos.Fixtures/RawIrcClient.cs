using System.Net.Sockets;
using System.Text;

namespace Custos.Fixtures;

/// <summary>The other side of the room: a client that says what a test tells it to, byte for byte.</summary>
public sealed class RawIrcClient : IAsyncDisposable
{
    // How long a test waits for what must come before it fails. Nothing is measured by it.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    readonly TcpClient _socket;
    readonly Stream _stream;
    readonly Lock _gate = new();
    readonly List<string> _lines = [];
    readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Seen)> _awaited = [];
    readonly Task _reading;
    int _pings;

    RawIrcClient(TcpClient socket, string nick)
    {
        _socket = socket;
        _stream = socket.GetStream();
        Nick = nick;
        _reading = ReadAsync();
    }

    /// <summary>The name it shows.</summary>
    public string Nick { get; }

    /// <summary>Connects, gives its name and enters a room.</summary>
    public static async Task<RawIrcClient> JoinAsync(int port, string nick, string room)
    {
        var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        var client = new RawIrcClient(socket, nick);
        await client.SendAsync($"NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n");
        await client.ReceivesAsync(line => line.Contains(" 001 ", StringComparison.Ordinal));
        await client.SendAsync($"JOIN {room}\r\n");
        await client.ReceivesAsync(line => line.Contains(" 366 ", StringComparison.Ordinal));
        return client;
    }

    /// <summary>Sends text as UTF-8; line ends are the caller's.</summary>
    public async Task SendAsync(string text) => await SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes);

    /// <summary>Says one line in a room.</summary>
    public Task SayAsync(string room, string words) => SendAsync($"PRIVMSG {room} :{words}\r\n");

    /// <summary>Waits until the server has taken everything sent so far.</summary>
    public async Task SettleAsync()
    {
        var token = $"settled-{Interlocked.Increment(ref _pings)}";
        var answered = ReceivesAsync(line => line.Contains(" PONG ", StringComparison.Ordinal) && line.EndsWith(token, StringComparison.Ordinal));
        await SendAsync($"PING :{token}\r\n");
        await answered;
    }

    /// <summary>Waits for a line of the server, past or to come.</summary>
    public Task<string> ReceivesAsync(Func<string, bool> wanted)
    {
        lock (_gate)
        {
            if (_lines.Find(line => wanted(line)) is { } line)
                return Task.FromResult(line);
            var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_reading.IsCompleted)
                throw new IOException($"{Nick}: the server closed the connection");
            _awaited.Add((wanted, seen));
            return seen.Task.WaitAsync(Patience);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
    }

    async Task ReadAsync()
    {
        var reader = new StreamReader(_stream, Encoding.Latin1);
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("PING ", StringComparison.Ordinal))
                    await SendAsync("PONG " + line[5..] + "\r\n");
                lock (_gate)
                {
                    // What others say is for the recording to keep; thousands of lines are not held here as well.
                    if (!line.Contains(" PRIVMSG ", StringComparison.Ordinal))
                        _lines.Add(line);
                    for (var i = _awaited.Count - 1; i >= 0; i--)
                    {
                        if (!_awaited[i].Wanted(line))
                            continue;
                        _awaited[i].Seen.TrySetResult(line);
                        _awaited.RemoveAt(i);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The test or the server ended the connection; whoever waits is told below.
        }

        lock (_gate)
        {
            foreach (var (_, seen) in _awaited)
                seen.TrySetException(new IOException($"{Nick}: the server closed the connection"));
            _awaited.Clear();
        }
    }
}
