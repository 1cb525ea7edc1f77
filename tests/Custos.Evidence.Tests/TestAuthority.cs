using System.Diagnostics;
using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Custos.Evidence.Timestamps;
using Custos.Fixtures;

namespace Custos.Evidence.Tests;

/// <summary>A real time-stamping authority: <c>openssl ts -reply</c> behind a small HTTP server on 127.0.0.1; and its judge, <c>openssl ts -verify</c>.</summary>
sealed class TestAuthority : IDisposable
{
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("custos-tsa-");
    readonly HttpListener _listener = new();
    readonly Task _serving;

    public TestAuthority(bool intermediate = false)
    {
        Need();
        var now = DateTimeOffset.UtcNow;
        Root = Issue($"Test Root {Guid.NewGuid():N}", null, now.AddYears(-5), now.AddYears(5), authority: true);
        Middle = intermediate ? Issue("Test Middle", Root, now.AddYears(-4), now.AddYears(4), authority: true) : null;
        Signer = Issue("Test Authority", Middle ?? Root, now.AddDays(-1), now.AddYears(1), usage: [TimeStamping]);
        File.WriteAllText(At("root.pem"), Root.ExportCertificatePem() + "\n");
        File.WriteAllText(At("signer.pem"), Signer.ExportCertificatePem() + "\n");
        File.WriteAllText(At("chain.pem"), (Middle?.ExportCertificatePem() ?? Root.ExportCertificatePem()) + "\n");
        File.WriteAllText(At("signer.key"), Signer.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
        File.WriteAllText(At("serial"), "01\n");
        File.WriteAllText(At("tsa.cnf"), $"""
            [tsa]
            serial = {At("serial")}
            signer_cert = {At("signer.pem")}
            signer_key = {At("signer.key")}
            certs = {At("chain.pem")}
            signer_digest = sha256
            ess_cert_id_alg = sha256
            default_policy = 1.3.6.1.4.1.99999.1
            other_policies = 1.3.6.1.4.1.99999.2
            digests = sha256
            accuracy = secs:1, millisecs:500

            """);
        var port = FreePort.Next();
        Address = new($"http://127.0.0.1:{port}/tsa/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2? Middle { get; }

    public X509Certificate2 Signer { get; }

    public Uri Address { get; }

    public string RootFile => At("root.pem");

    public X509Certificate2Collection Roots => [Root];

    /// <summary>Answers in its place; null for openssl.</summary>
    public Func<HttpListenerContext, byte[], Task>? Instead { get; set; }

    public string At(string name) => Path.Combine(_folder.FullName, name);

    public static void Need()
    {
        var missing = !File.Exists("/usr/bin/openssl");
        if (missing && Environment.GetEnvironmentVariable("CUSTOS_INTEROP") == "required")
            Assert.Fail("openssl is not installed");
        Assert.SkipWhen(missing, "openssl is not installed");
    }

    public static (int Code, string Output) OpenSsl(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    /// <summary>A reply of <c>openssl ts -reply</c> to a request.</summary>
    public byte[] Reply(byte[] query)
    {
        var (asked, answer) = (At($"{Guid.NewGuid():N}.tsq"), At($"{Guid.NewGuid():N}.tsr"));
        File.WriteAllBytes(asked, query);
        var (_, output) = OpenSsl("ts", "-reply", "-config", At("tsa.cnf"), "-section", "tsa", "-queryfile", asked, "-out", answer);
        return File.Exists(answer) ? File.ReadAllBytes(answer) : throw new InvalidOperationException(output);
    }

    /// <summary>What <c>openssl ts -verify</c> says of a time-stamp, at the time that it states.</summary>
    public bool Agrees(byte[] bytes, Timestamp stamp, string? roots = null, DateTimeOffset? at = null)
    {
        var (data, reply, query) = (At("data"), At("reply.tsr"), At("query.tsq"));
        File.WriteAllBytes(data, bytes);
        File.WriteAllBytes(reply, stamp.Reply.ToArray());
        File.WriteAllBytes(query, stamp.Query.ToArray());
        string[] trusted = ["-CAfile", roots ?? RootFile, .. Middle is null ? (string[])[] : ["-untrusted", At("chain.pem")], .. at is { } time ? (string[])["-attime", $"{time.ToUnixTimeSeconds()}"] : []];
        // Once for the bytes, once for the request with its nonce and its policy.
        return OpenSsl(["ts", "-verify", "-data", data, "-in", reply, .. trusted]) is (0, var first) && first.Contains("Verification: OK", StringComparison.Ordinal)
            && OpenSsl(["ts", "-verify", "-queryfile", query, "-in", reply, .. trusted]) is (0, var second) && second.Contains("Verification: OK", StringComparison.Ordinal);
    }

    public static X509Certificate2 Issue(string name, X509Certificate2? issuer, DateTimeOffset from, DateTimeOffset until, bool authority = false, string[]? usage = null, bool critical = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(authority ? X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.DigitalSignature, true));
        if (usage is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usage.Select(oid => new Oid(oid))], critical));
        if (issuer is null)
            return request.CreateSelfSigned(from, until);
        using var certificate = request.Create(issuer, from, until, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>A reply as openssl would not make it: by another certificate, at another time, under another policy.</summary>
    public static byte[] Forge(Rfc3161TimestampRequest request, X509Certificate2 signer, DateTimeOffset time, X509Certificate2[]? certificates = null, byte[]? nonce = null, string policy = "1.3.6.1.4.1.99999.1", byte[]? hash = null)
    {
        var info = new Rfc3161TimestampTokenInfo(new Oid(policy), request.HashAlgorithmId, hash ?? request.GetMessageHash(), new byte[] { 7 }, time, nonce: nonce ?? request.GetNonce());
        var cms = new SignedCms(new ContentInfo(new Oid("1.2.840.113549.1.9.16.1.4"), info.Encode()));
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
            writer.WriteOctetString(SHA256.HashData(signer.RawData));
        var cmsSigner = new CmsSigner(signer) { IncludeOption = X509IncludeOption.None, DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1") };
        foreach (var certificate in certificates ?? [signer])
            cmsSigner.Certificates.Add(certificate);
        cmsSigner.SignedAttributes.Add(new AsnEncodedData(new Oid("1.2.840.113549.1.9.16.2.47"), writer.Encode()));
        cms.ComputeSignature(cmsSigner);
        var reply = new AsnWriter(AsnEncodingRules.DER);
        using (reply.PushSequence())
        {
            using (reply.PushSequence())
                reply.WriteInteger(0);
            reply.WriteEncodedValue(cms.Encode());
        }

        return reply.Encode();
    }

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
        Root.Dispose();
        Middle?.Dispose();
        Signer.Dispose();
        _folder.Delete(recursive: true);
    }

    async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            if (Instead is { } other)
            {
                await other(context, body.ToArray());
            }
            else
            {
                var reply = Reply(body.ToArray());
                context.Response.ContentType = context.Request.ContentType == "application/timestamp-query" ? "application/timestamp-reply" : "text/plain";
                await context.Response.OutputStream.WriteAsync(reply);
            }

            context.Response.Close();
        }
    }
}
