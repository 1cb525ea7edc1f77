using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Custos.Evidence.Timestamps;

/// <summary>One authority as a unit has set it up.</summary>
/// <param name="Name">Its name, 1 to 32 of a-z, 0-9 and hyphen.</param>
/// <param name="Address">Where it is.</param>
/// <param name="IsQualified">Whether the unit declares it qualified (eIDAS, Article 41).</param>
/// <param name="Policy">The policy that is asked for, an OID; null for the authority's own.</param>
public sealed record AuthoritySetting(string Name, Uri Address, bool IsQualified, string? Policy);

/// <summary>The authorities of a data folder: <c>timestamps/authorities</c> names them, <c>timestamps/&lt;name&gt;.pem</c> holds the roots of each.</summary>
/// <remarks>A line is <c>authority &lt;name&gt; &lt;url&gt; [qualified] [policy=&lt;oid&gt;]</c>; <c>#</c> begins a comment (docs/formats/anchors.md).</remarks>
public static class TimestampSettings
{
    /// <summary>The authorities that are set up; none without the file.</summary>
    /// <exception cref="FormatException">A line is malformed; the message names it.</exception>
    public static IReadOnlyList<AuthoritySetting> Read(string dataFolder)
    {
        var path = FileOf(dataFolder);
        if (!File.Exists(path))
            return [];
        var found = new List<AuthoritySetting>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0][0] == '#')
                continue;
            FormatException Malformed(string what) => new(string.Create(CultureInfo.InvariantCulture, $"'{path}' is malformed: line {number} {what}."));
            if (words.Length < 3 || words[0] != "authority")
                throw Malformed("is not 'authority NAME URL [qualified] [policy=OID]'");
            if (!IsName(words[1]) || found.Any(known => known.Name == words[1]))
                throw Malformed("needs a name of its own, 1 to 32 of a-z, 0-9 and hyphen");
            if (!Uri.TryCreate(words[2], UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                throw Malformed("needs an http or https address");
            var policy = words.Skip(3).FirstOrDefault(word => word.StartsWith("policy=", StringComparison.Ordinal))?["policy=".Length..];
            if (words.Skip(3).Any(word => word != "qualified" && !word.StartsWith("policy=", StringComparison.Ordinal)) || (policy is not null && !IsOid(policy)))
                throw Malformed("ends in something else than 'qualified' and 'policy=OID'");
            found.Add(new(words[1], address, words.Skip(3).Contains("qualified"), policy));
        }

        return found;
    }

    /// <summary>Adds an authority with its roots.</summary>
    /// <exception cref="FormatException">The name is taken or malformed, or the file of roots holds no certificate.</exception>
    public static void Add(string dataFolder, AuthoritySetting authority, string rootsFile)
    {
        ArgumentNullException.ThrowIfNull(authority);
        if (!IsName(authority.Name) || Read(dataFolder).Any(known => known.Name == authority.Name))
            throw new FormatException($"An authority needs a name of its own, 1 to 32 of a-z, 0-9 and hyphen; '{authority.Name}' is not one. Nothing was changed.");
        if (authority.Policy is { } policy && !IsOid(policy))
            throw new FormatException($"'{policy}' is no OID. Nothing was changed.");
        var roots = ReadRoots(rootsFile);
        Directory.CreateDirectory(Path.Combine(dataFolder, "timestamps"));
        File.WriteAllText(RootsOf(dataFolder, authority.Name), string.Concat(roots.Select(root => root.ExportCertificatePem() + "\n")));
        File.AppendAllText(FileOf(dataFolder), $"authority {authority.Name} {authority.Address}{(authority.IsQualified ? " qualified" : "")}{(authority.Policy is { } oid ? $" policy={oid}" : "")}\n");
    }

    /// <summary>The authorities, ready to be asked.</summary>
    /// <exception cref="FormatException">A line is malformed, or roots are missing.</exception>
    public static IReadOnlyList<ITimestampAuthority> Open(string dataFolder, HttpMessageInvoker http, TimeProvider time) =>
    [
        .. Read(dataFolder).Select(setting => new TimestampAuthority(setting.Name, setting.Address, ReadRoots(RootsOf(dataFolder, setting.Name)), http, time)
        {
            IsQualified = setting.IsQualified,
            Policy = setting.Policy is { } oid ? new Oid(oid) : null,
        }),
    ];

    /// <summary>Certificates of a PEM file.</summary>
    /// <exception cref="FormatException">It is missing or holds none.</exception>
    public static X509Certificate2Collection ReadRoots(string path)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"The roots '{path}' cannot be read. {e.Message}", e);
        }

        return roots.Count > 0 ? roots : throw new FormatException($"'{path}' holds no certificate in PEM form.");
    }

    internal static string RootsOf(string dataFolder, string name) => Path.Combine(dataFolder, "timestamps", name + ".pem");

    internal static bool IsName(string name) => name.Length is >= 1 and <= 32 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    static string FileOf(string dataFolder) => Path.Combine(dataFolder, "timestamps", "authorities");

    static bool IsOid(string text) => text.Split('.') is { Length: > 1 } arcs && arcs.All(arc => arc.Length is > 0 and < 19 && arc.All(char.IsAsciiDigit));
}

/// <summary>Judges stored time-stamps by roots: those of a data folder, or those of one file for every authority.</summary>
public sealed class TimestampVerifier : ITimestampVerifier
{
    readonly Func<string, X509Certificate2Collection?> _roots;
    readonly Dictionary<string, X509Certificate2Collection?> _known = new(StringComparer.Ordinal);

    TimestampVerifier(Func<string, X509Certificate2Collection?> roots) => _roots = roots;

    /// <summary>No root at all: stamps are judged for their bytes, and not for who signed them.</summary>
    public static TimestampVerifier WithoutRoots => new(_ => null);

    /// <summary>One file of roots for every authority.</summary>
    /// <exception cref="FormatException">It is missing or holds no certificate.</exception>
    public static TimestampVerifier Of(string rootsFile)
    {
        var roots = TimestampSettings.ReadRoots(rootsFile);
        return new(_ => roots);
    }

    /// <summary>The roots of a file, if one is named, else those that stand in the data folder.</summary>
    /// <exception cref="FormatException">The file is missing or holds no certificate.</exception>
    public static TimestampVerifier For(string? rootsFile, string dataFolder) => rootsFile is null ? Beside(dataFolder) : Of(rootsFile);

    /// <summary>The roots that stand in a data folder; an authority without any is not traced to one.</summary>
    public static TimestampVerifier Beside(string dataFolder) => new(name =>
        TimestampSettings.IsName(name) && File.Exists(TimestampSettings.RootsOf(dataFolder, name)) ? TimestampSettings.ReadRoots(TimestampSettings.RootsOf(dataFolder, name)) : null);

    /// <inheritdoc/>
    public StampFinding Verify(string authority, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> query, ReadOnlySpan<byte> reply)
    {
        if (!_known.TryGetValue(authority, out var roots))
            roots = _known[authority] = _roots(authority);
        var verdict = new Timestamp(query.ToArray(), reply.ToArray()).Verify(bytes, roots);
        return new(verdict.Time, verdict.Sentence, roots is not null);
    }
}
