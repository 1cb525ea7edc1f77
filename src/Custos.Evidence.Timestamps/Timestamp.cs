// RFC 3161 time-stamps, judged. The package's own check does not follow the certificate's chain, so it is built here (RFC 3161, section 2.3;
// RFC 5280 path validation by X509Chain, at the time that the token states, with no root but those given and no download).
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Custos.Evidence.Timestamps;

/// <summary>Which check a time-stamp fails.</summary>
public enum TimestampCheck
{
    /// <summary>The request cannot be read.</summary>
    Query,

    /// <summary>The reply cannot be read, or bytes are left over.</summary>
    Reply,

    /// <summary>The authority refused.</summary>
    Status,

    /// <summary>The reply answers another request: its nonce differs.</summary>
    Nonce,

    /// <summary>It is over other bytes.</summary>
    Imprint,

    /// <summary>It was given under another policy than was asked for.</summary>
    Policy,

    /// <summary>It brings no certificate of its signer.</summary>
    Certificate,

    /// <summary>The signature does not hold.</summary>
    Signature,

    /// <summary>The signer's extended key usage is not critical, or not time-stamping alone.</summary>
    KeyUsage,

    /// <summary>The chain was not valid at the time that is stated.</summary>
    Expired,

    /// <summary>The chain leads to no root that was given, or breaks.</summary>
    Chain,
}

/// <summary>The judgement of a time-stamp.</summary>
/// <param name="Time">The time it states; null if it cannot be read.</param>
/// <param name="Accuracy">How far it may be off by the authority's own word; null if it states none.</param>
/// <param name="Policy">The policy under which it was given, an OID.</param>
/// <param name="Failed">The first check that fails; null if it counts.</param>
/// <param name="Chain">The signer's certificate and those above it, PEM; empty if it could not be followed.</param>
public sealed record TimestampVerdict(DateTimeOffset? Time, TimeSpan? Accuracy, string? Policy, TimestampCheck? Failed, string Chain)
{
    /// <summary>Whether it counts.</summary>
    public bool Counts => Failed is null;

    /// <summary>What fails, in a sentence; null if nothing does.</summary>
    public string? Sentence => Failed switch
    {
        null => null,
        TimestampCheck.Query => "the request cannot be read",
        TimestampCheck.Reply => "the reply cannot be read, or bytes follow it",
        TimestampCheck.Status => "the authority refused the request",
        TimestampCheck.Nonce => "the reply answers another request: its nonce differs",
        TimestampCheck.Imprint => "it is over other bytes",
        TimestampCheck.Policy => "it was given under another policy than was asked for",
        TimestampCheck.Certificate => "it brings no certificate of its signer",
        TimestampCheck.Signature => "its signature does not hold",
        TimestampCheck.KeyUsage => "the signer's certificate is not for time-stamping alone, or does not say so as critical",
        TimestampCheck.Expired => string.Create(CultureInfo.InvariantCulture, $"the signer's chain was not valid at the time it states, {Time:yyyy-MM-dd'T'HH:mm:ss'Z'}"),
        TimestampCheck.Chain => "the signer's chain leads to no root that is trusted",
        _ => throw new ArgumentOutOfRangeException(nameof(Failed)),
    };
}

/// <summary>A time-stamp: a request and its whole reply, as they are kept.</summary>
/// <param name="Query">The request, DER.</param>
/// <param name="Reply">The reply, DER.</param>
public sealed record Timestamp(ReadOnlyMemory<byte> Query, ReadOnlyMemory<byte> Reply)
{
    const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    /// <summary>Judges it over bytes.</summary>
    /// <param name="bytes">What it should be over.</param>
    /// <param name="roots">The roots that are trusted; null to follow the chain to whatever stands at its end, which says nothing of who signed.</param>
    public TimestampVerdict Verify(ReadOnlySpan<byte> bytes, X509Certificate2Collection? roots)
    {
        if (!Rfc3161TimestampRequest.TryDecode(Query, out var request, out var consumed) || consumed != Query.Length)
            return Fails(TimestampCheck.Query);
        if (!TryOpen(Reply, out var granted, out var encoded) || (granted && encoded.IsEmpty))
            return Fails(TimestampCheck.Reply);
        if (!granted)
            return Fails(TimestampCheck.Status);
        if (!Rfc3161TimestampToken.TryDecode(encoded, out var token, out consumed) || consumed != encoded.Length)
            return Fails(WhyUnread(encoded));
        var info = token.TokenInfo;
        TimestampVerdict Failing(TimestampCheck check) => new(info.Timestamp, Accuracy(info), info.PolicyId.Value, check, "");
        if (info.GetNonce() is not { } nonce || request.GetNonce() is not { } asked || !Trimmed(nonce.Span).SequenceEqual(Trimmed(asked.Span)))
            return Failing(TimestampCheck.Nonce);
        if (!info.GetMessageHash().Span.SequenceEqual(request.GetMessageHash().Span) || info.HashAlgorithmId.Value != request.HashAlgorithmId.Value || !request.GetMessageHash().Span.SequenceEqual(SHA256.HashData(bytes)))
            return Failing(TimestampCheck.Imprint);
        if (request.RequestedPolicyId is { } policy && policy.Value != info.PolicyId.Value)
            return Failing(TimestampCheck.Policy);
        var cms = token.AsSignedCms();
        var certificates = cms.Certificates;
        if (cms.SignerInfos.Count != 1 || cms.SignerInfos[0].Certificate is not { } named)
            return Failing(TimestampCheck.Certificate);
        if (!IsForTimestampsAlone(named))
            return Failing(TimestampCheck.KeyUsage);
        try
        {
            // Also what is compared above, and that the certificate is the one which the token names (RFC 5816).
            request.ProcessResponse(Reply, out consumed);
            if (consumed != Reply.Length || !token.VerifySignatureForData(bytes, out var signer))
                return Failing(TimestampCheck.Signature);
            var (failed, chain) = Follow(signer, certificates, roots, info.Timestamp);
            return new(info.Timestamp, Accuracy(info), info.PolicyId.Value, failed, chain);
        }
        catch (CryptographicException)
        {
            return Failing(TimestampCheck.Signature);
        }
    }

