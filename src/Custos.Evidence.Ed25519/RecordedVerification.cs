using System.Globalization;

namespace Custos.Evidence.Ed25519;

/// <summary>Verification that opens content: the opening is on record before the first byte is read, the result after the last (evidence-spec, section 11).</summary>
/// <remarks>
/// Where it is recorded: in the log that is verified, if it is the one beside the keys and can be opened. A copy elsewhere is never opened for writing,
/// because that would make a second history; nor can a damaged log be. Then the unit's own log beside the keys takes it, slug <see cref="UnitSlug"/>.
/// </remarks>
public static class RecordedVerification
{
    /// <summary>The operation of custody events that belong to none.</summary>
    public const string UnitSlug = "unit";

    /// <summary>Verifies a log and opens its contents, recording both in a log that the caller chose.</summary>
    /// <param name="log">The log to verify.</param>
    /// <param name="keyFolder">The key folder.</param>
    /// <param name="custody">Where it is recorded.</param>
    /// <param name="ownSize">Exhibits in it, if that is the log itself; null if it is another, whose event then names this one as its case.</param>
    /// <param name="run">Who verifies, with what, why.</param>
    /// <param name="verify">The verification, with the keys.</param>
    /// <exception cref="EvidenceLogException">It could not be recorded, so nothing was opened; or the keys cannot be read.</exception>
    public static async Task<Verification> RunAsync(LogFolder log, string keyFolder, ICustodyLog custody, long? ownSize, MachineRun run, Func<string, Task<Verification>> verify)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(custody);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(verify);
        var decrypted = await custody.RecordAsync(Event(CustodyKind.Decrypted, log, ownSize, run), CancellationToken.None);
        var found = await verify(keyFolder);
        var result = found.Verified
            ? string.Create(CultureInfo.InvariantCulture, $"verified; {found.Opened} contents opened and match")
            : string.Create(CultureInfo.InvariantCulture, $"not verified: {found.Discrepancies.Count} findings; {found.Opened} contents opened and match");
        var verified = await custody.RecordAsync(
            Event(CustodyKind.Verified, log, ownSize, run) with { Previous = decrypted.Number.LeafIndex, Verification = new() { TreeSize = found.Checkpoint?.Size, Result = result } },
            CancellationToken.None);
        return found with { Notices = [.. found.Notices, $"That contents were opened is recorded as {decrypted.Number}, the result as {verified.Number}{(ownSize is not null ? "" : $", in the log '{UnitSlug}' beside the keys")}."] };
    }

    /// <summary>Verifies a log and opens its contents, finding by itself where that is recorded.</summary>
    /// <exception cref="EvidenceLogException">It could not be recorded anywhere, so nothing was opened; or the keys cannot be read.</exception>
    public static async Task<Verification> RunAsync(LogFolder log, string keyFolder, TimeProvider time, MachineRun run, Func<string, Task<Verification>> verify, CancellationToken cancellation, LogCompany? company = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(keyFolder);
        var data = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(keyFolder))) ?? keyFolder;
        var (custody, own) = await OpenAsync(log, data, time, company, cancellation);
        await using (custody)
            return await RunAsync(log, keyFolder, custody, own ? custody.Size : null, run, verify);
    }

    static async Task<(EvidenceLog Custody, bool Own)> OpenAsync(LogFolder log, string data, TimeProvider time, LogCompany? company, CancellationToken cancellation)
    {
        var beside = Path.Combine(data, "operations", log.Name);
        string why;
        if (Path.GetFullPath(log.Path) == beside)
        {
            try
            {
                var own = await OperationLog.OpenAsync(data, log.Name, time, company, cancellation);
                if (own.ClosedBy is not { } closing)
                    return (own, true);
                await own.DisposeAsync();
                why = $"it was closed for good by {closing}.";
            }
            catch (EvidenceLogException e)
            {
                why = e.Message;
            }
        }
        else
        {
            why = $"'{log.Path}' is a copy: the log beside the keys is '{beside}'.";
        }

        try
        {
            return (await OperationLog.OpenOrCreateAsync(data, UnitSlug, time, company: company, cancellation: cancellation), false);
        }
        catch (EvidenceLogException e)
        {
            throw new EvidenceLogException(
                e.Fault,
                $"Nothing was opened: opening contents could not be recorded. The log itself does not take it: {why} The log '{UnitSlug}' does not either: {e.Message} Verify without --keys, or let go of one of the two logs.",
                e.DurableCount, e);
        }
    }

    static CustodyEvent Event(string kind, LogFolder log, long? ownSize, MachineRun run) => new()
    {
        Kind = kind,
        Range = ownSize is > 0 ? new() { From = 0, Through = ownSize.Value - 1 } : null,
        Case = ownSize is null ? log.Name : null,
        Actor = new() { Id = run.Actor },
        Authority = run.Authority,
        Purpose = ownSize is null ? $"{run.Purpose} (all contents of '{log.Name}')" : $"{run.Purpose} (all contents)",
        Tool = new() { Name = run.Tool },
    };
}
