using System.Globalization;

namespace Custos.Fixtures;

/// <summary>A real IRC server on a free port of this machine: Debian's ngircd, with its brakes off.</summary>
public sealed class NgircdServer : IAsyncDisposable
{
    readonly ScratchFolder _folder = new();
    ChildProgram? _server;

    NgircdServer(int port, int tlsPort)
    {
        Port = port;
        TlsPort = tlsPort;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Where it listens with TLS; 0 if it does not.</summary>
    public int TlsPort { get; }

    /// <summary>Its certificate, if it has one.</summary>
    public TestCertificate? Certificate { get; private set; }

    /// <summary>Starts one.</summary>
    /// <param name="tls">Also with TLS, by a certificate made now.</param>
    /// <param name="extra">More lines for the end of its configuration, such as a <c>[Channel]</c> block.</param>
    /// <param name="global">More lines for its <c>[Global]</c> block.</param>
    public static async Task<NgircdServer> StartAsync(bool tls = false, string extra = "", string global = "")
    {
        // A port that was free may be taken before the server has it: then another is tried.
        for (var attempt = 1; ; attempt++)
        {
            var server = new NgircdServer(FreePort.Next(), tls ? FreePort.Next() : 0);
            try
            {
                if (tls)
                    server.Certificate = await TestCertificate.MakeAsync(server._folder.Path);
                await File.WriteAllTextAsync(server._folder["ngircd.conf"], server.Configuration(extra, global));
                await server.UpAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>Starts it again after <see cref="DownAsync"/>, on the same port.</summary>
    public async Task UpAsync()
    {
        var program = Programs.Find("ngircd") ?? throw new InvalidOperationException("ngircd is not installed");
        _server = ChildProgram.Start(program, ["-n", "-f", _folder["ngircd.conf"]]);
        await _server.PrintsAsync($"]:{(TlsPort > 0 ? TlsPort : Port).ToString(CultureInfo.InvariantCulture)}");
        await _server.PrintsAsync($"]:{Port.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>Keeps its connections and answers nobody any more.</summary>
    public void Freeze() => _server!.Freeze();

    /// <summary>Ends it as a service manager would.</summary>
    public async Task DownAsync()
    {
        _server!.Terminate();
        await _server.EndAsync();
        await _server.DisposeAsync();
        _server = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    string Configuration(string extra, string global)
    {
        var account = Environment.UserName == "root" ? "ServerUID = root\nServerGID = root\n" : "";
        var secure = Certificate is { } certificate
            ? $"""

              [SSL]
                  CertFile = {certificate.Certificate}
                  KeyFile = {certificate.Key}
                  Ports = {TlsPort}
              """
            : "";
        return $"""
            [Global]
                Name = irc.test.invalid
                Info = Server for tests
                Listen = 127.0.0.1
                Ports = {Port}
                MotdPhrase = for tests
                {account}
                {global}

            [Limits]
                MaxConnections = 0
                MaxConnectionsIP = 0
                MaxJoins = 0
                MaxNickLength = 20
                MaxPenaltyTime = 0
                PingTimeout = 60
                PongTimeout = 30

            [Options]
                DNS = no
                Ident = no
                PAM = no
                SyslogFacility = user
            {secure}

            {extra}

            """;
    }
}
