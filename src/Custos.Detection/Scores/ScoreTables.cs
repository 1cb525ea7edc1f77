using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Custos.Detection;

/// <summary>The integer arithmetic of evidence and probability: no floating point, so that every machine writes the same bytes.</summary>
static partial class ScoreTables
{
    internal const string TDigest = "0444530899713d7c57fc6cb57dc3cffd61782b92a5ec47c662a0a9886e96da47";
    internal const string SDigest = "cd6024c35eca3250300b687525f9bd55325331ad24bd14274c106b06a463aa0b";

    /// <summary>The largest i with T[i] at most <paramref name="weight"/>.</summary>
    /// <param name="weight">Millibits, 1 to 65,535.</param>
    internal static int L(int weight)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, 1);
        int low = 0, high = T.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (T[middle] <= weight)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    /// <summary>T at an index that has aged; 0 once it is below the table.</summary>
    internal static int Aged(int index) => index < 0 ? 0 : T[Math.Min(index, T.Length - 1)];

    /// <summary>The probability of logarithmic odds.</summary>
    /// <param name="millibits">Thousandths of log2 of the odds.</param>
    internal static int Millionths(int millibits)
    {
        var x = Math.Clamp(millibits, -20_000, 20_000);
        var scaled = (64 * x) + 500;
        var j = scaled >= 0 ? scaled / 1000 : -((999 - scaled) / 1000);
        return Math.Clamp(S[j + 1280], 1, 999_999);
    }

    /// <summary>log2(p / (1 - p)) of a decimal fraction, in millibits, rounded to the nearest.</summary>
    /// <exception cref="FormatException">The text is no decimal fraction between 0 and 1, both excluded.</exception>
    internal static int LogitMillibits(string fraction)
    {
        if (!TryReadFraction(fraction, out var numerator, out var denominator))
            throw new FormatException("A probability is written as a decimal fraction between 0 and 1, for example 0.001.");
        return Log2Millibits(numerator, denominator - numerator);
    }

    /// <summary>Reads a decimal fraction as whole numbers.</summary>
    internal static bool TryReadFraction(string text, out BigInteger numerator, out BigInteger denominator)
    {
        numerator = default;
        denominator = BigInteger.One;
        if (text.Length is 0 or > 30)
            return false;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var digits = dot < 0 ? text : string.Concat(text.AsSpan(0, dot), text.AsSpan(dot + 1));
        if (!BigInteger.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out numerator))
            return false;
        if (dot >= 0)
            denominator = BigInteger.Pow(10, text.Length - dot - 1);
        return numerator > 0 && numerator < denominator;
    }

    // log2(a / b) by repeated squaring of a 64-bit fixed-point mantissa: twenty binary digits after the point, then rounded to thousandths.
    static int Log2Millibits(BigInteger a, BigInteger b)
    {
        var exponent = 0;
        while (a >= b * 2)
        {
            b *= 2;
            exponent++;
        }

        while (a < b)
        {
            a *= 2;
            exponent--;
        }

        var mantissa = (a << 62) / b;
        long fraction = 0;
        for (var bit = 0; bit < 20; bit++)
        {
            mantissa = (mantissa * mantissa) >> 62;
            fraction <<= 1;
            if (mantissa >> 63 > 0)
            {
                mantissa >>= 1;
                fraction |= 1;
            }
        }

        var scaled = (((long)exponent << 20) + fraction) * 1000;
        return (int)((scaled + (1 << 19)) >> 20);
    }

    internal static string DigestOf(ReadOnlySpan<int> table)
    {
        var bytes = new byte[table.Length * 4];
        for (var i = 0; i < table.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * 4), table[i]);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
