using Custos.Vocabulary;

namespace Custos.Capture.Import;

/// <summary>The zone of the clock that wrote a file's local times.</summary>
sealed class SourceZone
{
    readonly TimeZoneInfo? _rules;
    readonly TimeSpan _fixed;

    SourceZone(string name, TimeZoneInfo? rules, TimeSpan fixedOffset)
    {
        Name = name;
        _rules = rules;
        _fixed = fixedOffset;
    }

    internal string Name { get; }

    internal static SourceZone Parse(string name)
    {
        if (name is "UTC" or "Z" or "z")
            return new("UTC", null, TimeSpan.Zero);
        if (name.Length > 0 && name[0] is '+' or '-')
        {
            if (SpokenAt.TryParse("2000-01-01T00:00:00" + name, out var at) && at.Offset is { } offset)
                return new(name, null, offset);
        }
        else if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var rules))
        {
            return new(name, rules, default);
        }

        throw new ImportException(ImportFault.Option, $"'{name}' is no time zone this machine knows. Nothing was recorded. Write an IANA name such as Europe/Amsterdam, UTC, or an offset such as +01:00 with --zone.");
    }

    /// <summary>
    /// Gives a local time its offset. An hour that happens twice or not at all stays local: choosing one of the
    /// two offsets would be a guess, and the bytes do not say.
    /// </summary>
    internal SpokenAt Resolve(DateTime local)
    {
        if (_rules is null)
            return new(local, _fixed);
        return _rules.IsAmbiguousTime(local) || _rules.IsInvalidTime(local) ? new(local, null) : new(local, Whole(_rules.GetUtcOffset(local)));
    }

    /// <summary>The instants a local time may be: one, or two where the clocks change.</summary>
    internal IEnumerable<DateTimeOffset> Candidates(DateTime local)
    {
        if (_rules is null)
            return [new DateTimeOffset(local, _fixed)];
        if (_rules.IsAmbiguousTime(local))
            return _rules.GetAmbiguousTimeOffsets(local).Select(offset => new DateTimeOffset(local, Whole(offset)));
        if (_rules.IsInvalidTime(local))
            return [new DateTimeOffset(local, Whole(_rules.GetUtcOffset(local.AddHours(-3)))), new DateTimeOffset(local, Whole(_rules.GetUtcOffset(local.AddHours(3))))];
        return [new DateTimeOffset(local, Whole(_rules.GetUtcOffset(local)))];
    }

    // RFC 3339 writes offsets in minutes; zones before the twentieth century had seconds.
    static TimeSpan Whole(TimeSpan offset) => TimeSpan.FromMinutes(Math.Truncate(offset.TotalMinutes));
}
