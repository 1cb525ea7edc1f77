namespace Custos.Storage;

/// <summary>A row's key: the operation's number above, a place in the operation's order below.</summary>
/// <remarks>
/// One integer, so that a table is kept in the order of the log and full-text search can use it as its row id;
/// and derived from the log alone, so that a rebuilt index has the same keys.
/// </remarks>
static class RowId
{
    // 2^40 exhibits an operation (40,000 messages a second for ten months), 2^22 operations.
    const int Bits = 40;
    const long Mask = (1L << Bits) - 1;
    internal const int MaxOperation = (1 << 22) - 1;

    internal static long Of(int operation, long place) => place is >= 0 and <= Mask && operation is > 0 and <= MaxOperation
        ? ((long)operation << Bits) | place
        : throw new ArgumentOutOfRangeException(nameof(place), place, "An index holds at most 2^40 rows of a kind for each of 4,194,303 operations.");

    internal static long Place(long id) => id & Mask;

    internal static int Operation(long id) => (int)(id >> Bits);

    internal static long First(int operation) => (long)operation << Bits;

    internal static long Last(int operation) => ((long)operation << Bits) | Mask;
}
