using System.CommandLine;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Console;

/// <summary><c>custos serve</c>: the console, on this computer alone.</summary>
static class ServeCommand
{
    internal const int DefaultPort = 8734;

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "The data folder.", DefaultValueFactory = _ => "data" };
        var port = new Option<int>("--port") { Description = "The port on 127.0.0.1; 0 takes a free one.", DefaultValueFactory = _ => DefaultPort };
        var actor = new Option<string>("--actor") { Description = "Your pseudonym in the log: a-z, 0-9 and hyphen.", DefaultValueFactory = _ => "analyst" };
        var idle = new Option<int>("--idle-minutes") { Description = "A sign-in that does nothing for so long ends.", DefaultValueFactory = _ => 30 };
        var noOpen = new Option<bool>("--no-open") { Description = "Only print the link; do not open a browser." };
        var command = new Command("serve", "Serves the console on 127.0.0.1 until Ctrl-C and prints a link that signs in once. Exit: 0 stopped, 1 could not serve, 2 wrong use.")
        {
            data, port, actor, idle, noOpen,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (number, minutes) = (parsed.GetValue(port), parsed.GetValue(idle));
            ActorId reader;
            try
            {
                reader = ActorId.Parse(parsed.GetValue(actor)!);
            }
            catch (FormatException e)
            {
                await System.Console.Error.WriteLineAsync(e.Message);
                return 2;
            }

            if (number is < 0 or > 65_535 || minutes is < 1 or > 720)
            {
                await System.Console.Error.WriteLineAsync("A port is 0 to 65535; the idle limit is 1 to 720 minutes.");
                return 2;
            }

            return await Serving.RunAsync(new(parsed.GetValue(data)!, reader) { Port = number, IdleLimit = TimeSpan.FromMinutes(minutes), OpenBrowser = !parsed.GetValue(noOpen) }, cancellation);
        });
        return command;
    }
}
