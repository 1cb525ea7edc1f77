using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Custos.Evidence;

namespace Custos.Capture.Gaps;

/// <summary>What can happen to a capture of a venue.</summary>
[JsonConverter(typeof(KebabCase<CaptureEventName>))]
public enum CaptureEventName
{
    /// <summary>A person started the capture. Nothing is heard yet.</summary>
    Started,

    /// <summary>The server was reached; the detail says where and how.</summary>
    Connected,

    /// <summary>The server was not reached.</summary>
    NotReached,

    /// <summary>The server took our name.</summary>
    Registered,

    /// <summary>We are in the room: hearing begins, and an open gap ends.</summary>
    Joined,

    /// <summary>Hearing ended at <see cref="CaptureEvent.From"/>; <see cref="CaptureEvent.Cause"/> says why.</summary>
    GapBegan,

    /// <summary>The gap that began at <see cref="CaptureEvent.From"/> is over.</summary>
    GapEnded,

    /// <summary>The server's clock against ours, where it gives the time.</summary>
    ClockOffset,

    /// <summary>The server asked us to slow down.</summary>
    RateLimited,

    /// <summary>The server refused a step; the detail says which.</summary>
    Refused,

    /// <summary>Part of the network is cut off: the room is heard in part.</summary>
    SplitBegan,

    /// <summary>People from the part that was cut off are back.</summary>
    SplitEnded,

    /// <summary>The server put us into another room; it was left at once and nothing of it was recorded.</summary>
    OtherRoomLeft,

    /// <summary>The connection ended; the detail says whether we asked for it.</summary>
    Disconnected,

    /// <summary>The capture ended; hearing, or the gap, ended with it.</summary>
    Stopped,
}

/// <summary>Why a venue was not heard.</summary>
[JsonConverter(typeof(KebabCase<GapCause>))]
public enum GapCause
{
    /// <summary>The server could not be reached, or did not finish taking our name.</summary>
    Unreachable,

    /// <summary>The server closed the connection.</summary>
    ClosedByServer,

    /// <summary>The connection broke.</summary>
    ConnectionLost,

    /// <summary>The server stopped answering.</summary>
    NoAnswer,

    /// <summary>We were removed from the room.</summary>
    Removed,

    /// <summary>The room could not be entered.</summary>
    NotAdmitted,
}

/// <summary>One event of a capture: the content of exhibits of kind <c>connection</c> and <c>gap</c>.</summary>
public sealed record CaptureEvent
{
    /// <summary>The venue that is to be heard.</summary>
    public required string Venue { get; init; }

    /// <summary>One run of a capture, from started to stopped: unique in the operation.</summary>
    public required string Capture { get; init; }

    /// <summary>Which connection of that run, from 1; 0 before the first.</summary>
    public int Connection { get; init; }

    /// <summary>What happened.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required CaptureEventName Event { get; init; }

    /// <summary>When, by our clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Of a gap: since when nothing is known to have been heard, by our clock. Not later than <see cref="At"/>.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Of a gap or a lost connection: why.</summary>
    public GapCause? Cause { get; init; }

    /// <summary>The name we show.</summary>
    public string? Nick { get; init; }

    /// <summary>What else is known, by name. Never words that were said.</summary>
    public IReadOnlyDictionary<string, string>? Detail { get; init; }

    /// <summary>The exhibit to append.</summary>
    /// <param name="actor">Pseudonym of the capture.</param>
    /// <param name="about">Earlier exhibits this event speaks of.</param>
    public NewExhibit ToExhibit(string actor, params IReadOnlyList<ExhibitNumber> about) => new(
        Event is CaptureEventName.GapBegan or CaptureEventName.GapEnded ? CaptureKinds.Gap : CaptureKinds.Connection,
        actor,
        JsonSerializer.SerializeToUtf8Bytes(this, CaptureEventJson.Default.CaptureEvent))
    {
        About = about,
    };

    /// <summary>Reads the content of a <c>connection</c> or <c>gap</c> exhibit.</summary>
    /// <returns>False if it is none, or from a newer version.</returns>
    public static bool TryParse(ReadOnlySpan<byte> content, [NotNullWhen(true)] out CaptureEvent? parsed)
    {
        try
        {
            parsed = JsonSerializer.Deserialize(content, CaptureEventJson.Default.CaptureEvent);
        }
        catch (JsonException)
        {
            parsed = null;
        }

        return parsed is not null;
    }
}

sealed class KebabCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(CaptureEvent))]
sealed partial class CaptureEventJson : JsonSerializerContext;
