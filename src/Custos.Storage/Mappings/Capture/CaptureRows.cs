using Microsoft.EntityFrameworkCore;

namespace Custos.Storage.Mappings.Capture;

/// <summary>A place in which something was said.</summary>
sealed class VenueRow
{
    public long Id { get; set; }
    public string Name { get; set; } = "";
    public long Messages { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<VenueRow>().ToTable("venues");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
    }
}

/// <summary>A dialogue in a venue; the room itself is the one without a name.</summary>
sealed class ThreadRow
{
    public long Id { get; set; }
    public long Venue { get; set; }
    public string Name { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<ThreadRow>().ToTable("threads");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => new { row.Venue, row.Name }).IsUnique();
    }
}

/// <summary>A handle in a venue.</summary>
sealed class AccountRow
{
    public long Id { get; set; }
    public long Venue { get; set; }
    public string Handle { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<AccountRow>().ToTable("accounts");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => new { row.Venue, row.Handle }).IsUnique();
    }
}

/// <summary>A message as decoded. Its key is its exhibit's.</summary>
sealed class MessageRow
{
    public long Id { get; set; }
    public long Thread { get; set; }
    public string MessageId { get; set; } = "";
    public string? At { get; set; }
    public long Sender { get; set; }
    public long? Addressee { get; set; }
    public string Text { get; set; } = "";
    public int Direction { get; set; }

    // Where the bytes stand in the file they were imported from; null for live capture.
    public long? Source { get; set; }
    public long? SourceOffset { get; set; }

    // Where they stand in the exhibit.
    public int Start { get; set; }
    public int Length { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<MessageRow>().ToTable("messages");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => row.Thread);
        table.HasIndex(row => new { row.Sender, row.Thread });
    }
}

/// <summary>An imported file and how far its lines are recorded.</summary>
sealed class SourceRow
{
    public long Id { get; set; }
    public string Format { get; set; } = "";
    public long Messages { get; set; }
    public long LastOffset { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<SourceRow>().ToTable("sources");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
    }
}

/// <summary>A stretch in which a capture heard a venue.</summary>
sealed class HearingRow
{
    public long Id { get; set; }
    public string Venue { get; set; } = "";
    public string Capture { get; set; } = "";
    public long Since { get; set; }
    public long Until { get; set; }
    public bool Ended { get; set; }
    public long Last { get; set; }

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<HearingRow>().ToTable("hearing");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
    }
}

/// <summary>A stretch in which a venue was to be heard and was not.</summary>
sealed class GapRow
{
    public long Id { get; set; }
    public string Venue { get; set; } = "";
    public string Capture { get; set; } = "";
    public long Since { get; set; }
    public long? Until { get; set; }
    public string Cause { get; set; } = "";

    internal static void Map(ModelBuilder model)
    {
        var table = model.Entity<GapRow>().ToTable("gaps");
        table.HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
    }
}
