// keys/<slug>.key (evidence-spec, section 8): a line per version of the operation key. While a rotation runs, a line beside them holds
// the custody event it is still to record; when a closed operation's key was destroyed, one line says so and nothing else is there.
using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>One version of an operation key, wrapped.</summary>
sealed record OperationKeyLine(uint Version, string UnitKeyId, byte[] Wrapped);

/// <summary>What <c>keys/&lt;slug&gt;.key</c> says.</summary>
/// <param name="Versions">Ascending.</param>
/// <param name="Rotating">Content of the custody event of a rotation that is under way; null if none is.</param>
/// <param name="DestroyedBy">The exhibit that closed the operation, if its key was destroyed.</param>
sealed record OperationKeyFile(IReadOnlyList<OperationKeyLine> Versions, byte[]? Rotating, ExhibitNumber? DestroyedBy)
{
    const string Key = "custos/opkey/v1";
    const string Under = "custos/rotating/v1";
    const string Gone = "custos/opkey-destroyed/v1";

    public static OperationKeyFile Destroyed(ExhibitNumber by) => new([], null, by);

    /// <summary>Reads the file; null if it is not there.</summary>
    public static OperationKeyFile? Read(IDisk disk, string path)
    {
        if (disk.TryReadAll(path) is not { } bytes)
            return null;
        var versions = new List<OperationKeyLine>();
        byte[]? rotating = null;
        ExhibitNumber? destroyed = null;
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            if (words is [Key, var number, var unit, var text] && uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && Base64Text.TryDecode(text, out var wrapped)
                && (versions.Count == 0 || versions[^1].Version < version))
                versions.Add(new(version, unit, wrapped));
            else if (words is [Under, var content] && Base64Text.TryDecode(content, out var decoded))
                rotating = decoded;
            else if (words is [Gone, var exhibit] && ExhibitNumber.TryParse(exhibit, out var by))
                destroyed = by;
            else
                throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The operation key '{path}' is malformed. Nothing was changed. Bring the file back from a copy of the key folder.", 0);
        }

        return versions.Count > 0 || destroyed is not null
            ? new(versions, rotating, destroyed)
            : throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The operation key '{path}' is empty. Nothing was changed. Bring the file back from a copy of the key folder.", 0);
    }

    public void Write(IDisk disk, string path) => disk.Replace(path, ToBytes(), secret: true);

    public static byte[] Additional(string origin, uint version)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes($"{Key}\0{origin}\0"), 0, 0, 0, 0];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - 4), version);
        return bytes;
    }

    byte[] ToBytes()
    {
        var text = new StringBuilder();
        foreach (var line in Versions)
            text.Append(CultureInfo.InvariantCulture, $"{Key} {line.Version} {line.UnitKeyId} {Convert.ToBase64String(line.Wrapped)}\n");
        if (Rotating is not null)
            text.Append(CultureInfo.InvariantCulture, $"{Under} {Convert.ToBase64String(Rotating)}\n");
        if (DestroyedBy is { } by)
            text.Append(CultureInfo.InvariantCulture, $"{Gone} {by}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
