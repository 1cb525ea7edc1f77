using System.CommandLine;
using System.Globalization;
using Custos.Casework;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Casework;

/// <summary><c>custos dossier write</c>: one self-contained HTML file about an account or a subject.</summary>
static class DossierWriteCommand
{
    const string Help =
        "Write a dossier as one HTML file that prints well (docs/operating/dossier.md): what was said, who raised what first, what is known of the person and how,\n"
        + "what speaks for the person, what is missing. The export is recorded as a custody event before the file appears.\n"
        + "Exit: 0 written, and nothing is missing; 1 could not finish; 2 usage, no such account or subject; 3 written, with parts missing (named on standard error);\n"
        + "4 refused: a cited exhibit does not verify, nothing was written.";

    internal static Command Create()
    {
        var operation = Workbench.Operation();
        var account = new Option<string?>("--account") { Description = "The handle as shown; HANDLE@VENUE where several venues have it." };
        var subject = new Option<string?>("--subject") { Description = "A subject that was opened in a case." };
        var recipient = new Option<string?>("--recipient") { Description = "The authority it is for, as printed on page one." };
        var output = new Option<string>("--output", "-o") { Description = "The file; it appears whole or not at all, and replaces one of that name.", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why it leaves, for the custody event.", DefaultValueFactory = _ => "dossier" };
        var data = Workbench.Data();
        var actor = Workbench.Actor();
        var json = Workbench.Json();
        var command = new Command("write", Help) { operation, account, subject, recipient, output, reason, data, actor, json };
        command.SetAction((parsed, cancellation) =>
        {
            var (handle, subjectId) = (parsed.GetValue(account), parsed.GetValue(subject));
            if (handle is null == subjectId is null)
                return Task.FromResult(Workbench.Fail(Workbench.Usage, "Name either --account or --subject. Nothing was written."));
            var folder = parsed.GetRequiredValue(data);
            return Workbench.InOperationAsync(folder, parsed.GetRequiredValue(operation), async room =>
            {
                var author = ActorId.Parse(parsed.GetRequiredValue(actor));
                try
                {
                    var written = await WrittenDossier.WriteAsync(
                        folder,
                        room,
                        new(author.Value, Workbench.Tool, parsed.GetRequiredValue(reason)),
                        assembler => handle is not null ? assembler.OfAccountAsync(handle, author, cancellation) : assembler.OfSubjectAsync(subjectId!, author, cancellation),
                        parsed.GetValue(recipient),
                        parsed.GetRequiredValue(output),
                        cancellation);
                    return written.Custody is null
                        ? Workbench.Fail(Workbench.Refused, $"A cited exhibit does not verify at size {written.Dossier.Recording.TreeSize}. Nothing was written. Stop work on this log and run custos verify.")
                        : Report(written, parsed.GetValue(json));
                }
                catch (DossierException fault)
                {
                    return Workbench.Fail(Workbench.Usage, fault.Message);
                }
            }, cancellation);
        });
        return command;
    }

    static int Report(WrittenDossier written, bool json)
    {
        var (dossier, gate) = (written.Dossier, written.Gate);
        if (json)
        {
            System.Console.WriteLine(written.ToJson().ToJsonString(Workbench.JsonForm));
        }
        else
        {
            System.Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{written.Path}: dossier {dossier.Id}, {dossier.Accounts.Count} {(dossier.Accounts.Count == 1 ? "account" : "accounts")}, {dossier.Conversations.Count} {(dossier.Conversations.Count == 1 ? "conversation" : "conversations")}, {written.CitedLines} cited lines, at checkpoint {dossier.Recording.TreeSize:N0}."));
            System.Console.WriteLine($"SHA-256 {written.Sha256}; the export is recorded as {written.Custody}.");
            foreach (var deletion in dossier.Recording.Deletions)
                System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Deleted by order {deletion.Order} of {deletion.At:yyyy-MM-dd} ({deletion.Authority}): {deletion.Exhibits:N0} {(deletion.Exhibits == 1 ? "exhibit" : "exhibits")} of the operation. What rested only on those is not in it."));
        }

        if (written.Lacking.Count == 0)
            return Workbench.Done;
        return Workbench.Fail(
            Workbench.PartsLeftOut,
            $"{(gate.Result == GateResult.Refused ? "It is INFORMATIONAL and its release would be refused" : "It is INFORMATIONAL")}: {string.Join(" ", written.Lacking.Select(finding => $"{finding.Id} {finding.Sentence}"))}");
    }
}
