using Microsoft.EntityFrameworkCore;

namespace Custos.Storage.Mappings;

/// <summary>An operation and how far its index has followed its log.</summary>
sealed class OperationRow
{
    public int Number { get; set; }
    public string Slug { get; set; } = "";

    // Exhibits below this number are in the index, whole; none at or above it is.
    public long IndexedUpTo { get; set; }

    // The leaf hash of the last of them: by it, an index of another log is noticed.
    public byte[] LastLeaf { get; set; } = [];

    // How far the parts that are made at rest (conduct, identity, exposure) have followed.
    public long SettledUpTo { get; set; }

    // What derived the rows. Rows of two versions never stand side by side: another version means deriving again.
    public string Engine { get; set; } = "";
    public string Pack { get; set; } = "";
    public string Model { get; set; } = "";
    public string Selectors { get; set; } = "";
    public int Derivation { get; set; }

    // The next free places of the tables that do not take theirs from the exhibit's number.
    public long Venues { get; set; }
    public long Threads { get; set; }
    public long Accounts { get; set; }
    public long Findings { get; set; }
    public long Conversations { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<OperationRow>().ToTable("operations");
        table.HasKey(row => row.Number);
        table.Property(row => row.Number).ValueGeneratedNever();
        table.HasIndex(row => row.Slug).IsUnique();
    }
}
