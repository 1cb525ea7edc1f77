using System.Globalization;

namespace Custos.Evidence;

/// <summary>The position of an exhibit in the evidence log: its zero-based leaf index in the Merkle tree.</summary>
/// <remarks>Assigned once, by the log, after the exhibit is durable. Never reused, never renumbered.</remarks>
public readonly record struct ExhibitNumber(long LeafIndex) : IComparable<ExhibitNumber>
{
    /// <inheritdoc/>
    public int CompareTo(ExhibitNumber other) => LeafIndex.CompareTo(other.LeafIndex);

    /// <summary>True if the left exhibit was recorded before the right one.</summary>
    public static bool operator <(ExhibitNumber left, ExhibitNumber right) => left.LeafIndex < right.LeafIndex;

    /// <summary>True if the left exhibit was recorded after the right one.</summary>
    public static bool operator >(ExhibitNumber left, ExhibitNumber right) => left.LeafIndex > right.LeafIndex;

    /// <summary>True unless the left exhibit was recorded after the right one.</summary>
    public static bool operator <=(ExhibitNumber left, ExhibitNumber right) => left.LeafIndex <= right.LeafIndex;

    /// <summary>True unless the left exhibit was recorded before the right one.</summary>
    public static bool operator >=(ExhibitNumber left, ExhibitNumber right) => left.LeafIndex >= right.LeafIndex;

    /// <summary>Reads <c>EX-00001234</c> or a bare leaf index.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static ExhibitNumber Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var number) ? number : throw new FormatException("An exhibit number looks like EX-00001234.");
    }

    /// <summary>Reads <c>EX-00001234</c> or a bare leaf index; false if the text is neither.</summary>
    public static bool TryParse(string? text, out ExhibitNumber number)
    {
        var digits = text is not null && text.StartsWith("EX-", StringComparison.Ordinal) ? text.AsSpan(3) : text;
        // The library's reader takes NULs behind the digits.
        var read = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && !digits.Contains('\0');
        number = new(index);
        return read;
    }

    /// <summary>The number as it is printed in a dossier, e.g. <c>EX-00001234</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"EX-{LeafIndex:D8}");
}
