using System.Text.Json;
using System.Text.Json.Serialization;
using Custos.Detection;
using Custos.Evidence;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Storage;

/// <summary>How records that are read as a whole stand in the index.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [typeof(ExhibitNumberJson), typeof(SpokenAtJson)])]
[JsonSerializable(typeof(Finding))]
[JsonSerializable(typeof(ConductRecord))]
[JsonSerializable(typeof(IReadOnlyList<RiskFact>))]
[JsonSerializable(typeof(SelectorReading))]
[JsonSerializable(typeof(SubjectProposal))]
[JsonSerializable(typeof(IReadOnlyList<HeldMerge>))]
[JsonSerializable(typeof(IReadOnlyList<CommonValue>))]
sealed partial class StorageJson : JsonSerializerContext;

sealed class ExhibitNumberJson : JsonConverter<ExhibitNumber>
{
    public override ExhibitNumber Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, ExhibitNumber value, JsonSerializerOptions options) => writer.WriteNumberValue(value.LeafIndex);
}

sealed class SpokenAtJson : JsonConverter<SpokenAt>
{
    public override SpokenAt Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        SpokenAt.TryParse(reader.GetString(), out var at) ? at : throw new JsonException("not a time");

    public override void Write(Utf8JsonWriter writer, SpokenAt value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
