using System.Text;
using Custos.Storage.Mappings;
using Custos.Storage.Mappings.Capture;
using Custos.Storage.Mappings.Casework;
using Custos.Storage.Mappings.Detection;
using Custos.Storage.Mappings.Evidence;
using Custos.Storage.Mappings.Identity;
using Microsoft.EntityFrameworkCore;

namespace Custos.Storage;

/// <summary>The index: everything in it is derived from the logs and may be deleted.</summary>
/// <remarks>Each database has a thin subclass with its own migrations.</remarks>
abstract class CustosDbContext(DbContextOptions options) : DbContext(options)
{
    internal DbSet<OperationRow> Operations => Set<OperationRow>();
    internal DbSet<ExhibitRow> Exhibits => Set<ExhibitRow>();
    internal DbSet<CustodyRow> CustodyEvents => Set<CustodyRow>();
    internal DbSet<AboutRow> About => Set<AboutRow>();
    internal DbSet<VenueRow> Venues => Set<VenueRow>();
    internal DbSet<ThreadRow> Threads => Set<ThreadRow>();
    internal DbSet<AccountRow> Accounts => Set<AccountRow>();
    internal DbSet<MessageRow> Messages => Set<MessageRow>();
    internal DbSet<SourceRow> Sources => Set<SourceRow>();
    internal DbSet<HearingRow> Hearing => Set<HearingRow>();
    internal DbSet<GapRow> Gaps => Set<GapRow>();
    internal DbSet<FindingRow> Findings => Set<FindingRow>();
    internal DbSet<ConversationRow> Conversations => Set<ConversationRow>();
    internal DbSet<AccountReadingRow> AccountReadings => Set<AccountReadingRow>();
    internal DbSet<SelectorRow> Selectors => Set<SelectorRow>();
    internal DbSet<StatementRow> Statements => Set<StatementRow>();
    internal DbSet<ProposalRow> Proposals => Set<ProposalRow>();
    internal DbSet<LinkNoteRow> LinkNotes => Set<LinkNoteRow>();
    internal DbSet<DecisionRow> Decisions => Set<DecisionRow>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        OperationRow.Map(modelBuilder);
        ExhibitRow.Map(modelBuilder);
        CustodyRow.Map(modelBuilder);
        AboutRow.Map(modelBuilder);
        VenueRow.Map(modelBuilder);
        ThreadRow.Map(modelBuilder);
        AccountRow.Map(modelBuilder);
        MessageRow.Map(modelBuilder);
        SourceRow.Map(modelBuilder);
        HearingRow.Map(modelBuilder);
        GapRow.Map(modelBuilder);
        FindingRow.Map(modelBuilder);
        ConversationRow.Map(modelBuilder);
        AccountReadingRow.Map(modelBuilder);
        SelectorRow.Map(modelBuilder);
        StatementRow.Map(modelBuilder);
        ProposalRow.Map(modelBuilder);
        LinkNoteRow.Map(modelBuilder);
        DecisionRow.Map(modelBuilder);

        // The hot path writes its SQL by hand: columns are named as they read there.
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(SnakeCase(property.Name));
    }

    static string SnakeCase(string name)
    {
        var snake = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && snake.Length > 0)
                snake.Append('_');
            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }
}
