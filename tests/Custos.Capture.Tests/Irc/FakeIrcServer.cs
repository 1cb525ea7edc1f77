using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Custos.Capture.Tests.Irc;

/// <summary>A server that does what no honest one does: each connection runs the script of the test.</summary>
sealed class FakeIrcServer : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _ended = new();
    readonly Lock _gate = new();
    readonly List<byte> _heard = [];
    readonly Func<FakePeer, int, Task> _script;
    readonly Task _serving;

    /// <param name="script">What is done with a connection and its number, from 1; afterwards it is closed.</param>
    internal FakeIrcServer(Func<FakePeer, int, Task> script)
    {
        _script = script;
        _listener.Start();
        _serving = ServeAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every byte any client sent.</summary>
    internal byte[] Heard
    {
        get
        {
            lock (_gate)
                return [.. _heard];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _serving;
        _ended.Dispose();
    }

    async Task ServeAsync()
    {
        for (var number = 1; ; number++)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_ended.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
            {
                return;
            }

            using (client)
            {
                client.NoDelay = true;
                var peer = new FakePeer(client.GetStream(), Keep, _ended.Token);
                try
                {
                    await _script(peer, number);
                }
                catch (Exception e) when (e is IOException or OperationCanceledException)
                {
                    // The client went away, or the test is over.
                }
            }
        }
    }

    void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
            _heard.AddRange(bytes);
    }
}

/// <summary>One connection of a client, from the server's side.</summary>
sealed class FakePeer(NetworkStream stream, FakePeer.Keeper keep, CancellationToken ended)
{
    internal delegate void Keeper(ReadOnlySpan<byte> bytes);

    readonly List<byte> _pending = [];

    internal Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes, ended);

    /// <summary>The next line the client sends, without its end; null when it closed.</summary>
    internal async Task<string?> ReadLineAsync()
    {
        var buffer = new byte[4_096];
        while (true)
        {
            var end = _pending.IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.Latin1.GetString([.. _pending[..end]]).TrimEnd('\r');
                _pending.RemoveRange(0, end + 1);
                return line;
            }

            var count = await stream.ReadAsync(buffer, ended);
            if (count == 0)
                return null;
            keep(buffer.AsSpan(0, count));
            _pending.AddRange(buffer.AsSpan(0, count));
        }
    }

    /// <summary>Reads until a line that begins so.</summary>
    internal async Task<string> ReadUntilAsync(string beginning)
    {
        while (await ReadLineAsync() is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line;
        }

        throw new IOException("the client closed the connection");
    }

    /// <summary>Breaks the connection instead of closing it (RST).</summary>
    internal void Break()
    {
        stream.Socket.LingerState = new(true, 0);
        stream.Socket.Close();
    }

    /// <summary>Reads until the client takes its leave or closes.</summary>
    internal async Task ReadToEndAsync()
    {
        while (await ReadLineAsync() is { } line and not "QUIT")
        {
            if (line == "PING :leaving")
                await SendAsync(":irc.test.invalid PONG irc.test.invalid :leaving\r\n");
        }
    }

    /// <summary>Welcomes the client and lets it into the room, as an honest server would.</summary>
    internal async Task AdmitAsync(string nick = "watcher", string room = "#room")
    {
        await ReadUntilAsync("USER ");
        await SendAsync($":irc.test.invalid 001 {nick} :Welcome\r\n:irc.test.invalid 005 {nick} CASEMAPPING=rfc1459 NETWORK=Test :are supported\r\n");
        await ReadUntilAsync("JOIN ");
        await SendAsync($":{nick}!guest@host.invalid JOIN {room}\r\n:irc.test.invalid 366 {nick} {room} :End\r\n");
    }
}
