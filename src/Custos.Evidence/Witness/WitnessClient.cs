// C2SP tlog-witness (c2sp.org/tlog-witness), the log's side.
using System.Globalization;
using System.Net;
using System.Text;

namespace Custos.Evidence;

/// <summary>What came of asking one witness. A value: a witness that is away or lies is part of the world.</summary>
public abstract record WitnessReport
{
    /// <summary>It cosigned.</summary>
    /// <param name="Line">Its signature line, verified.</param>
    public sealed record Cosigned(NoteSignature Line) : WitnessReport;

    /// <summary>It says that it has cosigned a size, and has cosigned nothing now.</summary>
    /// <param name="Size">The size, in leaves; 0 for none.</param>
    /// <param name="Shown">The checkpoint it shows, signed by the log's own key; null if it shows none.</param>
    public sealed record Seen(long Size, Checkpoint? Shown) : WitnessReport;

    /// <summary>It gave no answer that counts.</summary>
    /// <param name="Why">A sentence.</param>
    public sealed record Failed(string Why) : WitnessReport;
}

/// <summary>Asks one witness over HTTP.</summary>
/// <param name="name">Its name in the policy.</param>
/// <param name="verifier">Verifies its cosignatures.</param>
/// <param name="log">Verifies the log's own signature, on what the witness shows.</param>
/// <param name="prefix">Where it is; <c>add-checkpoint</c> follows.</param>
/// <param name="http">Sends requests. Redirects are not followed by the one that <see cref="NewHttp"/> makes.</param>
/// <param name="time">The clock of <see cref="Patience"/>.</param>
public sealed class WitnessClient(string name, INoteVerifier verifier, INoteVerifier log, Uri prefix, HttpMessageInvoker http, TimeProvider time)
{
    /// <summary>How long one request may take (evidence-spec, section 12).</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    const int MostRead = 64 * 1024;

    // The size it said last; sent as `old`, and corrected by its 409.
    long _old;

    /// <summary>Its name in the policy.</summary>
    public string Name { get; } = name;

    /// <summary>Its key.</summary>
    public VerifierKey Key => verifier.Key;

    /// <summary>SHA-256 of an origin in hex: a log's name at a witness.</summary>
    public static string HashOf(string origin) => Sha256Digest.Of(Encoding.UTF8.GetBytes(origin)).ToString();

