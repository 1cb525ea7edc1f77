using System.Net.Sockets;
using Npgsql;

namespace Custos.Evidence.Postgres;

/// <summary>What the server or the way to it did, as a store's failure. Never a row's values, never a password.</summary>
static class PostgresFault
{
    public static bool IsOurs(Exception e) => e is NpgsqlException or SocketException or TimeoutException or ObjectDisposedException or IOException and not LogStoreException;

    public static LogStoreException Of(string place, Exception e) => e switch
    {
        // 53100 is disk_full (PostgreSQL manual, appendix A). The server's detail line may quote a key; its first line does not.
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } full => new(EvidenceFault.DiskFull, $"{place}: the disk is full ({full.MessageText})", e),
        PostgresException told => new(EvidenceFault.Io, $"{place}: {told.MessageText} ({told.SqlState})", e),
        NpgsqlException { InnerException: { } inner } => new(EvidenceFault.Io, $"{place}: {inner.Message.TrimEnd('.')}", e),
        _ => new(EvidenceFault.Io, $"{place}: {e.Message.TrimEnd('.')}", e),
    };
}
