namespace Custos.Fixtures;

/// <summary>A real IRC server with IRCv3: Debian's inspircd, on a free port of this machine, with its brakes off.</summary>
public sealed class InspircdServer : IAsyncDisposable
{
    readonly ScratchFolder _folder = new();
    ChildProgram? _server;

    InspircdServer(int port) => Port = port;

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Starts one.</summary>
    public static async Task<InspircdServer> StartAsync()
    {
        // A port that was free may be taken before the server has it: then another is tried.
        for (var attempt = 1; ; attempt++)
        {
            var server = new InspircdServer(FreePort.Next());
            try
            {
                await File.WriteAllTextAsync(server._folder["inspircd.conf"], server.Configuration());
                await server.UpAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    async Task UpAsync()
    {
        var program = Programs.Find("inspircd") ?? throw new InvalidOperationException("inspircd is not installed");
        List<string> arguments = ["--config=" + _folder["inspircd.conf"], "--nofork", "--nopid"];
        if (Environment.UserName == "root")
            arguments.Add("--runasroot");
        _server = ChildProgram.Start(program, arguments);
        await _server.PrintsAsync("is now running");
    }

    string Configuration()
    {
        string[] modules =
        [
            "cap", "ircv3", "ircv3_accounttag", "ircv3_batch", "ircv3_capnotify", "ircv3_chghost", "ircv3_ctctags", "ircv3_echomessage", "ircv3_msgid",
            "ircv3_servertime", "chanhistory", "services_account",
        ];
        return $"""
            <config format="xml">
            <server name="irc.test.invalid" description="Server for tests" network="Test">
            <admin name="nobody" nick="nobody" email="nobody@example.invalid">
            <bind address="127.0.0.1" port="{Port}" type="clients">
            <connect name="all" allow="*" timeout="60" pingfreq="120" hardsendq="64M" softsendq="64M" recvq="4M"
                     threshold="1000000" commandrate="100000000" fakelag="no" localmax="1000" globalmax="1000" resolvehostnames="no">
            <log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{_folder["inspircd.log"]}">
            {string.Join('\n', modules.Select(module => $"<module name=\"{module}\">"))}
            <options defaultmodes="no" prefixquit="Quit: ">
            <performance nofork="yes">
            """;
    }
}
