namespace Custos.Evidence;

public sealed partial class EvidenceLog
{
    /// <summary>Puts exhibits, or the whole operation, under a legal hold: from when it answers, the log refuses to delete them.</summary>
    /// <exception cref="ArgumentException">Reason or authority is missing, or an exhibit is not there; nothing was recorded.</exception>
    /// <exception cref="EvidenceLogException">The log has stopped.</exception>
    public async ValueTask<Exhibit> HoldAsync(HoldOrder order, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(order);
        var exhibits = order.Exhibits?.Select(exhibit => exhibit.LeafIndex).Distinct().Order().ToList();
        if (exhibits is { Count: 0 } || exhibits?.Exists(index => index < 0 || index >= Size) == true)
            throw new ArgumentException("A hold names exhibits that are recorded, or none for everything. Nothing was recorded.");
        var content = new HoldContent { Exhibits = exhibits, Reason = order.Reason, Authority = order.Authority, Actor = order.Actor };
        return await RecordHoldAsync(HoldContent.Set, content, [.. (exhibits ?? []).Take(EntryText.MaxAbout).Select(index => new ExhibitNumber(index))], cancellation);
    }

    /// <summary>Ends a legal hold.</summary>
    /// <param name="hold">The exhibit that set it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="authority">Under which authority.</param>
    /// <param name="actor">Who lifts it.</param>
    /// <param name="cancellation">Stops before anything is recorded.</param>
    /// <exception cref="ArgumentException">There is no such hold in force, or reason or authority is missing; nothing was recorded.</exception>
    /// <exception cref="EvidenceLogException">The log has stopped.</exception>
    public async ValueTask<Exhibit> LiftHoldAsync(ExhibitNumber hold, string reason, CustodyAuthority authority, CustodyPerson actor, CancellationToken cancellation)
    {
        if (!(await HoldsAsync(cancellation)).Any(found => found.Number == hold && found.LiftedBy is null))
            throw new ArgumentException($"{hold} is no hold that is in force. Nothing was recorded.");
        return await RecordHoldAsync(HoldContent.Lifted, new() { Hold = hold.LeafIndex, Reason = reason, Authority = authority, Actor = actor }, [hold], cancellation);
    }

    /// <summary>Every hold that was ever set, in order.</summary>
    /// <exception cref="EvidenceLogException">A hold cannot be opened.</exception>
    public async ValueTask<IReadOnlyList<Hold>> HoldsAsync(CancellationToken cancellation)
    {
        var holds = new List<Hold>();
        List<Exhibit> recorded;
        try
        {
            recorded = await OpenKindsAsync(kind => kind is HoldContent.Set or HoldContent.Lifted, Size, cancellation);
        }
        catch (IOException e)
        {
            throw Explain(e);
        }

        foreach (var exhibit in recorded)
        {
            var content = HoldContent.Parse(exhibit);
            if (exhibit.Entry.Kind == HoldContent.Set)
                holds.Add(new(exhibit.Number, exhibit.Entry.RecordedAt, content.Exhibits, content.Reason, content.Authority, content.Actor, null));
            else if (holds.FindIndex(hold => hold.Number.LeafIndex == content.Hold) is >= 0 and var lifted)
                holds[lifted] = holds[lifted] with { LiftedBy = exhibit.Number };
        }

        return holds;
    }

    async ValueTask<Exhibit> RecordHoldAsync(string kind, HoldContent content, IReadOnlyList<ExhibitNumber> about, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(content.Reason) || string.IsNullOrWhiteSpace(content.Authority.Ref))
            throw new ArgumentException("A hold, and its lifting, needs a reason and the reference of an authority. Nothing was recorded.");
        var exhibit = new NewExhibit(kind, content.Actor.Id, content.ToContent()) { About = about };
        Check(exhibit, reserved: true);
        await _upkeep.WaitAsync(cancellation);
        try
        {
            return (await JoinAsync([exhibit], cancellation))[0];
        }
        finally
        {
            _upkeep.Release();
        }
    }

    /// <summary>Opens the exhibits of certain kinds below a size, in order: what the log itself must know. They are custody's and the log's own, not the world's words.</summary>
    async Task<List<Exhibit>> OpenKindsAsync(Func<string, bool> wanted, long size, CancellationToken cancellation)
    {
        var found = new List<Exhibit>();
        await using var bundles = new BundleOpener(_store, _ring, _options.Origin, parts: false);
        await foreach (var (number, entry) in Reader.EntriesAsync(new(0), size, cancellation))
        {
            if (wanted(entry.Kind))
                found.Add(await bundles.OpenAsync(number.LeafIndex, size, cancellation));
        }

        return found;
    }
}
