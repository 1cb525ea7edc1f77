using Custos.Capture.Gaps;
using Custos.Evidence;

namespace Custos.Pipeline;

/// <summary>What the pipeline does with which kind of exhibit.</summary>
public static class IndexedKinds
{
    /// <summary>A machine's reading of content.</summary>
    public const string Decrypted = "custody." + CustodyKind.Decrypted;

    /// <summary>Custody events, and what the log says of itself.</summary>
    public static bool IsCustody(string kind) => kind.StartsWith("custody.", StringComparison.Ordinal) || kind.StartsWith("log.", StringComparison.Ordinal);

    /// <summary>Kinds whose rows follow from everything before them, so that the trackers must stand where the index stands.</summary>
    internal static bool NeedsState(string kind) => kind is CaptureKinds.Chat or CaptureKinds.Connection or CaptureKinds.Gap or CaptureKinds.Presence or CaptureKinds.Line;

    /// <summary>Kinds that the index keeps whole: what people did and decided.</summary>
    public static bool IsKept(string kind) => IsCustody(kind) || IsDecision(kind);

    /// <summary>What a person decided: Casework appends these (casework-spec, section 1); the authorisation is the first decision of all.</summary>
    public static bool IsDecision(string kind)
    {
        var head = kind.AsSpan();
        var dot = head.IndexOf('.');
        if (dot >= 0)
            head = head[..dot];
        return head is "authorization" or "alert" or "case" or "subject" or "judgement" or "grade" or "deviation" or "rule" or "law" or "dossier"
            or "referral" or "deterrence" or "deconfliction" or "disclosure" or "hold" or "break-glass" or "study";
    }
}
