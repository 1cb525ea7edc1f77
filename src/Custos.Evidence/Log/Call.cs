using System.Security.Cryptography;

namespace Custos.Evidence;

/// <summary>One call of AppendAsync: what it brought, and its answer.</summary>
sealed class Call
{
    readonly TaskCompletionSource<Exhibit[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _missing;

    /// <summary>Salts and commits on the caller's own thread, so that the log's threads only order, seal and write.</summary>
    public Call(NewExhibit[] exhibits, CancellationToken cancellation)
    {
        Exhibits = exhibits;
        Cancellation = cancellation;
        Answers = new Exhibit[exhibits.Length];
        Salts = new byte[exhibits.Length * 32];
        Commitments = new Sha256Digest[exhibits.Length];
        _missing = exhibits.Length;
        RandomNumberGenerator.Fill(Salts);
        var hasher = t_hasher ??= new();
        Span<byte> hash = stackalloc byte[32];
        for (var i = 0; i < exhibits.Length; i++)
        {
            hasher.Hash(Salts.AsSpan(i * 32, 32), exhibits[i].Content.Span, hash);
            Commitments[i] = new(hash);
            Bytes += Cost(exhibits[i]);
        }
    }

    [ThreadStatic]
    static TreeHasher? t_hasher;

    public NewExhibit[] Exhibits { get; }

    public byte[] Salts { get; }

    public Sha256Digest[] Commitments { get; }

    public Exhibit[] Answers { get; }

    public long Bytes { get; }

    public CancellationToken Cancellation { get; }

    public Task<Exhibit[]> Answer => _answer.Task;

    // Under the log's gate.
    public DateTimeOffset JoinedAt { get; set; }

    public int Sequenced { get; set; }

    public bool Cancelled { get; set; }

    public static long Cost(NewExhibit exhibit) => 512 + exhibit.Content.Length;

    public void Deliver(int position, Exhibit exhibit)
    {
        Answers[position] = exhibit;
        if (--_missing == 0)
            _answer.TrySetResult(Answers);
    }

    public void Fail(Exception e) => _answer.TrySetException(e);

    public void Cancel() => _answer.TrySetCanceled(Cancellation);
}
