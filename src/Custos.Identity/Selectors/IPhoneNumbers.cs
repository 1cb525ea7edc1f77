namespace Custos.Identity;

/// <summary>What the numbering plans say of a number.</summary>
/// <param name="E164">With <c>+</c> and country code.</param>
/// <param name="Region">ISO 3166-1, from the whole number (country codes are shared); null for a number of no country.</param>
/// <param name="Type">mobile, fixed, fixed-or-mobile, voip, other.</param>
public sealed record PhoneReading(string E164, string? Region, string Type);

/// <summary>The numbering plans of the world; the guest assembly <c>Custos.Identity.Reference</c> has them.</summary>
public interface IPhoneNumbers
{
    /// <summary>Reads a number; null unless it is a valid number of its plan.</summary>
    /// <param name="digits">Digits, with a leading <c>+</c> if written in international form.</param>
    /// <param name="region">ISO 3166-1, for a number in national form; null for one in international form.</param>
    PhoneReading? Read(string digits, string? region);

    /// <summary>Name and version of the data, kept with every result.</summary>
    string DataVersion { get; }
}
