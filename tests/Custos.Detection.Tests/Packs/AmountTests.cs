using System.Text.Json;
using Custos.Fixtures;

namespace Custos.Detection.Tests;

/// <summary>With the packs that ship: the amount beside an offer is a number in the finding, whatever stood between its digits.</summary>
public class AmountTests
{
    static readonly DetectionEngine Engine = DetectionEngine.Open(Pack.Load(Path.Combine(Checkout.Root, "packs")), DetectionModel.Builtin, new DetectionOptions());

    [Theory]
    [InlineData("$50", "50")]
    [InlineData("5\u200b0 dollars", "50")]
    [InlineData("$5\u00ad0", "50")]
    [InlineData("$5\ufe0f0", "50")]
    [InlineData("$007", "7")]
    [InlineData("$1,250.50", "1250.50")]
    [InlineData("$5k", "5000")]
    public void An_amount_is_a_number_and_nothing_else(string written, string amount)
    {
        var told = new Told(Engine).Says("ann", "how old are you").Says("bob", "im 13").Says("ann", $"i will pay you {written} for a show");
        var offered = told.Indicators.Where(i => i.Code == "payment.offer").SelectMany(i => i.Attributes).Where(a => a.Name == "amount").ToArray();
        offered.ShouldHaveSingleItem().Value.ShouldBe(amount);
        JsonDocument.Parse(offered[0].Value).RootElement.ValueKind.ShouldBe(JsonValueKind.Number);
    }
}
