namespace Custos.Vocabulary;

/// <summary>Who speaks, as seen from our persona (detection-spec, section 2).</summary>
public enum Direction
{
    /// <summary>No persona here: both sides are scored.</summary>
    None,

    /// <summary>Said by our persona.</summary>
    Out,

    /// <summary>Said to our persona.</summary>
    In,

    /// <summary>Neither: others talking where our persona is.</summary>
    Ambient,
}

/// <summary>One utterance: a line of <c>custos-transcript/1</c>, whatever it was recorded from.</summary>
/// <param name="Venue">The place; non-empty.</param>
/// <param name="Thread">Stable id of one dialogue in the venue; <c>""</c> is the room itself.</param>
/// <param name="Id">Unique in (venue, thread); a format without ids gives the byte offset of the line, in decimal.</param>
/// <param name="At">When it was said by the source's clock; null if unknown. Never used for order.</param>
/// <param name="From">The handle as shown.</param>
/// <param name="To">The handle addressed, if the source says so.</param>
/// <param name="Text">The words, verbatim; may be empty. Never written to a log of the program, an error or a trace.</param>
/// <param name="Direction">Who speaks, as seen from our persona.</param>
public sealed record ChatMessage(
    VenueId Venue,
    string Thread,
    string Id,
    SpokenAt? At,
    Handle From,
    Handle? To,
    string Text,
    Direction Direction)
{
    /// <summary>Who typed a line of our persona, as a pseudonym; null if it is not ours or nobody recorded it.</summary>
    public string? TypedBy { get; init; }

    /// <summary>Where the message was said, never what: a record's default would print the words.</summary>
    public override string ToString() => $"{Venue} {Thread} {Id}";
}
