using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Detection;

/// <summary>A rule that fired in one message; what needs state waits for the tracker.</summary>
struct Candidate
{
    internal BookRule Rule;

    /// <summary>Code points of the original.</summary>
    internal int From, To;

    internal RuleStrength Strength;

    /// <summary>What had to be undone to read it; none in the plain channel.</summary>
    internal FoldStep Steps;

    internal int Years;
    internal bool YearsExact;

    /// <summary>The words stand in a sentence that ends in a question mark.</summary>
    internal bool InQuestion;

    /// <summary>The amount of money in the message that belongs to it, as code points; To = 0 if none.</summary>
    internal int MoneyFrom, MoneyTo;

    /// <summary>The date in the message that belongs to it, as code points; To = 0 if none.</summary>
    internal int DateFrom, DateTo;

    internal string? Service, Channel;
}

/// <summary>What one message says by itself: indicators, some of them conditional. Pooled: it is good until the reader is given it again.</summary>
public sealed class MessageReading
{
    internal Candidate[] Candidates = [];
    internal int Count;

    /// <summary>By language: function words in this message, at most 255.</summary>
    internal byte[] FunctionWords = [];

    internal ChatMessage Message = null!;
    internal Exhibit Exhibit = null!;

    /// <summary>Code points of the text.</summary>
    internal int Length;

    /// <summary>What the model's weights of this message's features come to, for its author and for whom it is said to; how many features; whether it asks.</summary>
    internal long AuthorSum, CounterpartSum;
    internal int Features;
    internal bool Asks;

    /// <summary>Rules that fired beyond the 256 a message may have.</summary>
    internal int Cut;

    /// <summary>How many rules fired, conditional ones included.</summary>
    public int Fired => Count;

    internal void Begin(in RecordedMessage message, int languages)
    {
        Message = message.Message;
        Exhibit = message.Exhibit;
        Count = 0;
        Cut = 0;
        if (FunctionWords.Length != languages)
            FunctionWords = new byte[languages];
        else
            FunctionWords.AsSpan().Clear();
    }

    internal ref Candidate Add()
    {
        if (Count == Candidates.Length)
            Array.Resize(ref Candidates, Math.Max(4, Count * 2));
        return ref Candidates[Count++];
    }
}
