using Custos.Detection;

namespace Custos.Identity;

/// <summary>In what way a country belongs to an account.</summary>
public enum CountryRole
{
    /// <summary>Lives there.</summary>
    Residence,

    /// <summary>Comes from there.</summary>
    Origin,

    /// <summary>A number, an address or an account is registered there.</summary>
    Registration,
}

/// <summary>How far a method carries.</summary>
public enum InferenceClass
{
    /// <summary>An authority or a service supplied it.</summary>
    Strong,

    /// <summary>A checked phone's region.</summary>
    Medium,

    /// <summary>Everything weaker.</summary>
    Weak,
}

/// <summary>A country the account itself named. It may be a joke, a persona or a past residence.</summary>
/// <param name="Country">ISO 3166-1, two letters.</param>
/// <param name="Role">Lives there, or comes from there.</param>
/// <param name="Where">Where it was said.</param>
/// <param name="AskedIn">The question it answers; null if it was not asked.</param>
public sealed record CountryClaim(string Country, CountryRole Role, FactPlace Where, FactPlace? AskedIn);

/// <summary>A country that follows from something the account volunteered.</summary>
/// <param name="Country">ISO 3166-1, two letters.</param>
/// <param name="Role">In what way.</param>
/// <param name="Method">How, in words.</param>
/// <param name="Class">How far the method carries.</param>
/// <param name="Where">What it rests on.</param>
public sealed record CountryInference(string Country, CountryRole Role, string Method, InferenceClass Class, FactPlace Where);

/// <summary>Countries that do not agree. Nothing is voted.</summary>
/// <param name="Claimed">What the account named.</param>
/// <param name="Inferred">What was inferred.</param>
/// <param name="Sentence">The conflict in words.</param>
public sealed record CountryConflict(IReadOnlyList<string> Claimed, IReadOnlyList<string> Inferred, string Sentence);

/// <summary>The countries of an account or a subject: claimed, inferred, or unknown; never blended.</summary>
/// <param name="Claimed">What the account said.</param>
/// <param name="Inferred">What follows from its selectors.</param>
/// <param name="Conflicts">Shown first.</param>
public sealed record CountryView(IReadOnlyList<CountryClaim> Claimed, IReadOnlyList<CountryInference> Inferred, IReadOnlyList<CountryConflict> Conflicts)
{
    /// <summary>True if nothing points to a country.</summary>
    public bool Unknown => Claimed.Count == 0 && Inferred.Count == 0;
}
