using Custos.Evidence;

namespace Custos.Capture.Irc;

/// <summary>Why a capture ended.</summary>
public enum IrcStop
{
    /// <summary>A person asked for it.</summary>
    Asked,

    /// <summary>It was to run so long and no longer.</summary>
    TimeUp,

    /// <summary>The authorisation does not cover it, or no longer does.</summary>
    NotPermitted,

    /// <summary>The server does not want us.</summary>
    ServerRefused,

    /// <summary>The server could not prove who it is.</summary>
    CertificateRefused,

    /// <summary>The server did not accept our account.</summary>
    AccountRefused,

    /// <summary>The server took none of our names.</summary>
    NickRefused,

    /// <summary>The room is closed to us.</summary>
    RoomRefused,

    /// <summary>We were removed from the room again and again.</summary>
    Removed,
}

/// <summary>A refusal that waiting does not change.</summary>
/// <param name="Stop">Of what kind.</param>
/// <param name="Reply">The number of the server's reply; 0 if it has none.</param>
/// <param name="Sentence">What happened.</param>
sealed record IrcRefusal(IrcStop Stop, int Reply, string Sentence);

/// <summary>What a capture is doing.</summary>
public enum IrcState
{
    /// <summary>Reaching the server.</summary>
    Connecting,

    /// <summary>Giving our name and entering the room.</summary>
    Entering,

    /// <summary>In the room.</summary>
    Hearing,

    /// <summary>Pausing before the next attempt.</summary>
    Pausing,

    /// <summary>Ended.</summary>
    Stopped,
}

/// <summary>How far a capture is.</summary>
public sealed record IrcCounts
{
    /// <summary>What it is doing.</summary>
    public IrcState State { get; init; }

    /// <summary>The name we show.</summary>
    public string Nick { get; init; } = "";

    /// <summary>Lines received and recorded or waiting to be.</summary>
    public long Lines { get; init; }

    /// <summary>Lines of which the words are for the room or for us.</summary>
    public long ChatLines { get; init; }

    /// <summary>Lines that break the protocol: overlong, with a NUL, no UTF-8, unfinished.</summary>
    public long FlaggedLines { get; init; }

    /// <summary>Lines of rooms the server put us into; not recorded.</summary>
    public long OtherRoomLines { get; init; }

    /// <summary>Bytes received.</summary>
    public long Bytes { get; init; }

    /// <summary>Times the server was reached.</summary>
    public int Connections { get; init; }

    /// <summary>Stretches in which the room was not heard.</summary>
    public int Gaps { get; init; }

    /// <summary>How long the room was heard, to now.</summary>
    public TimeSpan Heard { get; init; }

    /// <summary>Exhibits handed over, durable or not.</summary>
    public long Appended { get; init; }

    /// <summary>Exhibits that are durable.</summary>
    public long Durable { get; init; }

    /// <summary>The newest durable exhibit of this capture.</summary>
    public ExhibitNumber? LastDurable { get; init; }
}

/// <summary>How a capture ended. Everything it counted is durable.</summary>
/// <param name="Stop">Why.</param>
/// <param name="Sentence">Why, in words; for a refusal, what refused and what is missing.</param>
/// <param name="Counts">What it did.</param>
public sealed record IrcOutcome(IrcStop Stop, string Sentence, IrcCounts Counts);
