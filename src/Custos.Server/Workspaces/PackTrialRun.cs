using Custos.Casework;
using Custos.Detection;
using Custos.Evidence;

namespace Custos.Server.Workspaces;

/// <summary>A changed pack beside the one in force, over the recorded log of an operation. What it finds is written nowhere and reaches no queue; that the log was read is recorded.</summary>
/// <param name="inForce">The pack in force.</param>
/// <param name="candidate">The changed one.</param>
/// <param name="room">The operation.</param>
/// <param name="run">Who reads it.</param>
public sealed class PackTrialRun(Pack inForce, Pack candidate, OperationRoom room, MachineRun run)
{
    /// <summary>What is advised before a change counts (detection-spec, section 5): either of the two.</summary>
    public const int AdvisedDays = 7;

    /// <summary>See <see cref="AdvisedDays"/>.</summary>
    public const long AdvisedMessages = 1_000_000;

    // Asked once a message, told to whoever watches now and then.
    const int TellEvery = 512;

    int? _first;
    int _last;

    /// <summary>Days from the first message to the last, both counted, as the messages say; 0 where none does.</summary>
    public int Days => _first is { } first ? _last - first + 1 : 0;

    /// <summary>Reads the log up to where it stands now.</summary>
    /// <param name="progress">Takes the exhibits read, and how many there are.</param>
    /// <param name="cancellation">Stops between exhibits; then nothing is compared.</param>
    public async Task<PackShadowReport> RunAsync(Action<long, long>? progress, CancellationToken cancellation)
    {
        var size = room.Evidence.Size;
        var shadow = new PackShadow(inForce, candidate, DetectionModel.Builtin, new DetectionOptions());
        var talk = new RecordedTalk(room.Reader, run);
        progress?.Invoke(0, size);
        await foreach (var heard in talk.ReadAsync(size, cancellation))
        {
            if (heard.Message is not { } message)
                continue;
            shadow.Read(new RecordedMessage(message.Exhibit, message.Start, message.Length, message.Message));
            if (message.Message.At is { } at)
            {
                _last = _first is null ? at.Day : Math.Max(_last, at.Day);
                _first = Math.Min(_first ?? at.Day, at.Day);
            }

            if (talk.Exhibits % TellEvery == 0)
                progress?.Invoke(talk.Exhibits, size);
        }

        progress?.Invoke(size, size);
        return shadow.Report();
    }

    /// <summary>What a publication says of a trial.</summary>
    public static PackTrial Of(string operation, PackShadowReport report, int days)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new(operation, report.Messages, days, report.Gained.Count, report.Lost.Count);
    }
}
