using System.Net;
using Custos.Evidence.Ed25519;

namespace Custos.Evidence.Tests;

/// <summary>A witness at an address of its own, without a network: it can be away, silent, or a liar.</summary>
sealed class TestWitness : IDisposable
{
    readonly CosignatureSigner _key;

    public TestWitness(string name, byte seed, INoteVerifier log, TimeProvider time)
    {
        Name = name;
        _key = new($"{name}.example/w", Enumerable.Range(seed, 32).Select(i => (byte)i).ToArray(), time);
        Disk.CreateDirectory("/witness", true);
        Disk.FlushDirectory("");
        Witness = Custos.Evidence.Witness.Open(KeyFolder.Open("/witness", create: false, Disk), _key, [log]);
    }

    public string Name { get; }

    public MemoryDisk Disk { get; } = new();

    public Witness Witness { get; }

    public INoteVerifier Verifier => _key.Verifier;

    /// <summary>Answers in its place; null for the witness itself.</summary>
    public Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>? Instead { get; set; }

    public int Asked { get; private set; }

    public long Size => Witness.Logs[0].Size;

    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Away { get; } = (_, _) => throw new HttpRequestException("connection refused");

    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Silent { get; } = async (_, stop) =>
    {
        await Task.Delay(Timeout.Infinite, stop);
        throw new InvalidOperationException();
    };

    public static HttpResponseMessage Answer(int status, string type, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return new((HttpStatusCode)status) { Content = content };
    }

    async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken stop)
    {
        Asked++;
        if (Instead is { } other)
            return await other(request, stop);
        var answer = request.Method == HttpMethod.Post
            ? await Witness.AddCheckpointAsync(await request.Content!.ReadAsByteArrayAsync(stop), stop)
            : Witness.Checkpoint(request.RequestUri!.AbsolutePath.Split('/')[^2]);
        return Answer(answer.Status, answer.ContentType ?? "text/plain", answer.Body);
    }

    /// <summary>A policy of one log and these witnesses, and options that ask them.</summary>
    public static Func<EvidenceLogOptions, EvidenceLogOptions> Policy(string rule, params TestWitness[] witnesses) => options => options with
    {
        Policy = PolicyOf(options.Signer.Verifier, rule, witnesses),
        Verifiers = [.. witnesses.Select(witness => witness.Verifier)],
        Http = new HttpMessageInvoker(new Handler(witnesses)),
        Anchors = new AnchorFolder(Machine.Folder, options.Keys.Disk),
    };

    public static TrustPolicy PolicyOf(INoteVerifier log, string rule, params TestWitness[] witnesses) => TrustPolicy.Parse(
        $"log {log.Key}\n"
        + string.Concat(witnesses.Select(witness => $"witness {witness.Name} {witness.Verifier.Key} http://{witness.Name}.example/custos\n"))
        + (rule == "none" ? "quorum none\n" : $"group all {rule} {string.Join(' ', witnesses.Select(witness => witness.Name))}\nquorum all\n"));

    public void Dispose()
    {
        Witness.Dispose();
        _key.Dispose();
    }

    sealed class Handler(TestWitness[] witnesses) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            witnesses.Single(witness => request.RequestUri!.Host == $"{witness.Name}.example").AnswerAsync(request, cancellationToken);
    }
}
