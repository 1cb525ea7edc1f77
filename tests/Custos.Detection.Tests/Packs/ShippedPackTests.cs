using Custos.Fixtures;

namespace Custos.Detection.Tests;

public class ShippedPackTests
{
    static readonly string Packs = Path.Combine(Checkout.Root, "packs");

    [Fact]
    public void Every_example_fires_and_no_counter_example_does()
    {
        var problems = PackLint.Check(Packs);
        string.Join("\n", problems).ShouldBe("");
    }
}