    /// <summary>Sends requests to witnesses and authorities: one connection pool, no redirects, no cookies, no proxy credentials.</summary>
    public static HttpMessageInvoker NewHttp() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Patience, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });

    /// <summary>Asks for a cosignature over a checkpoint, and proves it from whatever the witness has seen before.</summary>
    /// <param name="note">The signed checkpoint.</param>
    /// <param name="proofs">Consistency proofs: from the witness's size to the checkpoint's.</param>
    /// <param name="cancellation">Stops asking.</param>
    public async Task<WitnessReport> CosignAsync(SignedNote note, Func<long, CancellationToken, ValueTask<IReadOnlyList<Sha256Digest>>> proofs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(proofs);
        var checkpoint = Checkpoint.Parse(note.Text);
        return await TryAsync(async stop =>
        {
            for (var again = 0; ; again++)
            {
                var old = Math.Min(_old, checkpoint.Size);
                var proof = old > 0 && old < checkpoint.Size ? await proofs(old, stop) : [];
                var (status, type, body) = await SendAsync(new AddCheckpointRequest(old, proof, note, checkpoint), stop);
                if (status == 200)
                    return Counted(note, body) is { } line ? Remember(checkpoint.Size, new WitnessReport.Cosigned(line)) : new WitnessReport.Failed("it answered without a cosignature that counts");
                if (status == 409 && SizeOf(type, body) is { } size && (size > checkpoint.Size || again > 0 || size == old))
                    return new WitnessReport.Seen(size, await ShownAsync(checkpoint.Origin, stop));
                if (status == 409 && SizeOf(type, body) is { } smaller)
                    _old = smaller;
                // It holds that we do not continue what it saw: what it saw, with our own signature on it, would show that it is right.
                else if (status is 409 or 422 && await ShownAsync(checkpoint.Origin, stop) is { } shown)
                    return new WitnessReport.Seen(shown.Size, shown);
                else
                    return new WitnessReport.Failed(Refused(status));
            }
        }, cancellation);
    }

    /// <summary>Asks what the witness has seen of the log, without signing anything.</summary>
    /// <param name="origin">The log.</param>
    /// <param name="published">The checkpoint that was signed last, or null if none was.</param>
    /// <param name="cancellation">Stops asking.</param>
    public Task<WitnessReport> SeenAsync(string origin, SignedNote? published, CancellationToken cancellation) => TryAsync(async stop =>
    {
        if (published is null)
            return await ShownAsync(origin, stop) is { } known ? new(known.Size, known) : new WitnessReport.Seen(0, null);
        var checkpoint = Checkpoint.Parse(published.Text);
        // Every witness answers this, whether or not it shows checkpoints: 200 if it saw the same, else 409 with its size.
        var (status, type, body) = await SendAsync(new AddCheckpointRequest(checkpoint.Size, [], published, checkpoint), stop);
        if (status == 200)
            return Counted(published, body) is { } line ? Remember(checkpoint.Size, new WitnessReport.Cosigned(line)) : new WitnessReport.Failed("it answered without a cosignature that counts");
        if (status == 409 && SizeOf(type, body) is { } size && size != checkpoint.Size)
            return Remember(Math.Min(size, checkpoint.Size), new WitnessReport.Seen(size, size > checkpoint.Size ? await ShownAsync(origin, stop) : null));
        // The same size and no cosignature: it saw another root.
        return status is 409 or 422 && await ShownAsync(origin, stop) is { } shown ? new WitnessReport.Seen(shown.Size, shown) : new WitnessReport.Failed(Refused(status));
    }, cancellation);

    /// <summary>The checkpoint that the witness shows, if the log's own key signed it.</summary>
    async Task<Checkpoint?> ShownAsync(string origin, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, At($"{HashOf(origin)}/checkpoint"));
        using var response = await http.SendAsync(request, cancellation);
        if (response.StatusCode != HttpStatusCode.OK)
            return null;
        try
        {
            var note = SignedNote.Parse(await ReadAsync(response, cancellation));
            var checkpoint = Checkpoint.Parse(note.Text);
            return checkpoint.Origin == origin && note.Open([log]).Status == NoteStatus.Verified ? checkpoint : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    async Task<(int Status, string? Type, byte[] Body)> SendAsync(AddCheckpointRequest body, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(body.ToBytes());
        content.Headers.ContentType = AddCheckpointRequest.ContentType;
        using var request = new HttpRequestMessage(HttpMethod.Post, At("add-checkpoint")) { Content = content };
        using var response = await http.SendAsync(request, cancellation);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await ReadAsync(response, cancellation));
    }

    static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var bytes = new byte[MostRead + 1];
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return length <= MostRead ? bytes[..length] : throw new HttpRequestException("it answered with more than 64 KiB");
    }

    async Task<WitnessReport> TryAsync(Func<CancellationToken, Task<WitnessReport>> ask, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new WitnessReport.Failed(string.Create(CultureInfo.InvariantCulture, $"it did not answer within {Patience.TotalSeconds} s"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new WitnessReport.Failed($"it cannot be reached ({e.Message})");
        }
        catch (EvidenceLogException e)
        {
            return new WitnessReport.Failed($"it could not be shown that the log grew ({e.Message})");
        }
    }

    WitnessReport Remember(long size, WitnessReport report)
    {
        _old = size;
        return report;
    }

    /// <summary>The first line that is this witness's over the checkpoint; lines of other keys are ignored.</summary>
    NoteSignature? Counted(SignedNote note, byte[] body)
    {
        try
        {
            return SignedNote.Parse([.. note.Text, (byte)'\n', .. body]).Signatures.FirstOrDefault(line => line.Name == verifier.Key.Name && line.KeyId == verifier.Key.Id && verifier.Verify(note.Text, line.Signature.Span));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    static long? SizeOf(string? type, byte[] body) =>
        type == WitnessAnswer.SizeType && body is [.. var digits, (byte)'\n'] && Checkpoint.TrySize(Encoding.Latin1.GetString(digits), out var size) ? size : null;

    static string Refused(int status) => status switch
    {
        403 => "it does not trust the log's key (403)",
        404 => "it does not know the log (404)",
        409 or 422 => string.Create(CultureInfo.InvariantCulture, $"it says that the checkpoint does not continue what it saw, and shows nothing that we signed ({status})"),
        _ => string.Create(CultureInfo.InvariantCulture, $"it answered {status}"),
    };

    Uri At(string path) => new(prefix.AbsoluteUri.EndsWith('/') ? prefix : new(prefix.AbsoluteUri + "/"), path);
}
