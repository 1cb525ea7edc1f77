// TLS from the first byte as RFC 7194 has it for IRC; the server's name is checked as RFC 9525 says, by the platform.
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Custos.Capture.Irc;

/// <summary>One connection to a server: a stream, and what is known about how it was made.</summary>
sealed class IrcConnection : IAsyncDisposable
{
    readonly Socket _socket;

    IrcConnection(Socket socket, Stream stream, Dictionary<string, string> facts)
    {
        _socket = socket;
        Stream = stream;
        Facts = facts;
    }

    internal Stream Stream { get; }

    /// <summary>Address, protocol, certificate: what the exhibit of the connection says.</summary>
    internal IReadOnlyDictionary<string, string> Facts { get; }

    /// <exception cref="IOException">The server could not be reached or could not prove who it is; the message says which.</exception>
    internal static async Task<IrcConnection> OpenAsync(IrcOptions options, CancellationToken cancellation)
    {
        var address = options.Address;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellation);
            var facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["address"] = socket.RemoteEndPoint?.ToString() ?? "" };
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (address.Tls)
                stream = await SecureAsync(stream, options, facts, cancellation);
            return new(socket, stream, facts);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"{address.Host}:{address.Port} could not be reached ({e.SocketErrorCode}).", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        _socket.Dispose();
    }

    static async Task<Stream> SecureAsync(Stream plain, IrcOptions options, Dictionary<string, string> facts, CancellationToken cancellation)
    {
        var secure = new SslStream(plain);
        var policy = new SslClientAuthenticationOptions { TargetHost = options.Address.Host };
        if (options.Authorities is { } authorities)
        {
            policy.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        try
        {
            await secure.AuthenticateAsClientAsync(policy, cancellation);
        }
        catch (AuthenticationException e)
        {
            await secure.DisposeAsync();
            throw new IrcCertificateException(
                $"{options.Address.Host} could not prove by its certificate that it is this server. " +
                "Nothing was sent. If its authority is the unit's own, name it with --ca.", e);
        }

        facts["protocol"] = secure.SslProtocol.ToString();
        facts["cipher"] = secure.NegotiatedCipherSuite.ToString();
        if (secure.RemoteCertificate is { } certificate)
        {
            facts["certificateSha256"] = Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));
            facts["certificateUntil"] = certificate.GetExpirationDateString();
        }

        return secure;
    }
}

/// <summary>The server could not prove who it is.</summary>
sealed class IrcCertificateException(string message, Exception inner) : IOException(message, inner);

/// <summary>Pauses before the next attempt: doubling, with jitter, so that many captures do not return to a server all at once.</summary>
sealed class Backoff(TimeSpan first, TimeSpan longest, Random chance)
{
    int _attempts;

    internal void Reset() => _attempts = 0;

    internal TimeSpan Next()
    {
        var doubled = first * Math.Pow(2, Math.Min(_attempts++, 20));
        var pause = doubled < longest ? doubled : longest;
        return Jittered(pause);
    }

    /// <summary>For a server that asked us to slow down.</summary>
    internal TimeSpan Longest() => Jittered(longest);

    TimeSpan Jittered(TimeSpan pause) => pause * (0.5 + chance.NextDouble());
}
