using System.Diagnostics.CodeAnalysis;

namespace Custos.Authority;

/// <summary>What an authorisation can permit: a closed list. Raising sex, payment or a camera first is not on it and never will be.</summary>
public enum Act
{
    /// <summary>Join a named venue and record what is said there, saying nothing.</summary>
    Observe,

    /// <summary>Take in a log or an export of what was said in a named venue.</summary>
    Import,

    /// <summary>Record a screen, a window or a stream of a named venue.</summary>
    Record,

    /// <summary>Say lines as a named persona; a person types each one.</summary>
    Converse,

    /// <summary>Say a deterrence line that counsel approved.</summary>
    Deter,

    /// <summary>Be the first to raise moving to another service.</summary>
    MovePlatform,

    /// <summary>Agree to a meeting that the other side proposed.</summary>
    AgreeToMeet,

    /// <summary>Be the first to propose a meeting.</summary>
    ProposeMeeting,
}

/// <summary>The words for <see cref="Act"/> in an authorisation file.</summary>
public static class Acts
{
    static readonly (Act Act, string Word)[] Words =
    [
        (Act.Observe, "observe"),
        (Act.Import, "import"),
        (Act.Record, "record"),
        (Act.Converse, "converse"),
        (Act.Deter, "deter"),
        (Act.MovePlatform, "move-platform"),
        (Act.AgreeToMeet, "agree-to-meet"),
        (Act.ProposeMeeting, "propose-meeting"),
    ];

    // What no authorisation can permit (product.md, "What it will never do"; console-spec, "Running a persona").
    static readonly string[] NeverPermitted = ["sex", "sexual", "payment", "pay", "money", "camera", "cam", "webcam", "nude", "naked", "photo", "picture", "video"];

    /// <summary>Every act by its word, in the order they are explained.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Words.Select(pair => pair.Word)];

    /// <summary>The word for an act.</summary>
    public static string Word(Act act) => Words.Single(pair => pair.Act == act).Word;

    /// <summary>Reads an act's word; false if it is none of the closed list.</summary>
    public static bool TryParse(string word, [NotNullWhen(true)] out Act? act)
    {
        act = null;
        foreach (var pair in Words)
        {
            if (pair.Word == word)
                act = pair.Act;
        }

        return act is not null;
    }

    /// <summary>True if a word asks for what no authorisation can permit, however it is put.</summary>
    internal static bool IsNeverPermitted(string word) =>
        word.Split(['-', '_', ' ', '.', '/'], StringSplitOptions.RemoveEmptyEntries)
            .Any(part => NeverPermitted.Contains(part, StringComparer.OrdinalIgnoreCase));
}
