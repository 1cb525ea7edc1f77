namespace Custos.Detection;

/// <summary>What a line someone is about to send would raise.</summary>
/// <param name="Codes">Indicator codes, each once, in the order they stand in the line.</param>
/// <param name="Firsts">Topics this line would be the first in the dialogue to raise.</param>
/// <param name="Repeats">Topics this line would raise again after the account's refusal or leave-taking.</param>
/// <param name="Inducements">Codes of flattery, money, gifts or threats.</param>
public sealed record DraftLook(IReadOnlyList<string> Codes, IReadOnlyList<string> Firsts, IReadOnlyList<string> Repeats, IReadOnlyList<string> Inducements)
{
    /// <summary>True if there is something to decide before it is sent: a first, a repeat or an inducement.</summary>
    public bool Holds => Firsts.Count > 0 || Repeats.Count > 0 || Inducements.Count > 0;
}

/// <summary>The one entry that takes unrecorded text, for the composer: the same reader, no score, and nothing kept. It reports; what follows is decided outside detection.</summary>
/// <param name="engine">The engine in force.</param>
public sealed class DraftCheck(DetectionEngine engine)
{
    readonly MessageReader _reader = engine.NewReader();
    readonly MessageReading _reading = new();

    /// <summary>Looks at a draft. One thread at a time.</summary>
    /// <param name="draft">The line as typed.</param>
    /// <param name="record">The dialogue's conduct record; null where nothing has been recorded of it yet.</param>
    /// <remarks>A rule that needs state counts here as if it held: a draft is held rather too often than too rarely. A first that a gap hides counts as a first.</remarks>
    public DraftLook Look(string draft, ConductRecord? record)
    {
        ArgumentNullException.ThrowIfNull(draft);
        _reader.ReadDraft(draft, _reading);
        List<string> codes = [], firsts = [], repeats = [], inducements = [];
        for (var i = 0; i < _reading.Count; i++)
        {
            var code = _reading.Candidates[i].Rule.Definition.Code;
            if (!codes.Contains(code))
                codes.Add(code);
            if (ConductWriter.IsInducement(code) && !inducements.Contains(code))
                inducements.Add(code);
            // Age is the one topic a persona is expected to speak of.
            if (ConductWriter.TopicOf(code) is not { } topic || topic == "age")
                continue;
            var known = record?.Topics.FirstOrDefault(t => t.Topic == topic);
            var raised = known is { ByAccount.State: FactState.Known } or { ByPersona.State: FactState.Known };
            if (!raised && !firsts.Contains(topic))
                firsts.Add(topic);
            if (raised && Refused(record!) && !repeats.Contains(topic))
                repeats.Add(topic);
        }

        return new(codes, firsts, repeats, inducements);
    }

    static bool Refused(ConductRecord record) => record.RefusalsAndExits.Any(r => r.ByAccount && r.Code != "silent-withdrawal");
}
