using System.CommandLine;
using Custos.Cli.Commands;
using Custos.Cli.Commands.Detection;
using Custos.Cli.Commands.Evidence;

var root = new RootCommand("Custos: from a public chat room to a referral that survives court.")
{
    VerifyCommand.Create(),
    DetectCommand.Create(),
    BenchCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
