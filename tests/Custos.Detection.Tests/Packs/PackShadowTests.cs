using System.Buffers;
using System.Text;
using Custos.Evidence;
using Custos.Vocabulary;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Detection.Tests;

public class PackShadowTests
{
    [Fact]
    public void A_changed_pack_is_compared_and_alerts_nobody()
    {
        using var folder = new PackFolder();
        folder.Write("en/more.yaml", More);
        var published = folder.Load();
        folder.Write("local/ours.yaml", "pack-format: 1\nlanguage: en\nlists: {device: [lookie]}\ndisable:\n  - {rule: en.pay, reason: trial, by: A. Analyst}\n");
        var candidate = folder.Load();
        var findings = new Lines();
        var shadow = new PackShadow(published, candidate, DetectionModel.Builtin, new DetectionOptions(), findings);
        Say(shadow, "a1", "turn on your lookie and i will give you money for it");
        Say(shadow, "b1", "no");
        Say(shadow, "a1", "turn on your cam and i will give you money for it");
        var report = shadow.Report();
        report.Messages.ShouldBe(3);
        report.PublishedHash.ShouldBe(published.Hash);
        report.CandidateHash.ShouldBe(candidate.Hash);
        report.Rules.ShouldBe([new ShadowRule("en.camera.ask", 1, 2), new ShadowRule("en.pay", 2, 0)]);
        report.PublishedAlerts.ShouldBe(1);
        report.CandidateAlerts.ShouldBe(0);
        report.Gained.ShouldBeEmpty();
        var lost = report.Lost.ShouldHaveSingleItem();
        (lost.Account, lost.Counterpart, lost.MessageId).ShouldBe(("a1", "b1", "3"));
        lost.Rules.ShouldBe(["en.camera.ask", "en.pay"]);
        findings.Written.Count.ShouldBe(2);
        findings.Written.ShouldAllBe(line => line.EndsWith(",\"shadow\":true}\n", StringComparison.Ordinal));
    }

    const string More = """
        pack-format: 1
        language: en
        lists:
          give: ["i will give you money"]
        rules:
          - id: en.pay
            code: payment.offer
            say: {any: give}
            strength: strong
            examples: ["{give}"]
            counter-examples: ["no"]

        """;

    int _number;

    void Say(PackShadow shadow, string from, string text)
    {
        var exhibit = new ScratchLog(new FakeTimeProvider()).Append(new NewExhibit("chat", "test", ReadOnlyMemory<byte>.Empty));
        var id = (++_number).ToString(System.Globalization.CultureInfo.InvariantCulture);
        shadow.Read(new RecordedMessage(exhibit, 0, 0, new ChatMessage(new VenueId("v"), "t", id, null, new Handle(from), null, text, Direction.None)));
    }

    sealed class Lines : IFindingSink
    {
        internal List<string> Written { get; } = [];

        public void Add(Finding finding, ExhibitNumber exhibit)
        {
            var buffer = new ArrayBufferWriter<byte>();
            FindingWriter.Write(buffer, finding, withExhibits: false, shadow: true);
            Written.Add(Encoding.UTF8.GetString(buffer.WrittenSpan));
        }
    }
}
