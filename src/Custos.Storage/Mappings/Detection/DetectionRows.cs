using Microsoft.EntityFrameworkCore;

namespace Custos.Storage.Mappings.Detection;

/// <summary>A finding, whole, and the columns by which it is found.</summary>
sealed class FindingRow
{
    public long Id { get; set; }
    public long Exhibit { get; set; }
    public bool IsAlert { get; set; }
    public int Scope { get; set; }
    public string Venue { get; set; } = "";
    public string Thread { get; set; } = "";
    public string Author { get; set; } = "";
    public string? Counterpart { get; set; }
    public bool IsPersona { get; set; }

    // Adds evidence: neither a fact nor something that speaks for the author.
    public bool IsIncriminating { get; set; }
    public string Code { get; set; } = "";
    public int? Score { get; set; }
    public int? Probability { get; set; }
    public bool Peer { get; set; }
    public string Finding { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<FindingRow>().ToTable("findings");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => row.Exhibit);
        table.HasIndex(row => new { row.IsAlert, row.Id });
        table.HasIndex(row => new { row.Venue, row.Author });
    }
}

/// <summary>A conversation in which something was found: an account and a counterpart, or an account in a place.</summary>
sealed class ConversationRow
{
    public long Id { get; set; }
    public int Scope { get; set; }
    public string Venue { get; set; } = "";
    public string Thread { get; set; } = "";
    public string Account { get; set; } = "";
    public string Counterpart { get; set; } = "";
    public bool HasPersona { get; set; }
    public long Messages { get; set; }
    public long FirstExhibit { get; set; }
    public long LastExhibit { get; set; }
    public string? FirstAt { get; set; }
    public string? LastAt { get; set; }
    public int Indicators { get; set; }
    public int? Score { get; set; }
    public int? Probability { get; set; }
    public bool Peer { get; set; }

    // The alert's finding; null while the evidence is below the threshold.
    public long? Alert { get; set; }
    public string? Conduct { get; set; }
    public string? RiskFacts { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<ConversationRow>().ToTable("conversations");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => row.Alert);
        table.HasIndex(row => new { row.Venue, row.Account });
    }
}
