using Microsoft.EntityFrameworkCore;

namespace Custos.Storage.Mappings.Identity;

/// <summary>What reading one account's conversations gave, as one JSON value.</summary>
sealed class AccountReadingRow
{
    public long Id { get; set; }
    public string Space { get; set; } = "";
    public string Name { get; set; } = "";
    public string Session { get; set; } = "";
    public string Cluster { get; set; } = "";
    public int Level { get; set; }
    public string Reading { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<AccountReadingRow>().ToTable("account_readings");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => new { row.Space, row.Name, row.Session });
        table.HasIndex(row => row.Cluster);
    }
}

/// <summary>A value that points to an account or a person, as one account volunteered it.</summary>
sealed class SelectorRow
{
    public long Id { get; set; }
    public int Kind { get; set; }
    public string Normal { get; set; } = "";
    public string Raw { get; set; } = "";
    public long Account { get; set; }
    public long Exhibit { get; set; }
    public int Validity { get; set; }
    public bool Volunteered { get; set; }
    public string Hit { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<SelectorRow>().ToTable("selectors");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => new { row.Kind, row.Normal });
        table.HasIndex(row => row.Account);
    }
}

/// <summary>One claim about one account.</summary>
sealed class StatementRow
{
    public long Id { get; set; }
    public string StatementId { get; set; } = "";
    public long Account { get; set; }
    public string Property { get; set; } = "";
    public int Basis { get; set; }
    public long Exhibit { get; set; }
    public string Statement { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<StatementRow>().ToTable("statements");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => row.StatementId);
        table.HasIndex(row => row.Account);
    }
}

/// <summary>Accounts proposed as one subject, or a merge that was held back.</summary>
sealed class ProposalRow
{
    public long Id { get; set; }
    public string Cluster { get; set; } = "";
    public int Accounts { get; set; }
    public int Level { get; set; }
    public bool Held { get; set; }
    public string Proposal { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<ProposalRow>().ToTable("proposals");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => row.Cluster);
    }
}
