using System.Globalization;
using PhoneNumbers;

namespace Custos.Identity.Reference;

/// <summary>The numbering plans of the world, from libphonenumber; every reading is at its leniency <c>VALID</c>.</summary>
public sealed class LibPhoneNumbers : IPhoneNumbers
{
    // Parsing the plans takes a while and nothing in them changes.
    static readonly PhoneNumberUtil Util = PhoneNumberUtil.GetInstance();

    /// <inheritdoc/>
    public string DataVersion { get; } = string.Create(CultureInfo.InvariantCulture, $"libphonenumber-csharp {typeof(PhoneNumberUtil).Assembly.GetName().Version?.ToString(3)}");

    /// <inheritdoc/>
    public PhoneReading? Read(string digits, string? region)
    {
        ArgumentNullException.ThrowIfNull(digits);
        // The finder, not the parser: at leniency VALID it also asks for the national prefix where the plan does, and refuses
        // dates, time stamps and page numbers. A reading counts only if it took the whole text.
        foreach (var found in Util.FindNumbers(digits, region ?? "ZZ", PhoneNumberUtil.Leniency.VALID, 1))
        {
            if (found.Start != 0 || found.Length != digits.Length)
                return null;
            var country = Util.GetRegionCodeForNumber(found.Number);
            return new(
                Util.Format(found.Number, PhoneNumberFormat.E164),
                country is null or "001" or "ZZ" ? null : country,
                Util.GetNumberType(found.Number) switch
                {
                    PhoneNumberType.MOBILE => "mobile",
                    PhoneNumberType.FIXED_LINE => "fixed",
                    PhoneNumberType.FIXED_LINE_OR_MOBILE => "fixed-or-mobile",
                    PhoneNumberType.VOIP => "voip",
                    _ => "other",
                });
        }

        return null;
    }
}
