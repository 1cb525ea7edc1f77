using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Custos.Evidence.Tests;

/// <summary>The way to a PostgreSQL server, which breaks at the k-th statement: before it was sent, or after it was done with the answer lost.</summary>
/// <remarks>PostgreSQL manual, chapter "Frontend/Backend Protocol": one type byte and a length, but for the first messages of a connection.</remarks>
sealed class BreakingWire : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly int _server;
    readonly Lock _gate = new();
    readonly HashSet<Link> _links = [];
    readonly Task _accepting;

    /// <param name="server">The server's port.</param>
    public BreakingWire(int server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What becomes of a statement; null if it passes.</summary>
    public Func<string, Fault?> Step { get; set; } = _ => null;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every connection is gone, as when the machine is.</summary>
    /// <returns>By which ports the server knew them, and those that were gone before.</returns>
    public IReadOnlyList<int> CutAll()
    {
        lock (_gate)
        {
            foreach (var link in _links)
                link.Cut();
            List<int> ports = [.. _links.Select(link => link.Port)];
            _links.Clear();
            return ports;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        CutAll();
    }

    async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            var server = new TcpClient { NoDelay = true };
            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _server);
            var link = new Link(client, server, Step);
            lock (_gate)
                _links.Add(link);
            _ = link.RunAsync();
        }
    }

    sealed class Link(TcpClient client, TcpClient server, Func<string, Fault?> step)
    {
        // ReadyForQuery and CopyInResponse: the server has answered and waits for more.
        const byte Ready = (byte)'Z', CopyIn = (byte)'G';

        readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        volatile bool _losing;

        public int Port { get; } = ((IPEndPoint)server.Client.LocalEndPoint!).Port;

        public Task RunAsync() => Task.WhenAll(Guard(UpAsync), Guard(DownAsync));

        public void Cut()
        {
            _answered.TrySetResult();
            client.Dispose();
            server.Dispose();
        }

        async Task Guard(Func<Task> pump)
        {
            try
            {
                await pump();
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // One end is gone.
            }

            Cut();
        }

        async Task UpAsync()
        {
            var (from, to) = (client.GetStream(), server.GetStream());
            // Start-up message: no type byte.
            if (await ReadAsync(from, 0) is not { } start)
                return;
            await to.WriteAsync(start);
            while (await ReadAsync(from, 1) is { } message)
            {
                // Query, Sync and CopyDone are what a server answers to.
                var fault = (char)message[0] is 'Q' or 'S' or 'c' ? step($"statement {(char)message[0]}") : null;
                if (fault is null)
                {
                    await to.WriteAsync(message);
                    continue;
                }

                if (fault == Fault.AnswerLost)
                {
                    _losing = true;
                    await to.WriteAsync(message);
                    await _answered.Task;
                }

                return;
            }
        }

        async Task DownAsync()
        {
            var (from, to) = (server.GetStream(), client.GetStream());
            while (await ReadAsync(from, 1) is { } message)
            {
                if (!_losing)
                    await to.WriteAsync(message);
                else if (message[0] is Ready or CopyIn)
                    _answered.TrySetResult();
            }
        }

        static async Task<byte[]?> ReadAsync(NetworkStream from, int type)
        {
            var head = new byte[type + 4];
            if (await from.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) < head.Length)
                return null;
            var message = new byte[type + BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(type))];
            head.CopyTo(message, 0);
            await from.ReadExactlyAsync(message.AsMemory(head.Length));
            return message;
        }
    }
}
