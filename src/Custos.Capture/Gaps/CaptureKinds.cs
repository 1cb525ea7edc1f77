namespace Custos.Capture.Gaps;

/// <summary>The kinds of exhibit that live capture appends (docs/operating/gaps-and-exposure.md).</summary>
public static class CaptureKinds
{
    /// <summary>Words said to the room or to us, as received.</summary>
    public const string Chat = "chat";

    /// <summary>Who came, left, was removed or changed name, and changes to the room itself, as received.</summary>
    public const string Presence = "presence";

    /// <summary>Any other line the server sent, as received: its own notices and numerics, broken lines.</summary>
    public const string Line = "line";

    /// <summary>A line this program sent: protocol only, credentials left out.</summary>
    public const string Sent = "sent";

    /// <summary>What happened to the connection: a <see cref="CaptureEvent"/>.</summary>
    public const string Connection = "connection";

    /// <summary>The beginning or the end of a stretch in which the venue was not heard: a <see cref="CaptureEvent"/>.</summary>
    public const string Gap = "gap";
}
