using Custos.Console.Client;
using Custos.Detection;

namespace Custos.EndToEnd.Console;

/// <summary>A changed pack under a trial that ends only when it is stopped.</summary>
sealed class InventedPacks : IPackDesk
{
    const string Hash = "sha256:0101010101010101010101010101010101010101010101010101010101010101";

    public PackTrialView? Trial { get; private set; }

    public ValueTask<PackOverview> OverviewAsync(CancellationToken cancellation) => new(new PackOverview(
        new("sha256:0000000000000000000000000000000000000000000000000000000000000000", null, null, null, null, null, null), [new("nl", 1, 1)], [], [],
        new(Hash, [new("local/nl-001.yaml", 5, LocalEntryKind.Term, "nl", "cam-own", "heb je een lookie", "seen at night", "A. Analyst")], []), false, [InventedClient.Operation]));

    public ValueTask StartTrialAsync(string operation, CancellationToken cancellation)
    {
        Trial = new(operation, Hash, PackTrialState.Running, 400_000, 1_000_000, null, null, [], 0);
        return ValueTask.CompletedTask;
    }

    public void StopTrial() => Trial = Trial! with { State = PackTrialState.Stopped };

    public ValueTask<PackSearch> FindAsync(string words, string? language, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<PackAnswer> ChangeAsync(PackChange change, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<PackAnswer> TakeBackAsync(LocalEntry entry, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<PackAnswer> BeginAgainAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask PutAwayAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<PackAnswer> PublishAsync(string hash, string reason, string second, CancellationToken cancellation) => throw new NotSupportedException();
}
