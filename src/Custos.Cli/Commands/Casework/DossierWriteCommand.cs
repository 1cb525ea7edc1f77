using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Custos.Casework;
using Custos.Evidence;
using Custos.Identity;
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
                var run = new MachineRun(author.Value, Workbench.Tool, parsed.GetRequiredValue(reason));
                var source = await OperationDossierSource.OpenAsync(room, run, Path.Combine(folder, "operations", room.Slug.Value), cancellation);
                var assembler = new DossierAssembler(source, TriageRules.BuiltIn, SelectorData.BuiltIn);
                Dossier dossier;
                try
                {
                    dossier = handle is not null ? await assembler.OfAccountAsync(handle, author, cancellation) : await assembler.OfSubjectAsync(subjectId!, author, cancellation);
                }
                catch (DossierException fault)
                {
                    return Workbench.Fail(Workbench.Usage, fault.Message);
                }

                dossier = dossier with { Recipient = parsed.GetValue(recipient) };
                if (dossier.Recording.Verified == false)
                    return Workbench.Fail(Workbench.Refused, $"A cited exhibit does not verify at size {dossier.Recording.TreeSize}. Nothing was written. Stop work on this log and run custos verify.");
                var written = DossierWriter.Write(dossier, SelectorData.BuiltIn);
                var gate = CompletenessGate.Check(dossier);
                // Recorded first: a file that left without a custody event would be worse than an event whose file never came.
                var custody = await room.Custody.RecordAsync(OperationDossierSource.Exported(run, source.Cited, written), cancellation);
                var path = parsed.GetRequiredValue(output);
                await WriteWholeAsync(path, written, cancellation);
                return Report(dossier, gate, custody.Number, path, written, parsed.GetValue(json));
            }, cancellation);
        });
        return command;
    }

    static async Task WriteWholeAsync(string path, byte[] written, CancellationToken cancellation)
    {
        var partial = path + ".partial";
        await File.WriteAllBytesAsync(partial, written, cancellation);
        File.Move(partial, path, overwrite: true);
    }

    static int Report(Dossier dossier, GateAnswer gate, ExhibitNumber custody, string path, byte[] written, bool json)
    {
        var lacking = gate.Findings.Where(finding => finding.State != GateState.Met).ToList();
        var hash = Convert.ToHexStringLower(SHA256.HashData(written));
        var cited = dossier.Conversations.Sum(conversation => conversation.Quotations.Sum(quotation => quotation.Lines.Count(line => line.Cited)));
        if (json)
        {
            System.Console.WriteLine(new JsonObject
            {
                ["dossier"] = dossier.Id,
                ["version"] = dossier.Version,
                ["operation"] = dossier.Operation.Value,
                ["output"] = path,
                ["bytes"] = written.Length,
                ["sha256"] = hash,
                ["custody"] = custody.LeafIndex,
                ["treeSize"] = dossier.Recording.TreeSize,
                ["rootHash"] = dossier.Recording.RootHash,
                ["accounts"] = dossier.Accounts.Count,
                ["conversations"] = dossier.Conversations.Count,
                ["quotedLines"] = cited,
                ["identityLevel"] = dossier.Level.ToString(),
                ["gate"] = gate.Result.ToString(),
                ["ageStated"] = gate.AgeStated,
                ["missing"] = new JsonArray([.. lacking.Select(finding => (JsonNode)finding.Id)]),
            }.ToJsonString(Workbench.JsonForm));
        }
        else
        {
            System.Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: dossier {dossier.Id}, {dossier.Accounts.Count} {(dossier.Accounts.Count == 1 ? "account" : "accounts")}, {dossier.Conversations.Count} {(dossier.Conversations.Count == 1 ? "conversation" : "conversations")}, {cited} cited lines, at checkpoint {dossier.Recording.TreeSize:N0}."));
            System.Console.WriteLine($"SHA-256 {hash}; the export is recorded as {custody}.");
        }

        if (lacking.Count == 0)
            return Workbench.Done;
        return Workbench.Fail(
            Workbench.PartsLeftOut,
            $"{(gate.Result == GateResult.Refused ? "It is INFORMATIONAL and its release would be refused" : "It is INFORMATIONAL")}: {string.Join(" ", lacking.Select(finding => $"{finding.Id} {finding.Sentence}"))}");
    }
}
