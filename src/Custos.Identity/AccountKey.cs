using Custos.Vocabulary;

namespace Custos.Identity;

/// <summary>One account: (service, stable id), or where the service gives none (venue, handle, session).</summary>
/// <param name="Space">The service, or the venue where the service gives no stable id.</param>
/// <param name="Name">The stable id, or the handle as shown.</param>
/// <param name="Session">Which connection, where a handle may change hands; <c>""</c> where the source does not part sessions.</param>
/// <remarks>The same nick in two sessions is two accounts until something links them.</remarks>
public readonly record struct AccountKey(string Space, string Name, string Session = "") : IComparable<AccountKey>
{
    /// <summary>The account of a handle in a venue that gives no stable id.</summary>
    public static AccountKey Of(VenueId venue, Handle handle, string session = "") => new(venue.Value, handle.Value, session);

    /// <summary>Orders by space, name, session, in ordinal order: the same on every machine.</summary>
    public int CompareTo(AccountKey other)
    {
        var bySpace = string.CompareOrdinal(Space, other.Space);
        if (bySpace != 0)
            return bySpace;
        var byName = string.CompareOrdinal(Name, other.Name);
        return byName != 0 ? byName : string.CompareOrdinal(Session, other.Session);
    }

    /// <summary>True if the left account sorts before the right one.</summary>
    public static bool operator <(AccountKey left, AccountKey right) => left.CompareTo(right) < 0;

    /// <summary>True if the left account sorts after the right one.</summary>
    public static bool operator >(AccountKey left, AccountKey right) => left.CompareTo(right) > 0;

    /// <summary>True unless the left account sorts after the right one.</summary>
    public static bool operator <=(AccountKey left, AccountKey right) => left.CompareTo(right) <= 0;

    /// <summary>True unless the left account sorts before the right one.</summary>
    public static bool operator >=(AccountKey left, AccountKey right) => left.CompareTo(right) >= 0;

    /// <summary>The account as a person reads it: name, space, and the session where there is one.</summary>
    public override string ToString() => Session.Length == 0 ? $"{Name} @ {Space}" : $"{Name} @ {Space} ({Session})";
}
