namespace Custos.Evidence.Tests;

/// <summary>Verdicts as hosts print them: a page for a person, and one line of JSON whose keys scripts rely on.</summary>
public class VerificationTextTests
{
    static readonly Checkpoint Seen = new(Machine.Origin, 7, Merkle.EmptyRoot);

    static readonly Discrepancy[] Wrong = [new(DiscrepancyKind.EntryWrong, "log/tile/entries/000.p/7", new(3), "the entry does not hash to its leaf"), new(DiscrepancyKind.MarkWrong, null, null, "the mark is \"behind\"")];

    const string Origin = """
        "origin":"unit.example/custos/op-lantern","size":7,"root":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        """;

    const string Findings = """
        "discrepancies":[{"kind":"EntryWrong","path":"log/tile/entries/000.p/7","exhibit":"EX-00000003","sentence":"the entry does not hash to its leaf"},{"kind":"MarkWrong","path":null,"exhibit":null,"sentence":"the mark is \"behind\""}],"notices":["one","two"]
        """;

    [Fact]
    public void A_logs_verdict_names_everything_that_is_wrong_and_ends_with_its_sentence()
    {
        var found = new Verification { Checkpoint = Seen, Entries = 7, Opened = 5, Deleted = 1, Witnessed = 6, Discrepancies = Wrong, Notices = ["one", "two"] };
        VerificationText.Plain("op-lantern", found).ShouldBe(
            """
            log op-lantern
              origin unit.example/custos/op-lantern
              size   7
              root   47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
              WRONG  EntryWrong EX-00000003 log/tile/entries/000.p/7: the entry does not hash to its leaf
              WRONG  MarkWrong: the mark is "behind"
              note   one
              note   two
            NOT VERIFIED: 2 things are wrong in the 7 entries of unit.example/custos/op-lantern.
            """);
        VerificationText.Json("op-lantern", found).ShouldBe(
            $$"""{"log":"op-lantern","verified":false,{{Origin}},"entries":7,"opened":5,"deleted":1,"witnessed":6,{{Findings}},"sentence":"NOT VERIFIED: 2 things are wrong in the 7 entries of unit.example/custos/op-lantern."}""");

        var right = found with { Discrepancies = [], Notices = [] };
        VerificationText.Plain("op-lantern", right).ShouldEndWith("\nVerified: 7 entries of unit.example/custos/op-lantern follow to the signed root, 5 contents opened and match.");
        VerificationText.Json("op-lantern", right).ShouldContain("\"verified\":true");
        var unread = new Verification { Discrepancies = Wrong[..1], Notices = [] };
        VerificationText.Plain("op-lantern", unread).ShouldBe("log op-lantern\n  WRONG  EntryWrong EX-00000003 log/tile/entries/000.p/7: the entry does not hash to its leaf\nNOT VERIFIED: the entry does not hash to its leaf");
        VerificationText.Json("op-lantern", unread).ShouldStartWith("""{"log":"op-lantern","verified":false,"entries":0,""");
    }

    [Fact]
    public void A_bags_verdict_names_its_logs_and_the_keys_it_brought()
    {
        var key = new Machine().Signer.Verifier.Key;
        var found = new BagVerification { Bag = "bag-1", Files = 9, Bytes = 1_234, Logs = [new("op-lantern", Seen, [key], 4, 3, 1, 2, 5), new("op-other", null, [], 0, 0, 0, 0, 0)], Discrepancies = Wrong, Notices = ["one", "two"] };
        VerificationText.Plain(found).ShouldBe(
            """
            bag bag-1
              files  9, 1234 bytes
              log    op-lantern
                origin unit.example/custos/op-lantern
                size   7
                root   47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
                4 proofs hold, 3 contents match, 1 deleted under an order, 2 custody events, 5 parts of recordings not in the bag
              log    op-other
                0 proofs hold, 0 contents match, 0 deleted under an order, 0 custody events, 0 parts of recordings not in the bag
              WRONG  EntryWrong EX-00000003 log/tile/entries/000.p/7: the entry does not hash to its leaf
              WRONG  MarkWrong: the mark is "behind"
              note   one
              note   two
            NOT VERIFIED: 2 things are wrong in the bag bag-1.
            """);
        VerificationText.Json(found).ShouldBe(
            $$"""{"bag":"bag-1","verified":false,"files":9,"bytes":1234,"logs":[{"slug":"op-lantern",{{Origin}},"proofs":4,"contents":3,"deleted":1,"custodyEvents":2,"partsElsewhere":5,"keysInBag":["{{key}}"]},{"slug":"op-other","proofs":0,"contents":0,"deleted":0,"custodyEvents":0,"partsElsewhere":0,"keysInBag":[]}],{{Findings}},"sentence":"NOT VERIFIED: 2 things are wrong in the bag bag-1."}""");

        var right = found with { Discrepancies = [], Notices = [] };
        right.Sentence.ShouldBe("Verified: 9 files are as they were bagged; 4 entries follow to the signed root of 2 logs, 3 contents match, 1 were deleted under an order.");
        (right with { Logs = [right.Logs[0] with { Deleted = 0 }] }).Sentence.ShouldBe("Verified: 9 files are as they were bagged; 4 entries follow to the signed root of unit.example/custos/op-lantern, 3 contents match.");
        (right with { Discrepancies = Wrong[..1] }).Sentence.ShouldBe("NOT VERIFIED: 1 thing is wrong in the bag bag-1.");
    }

    [Fact]
    public void A_proofs_verdict_is_one_line_of_JSON() =>
        VerificationText.Json(3, Seen, true, "signed by w1", "EX-00000003 is in the log.").ShouldBe(
            $$"""{"index":3,"verified":true,{{Origin}},"signed":"signed by w1","sentence":"EX-00000003 is in the log."}""");
}
