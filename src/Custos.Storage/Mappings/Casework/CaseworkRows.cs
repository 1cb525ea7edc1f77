using Microsoft.EntityFrameworkCore;

namespace Custos.Storage.Mappings.Casework;

/// <summary>What a person decided, as recorded.</summary>
sealed class DecisionRow
{
    public long Id { get; set; }
    public string Kind { get; set; } = "";
    public long At { get; set; }
    public string Actor { get; set; } = "";
    public string Content { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<DecisionRow>().ToTable("decisions");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => new { row.Kind, row.Id });
    }
}
