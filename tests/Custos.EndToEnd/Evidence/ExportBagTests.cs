using System.Text.Json;
using Custos.Evidence.Ed25519;
using Custos.Fixtures;

namespace Custos.EndToEnd.Evidence;

/// <summary><c>custos export bag</c> and <c>custos-verify bag</c>: the programs themselves, with their exit codes.</summary>
public class ExportBagTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Task<(int Code, string Output, string Error)> CustosAsync(params string[] arguments) => VerifyProgramsTests.CustosAsync(arguments);

    static Task<(int Code, string Output, string Error)> VerifierAsync(params string[] arguments) => VerifyProgramsTests.VerifierAsync(arguments);

    [Fact]
    public async Task A_bag_is_written_verified_by_both_programs_and_its_leaving_stands_in_the_chain()
    {
        using var folder = new ScratchFolder();
        var (data, bags, recording, note) = (folder["data"], folder["bags"], folder["colour-bars.webm"], folder["letter.txt"]);
        await VerifyProgramsTests.CreateLanternAsync(data, "record");
        await File.WriteAllBytesAsync(recording, [.. Enumerable.Range(0, 9_000).Select(i => (byte)(i / 64))], Stop);
        await File.WriteAllTextAsync(note, "covering letter", Stop);
        var sealing = await CustosAsync("record", "add", recording, "--operation", "lantern", "--data", data, "--venue", "irc://irc.example.org/#room", "--mime", "video/webm", "--json");
        sealing.Code.ShouldBe(0, sealing.Error);
        var opened = JsonDocument.Parse(sealing.Output).RootElement.GetProperty("opened").GetString()!;
        var shared = (string[])["export", "bag", "--operation", "lantern", "--data", data, "--output", bags, "--recipient", "example prosecutor", "--reason", "referral 7", "--actor", "officer-7"];

        var written = await CustosAsync([.. shared, "--exhibit", "1", "--exhibit", opened, "--case-file", note, "--json"]);
        written.Code.ShouldBe(0, written.Error);
        var json = JsonDocument.Parse(written.Output).RootElement;
        var bag = json.GetProperty("bag").GetString()!;
        Path.GetFileName(bag).ShouldMatch(@"^lantern-\d{4}-\d\d-\d\d-01$");
        File.Exists(Path.Combine(bag, "data", "case", "letter.txt")).ShouldBeTrue();
        File.Exists(Path.Combine(bag, "data", "verify.go")).ShouldBeTrue();
        json.GetProperty("operations")[0].GetProperty("partsElsewhere").GetInt64().ShouldBe(1);

        var trusted = folder["trusted"];
        await File.WriteAllTextAsync(trusted, $"log {OperationLog.PolicyOf(Path.Combine(data, "operations", "lantern")).Logs[0]}\nquorum none\n", Stop);
        var verified = await VerifierAsync("bag", bag, "--policy", trusted);
        verified.Code.ShouldBe(0, verified.Output + verified.Error);
        verified.Output.TrimEnd().Split('\n')[^1].ShouldStartWith("Verified: ");
        (await VerifierAsync("bag", bag)).Code.ShouldBe(1);
        JsonDocument.Parse((await VerifierAsync("bag", bag, "--accept-policy-in-bag", "--json")).Output).RootElement.GetProperty("verified").GetBoolean().ShouldBeTrue();
        (await VerifierAsync("bag", folder["nowhere"], "--policy", trusted)).Code.ShouldBe(3);
        (await VerifierAsync("bag")).Code.ShouldBe(2);

        var content = Path.Combine(bag, "data", "operations", "lantern", "exhibits", "EX-00000001", "content.bin");
        var bytes = await File.ReadAllBytesAsync(content, Stop);
        bytes[3] ^= 1;
        await File.WriteAllBytesAsync(content, bytes, Stop);
        var wrong = await VerifierAsync("bag", bag, "--policy", trusted);
        wrong.Code.ShouldBe(1);
        wrong.Output.ShouldContain("BagWrong data/operations/lantern/exhibits/EX-00000001/content.bin");
        wrong.Output.ShouldContain("ContentWrong EX-00000001");

        var chain = await CustosAsync("log", "custody", "1", "--operation", "lantern", "--data", data);
        foreach (var word in (string[])["Exported: a copy left", "example prosecutor", "referral 7", json.GetProperty("exported")[0].GetString()!])
            chain.Output.ShouldContain(word);

        // The next one of the day gets the next number.
        var media = await CustosAsync([.. shared, "--exhibit", opened, "--with-media", "--instruction", "letter P-3", "--whole-log", "--json"]);
        media.Code.ShouldBe(0, media.Error);
        var second = JsonDocument.Parse(media.Output).RootElement.GetProperty("bag").GetString()!;
        second.ShouldEndWith("-02");
        (await File.ReadAllBytesAsync(Path.Combine(second, "data", "operations", "lantern", "recordings", opened, "media.webm"), Stop)).ShouldBe(await File.ReadAllBytesAsync(recording, Stop));
        (await VerifierAsync("bag", second, "--policy", trusted)).Code.ShouldBe(0);
    }

    [Fact]
    public async Task What_cannot_be_exported_is_said_with_its_exit_code_and_leaves_nothing()
    {
        using var folder = new ScratchFolder();
        var (data, bags) = (folder["data"], folder["bags"]);
        await VerifyProgramsTests.CreateLanternAsync(data, "record");
        var shared = (string[])["export", "bag", "--operation", "lantern", "--data", data, "--recipient", "desk", "--reason", "referral 7"];

        (await CustosAsync([.. shared, "--output", bags])).Code.ShouldBe(2);
        var none = await CustosAsync([.. shared, "--output", bags, "--exhibit", "EX-00009999"]);
        none.Code.ShouldBe(2);
        none.Error.ShouldContain("There is no exhibit EX-00009999");
        (await CustosAsync([.. shared, "--output", bags, "--exhibit", "9..1"])).Code.ShouldBe(2);
        var media = await CustosAsync([.. shared, "--output", bags, "--exhibit", "1", "--with-media"]);
        media.Code.ShouldBe(4);
        media.Error.ShouldContain("written instruction");
        await File.WriteAllTextAsync(folder["file"], "", Stop);
        var taken = await CustosAsync([.. shared, "--output", Path.Combine(folder["file"], "x"), "--exhibit", "1"]);
        taken.Code.ShouldBe(1);
        taken.Error.ShouldContain("was not made");
        Directory.Exists(bags).ShouldBeFalse();
    }
}
