using System.Text;

namespace Custos.Authority.Tests;

public class DeletionOrderFileTests
{
    const string Whole = """
        deletion-format: 1
        operation: lantern
        exhibits:
          - EX-00000020 to EX-00000022
          - EX-00000010
          - EX-00000021
        reason: words of a bystander
        authority: ORDER-5
        carried-out-by:
          id: officer-7
          name: N. Example
        agreed-by:
          id: super-1
        key-copies: destroyed on 2026-11-28

        """;

    static (OrderedDeletion? Order, IReadOnlyList<AuthorizationFault> Faults) Read(string text) => DeletionOrderFile.Read(Encoding.UTF8.GetBytes(text), "order.yaml");

    [Fact]
    public void An_order_names_each_exhibit_once_in_order_and_two_persons()
    {
        var (order, faults) = Read(Whole);
        faults.ShouldBeEmpty();
        order!.Exhibits.ShouldBe([10, 20, 21, 22]);
        (order.Operation.Value, order.Reason, order.Authority, order.CarriedOutBy.Id.Value, order.CarriedOutBy.Name, order.AgreedBy.Id.Value, order.KeyCopies)
            .ShouldBe(("lantern", "words of a bystander", "ORDER-5", "officer-7", "N. Example", "super-1", "destroyed on 2026-11-28"));
    }

    [Theory]
    [InlineData("  id: super-1", "  id: officer-7", "two persons must agree")]
    [InlineData("EX-00000010", "10", "an exhibit as in EX-00000007")]
    [InlineData("EX-00000020 to EX-00000022", "EX-00000022 to EX-00000020", "an exhibit as in EX-00000007")]
    [InlineData("EX-00000020 to EX-00000022", "EX-00000000 to EX-00009999", "more than 4,000 exhibits")]
    [InlineData("EX-00000020 to EX-00000022", "EX-00000000 to EX-9223372036854775807", "more than 4,000 exhibits")]
    [InlineData("authority: ORDER-5\n", "", "the field is missing")]
    [InlineData("reason: words of a bystander", "reason: \" \"", "it is empty")]
    [InlineData("deletion-format: 1", "deletion-format: 2", "format 1")]
    [InlineData("carried-out-by:\n  id: officer-7", "carried-out-by:\n  id: Officer 7", "a pseudonym")]
    public void What_is_wrong_is_named_with_its_line(string right, string wrong, string says)
    {
        Whole.ShouldContain(right);
        var (order, faults) = Read(Whole.Replace(right, wrong, StringComparison.Ordinal));
        order.ShouldBeNull();
        faults.ShouldContain(fault => fault.Problem.Contains(says, StringComparison.Ordinal) && fault.Line > 0);
    }
}
