using System.Text.Json.Nodes;
using Custos.Capture.Transcripts;
using Custos.Casework;
using Custos.Evidence;
using Custos.Identity;
using Custos.Server.Workspaces;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Casework;

/// <summary>A dossier, gathered and written; <see cref="Custody"/> is null if a cited exhibit did not verify and nothing was written.</summary>
sealed record WrittenDossier(Dossier Dossier, GateAnswer Gate, string Path, int Bytes, Sha256Digest Sha256, ExhibitNumber? Custody)
{
    internal IReadOnlyList<GateFinding> Lacking => [.. Gate.Findings.Where(finding => finding.State != GateState.Met)];

    internal int CitedLines => Dossier.Conversations.Sum(conversation => conversation.Quotations.Sum(quotation => quotation.Lines.Count(line => line.Cited)));

    /// <summary>Gathers, proves every cited exhibit, records the export, writes.</summary>
    /// <exception cref="DossierException">No such account or subject.</exception>
    internal static async Task<WrittenDossier> WriteAsync(string dataFolder, OperationRoom room, MachineRun run, Func<DossierAssembler, Task<Dossier>> gather, string? recipient, string path, CancellationToken cancellation)
    {
        var source = await OperationDossierSource.OpenAsync(room, run, System.IO.Path.Combine(dataFolder, "operations", room.Slug.Value), cancellation);
        var dossier = await gather(new(source, TriageRules.BuiltIn, SelectorData.BuiltIn)) with { Recipient = recipient };
        var gate = CompletenessGate.Check(dossier);
        if (dossier.Recording.Verified == false)
            return new(dossier, gate, path, 0, default, null);
        var written = DossierWriter.Write(dossier, SelectorData.BuiltIn);
        // Recorded first: a file that left without a custody event would be worse than an event whose file never came.
        var custody = await room.Custody.RecordAsync(OperationDossierSource.Exported(run, source.Cited, written), cancellation);
        var partial = WholeFile.Staged(path);
        await File.WriteAllBytesAsync(partial, written, cancellation);
        WholeFile.Keep(path);
        return new(dossier, gate, path, written.Length, Sha256Digest.Of(written), custody.Number);
    }

    internal JsonObject ToJson() => new()
    {
        ["dossier"] = Dossier.Id,
        ["version"] = Dossier.Version,
        ["operation"] = Dossier.Operation.Value,
        ["output"] = Path,
        ["bytes"] = Bytes,
        ["sha256"] = Sha256.ToString(),
        ["custody"] = Custody?.LeafIndex,
        ["treeSize"] = Dossier.Recording.TreeSize,
        ["rootHash"] = Dossier.Recording.RootHash,
        ["accounts"] = Dossier.Accounts.Count,
        ["conversations"] = Dossier.Conversations.Count,
        ["quotedLines"] = CitedLines,
        ["identityLevel"] = Dossier.Level.ToString(),
        ["gate"] = Gate.Result.ToString(),
        ["ageStated"] = Gate.AgeStated,
        ["deleted"] = new JsonArray([.. Dossier.Recording.Deletions.Select(deletion => (JsonNode)new JsonObject { ["order"] = deletion.Order.ToString(), ["at"] = SpokenAt.Utc(deletion.At).ToString(), ["authority"] = deletion.Authority, ["exhibits"] = deletion.Exhibits })]),
        ["missing"] = new JsonArray([.. Lacking.Select(finding => (JsonNode)finding.Id)]),
    };
}
