// Legal hold: exhibits `hold.set` and `hold.lifted`, content UTF-8 JSON with the fields below. The log refuses to delete what is held,
// whoever asks; a hold ends only by a lifting that names it.
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Custos.Evidence;

/// <summary>An order that nothing of an operation, or none of certain exhibits, may be deleted.</summary>
public sealed record HoldOrder
{
    /// <summary>What is held; null for everything in the operation, what is still to come included.</summary>
    public IReadOnlyList<ExhibitNumber>? Exhibits { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Under which authority; its reference is required.</summary>
    public required CustodyAuthority Authority { get; init; }

    /// <summary>Who sets it.</summary>
    public required CustodyPerson Actor { get; init; }
}

/// <summary>A hold as recorded.</summary>
/// <param name="Number">The exhibit that set it.</param>
/// <param name="Since">When.</param>
/// <param name="Exhibits">What is held, by leaf index; null for everything.</param>
/// <param name="Reason">Why.</param>
/// <param name="Authority">Under which authority.</param>
/// <param name="SetBy">Who.</param>
/// <param name="LiftedBy">The exhibit that lifted it; null while it is in force.</param>
public sealed record Hold(ExhibitNumber Number, DateTimeOffset Since, IReadOnlyList<long>? Exhibits, string Reason, CustodyAuthority Authority, CustodyPerson SetBy, ExhibitNumber? LiftedBy);

/// <summary>The content of <c>hold.set</c> and <c>hold.lifted</c>.</summary>
sealed record HoldContent
{
    public const string Set = "hold.set";
    public const string Lifted = "hold.lifted";

    public IReadOnlyList<long>? Exhibits { get; init; }

    public long? Hold { get; init; }

    public required string Reason { get; init; }

    public required CustodyAuthority Authority { get; init; }

    public required CustodyPerson Actor { get; init; }

    public byte[] ToContent() => JsonSerializer.SerializeToUtf8Bytes(this, HoldJson.Default.HoldContent);

    public static HoldContent? TryParse(ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, HoldJson.Default.HoldContent);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static HoldContent Parse(Exhibit exhibit) => TryParse(exhibit.Content.Span)
        ?? throw new EvidenceLogException(EvidenceFault.LogDamaged, $"The hold {exhibit.Number} cannot be read, so it is not known what is held. Nothing was changed. Run the verifier over the log.", 0);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HoldContent))]
sealed partial class HoldJson : JsonSerializerContext;
