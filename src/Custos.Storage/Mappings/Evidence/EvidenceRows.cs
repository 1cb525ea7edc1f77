using Microsoft.EntityFrameworkCore;

namespace Custos.Storage.Mappings.Evidence;

/// <summary>An exhibit as its entry says.</summary>
sealed class ExhibitRow
{
    public long Id { get; set; }
    public string Kind { get; set; } = "";
    public long At { get; set; }
    public string Actor { get; set; } = "";
    public int Size { get; set; }
    public byte[] Leaf { get; set; } = [];
    public string? About { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<ExhibitRow>().ToTable("exhibits");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
    }
}

/// <summary>A custody event: who opened, exported, searched, deleted, when and why.</summary>
sealed class CustodyRow
{
    public long Id { get; set; }
    public string Kind { get; set; } = "";
    public long At { get; set; }
    public string Actor { get; set; } = "";
    public string? Content { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<CustodyRow>().ToTable("custody_events");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
    }
}

/// <summary>Which exhibits a custody event or a decision speaks of.</summary>
sealed class AboutRow
{
    public long Exhibit { get; set; }
    public long Event { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<AboutRow>().ToTable("about");
        table.HasKey(row => new { row.Exhibit, row.Event });
    }
}
