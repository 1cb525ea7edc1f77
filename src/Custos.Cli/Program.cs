using System.CommandLine;
using Custos.Cli.Commands;
using Custos.Cli.Commands.Authority;
using Custos.Cli.Commands.Capture;
using Custos.Cli.Commands.Casework;
using Custos.Cli.Commands.Console;
using Custos.Cli.Commands.Demo;
using Custos.Cli.Commands.Detection;
using Custos.Cli.Commands.Evidence;
using Custos.Cli.Commands.Pipeline;
using Custos.Cli.Commands.Study;
using Custos.Evidence;
using Custos.Evidence.Pkcs11;
using Custos.Evidence.Postgres;

LogStores.Register(PostgresLogStore.Reach);
// A token may hold the unit key; reading that is a guest's.
UnitKeys.Device = (settings, path) => Pkcs11UnitKey.Open(Pkcs11Settings.Parse(settings, path));
var root = new RootCommand("Custos: from a public chat room to a referral that survives court.")
{
    DemoCommand.Create(),
    OperationCommand.Create(),
    ImportCommand.Create(),
    WatchCommand.Create(),
    ExportCommand.Create(),
    ServeCommand.Create(),
    RecordCommand.Create(),
    KeysCommand.Create(),
    HoldCommand.Create(),
    DeleteCommand.Create(),
    LogCommand.Create(),
    VerifyCommand.Create(),
    WitnessCommand.Create(),
    TimestampCommand.Create(),
    DetectCommand.Create(),
    SearchCommand.Create(),
    RebuildCommand.Create(),
    PacksCommand.Create(),
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    DossierCommand.Create(),
    LawCommand.Create(),
    StudyCommand.Create(),
    BenchCommand.Create(),
};
var withoutWitnesses = new Option<string?>("--without-witnesses") { Description = "Why a log is opened although too few of its witnesses answer; recorded in it.", Recursive = true };
var clockBehind = new Option<string?>("--clock-behind") { Description = "Why a log is opened although this machine's clock stands before its last entry; recorded in it.", Recursive = true };
// Only where an operation's log may be opened for writing.
foreach (var command in root.Subcommands.Where(command => command.Name is not ("witness" or "timestamp" or "packs" or "train" or "evaluate" or "law" or "bench"))
    .Concat(root.Subcommands.Single(command => command.Name == "packs").Subcommands.Where(command => command.Name is "shadow" or "publish")))
{
    command.Options.Add(withoutWitnesses);
    command.Options.Add(clockBehind);
}

var parsed = root.Parse(args);
// An option that no command has is no file either: "./--x" names such a file.
if (parsed.CommandResult.Children.OfType<System.CommandLine.Parsing.ArgumentResult>().SelectMany(argument => argument.Tokens).FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } unknown)
    return Workbench.Fail(Workbench.Usage, $"'{unknown.Value}' is no option of this command. Nothing was done. Its options are in --help.");
Workbench.Reasons = new() { WithoutWitnesses = parsed.GetValue(withoutWitnesses), ClockBehind = parsed.GetValue(clockBehind) };
// Ctrl-C asks a command to finish what it has; two seconds, the default, would cut off what is not durable yet.
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(5) });
// The library says what is wrong with the words and ends with 1; wrong use is 2 everywhere here.
return parsed.Errors.Count > 0 ? Workbench.Usage : code;
