using System.Globalization;

namespace Custos.Evidence.Ed25519;

/// <summary>What is known of a log that is not to be continued: the largest state that its key signed or was allowed to sign, wherever that shows.</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="State">Its largest known size with the root.</param>
/// <param name="Source">Where that stands.</param>
/// <param name="Notes">What was looked at, and what could not be.</param>
public sealed record LogSuccession(string Origin, LogState State, string Source, IReadOnlyList<string> Notes)
{
    /// <summary>Looks at the marks, the published checkpoint, the anchors and the witnesses. Takes no lock and writes nothing.</summary>
    /// <exception cref="FormatException">The policy beside the log is missing or malformed, so its key is unknown.</exception>
    /// <exception cref="EvidenceLogException">Nothing is known of the log.</exception>
    public static async Task<LogSuccession> OfAsync(string dataFolder, string slug, TimeProvider time, HttpMessageInvoker http, CancellationToken cancellation, OutsideMarks? marks = null)
    {
        ArgumentNullException.ThrowIfNull(dataFolder);
        ArgumentNullException.ThrowIfNull(slug);
        var folder = new LogFolder(slug, Path.Combine(dataFolder, "operations", slug));
        var policy = OperationLog.PolicyOf(folder.Path);
        var origin = policy.Logs.Count > 0 ? policy.Logs[0].Name : throw new FormatException($"The policy in '{folder.Path}' names no log, so its key is unknown.");
        var verifiers = NoteVerifiers.Of(policy, time);
        var key = verifiers.First(verifier => verifier.Key.Equals(policy.Logs[0]));
        var found = new List<(LogState State, string Source)>();
        var notes = new List<string>();

        void Note(byte[]? bytes, string source)
        {
            if (bytes is null)
                return;
            try
            {
                var note = SignedNote.Parse(bytes);
                var checkpoint = Checkpoint.Parse(note.Text);
                if (checkpoint.Origin == origin && note.Open([key]).Status == NoteStatus.Verified)
                    found.Add((new(checkpoint.Size, checkpoint.Root), source));
                else
                    notes.Add($"{source} is not signed by the log's key and does not count.");
            }
            catch (FormatException e)
            {
                notes.Add($"{source} cannot be read: {e.Message}");
            }
        }

        if (Directory.Exists(Path.Combine(dataFolder, "keys")) && KeyFolder.Open(Path.Combine(dataFolder, "keys"), create: false).MarkOf(slug) is { } mark)
            found.Add((mark, "the mark beside its key"));
        if (marks?.Read(policy.Logs[0]) is { } outside)
            found.Add((outside, "the mark outside the data folder"));
        if (LogStores.At(folder.Path) is { } store)
        {
            await using (store)
                Note(await store.ReadNoteAsync(cancellation), "its published checkpoint");
        }

        if (folder.Anchors.Sizes() is [.., var newest])
            Note(folder.Anchors.Read(newest)!.Checkpoint, "its newest anchor");
        foreach (var (name, witness, url) in policy.Witnesses)
        {
            if (url is null || verifiers.FirstOrDefault(verifier => verifier.Key.Equals(witness)) is not { } verifier)
                continue;
            switch (await new WitnessClient(name, verifier, key, new(url), http, time).SeenAsync(origin, null, cancellation))
            {
                case WitnessReport.Seen { Shown: { } shown }:
                    found.Add((new(shown.Size, shown.Root), $"the witness '{name}'"));
                    break;
                case WitnessReport.Failed failed:
                    notes.Add($"The witness '{name}' was not heard: {failed.Why}.");
                    break;
                default:
                    notes.Add($"The witness '{name}' shows no checkpoint of it.");
                    break;
            }
        }

        if (found.Count == 0)
            throw new EvidenceLogException(EvidenceFault.MarkMissing, $"Nothing is known of the log '{origin}': neither mark nor checkpoint, anchor or witness. Nothing was made.", 0);
        var largest = found.MaxBy(state => state.State.Size);
        foreach (var (state, source) in found.Where(other => other.State.Size == largest.State.Size && other.State.Root != largest.State.Root))
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{source} states another root for size {state.Size} than {largest.Source}: there are two histories."));
        return new(origin, largest.State, largest.Source, notes);
    }
}