    /// <summary>The package reads no token whose signer may not sign it or could not then, and does not say which of the two.</summary>
    static TimestampCheck WhyUnread(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            var cms = new SignedCms();
            cms.Decode(encoded.Span);
            if (cms.SignerInfos.Count != 1 || cms.SignerInfos[0].Certificate is not { } signer || !Rfc3161TimestampTokenInfo.TryDecode(cms.ContentInfo.Content, out var info, out _))
                return TimestampCheck.Reply;
            cms.CheckSignature(verifySignatureOnly: true);
            if (!IsForTimestampsAlone(signer))
                return TimestampCheck.KeyUsage;
            return info.Timestamp < signer.NotBefore || info.Timestamp > signer.NotAfter ? TimestampCheck.Expired : TimestampCheck.Reply;
        }
        catch (CryptographicException)
        {
            return TimestampCheck.Signature;
        }
    }

    static TimestampVerdict Fails(TimestampCheck check) => new(null, null, null, check, "");

    static TimeSpan? Accuracy(Rfc3161TimestampTokenInfo info) => info.AccuracyInMicroseconds is { } microseconds ? TimeSpan.FromMicroseconds(microseconds) : null;

    // A nonce is an integer: leading zeros are its encoding's.
    static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> nonce) => nonce.TrimStart((byte)0);

    /// <summary>TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken TimeStampToken OPTIONAL } (RFC 3161, section 2.4.2).</summary>
    static bool TryOpen(ReadOnlyMemory<byte> reply, out bool granted, out ReadOnlyMemory<byte> token)
    {
        (granted, token) = (false, default);
        try
        {
            var reader = new AsnReader(reply, AsnEncodingRules.DER);
            var response = reader.ReadSequence();
            // Bytes that no one signed must not travel with what was.
            if (reader.HasData)
                return false;
            // 0 granted, 1 granted with modifications.
            granted = response.ReadSequence().TryReadInt32(out var status) && status is 0 or 1;
            token = response.HasData ? response.ReadEncodedValue() : default;
            return !response.HasData;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    static bool IsForTimestampsAlone(X509Certificate2 signer) =>
        signer.Extensions.OfType<X509EnhancedKeyUsageExtension>().ToList() is [{ Critical: true } usage] && usage.EnhancedKeyUsages is { Count: 1 } only && only[0].Value == TimeStamping;

    static (TimestampCheck? Failed, string Chain) Follow(X509Certificate2 signer, X509Certificate2Collection certificates, X509Certificate2Collection? roots, DateTimeOffset time)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots ?? certificates);
        chain.ChainPolicy.ExtraStore.AddRange(certificates);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TimeStamping));
        chain.ChainPolicy.VerificationTime = time.UtcDateTime;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (roots is null)
            chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        var holds = chain.Build(signer);
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        var pem = string.Concat(chain.ChainElements.Select(element => element.Certificate.ExportCertificatePem() + "\n"));
        foreach (var element in chain.ChainElements)
            element.Certificate.Dispose();
        // A root that is not trusted says more than that its chain has also run out.
        return holds ? (null, pem) : (status == X509ChainStatusFlags.NotTimeValid ? TimestampCheck.Expired : TimestampCheck.Chain, "");
    }
}
