namespace Custos.Storage;

/// <summary>Instants as the index keeps them: microseconds since 1970-01-01, UTC, as the log's entries count.</summary>
static class Time
{
    internal static long Microseconds(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    internal static DateTimeOffset Instant(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
