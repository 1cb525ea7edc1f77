namespace Custos.Console.Reading;

/// <summary>One sign-in: who reads, and the reason that was given for opening what is collapsed.</summary>
/// <param name="actor">The reader's pseudonym, as it stands in the log.</param>
public sealed class ReaderSession(string actor)
{
    /// <summary>Raised once, when the sign-in ends.</summary>
    public event Action? WhenEnded;

    /// <summary>The reader's pseudonym, as it stands in the log.</summary>
    public string Actor { get; } = actor;

    /// <summary>Why content is being read; asked once a sign-in, and recorded with each opening. Null until given.</summary>
    public string? ReadingReason { get; set; }

    /// <summary>True once the sign-in has ended, by idleness or by the reader.</summary>
    public bool Ended { get; private set; }

    /// <summary>Ends the sign-in; pages that are open leave what they show.</summary>
    public void End()
    {
        if (Ended)
            return;
        Ended = true;
        WhenEnded?.Invoke();
    }
}

/// <summary>Finds the sign-in behind a page.</summary>
public interface IReaderSessions
{
    /// <summary>The sign-in that this page belongs to; null if it has ended.</summary>
    ValueTask<ReaderSession?> CurrentAsync();
}
