using Custos.Capture.Import;
using Custos.Detection.Training;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Detection;

/// <summary>A chat log known to be harmless, as training and evaluation read it: any format that <c>custos detect</c> reads.</summary>
sealed class TranscriptCorpus : ICorpus
{
    // A room is one conversation for years; training takes it in stretches of as many messages as the PAN-2012 corpus cuts at.
    const int Stretch = 150;
    const int MostHeld = 200_000;

    readonly string _path;

    TranscriptCorpus(string path, string digest) => (_path, Digest) = (path, digest);

    public string Digest { get; }

    /// <summary>Opens a corpus in the PAN-2012 layout, or a log.</summary>
    internal static ICorpus Open(string path)
    {
        var corpus = Pan12Corpus.Open(path);
        using var stream = File.OpenRead(path);
        Span<byte> head = stackalloc byte[512];
        head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        return head.TrimStart("\uFEFF \t\r\n"u8).StartsWith("<"u8) ? corpus : new TranscriptCorpus(path, corpus.Digest);
    }

    public IEnumerable<ChatMessage> Messages()
    {
        var transcript = TranscriptFile.Open(_path, new ReadingOptions(), mustSettle: false);
        return transcript.RecordAsync(new ScratchLog(TimeProvider.System), "training", new ReadingReport(), CancellationToken.None).ToBlockingEnumerable().Select(m => m.Message);
    }

    public IEnumerable<CorpusConversation> Conversations()
    {
        var open = new Dictionary<(string, string), List<ChatMessage>>();
        var (held, number) = (0, 0);
        foreach (var message in Messages())
        {
            var key = (message.Venue.Value, message.Thread);
            if (!open.TryGetValue(key, out var said))
                open.Add(key, said = []);
            said.Add(message);
            held++;
            if (said.Count == Stretch)
            {
                open.Remove(key);
                held -= Stretch;
                yield return Named(said);
            }
            else if (held == MostHeld)
            {
                foreach (var rest in open.Values)
                    yield return Named(rest);
                open.Clear();
                held = 0;
            }
        }

        foreach (var rest in open.Values)
            yield return Named(rest);

        CorpusConversation Named(List<ChatMessage> said) => new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Digest} {number++}"), said);
    }
}
