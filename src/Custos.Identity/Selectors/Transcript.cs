using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Identity;

/// <summary>On which side the author of a line stands, seen from the account being read.</summary>
public enum LineRole
{
    /// <summary>The account that is being read.</summary>
    Account,

    /// <summary>Our persona.</summary>
    Persona,

    /// <summary>Anyone else: a third party, whose selectors are not read.</summary>
    Other,
}

/// <summary>A recorded line of a conversation.</summary>
/// <param name="Exhibit">The exhibit that holds it.</param>
/// <param name="Message">What was said.</param>
/// <param name="Role">Who said it.</param>
public sealed record TranscriptLine(ExhibitNumber Exhibit, ChatMessage Message, LineRole Role);

/// <summary>The recorded lines of one account's conversations, in the order of the log.</summary>
/// <param name="Account">Whose selectors are read: an account that carries an indicator, or that a person put into a case.</param>
/// <param name="Lines">Lines of the account, of our persona and of the others in the same threads.</param>
/// <param name="VenueRegion">The venue's default region for numbers in national form, ISO 3166-1; null if it has none.</param>
public sealed record Transcript(AccountKey Account, IReadOnlyList<TranscriptLine> Lines, string? VenueRegion = null);
