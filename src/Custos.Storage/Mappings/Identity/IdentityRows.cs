using Microsoft.EntityFrameworkCore;

namespace Custos.Storage.Mappings.Identity;

/// <summary>What reading one account's conversations gave. Its key is the account's.</summary>
sealed class AccountReadingRow
{
    public long Id { get; set; }

    // The last line the reading depends on: with a later one it is made again.
    public long LastLine { get; set; }
    public string Cluster { get; set; } = "";
    public int Level { get; set; }
    public string Reading { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<AccountReadingRow>().ToTable("account_readings");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => row.Cluster);
    }
}

/// <summary>A value that points to an account or a person, as it was read in one line.</summary>
sealed class SelectorRow
{
    public long Account { get; set; }
    public int Place { get; set; }
    public int Kind { get; set; }
    public string Normal { get; set; } = "";
    public long Exhibit { get; set; }
    public bool Volunteered { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<SelectorRow>().ToTable("selectors");
        table.HasKey(row => new { row.Account, row.Place });
        table.HasIndex(row => new { row.Kind, row.Normal });
    }
}

/// <summary>One claim about one account, by its id: the claim itself follows from the reading.</summary>
sealed class StatementRow
{
    public long Account { get; set; }
    public int Place { get; set; }
    public string StatementId { get; set; } = "";
    public string Property { get; set; } = "";
    public long Exhibit { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<StatementRow>().ToTable("statements");
        table.HasKey(row => new { row.Account, row.Place });
        table.HasIndex(row => row.StatementId);
    }
}

/// <summary>Accounts proposed as one subject, with the reasons.</summary>
sealed class ProposalRow
{
    public long Id { get; set; }
    public string Cluster { get; set; } = "";
    public int Accounts { get; set; }
    public int Level { get; set; }
    public string Proposal { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<ProposalRow>().ToTable("proposals");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => row.Cluster);
    }
}

/// <summary>What linking held back, and values too common to link by: one row an operation.</summary>
sealed class LinkNoteRow
{
    public long Id { get; set; }
    public string ViewSha256 { get; set; } = "";
    public string Held { get; set; } = "";
    public string Common { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<LinkNoteRow>().ToTable("link_notes");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
    }
}
