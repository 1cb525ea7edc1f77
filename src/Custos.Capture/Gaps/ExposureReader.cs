using Custos.Capture.Decoding;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Capture.Gaps;

/// <summary>Computes when each venue was heard from the exhibits of an operation, given in order. No clock: the same exhibits give the same answer.</summary>
/// <remarks>
/// Exhibits of other kinds and of imports are passed over, so the whole log may be fed.
/// A capture that ended without saying so counts until the last line it recorded, and not a second longer.
/// </remarks>
public sealed class ExposureReader
{
    // One entry for each capture without a recorded end, whatever the size of the log.
    readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);
    readonly List<HearingInterval> _hearing = [];
    readonly List<Gap> _gaps = [];

    /// <summary>Reads exhibits in order.</summary>
    public static Exposure Of(IEnumerable<Exhibit> exhibits)
    {
        ArgumentNullException.ThrowIfNull(exhibits);
        var reader = new ExposureReader();
        foreach (var exhibit in exhibits)
            reader.Add(exhibit);
        return reader.Read();
    }

    /// <summary>Takes the next exhibit.</summary>
    public void Add(Exhibit exhibit)
    {
        ArgumentNullException.ThrowIfNull(exhibit);
        switch (exhibit.Entry.Kind)
        {
            case CaptureKinds.Connection or CaptureKinds.Gap:
                if (CaptureEvent.TryParse(exhibit.Content.Span, out var happened))
                    Add(happened, exhibit.Number);
                break;
            case CaptureKinds.Chat or CaptureKinds.Presence or CaptureKinds.Line:
                // Imported lines name no capture; the search spares parsing a million of their headers.
                if (_running.Count > 0
                    && exhibit.Content.Span.IndexOf("\"capture\":"u8) >= 0
                    && RecordedForm.TryRead(exhibit.Content, out var header, out _)
                    && header!.Context is { } context && context.TryGetValue("capture", out var capture)
                    && _running.TryGetValue(capture, out var running)
                    && SpokenAt.TryParse(header.At, out var at) && at.Instant is { } heard)
                {
                    running.Heard(heard, exhibit.Number);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>What was heard, as far as the exhibits given so far say. More may be added afterwards.</summary>
    public Exposure Read()
    {
        var hearing = new List<HearingInterval>(_hearing);
        var gaps = new List<Gap>(_gaps);
        foreach (var running in _running.Values)
        {
            if (running.HearingSince is not null)
                hearing.Add(running.Interval(running.LastHeard, ended: false, running.Last));
            if (running.OpenGap is { } gap)
                gaps.Add(gap);
        }

        return new(
            [.. hearing.OrderBy(h => h.Began.LeafIndex)],
            [.. gaps.OrderBy(g => g.Began.LeafIndex)]);
    }

    void Add(CaptureEvent happened, ExhibitNumber number)
    {
        if (!_running.TryGetValue(happened.Capture, out var running))
            _running[happened.Capture] = running = new(new(happened.Venue), happened.Capture);

        switch (happened.Event)
        {
            case CaptureEventName.Joined:
                CloseGap(running, happened.At);
                if (running.HearingSince is null)
                {
                    running.HearingSince = happened.At;
                    running.Began = number;
                    running.LastHeard = happened.At;
                    running.Last = number;
                }

                break;
            case CaptureEventName.GapBegan:
                CloseHearing(running, happened.From ?? happened.At, number);
                running.OpenGap ??= new(running.Venue, running.Capture, happened.From ?? happened.At, null, happened.Cause ?? GapCause.ConnectionLost, number);
                break;
            case CaptureEventName.GapEnded:
                CloseGap(running, happened.At);
                break;
            case CaptureEventName.Stopped:
                CloseHearing(running, happened.At, number);
                CloseGap(running, happened.At);
                _running.Remove(happened.Capture);
                break;
            case CaptureEventName.Started:
            case CaptureEventName.Connected:
            case CaptureEventName.NotReached:
            case CaptureEventName.Disconnected:
            case CaptureEventName.Registered:
            case CaptureEventName.ClockOffset:
            case CaptureEventName.RateLimited:
            case CaptureEventName.Refused:
            case CaptureEventName.SplitBegan:
            case CaptureEventName.SplitEnded:
            case CaptureEventName.OtherRoomLeft:
                break;
        }
    }

    void CloseHearing(Running running, DateTimeOffset until, ExhibitNumber number)
    {
        if (running.HearingSince is null)
            return;
        _hearing.Add(running.Interval(until, ended: true, number));
        running.HearingSince = null;
    }

    void CloseGap(Running running, DateTimeOffset until)
    {
        if (running.OpenGap is not { } gap)
            return;
        _gaps.Add(gap with { Until = until < gap.From ? gap.From : until });
        running.OpenGap = null;
    }

    sealed class Running(VenueId venue, string capture)
    {
        internal VenueId Venue { get; } = venue;
        internal string Capture { get; } = capture;
        internal DateTimeOffset? HearingSince { get; set; }
        internal DateTimeOffset LastHeard { get; set; }
        internal ExhibitNumber Began { get; set; }
        internal ExhibitNumber Last { get; set; }
        internal Gap? OpenGap { get; set; }

        internal void Heard(DateTimeOffset at, ExhibitNumber number)
        {
            if (HearingSince is null || at < LastHeard)
                return;
            LastHeard = at;
            Last = number;
        }

        // Our clock may have been set back meanwhile: an interval is empty then, never negative.
        internal HearingInterval Interval(DateTimeOffset until, bool ended, ExhibitNumber last)
        {
            var from = HearingSince!.Value;
            return new(Venue, Capture, from, until < from ? from : until, ended, Began, last);
        }
    }
}
