using System.Security.Cryptography;
using System.Text;
using Custos.Detection;

namespace Custos.Identity;

/// <summary>How a claim about an account came to be known. Volunteered and found never share a column, a list or a field.</summary>
public enum StatementBasis
{
    /// <summary>The account said it.</summary>
    Volunteered,

    /// <summary>The service showed it about the account: nick, profile text, host.</summary>
    Displayed,

    /// <summary>A person looked it up in a public source.</summary>
    Found,

    /// <summary>An authority or a service sent it.</summary>
    Supplied,

    /// <summary>Computed; its root counts once.</summary>
    Derived,
}

/// <summary>One claim about one account. Entities are views over statements; a statement never moves when accounts are merged, so un-merging loses nothing.</summary>
/// <param name="Account">About whom.</param>
/// <param name="Property">phone, e-mail, service handle, country, ...</param>
/// <param name="Value">The form that is compared.</param>
/// <param name="Raw">As written.</param>
/// <param name="Basis">How it came to be known.</param>
/// <param name="Where">The exhibit and the code points.</param>
/// <param name="AskedIn">The question it answers; null if it was not asked.</param>
/// <param name="Validity">How far it could be checked.</param>
/// <param name="Grade">Proposed, until a person grades it.</param>
/// <param name="GradeProposed">True until a person graded it.</param>
/// <param name="DerivedBy">The hash of the data that read it.</param>
public sealed record Statement(
    AccountKey Account,
    string Property,
    string Value,
    string Raw,
    StatementBasis Basis,
    FactPlace Where,
    FactPlace? AskedIn,
    SelectorValidity Validity,
    Grade Grade,
    bool GradeProposed,
    string DerivedBy)
{
    /// <summary>The SHA-256 of account, property, value and place: two runs name a statement alike.</summary>
    public string Id
    {
        get
        {
            // Every part is led by its length, so that no two different lists of parts run together to the same bytes.
            var text = new StringBuilder();
            foreach (var part in (string[])[Account.Space, Account.Name, Account.Session, Property, Value, Where.Exhibit.ToString(), Where.MessageId, $"{Where.Start}+{Where.Length}"])
                text.Append(part.Length).Append(':').Append(part);
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        }
    }

    /// <summary>Where it stands, never what: a record's default would print the words.</summary>
    public override string ToString() => $"{Property} {Where.Exhibit}";
}
