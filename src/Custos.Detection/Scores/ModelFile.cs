// The .custosmodel file of docs/formats/custosmodel.md: CUSTMDL1, header length (uint32 LE), canonical JSON header, weights, SHA-256 of all before.
// The header is the JSON Canonicalization Scheme (RFC 8785) of integers and ASCII strings: keys sorted, no spaces.
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Custos.Detection;

/// <summary>Reads and writes a model's file. Whole or not at all.</summary>
static class ModelFile
{
    internal const string Format = "custosmodel/1";
    const int LongestHeader = 1 << 20;
    static readonly byte[] Magic = "CUSTMDL1"u8.ToArray();

    /// <summary>The bytes of a model's file; the hash of a model is its last 32.</summary>
    internal static byte[] Write(ModelHeader header, ModelWeights weights)
    {
        var json = Json(header);
        var file = new byte[Magic.Length + 4 + json.Length + ModelWeights.Bytes + SHA256.HashSizeInBytes];
        Magic.CopyTo(file, 0);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Magic.Length), json.Length);
        json.CopyTo(file, Magic.Length + 4);
        weights.Write(file.AsSpan(Magic.Length + 4 + json.Length));
        var signed = file.Length - SHA256.HashSizeInBytes;
        SHA256.HashData(file.AsSpan(0, signed), file.AsSpan(signed));
        return file;
    }

    internal static DetectionModel Read(string path, byte[] file)
    {
        if (!file.AsSpan().StartsWith(Magic))
            throw new ModelException(path, "it does not begin with CUSTMDL1, so it is no model. Name a file that 'custos train' wrote.");
        if (file.Length < Magic.Length + 4 + SHA256.HashSizeInBytes)
            throw Damaged(path);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(file.AsSpan(0, file.Length - hash.Length), hash);
        if (!hash.SequenceEqual(file.AsSpan(file.Length - hash.Length)))
            throw Damaged(path);
        var length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(Magic.Length));
        if (length is < 2 or > LongestHeader || length > file.Length - Magic.Length - 4 - hash.Length)
            throw new ModelException(path, "its header has no length that fits. Train it again, or copy it again from where it was trained.");
        var header = ReadHeader(path, file.AsMemory(Magic.Length + 4, length));
        var weights = file.AsSpan(Magic.Length + 4 + length, file.Length - Magic.Length - 4 - length - hash.Length);
        if (weights.Length != ModelWeights.Bytes)
            throw new ModelException(path, string.Create(CultureInfo.InvariantCulture, $"it holds {weights.Length} bytes of weights where {ModelWeights.Bytes} belong. Train it again."));
        return new("sha256:" + Convert.ToHexStringLower(hash), header, ModelWeights.Read(weights));
    }

    static ModelException Damaged(string path) =>
        new(path, "its bytes do not match the SHA-256 at its end: it was cut short or changed. Copy it again from where it was trained, or train it again.");

    static byte[] Json(ModelHeader header)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("bias");
            json.WriteNumberValue(header.AuthorBias);
            json.WriteNumberValue(header.CounterpartBias);
            json.WriteEndArray();
            json.WriteStartObject("caps");
            json.WriteNumber("against", Evidence.AgainstFloor);
            json.WriteNumber("family", Evidence.Cap);
            json.WriteNumber("model", ModelEvidence.Cap);
            json.WriteEndObject();
            json.WriteStartArray("corpus");
            foreach (var digest in header.Corpus)
                json.WriteStringValue(digest);
            json.WriteEndArray();
            json.WriteStartObject("counts");
            json.WriteNumber("authors", header.Counts.Authors);
            json.WriteNumber("conversations", header.Counts.Conversations);
            json.WriteNumber("messages", header.Counts.Messages);
            json.WriteNumber("positiveConversations", header.Counts.PositiveConversations);
            json.WriteNumber("positives", header.Counts.Positives);
            json.WriteEndObject();
            json.WriteString("deploymentPrior", header.DeploymentPrior);
            json.WriteNumber("drift", header.Drift);
            json.WriteNumber("engineFloor", header.EngineFloor);
            json.WriteNumber("featureVersion", header.FeatureVersion);
            json.WriteStartArray("folds");
            foreach (var fold in header.Folds)
            {
                json.WriteStartObject();
                json.WriteNumber("conversations", fold.Conversations);
                json.WriteNumber("f05", fold.F05);
                json.WriteNumber("positives", fold.Positives);
                json.WriteNumber("precision", fold.Precision);
                json.WriteNumber("recall", fold.Recall);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("format", Format);
            json.WriteStartObject("indicators");
            foreach (var (code, millibits) in header.Indicators.OrderBy(i => i.Key, StringComparer.Ordinal))
                json.WriteNumber(code, millibits);
            json.WriteEndObject();
            json.WriteStartArray("knots");
            foreach (var knot in header.Knots)
            {
                json.WriteStartArray();
                json.WriteNumberValue(knot.Evidence);
                json.WriteNumberValue(knot.LogOdds);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteNumber("placeMargin", header.PlaceMargin);
            json.WriteNumber("seed", header.Seed);
            json.WriteNumber("slots", ModelFeatures.Slots);
            json.WriteNumber("threshold", header.Threshold);
            json.WriteString("trainingPrior", header.TrainingPrior);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    // Every field is required: a header that lacks one was not written by this program.
    static ModelHeader ReadHeader(string path, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            if (root.GetProperty("format").GetString() != Format)
                throw new ModelException(path, $"its format is not {Format}, the one this program reads. Train it again with this version of custos.");
            if (root.GetProperty("engineFloor").GetInt32() is var floor && floor > DetectionEngine.EngineNumber)
                throw new ModelException(path, string.Create(CultureInfo.InvariantCulture, $"it needs detection/{floor} or later and this program is {DetectionEngine.EngineName}. Use a newer custos, or a model trained with this one."));
            if (root.GetProperty("featureVersion").GetInt32() is var version && version != ModelFeatures.Version)
                throw new ModelException(path, string.Create(CultureInfo.InvariantCulture, $"it was trained on feature version {version} and this program makes version {ModelFeatures.Version}. Train it again with this version of custos."));
            var caps = root.GetProperty("caps");
            if (root.GetProperty("slots").GetInt32() != ModelFeatures.Slots || caps.GetProperty("family").GetInt32() != Evidence.Cap
                || caps.GetProperty("model").GetInt32() != ModelEvidence.Cap || caps.GetProperty("against").GetInt32() != Evidence.AgainstFloor)
            {
                throw new ModelException(path, "its sizes or caps are not the ones of this engine. Train it again with this version of custos.");
            }

            var bias = root.GetProperty("bias");
            var counts = root.GetProperty("counts");
            var header = new ModelHeader
            {
                EngineFloor = floor,
                FeatureVersion = version,
                AuthorBias = bias[0].GetInt32(),
                CounterpartBias = bias[1].GetInt32(),
                Drift = root.GetProperty("drift").GetInt32(),
                Knots = [.. root.GetProperty("knots").EnumerateArray().Select(k => new ModelKnot(k[0].GetInt32(), k[1].GetInt32()))],
                Indicators = root.GetProperty("indicators").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32(), StringComparer.Ordinal),
                TrainingPrior = root.GetProperty("trainingPrior").GetString() ?? "",
                DeploymentPrior = root.GetProperty("deploymentPrior").GetString() ?? "",
                Threshold = root.GetProperty("threshold").GetInt32(),
                PlaceMargin = root.GetProperty("placeMargin").GetInt32(),
                Corpus = [.. root.GetProperty("corpus").EnumerateArray().Select(c => c.GetString() ?? "")],
                Counts = new(
                    counts.GetProperty("authors").GetInt64(), counts.GetProperty("positives").GetInt64(), counts.GetProperty("conversations").GetInt64(),
                    counts.GetProperty("positiveConversations").GetInt64(), counts.GetProperty("messages").GetInt64()),
                Seed = root.GetProperty("seed").GetInt64(),
                Folds = [.. root.GetProperty("folds").EnumerateArray().Select(f => new ModelFold(
                    f.GetProperty("positives").GetInt32(), f.GetProperty("conversations").GetInt32(), f.GetProperty("precision").GetInt32(),
                    f.GetProperty("recall").GetInt32(), f.GetProperty("f05").GetInt32()))],
            };
            if (Wrong(header) is { } wrong)
                throw new ModelException(path, wrong);
            return header;
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or ArgumentException)
        {
            throw new ModelException(path, "its header lacks a field or holds one of another type. It was not written by 'custos train' of this version; train it again.");
        }
    }

    static string? Wrong(ModelHeader header)
    {
        for (var i = 1; i < header.Knots.Count; i++)
        {
            if (header.Knots[i].Evidence <= header.Knots[i - 1].Evidence || header.Knots[i].LogOdds <= header.Knots[i - 1].LogOdds)
                return "its calibrator does not rise from knot to knot. Train it again.";
        }

        if (header.Knots.Count < 2 || header.Knots.Any(k => Math.Abs(k.Evidence) > 1_000_000 || Math.Abs(k.LogOdds) > 1_000_000))
            return "its calibrator needs two knots or more, within a thousand bits. Train it again.";
        foreach (var (code, millibits) in header.Indicators)
        {
            if (IndicatorCatalogue.Find(code) is not { } definition)
                return "it weighs an indicator that is not of the closed list. Train it again with this version of custos.";
            var (least, most) = definition.Kind == IndicatorKind.Exculpatory ? (-6_000, 0) : (0, 10_000);
            if (millibits < least || millibits > most)
                return string.Create(CultureInfo.InvariantCulture, $"its weight of {code} is outside {least} to {most} millibits. Train it again.");
        }

        return header.Threshold is < 1 or > 999_999 || header.PlaceMargin is < 0 or > 100_000 || header.Drift is < -100_000 or > 100_000
            || Math.Abs((long)header.AuthorBias) > 100_000 || Math.Abs((long)header.CounterpartBias) > 100_000
            || !DetectionOptions.IsPrior(header.TrainingPrior) || !DetectionOptions.IsPrior(header.DeploymentPrior)
            ? "its threshold, margin, drift, bias or prior is out of range. Train it again."
            : null;
    }
}
