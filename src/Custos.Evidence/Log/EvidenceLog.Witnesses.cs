// Witnesses at start-up (evidence-spec, section 7): they are asked before the first signature, because they alone notice an older copy of everything here.
using System.Globalization;
using System.Text.Json;

namespace Custos.Evidence;

/// <summary>The log that another one continues.</summary>
/// <param name="Origin">Its name.</param>
/// <param name="State">The largest state that anybody is known to have seen of it.</param>
/// <param name="Reason">Why it is not continued itself.</param>
public sealed record Predecessor(string Origin, LogState State, string Reason);

static class WitnessRound
{
    public static IReadOnlyList<WitnessClient> Clients(EvidenceLogOptions options)
    {
        var http = options.Http ?? Shared;
        return options.Policy is not { } policy ? [] :
        [
            .. from witness in policy.Witnesses
               where witness.Url is not null
               let verifier = options.Verifiers.FirstOrDefault(verifier => verifier.Key.Equals(witness.Key))
               where verifier is not null
               select new WitnessClient(witness.Name, verifier, options.Signer.Verifier, new(witness.Url, UriKind.Absolute), http, options.Time),
        ];
    }

    /// <summary>Asks what the witnesses have seen, before anything is signed.</summary>
    /// <returns>Who gave no answer that counts, if a person went on without them; empty if the quorum answered.</returns>
    /// <exception cref="EvidenceLogException">They have seen more than is here, or another history, or too few answered.</exception>
    public static async Task<IReadOnlyList<string>> AskAsync(EvidenceLogOptions options, LogState state, byte[]? noteBytes, CancellationToken cancellation)
    {
        if (options.Policy is not { Quorum: not null } policy)
            return [];
        var published = noteBytes is null ? null : SignedNote.Parse(noteBytes);
        var answers = await Task.WhenAll(Clients(options).Select(async witness => (witness.Name, Report: await witness.SeenAsync(options.Origin, published, cancellation))));
        var answered = new HashSet<string>(StringComparer.Ordinal);
        var missing = policy.Witnesses.Where(witness => answers.All(answer => answer.Name != witness.Name)).Select(witness => $"{witness.Name}: it cannot be asked, for the policy gives no address or no key we can verify").ToList();
        foreach (var (name, report) in answers)
        {
            if (report is WitnessReport.Seen { Shown: { } shown } && await ContradictsAsync(options.Store, state, shown, cancellation))
                throw Contradicted(name, state, shown);
            if (report is WitnessReport.Failed failed)
                missing.Add($"{name}: {failed.Why}");
            else if (report is WitnessReport.Seen seen && seen.Size > state.Size)
                missing.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: it says that it has seen size {seen.Size} and shows no checkpoint of it; here are {state.Size}"));
            else
                answered.Add(name);
        }

        if (policy.Reaches(answered))
            return [];
        if (options.WithoutWitnesses is { Length: > 0 })
            return missing;
        throw new EvidenceLogException(
            EvidenceFault.WitnessesMissing,
            $"Too few witnesses say what they have seen of '{options.Origin}': {string.Join("; ", missing)}. Nothing was signed, for this could be an older copy. Try again when they answer, or go on without them and say why: --without-witnesses REASON, which is recorded.",
            state.Size);
    }

    /// <summary>Whether a checkpoint that our own key signed is no beginning of what is here.</summary>
    public static async Task<bool> ContradictsAsync(ILogStore store, LogState state, Checkpoint shown, CancellationToken cancellation) =>
        shown.Size > state.Size || !await Opening.HasRootAsync(store, new(shown.Size, shown.Root), state.Size, cancellation);

    public static EvidenceLogException Contradicted(string name, LogState state, Checkpoint shown) => shown.Size > state.Size
        ? Opening.Restored(string.Create(CultureInfo.InvariantCulture, $"the witness '{name}' shows a checkpoint of size {shown.Size}, signed by this log's key, and here are {state.Size}"))
        : Opening.Fork(string.Create(CultureInfo.InvariantCulture, $"the witness '{name}' shows a checkpoint of size {shown.Size}, signed by this log's key, that is no beginning of what is here"));

    static HttpMessageInvoker Shared { get; } = WitnessClient.NewHttp();
}

/// <summary>The content of the log's own exhibits: <c>log.opened</c>, <c>log.recovered</c>, <c>log.succeeded</c>.</summary>
static class LogEventContent
{
    public static byte[] Of(EvidenceLogOptions options, string what, IReadOnlyList<string> missing, string? behind = null)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("origin", options.Origin);
            json.WriteString("what", what);
            json.WriteString("key", options.Signer.Verifier.Key.ToString());
            if (behind is not null)
            {
                json.WriteString("why", options.ClockBehind);
                json.WriteString("clock", behind);
            }

            if (missing.Count > 0)
            {
                json.WriteString("why", options.WithoutWitnesses);
                json.WriteStartArray("missing");
                foreach (var witness in missing)
                    json.WriteStringValue(witness);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    public static byte[] Of(Predecessor old, string key)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("origin", old.Origin);
            json.WriteNumber("size", old.State.Size);
            json.WriteString("root", Convert.ToBase64String(old.State.Root.ToArray()));
            json.WriteString("why", old.Reason);
            json.WriteString("key", key);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
