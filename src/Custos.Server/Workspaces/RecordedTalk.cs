using System.Runtime.CompilerServices;
using Custos.Capture.Decoding;
using Custos.Capture.Gaps;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Server.Workspaces;

/// <summary>What detection hears, in order: a message, or that a venue was not heard.</summary>
/// <param name="Message">The message; null for a gap.</param>
/// <param name="Gap">The venue that was not heard; null for a message.</param>
public readonly record struct Heard(DecodedMessage? Message, VenueId? Gap);

/// <summary>The recorded log as detection hears it: the same messages and gaps, in the same order, as the pipeline takes from it.</summary>
/// <param name="reader">Where the log is read.</param>
/// <param name="run">Who reads it and why: it goes on record once.</param>
public sealed class RecordedTalk(IExhibitReader reader, MachineRun run)
{
    /// <summary>Exhibits read so far.</summary>
    public long Exhibits { get; private set; }

    /// <summary>Messages so far.</summary>
    public long Messages { get; private set; }

    /// <summary>Chat exhibits of a format this program does not know.</summary>
    public long Unknown { get; private set; }

    /// <summary>Chat exhibits whose content was deleted by order: nothing is left to read, and nothing is wrong with them.</summary>
    public long Deleted { get; private set; }

    /// <summary>Reads from the first exhibit on: what is found in a message depends on what was said before it.</summary>
    /// <param name="upTo">The exhibit after the last.</param>
    /// <param name="cancellation">Stops between exhibits.</param>
    public async IAsyncEnumerable<Heard> ReadAsync(long upTo, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var exhibit in reader.ReadAsync(new(0), upTo, run, cancellation))
        {
            Exhibits++;
            if (exhibit.Entry.Kind == CaptureKinds.Gap)
            {
                if (CaptureEvent.TryParse(exhibit.Content.Span, out var happened) && happened.Event == CaptureEventName.GapBegan)
                    yield return new(null, new(happened.Venue));
            }
            else if (exhibit.Entry.Kind == CaptureKinds.Chat)
            {
                if (exhibit.DeletedBy is not null)
                {
                    Deleted++;
                }
                else if (ExhibitDecoder.TryDecode(exhibit) is { } message)
                {
                    Messages++;
                    yield return new(message, null);
                }
                else if (!RecordedForm.TryRead(exhibit.Content, out var header, out _) || ExhibitDecoder.Find(header!.Format) is null)
                {
                    Unknown++;
                }
            }
        }
    }
}
