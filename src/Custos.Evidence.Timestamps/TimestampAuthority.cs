// RFC 3161, section 3.4: a time-stamp over HTTP.
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Custos.Evidence.Timestamps;

/// <summary>A time-stamping authority, asked over HTTP; what it gives counts only if it holds under its own roots.</summary>
/// <param name="name">Its name, 1 to 32 of a-z, 0-9 and hyphen.</param>
/// <param name="address">Where it is.</param>
/// <param name="roots">The roots that are trusted for it.</param>
/// <param name="http">Sends requests.</param>
/// <param name="time">The clock of its patience.</param>
public sealed class TimestampAuthority(string name, Uri address, X509Certificate2Collection roots, HttpMessageInvoker http, TimeProvider time) : ITimestampAuthority
{
    const string QueryType = "application/timestamp-query", ReplyType = "application/timestamp-reply";

    // Real replies have 2 to 8 KiB (evidence-spec, section 12).
    const int MostRead = 64 * 1024;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>The policy that is asked for, or null for the authority's own.</summary>
    public Oid? Policy { get; init; }

    /// <summary>Whether the unit declares it a qualified trust service (eIDAS, Article 41).</summary>
    public bool IsQualified { get; init; }

    /// <inheritdoc/>
    public async Task<StampReport> StampAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            var query = Rfc3161TimestampRequest.CreateFromData(bytes.Span, HashAlgorithmName.SHA256, Policy, RandomNumberGenerator.GetBytes(8), requestSignerCertificates: true).Encode();
            var (reply, failure) = await SendAsync(query, either.Token);
            if (reply is null)
                return new(null, failure);
            var verdict = new Timestamp(query, reply).Verify(bytes.Span, roots);
            return verdict.Counts
                ? new(new(query, reply, verdict.Chain, verdict.Time!.Value), null)
                : new(null, $"its time-stamp does not count: {verdict.Sentence}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(null, string.Create(CultureInfo.InvariantCulture, $"it did not answer within {Patience.TotalSeconds} s"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new(null, $"it cannot be reached ({e.Message})");
        }
    }

    async Task<(byte[]? Reply, string? Failure)> SendAsync(byte[] query, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(query);
        content.Headers.ContentType = new MediaTypeHeaderValue(QueryType);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        using var response = await http.SendAsync(request, cancellation);
        if (!response.IsSuccessStatusCode)
            return (null, string.Create(CultureInfo.InvariantCulture, $"it answered {(int)response.StatusCode}"));
        if (response.Content.Headers.ContentType?.MediaType != ReplyType)
            return (null, "it answered with something else than a time-stamp");
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var bytes = new byte[MostRead + 1];
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return length <= MostRead ? (bytes[..length], null) : (null, "it answered with more than 64 KiB");
    }
}
