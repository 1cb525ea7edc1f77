using System.Globalization;

namespace Custos.Console.Reading;

/// <summary>The closed lists of detection, in words for a reader. A code without words here is shown as it is.</summary>
static class InWords
{
    // detection-spec, section 6.
    static readonly Dictionary<string, string> Codes = new(StringComparer.Ordinal)
    {
        ["age.asked"] = "asks for the age",
        ["age.acknowledged"] = "acknowledges the age",
        ["age.contradicted"] = "contradicts an earlier age",
        ["age.stated"] = "states an age",
        ["minor.sought"] = "looks for people under age",
        ["flattery.age"] = "flatters the age",
        ["secrecy"] = "asks to keep it secret",
        ["isolation"] = "asks whether the other is alone",
        ["sexual.topic"] = "raises a sexual topic",
        ["sexual.request"] = "makes a sexual request",
        ["exposure.offer"] = "offers exposure",
        ["media.offer"] = "offers pictures",
        ["camera.request"] = "asks for the camera",
        ["live.direction"] = "directs what happens on camera",
        ["media.request"] = "asks for pictures",
        ["media.claimed"] = "says they hold pictures",
        ["payment.offer"] = "offers payment",
        ["payment.claimed"] = "says a payment was sent",
        ["payment.request"] = "asks for payment",
        ["gift"] = "offers a gift",
        ["move.request"] = "asks to move to another service",
        ["contact.given"] = "gives a contact",
        ["meeting.request"] = "proposes to meet",
        ["travel.plan"] = "speaks of travelling there",
        ["coercion"] = "threatens or presses",
        ["third.child"] = "asks to bring another child",
        ["child.access"] = "says a child is near them",
        ["continued.after-age"] = "goes on after the age was stated",
        ["repeat.after-refusal"] = "repeats after a refusal",
        ["return.after-withdrawal"] = "returns after leaving",
        ["broadcast"] = "asks many people the same",
        ["evasion"] = "writes around filters",
        ["vulnerability"] = "mentions hardship",
        ["withdrawal"] = "leaves after the age was stated",
        ["silent-withdrawal"] = "falls silent after the age was stated",
        ["age.declined"] = "declines because of the age",
        ["reports"] = "reports it",
        ["refusal"] = "refuses",
        ["advice.safety"] = "gives safety advice",
        ["peer.age"] = "states an own age below 18",
        ["adult.stated"] = "states an age of 18 or more",
        ["fiction.stated"] = "says it is fiction",
        ["age.doubted"] = "doubts the age",
        ["retraction"] = "takes it back",
    };

    // detection-spec, section 9.
    static readonly Dictionary<string, string> Topics = new(StringComparer.Ordinal)
    {
        ["age"] = "Age",
        ["sexual"] = "Sexual topic",
        ["media"] = "Pictures",
        ["camera"] = "Camera",
        ["payment"] = "Payment",
        ["move"] = "Other service",
        ["meeting"] = "Meeting",
        ["secrecy"] = "Secrecy",
        ["other-child"] = "Another child",
    };

    internal static string Code(string code) => Codes.GetValueOrDefault(code, code);

    internal static string Topic(string topic) => Topics.GetValueOrDefault(topic, topic);

    internal static string Band(int band) => band switch
    {
        1 => "A child at immediate risk",
        2 => "A child within reach",
        3 => "Active and repeating",
        _ => "Other alerts",
    };

    /// <summary>A venue with its room first, where its address says which part that is: in a narrow column the room is what tells venues apart.</summary>
    internal static string Venue(string venue)
    {
        var slash = venue.LastIndexOf('/');
        var scheme = venue.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0 && slash > scheme + 2 && slash < venue.Length - 1
            ? $"{venue[(slash + 1)..]} · {venue[(scheme + 3)..slash]}"
            : venue;
    }

    internal static string Bits(double score) => score.ToString("0.0", CultureInfo.InvariantCulture);

    internal static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    internal static string Bytes(long bytes) => bytes switch
    {
        < 1_024 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_048_576 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_024.0:0.0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_048_576.0:0.0} MiB"),
    };

    /// <summary>A time as a reader reads it: to the second, with its zone where it has one.</summary>
    internal static string Time(string? spoken)
    {
        if (spoken is null)
            return "time unknown";
        var text = spoken.Replace('T', ' ');
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
        {
            var end = dot + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            text = text.Remove(dot, end - dot);
        }

        return text.EndsWith('Z') ? text[..^1] + " UTC" : text.Length > 19 ? $"{text[..19]} {text[19..]}" : text;
    }

    /// <summary>The clock alone, where the day stands beside it.</summary>
    internal static string Clock(string? spoken) => spoken is { Length: >= 19 } ? spoken.Substring(11, 8) : Time(spoken);

    /// <summary>A time to the minute, for a narrow column.</summary>
    internal static string Minute(string? spoken) => Time(spoken) is { Length: > 19 } time ? time[..16] + time[19..] : Time(spoken);

    /// <summary>A time as its document wrote it, with its distance from UTC.</summary>
    internal static string Written(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);

    internal static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
