using System.Globalization;

namespace Custos.Fixtures;

/// <summary>A real irssi, run in a tmux of its own and typed into.</summary>
public sealed class IrssiClient : IAsyncDisposable
{
    // tmux takes a whole command line at once; this many lines fit in it easily.
    const int LinesAtOnce = 20;

    readonly ScratchFolder _folder = new();
    readonly string _tmux;

    IrssiClient(string tmux, string nick)
    {
        _tmux = tmux;
        Nick = nick;
    }

    /// <summary>The name it shows.</summary>
    public string Nick { get; }

    /// <summary>Where it keeps its settings and, if asked to, its logs.</summary>
    public string Home => _folder.Path;

    /// <summary>Starts one that connects and enters a room. It is there when the room sees it join.</summary>
    public static async Task<IrssiClient> StartAsync(int port, string nick, string room)
    {
        var irssi = Programs.Find("irssi") ?? throw new InvalidOperationException("irssi is not installed");
        var client = new IrssiClient(Programs.Find("tmux") ?? throw new InvalidOperationException("tmux is not installed"), nick);
        await File.WriteAllTextAsync(client._folder["config"], $$"""
            servers = ( { address = "127.0.0.1"; chatnet = "test"; port = "{{port.ToString(CultureInfo.InvariantCulture)}}"; autoconnect = "yes"; use_tls = "no"; } );
            chatnets = { test = { type = "IRC"; }; };
            channels = ( { name = "{{room}}"; chatnet = "test"; autojoin = "yes"; } );
            settings = {
              core = { real_name = "{{nick}}"; user_name = "{{nick}}"; nick = "{{nick}}"; };
              "irc/core" = { cmd_queue_speed = "1msecs"; cmds_max_at_once = "1000"; };
              "fe-text" = { paste_detect_time = "0"; paste_verify_line_count = "0"; };
              "fe-common/core" = { term_charset = "UTF-8"; };
            };
            """);
        // On a machine with no time to spare a tmux server may end before its first client has reached it; nobody has joined the room then.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await client.TmuxAsync("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "50",
                    $"LC_ALL=C.UTF-8 TERM=screen-256color exec {irssi} --home={client._folder.Path}");
                return client;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
            }
        }
    }

    /// <summary>Brings the room's window to the front, so that what is typed is said there. The room has seen it join before.</summary>
    public async Task EnterAsync(string room)
    {
        // irssi makes the window a moment after it has joined, and tells nobody but its screen.
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            await TypeAsync(["/window goto " + room]);
            if ((await ScreenAsync()).Contains($"[{room}]", StringComparison.Ordinal))
                return;
        }

        throw new InvalidOperationException($"irssi shows no window for the room: {await ScreenAsync()}");
    }

    /// <summary>Types lines into the window in front, each with Enter.</summary>
    public async Task TypeAsync(IEnumerable<string> lines)
    {
        foreach (var chunk in lines.Chunk(LinesAtOnce))
        {
            // "--": a line may begin with a dash. A trailing ';' would end a command of tmux, so it is escaped.
            var arguments = new List<string>();
            foreach (var line in chunk)
            {
                if (arguments.Count > 0)
                    arguments.Add(";");
                arguments.AddRange(["send-keys", "-l", "--", line.EndsWith(';') ? line[..^1] + "\\;" : line, ";", "send-keys", "Enter"]);
            }

            await TmuxAsync([.. arguments]);
        }
    }

    /// <summary>What its window shows; for finding out why a test failed.</summary>
    public Task<string> ScreenAsync() => TmuxAsync("capture-pane", "-p");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await TmuxAsync("kill-server");
        }
        catch (InvalidOperationException)
        {
            // It had ended by itself.
        }

        _folder.Dispose();
    }

    Task<string> TmuxAsync(params string[] arguments) => ChildProgram.RunAsync(_tmux, ["-u", "-S", _folder["tmux"], .. arguments]);
}
