using System.Diagnostics;
using Custos.Evidence.Ed25519;

namespace Custos.Evidence.Tests;

public class BagTests(GoProgram go) : IClassFixture<GoProgram>
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static BagTrust InBag => new() { AcceptPolicyInBag = true, Verifier = key => NoteVerifiers.Of(key, TimeProvider.System) };

    static BagSelection Select(Folder folder, EvidenceLog log, params long[] exhibits) => new()
    {
        Operations = [new(log, log, folder.Operation, [.. exhibits.Select(index => new ExhibitNumber(index))])],
        Person = new() { Id = "officer-7", Name = "N. Example" },
        Tool = "tests",
        Purpose = "referral 7",
        Recipient = new() { Name = "example prosecutor", Method = "by hand" },
        Authority = new() { Ref = "AUTH-1" },
        Organization = "Example Unit",
        Verifier = key => NoteVerifiers.Of(key, TimeProvider.System),
    };

    /// <summary>A log with messages, a recording, a viewing and a corrected hand-over.</summary>
    static async Task<(EvidenceLog Log, ExhibitNumber Recording, byte[] Bars)> FilledAsync(Folder folder)
    {
        var log = await folder.OpenAsync();
        await log.AppendAsync(Folder.Chats(300), Stop);
        var bars = Enumerable.Range(0, 5_000).Select(i => (byte)(i / 64)).ToArray();
        ExhibitNumber opening;
        await using (var recording = await log.StartRecordingAsync(new("video/webm", "colour-bars.webm", "officer-7"), Stop))
        {
            opening = recording.Opening.Number;
            await recording.AddPartAsync(0, bars.AsMemory(0, 3_000), Stop);
            await recording.AddPartAsync(1, bars.AsMemory(3_000), Stop);
            await recording.CloseAsync(RecordingEnd.Stopped, Stop);
        }

        await using (await log.OpenExhibitAsync(new(7), new(new() { Id = "officer-7" }, "review", new() { Ref = "AUTH-1" }), Stop))
        {
        }

        var wrong = await log.RecordAsync(new() { Kind = CustodyKind.Transferred, Exhibits = [7], Actor = new() { Id = "officer-7" }, Recipient = new() { Name = "desk A" } }, Stop);
        await log.RecordAsync(new() { Kind = CustodyKind.Corrected, Actor = new() { Id = "officer-7" }, Corrects = wrong.Number.LeafIndex, Change = new() { What = "desk B" } }, Stop);
        return (log, opening, bars);
    }

    static async Task<string> ShellAsync(string folder, string command)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Stop);
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        process.ExitCode.ShouldBe(0, output + await error);
        return output;
    }

    static string[] FilesOf(string bag) => [.. Directory.EnumerateFiles(bag, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(bag, file)).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task A_bag_passes_sha256sum_and_the_Go_program_and_ours_and_its_leaving_is_on_record()
    {
        using var folder = new Folder();
        var (log, opening, _) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "op-lantern-2026-12-03-01");

        var written = await EvidenceBag.WriteAsync(bag, Select(folder, log, 7, 250, opening.LeafIndex), cancellation: Stop);

        Directory.Exists(bag + ".partial").ShouldBeFalse();
        foreach (var algorithm in (string[])["sha256", "sha512"])
            await ShellAsync(bag, $"{algorithm}sum -c --quiet tagmanifest-{algorithm}.txt && {algorithm}sum -c --quiet manifest-{algorithm}.txt");
        var vkey = OperationLog.PolicyOf(folder.Operation).Logs[0].ToString();
        go.Need();
        var (code, output) = await go.RunAsync("bag", "-vkey", vkey, Path.Combine(bag, "data", "operations", "op-lantern"));
        code.ShouldBe(0, output);
        var found = await EvidenceBag.VerifyAsync(bag, InBag, Stop);
        found.Discrepancies.ShouldBeEmpty();
        (found.Logs[0].Elsewhere, found.Logs[0].Deleted).ShouldBe((2, 0));
        found.Logs[0].Events.ShouldBeGreaterThan(4);

        // The commitment by hand, as the page says.
        var entry = LogEntry.Parse(await File.ReadAllBytesAsync(Path.Combine(bag, "data/operations/op-lantern/exhibits/EX-00000007/entry.json"), Stop));
        (await ShellAsync(bag, "cd data/operations/op-lantern/exhibits/EX-00000007 && cat salt.bin content.bin | sha256sum")).ShouldStartWith(entry.Commitment.ToString());

        var exported = (await Machine.ReadAllAsync(log)).Last(exhibit => exhibit.Entry.Kind == "custody.exported");
        written.Exported.ShouldBe([("op-lantern", exported.Number)]);
        var custody = CustodyEvent.Parse(exported);
        (custody.Recipient!.Name, custody.Authority!.Ref, custody.Disclosure).ShouldBe(("example prosecutor", "AUTH-1", null));
        custody.Output!.Select(manifest => manifest.Sha256).ShouldContain((await ShellAsync(bag, "sha256sum manifest-sha256.txt"))[..64]);
    }

    [Fact]
    public async Task Only_what_was_chosen_is_in_the_bag_and_no_bytes_of_a_recording_without_an_instruction()
    {
        using var folder = new Folder();
        var (log, opening, bars) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "bag");

        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7, opening.LeafIndex), cancellation: Stop);

        var at = "data/operations/op-lantern/";
        var files = FilesOf(bag);
        files.ShouldContain(at + "exhibits/EX-00000007/content.bin");
        files.Where(file => file.StartsWith(at + "exhibits/EX-00000006/", StringComparison.Ordinal) || file.StartsWith(at + "exhibits/EX-00000250/", StringComparison.Ordinal)).ShouldBeEmpty();
        files.ShouldContain($"{at}recordings/{opening}/parts.txt");
        files.ShouldNotContain(file => file.Contains("media", StringComparison.Ordinal));
        files.ShouldNotContain($"{at}exhibits/{new ExhibitNumber(opening.LeafIndex + 1)}/salt.bin");
        foreach (var file in files)
            (await File.ReadAllBytesAsync(Path.Combine(bag, file), Stop)).AsSpan().IndexOf(bars.AsSpan(0, 200)).ShouldBe(-1, file);

        var with = Path.Combine(folder.Path, "with-media");
        await EvidenceBag.WriteAsync(with, Select(folder, log, opening.LeafIndex) with { MediaInstruction = "letter P-3" }, cancellation: Stop);
        (await File.ReadAllBytesAsync(Path.Combine(with, at, $"recordings/{opening}/media.webm"), Stop)).ShouldBe(bars);
        (await EvidenceBag.VerifyAsync(with, InBag, Stop)).Logs[0].Elsewhere.ShouldBe(0);
        CustodyEvent.Parse((await Machine.ReadAllAsync(log)).Last(exhibit => exhibit.Entry.Kind == "custody.exported")).Disclosure.ShouldBe("recordings included under the receiver's written instruction letter P-3");
    }

    [Fact]
    public async Task A_correction_and_what_it_corrects_are_both_in_the_bag()
    {
        using var folder = new Folder();
        var (log, _, _) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7), cancellation: Stop);
        var events = await File.ReadAllTextAsync(Path.Combine(bag, "data/operations/op-lantern/custody/events.jsonl"), Stop);
        var page = await File.ReadAllTextAsync(Path.Combine(bag, "data/operations/op-lantern/custody/EX-00000007.html"), Stop);
        foreach (var text in (string[])[events, page])
        {
            text.ShouldContain("desk A");
            text.ShouldContain("desk B");
        }
    }

    [Fact]
    public async Task A_bag_with_deletions_recordings_and_corrections_verifies_and_an_order_that_is_not_there_is_missed()
    {
        using var folder = new Folder();
        var (log, opening, _) = await FilledAsync(folder);
        await using var open = log;
        // It left before, as one of a stretch: the account of the deletion says so.
        var left = await log.RecordAsync(new() { Kind = CustodyKind.Exported, Range = new() { From = 1, Through = 20 }, Actor = new() { Id = "officer-7" } }, Stop);
        var done = await log.DeleteAsync(
            new()
            {
                Exhibits = [new(8), opening],
                Reason = "retention ended",
                Authority = new() { Ref = "RET-1" },
                Actor = new() { Id = "officer-7" },
                SecondPerson = new() { Id = "officer-9" },
                KeyCopies = "none were made",
            },
            Stop);
        done.Done.EarlierExports.ShouldBe([left.Number.LeafIndex]);
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7, 8, opening.LeafIndex) with { MediaInstruction = "P-3" }, cancellation: Stop);

        var at = Path.Combine(bag, "data/operations/op-lantern");
        (await File.ReadAllTextAsync(Path.Combine(at, "exhibits/EX-00000008/deleted.txt"), Stop)).ShouldBe($"{done.Order}\n");
        File.Exists(Path.Combine(at, "exhibits/EX-00000008/content.bin")).ShouldBeFalse();
        var found = await EvidenceBag.VerifyAsync(bag, InBag, Stop);
        found.Discrepancies.ShouldBeEmpty();
        found.Logs[0].Deleted.ShouldBe(done.Done.Count!.Value);
        await ShellAsync(bag, "sha256sum -c --quiet tagmanifest-sha256.txt && sha256sum -c --quiet manifest-sha256.txt");
        var page = await File.ReadAllTextAsync(Path.Combine(at, "custody/EX-00000008.html"), Stop);
        foreach (var word in (string[])["Deletion ordered", "Content deleted", "retention ended", "officer-9", "RET-1", "none were made"])
            page.ShouldContain(word);
        go.Need();
        var vkey = OperationLog.PolicyOf(folder.Operation).Logs[0].ToString();
        var (code, output) = await go.RunAsync("bag", "-vkey", vkey, at);
        code.ShouldBe(0, output);

        // Another exhibit that is said to be deleted under the same order; the order does not list it.
        var kept = Path.Combine(at, "exhibits/EX-00000007");
        File.Delete(Path.Combine(kept, "salt.bin"));
        File.Delete(Path.Combine(kept, "content.bin"));
        await FitAsync(bag);
        (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldHaveSingleItem().Kind.ShouldBe(DiscrepancyKind.ContentMissing);
        (await go.RunAsync("bag", "-vkey", vkey, at)).Code.ShouldBe(1);
        await File.WriteAllTextAsync(Path.Combine(kept, "deleted.txt"), $"{done.Order}\n", Stop);
        await FitAsync(bag);
        (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldHaveSingleItem().Sentence.ShouldContain("does not list it");
        (await go.RunAsync("bag", "-vkey", vkey, at)).Code.ShouldBe(1);
    }

    [Fact]
    public async Task A_bag_whose_key_nobody_trusts_is_not_verified_and_the_sentence_says_what_to_do()
    {
        using var folder = new Folder();
        var (log, _, _) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7), cancellation: Stop);

        var untrusted = await EvidenceBag.VerifyAsync(bag, InBag with { AcceptPolicyInBag = false }, Stop);
        untrusted.Discrepancies.ShouldHaveSingleItem().Kind.ShouldBe(DiscrepancyKind.NoKnownSignature);
        untrusted.Discrepancies[0].Sentence.ShouldContain("--policy");
        (await EvidenceBag.VerifyAsync(bag, InBag with { Policy = OperationLog.PolicyOf(folder.Operation), AcceptPolicyInBag = false }, Stop)).Verified.ShouldBeTrue();
        var other = TrustPolicy.Of(new Ed25519Signer(log.Origin, new byte[32]).Verifier.Key);
        (await EvidenceBag.VerifyAsync(bag, InBag with { Policy = other }, Stop)).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.NoKnownSignature);
    }

    [Fact]
    public async Task Every_changed_missing_or_extra_file_is_found_and_named()
    {
        using var folder = new Folder();
        var (log, opening, _) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7, opening.LeafIndex) with { MediaInstruction = "P-3", WholeLog = true }, cancellation: Stop);
        foreach (var file in FilesOf(bag))
        {
            var path = Path.Combine(bag, file);
            var bytes = await File.ReadAllBytesAsync(path, Stop);
            if (bytes.Length > 0)
            {
                var changed = bytes.ToArray();
                changed[changed.Length / 2] ^= 1;
                await File.WriteAllBytesAsync(path, changed, Stop);
                var found = await EvidenceBag.VerifyAsync(bag, InBag, Stop);
                found.Discrepancies.ShouldNotBeEmpty(file);
                if (!file.StartsWith("tagmanifest", StringComparison.Ordinal))
                    found.Discrepancies.ShouldContain(wrong => wrong.Path == file, file);
            }

            File.Delete(path);
            (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldContain(wrong => wrong.Path == file, file);
            await File.WriteAllBytesAsync(path, bytes, Stop);
        }

        foreach (var extra in (string[])["extra.txt", "data/extra.bin", "data/operations/op-lantern/exhibits/EX-00000008/content.bin"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(bag, extra))!);
            await File.WriteAllTextAsync(Path.Combine(bag, extra), "x", Stop);
            (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.BagWrong && wrong.Path == extra);
            File.Delete(Path.Combine(bag, extra));
        }

        (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldBeEmpty();
    }

    [Fact]
    public async Task Remote_payload_steps_upward_links_and_a_wrong_Oxum_are_refused_and_nothing_is_followed()
    {
        using var folder = new Folder();
        var (log, _, _) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7), cancellation: Stop);
        var outside = Path.Combine(folder.Path, "outside.txt");
        await File.WriteAllTextAsync(outside, "x", Stop);

        async Task FindsAsync(string path, string sentence, string name, Func<string, string> change)
        {
            var file = Path.Combine(bag, name);
            var before = File.Exists(file) ? await File.ReadAllTextAsync(file, Stop) : null;
            await File.WriteAllTextAsync(file, change(before ?? ""), Stop);
            (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.BagWrong && wrong.Path == path && wrong.Sentence.Contains(sentence), sentence);
            if (before is null)
                File.Delete(file);
            else
                await File.WriteAllTextAsync(file, before, Stop);
        }

        var line = new string('0', 64);
        await FindsAsync("fetch.txt", "nothing was fetched", "fetch.txt", _ => "https://example.org/x 1 data/x\n");
        await FindsAsync("manifest-sha256.txt", "a step that is no name", "manifest-sha256.txt", text => $"{text}{line}  data/../../outside.txt\n");
        await FindsAsync("manifest-sha256.txt", "not relative", "manifest-sha256.txt", text => $"{text}{line}  /etc/hostname\n");
        await FindsAsync("manifest-sha256.txt", "outside data/", "manifest-sha256.txt", text => $"{text}{line}  bagit.txt\n");
        await FindsAsync("manifest-sha256.txt", "second time", "manifest-sha256.txt", text => text + text);
        await FindsAsync("manifest-sha256.txt", "not a hash and a path", "manifest-sha256.txt", text => text + "xyz\n");
        await FindsAsync("bag-info.txt", "Payload-Oxum says 1.1", "bag-info.txt", text => System.Text.RegularExpressions.Regex.Replace(text, "Payload-Oxum: .*", "Payload-Oxum: 1.1"));
        await FindsAsync("bag-info.txt", "not those of the checkpoints", "bag-info.txt", text => text.Replace("Custos-Tree-Size: ", "Custos-Tree-Size: 1", StringComparison.Ordinal));
        await FindsAsync("bagit.txt", "does not declare", "bagit.txt", text => text.Replace("1.0", "0.97", StringComparison.Ordinal));
        // A manifest that leaves a file out, and one that disagrees with the other.
        await FindsAsync("data/HOW-TO-VERIFY.txt", "manifest-sha512.txt does not list it", "manifest-sha512.txt", text => string.Join('\n', text.Split('\n').Where(row => !row.EndsWith("HOW-TO-VERIFY.txt", StringComparison.Ordinal))));

        var link = Path.Combine(bag, "data/HOW-TO-VERIFY.txt");
        var page = await File.ReadAllBytesAsync(link, Stop);
        File.Delete(link);
        await File.WriteAllBytesAsync(outside, page, Stop);
        File.CreateSymbolicLink(link, outside);
        (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldContain(wrong => wrong.Path == "data/HOW-TO-VERIFY.txt" && wrong.Sentence.Contains("symbolic link"));
        File.Delete(link);
        await File.WriteAllBytesAsync(link, page, Stop);
        Directory.CreateSymbolicLink(Path.Combine(bag, "data", "case"), folder.Operation);
        (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldContain(wrong => wrong.Path == "data/case" && wrong.Sentence.Contains("symbolic link"));
    }

    [Fact]
    public async Task A_change_with_the_manifests_made_to_fit_is_still_found_by_the_log()
    {
        using var folder = new Folder();
        var (log, opening, _) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7, opening.LeafIndex) with { MediaInstruction = "P-3" }, cancellation: Stop);
        const string At = "data/operations/op-lantern/";
        foreach (var (name, kind) in ((string, DiscrepancyKind)[])
        [
            (At + "exhibits/EX-00000007/content.bin", DiscrepancyKind.ContentWrong),
            (At + "exhibits/EX-00000007/salt.bin", DiscrepancyKind.ContentWrong),
            (At + "exhibits/EX-00000007/entry.json", DiscrepancyKind.ProofWrong),
            (At + "exhibits/EX-00000007/EX-00000007.tlog-proof", DiscrepancyKind.ProofWrong),
            (At + "checkpoint", DiscrepancyKind.SignatureWrong),
            (At + "custody/events.jsonl", DiscrepancyKind.CustodyWrong),
            ($"{At}recordings/{opening}/media.webm", DiscrepancyKind.ContentWrong),
            ($"{At}recordings/{opening}/parts.txt", DiscrepancyKind.BagWrong),
        ])
        {
            var path = Path.Combine(bag, name);
            var before = await File.ReadAllBytesAsync(path, Stop);
            var after = before.ToArray();
            // A base64 digit of a signature or a hash, a letter of a name: the form stays.
            var at = name.EndsWith("checkpoint", StringComparison.Ordinal) ? after.Length - 20 : name.EndsWith(".tlog-proof", StringComparison.Ordinal) ? 40 : name.EndsWith(".txt", StringComparison.Ordinal) ? 9 : after.Length / 2;
            after[at] = after[at] == (byte)'2' ? (byte)'3' : (byte)'2';
            await File.WriteAllBytesAsync(path, after, Stop);
            await FitAsync(bag);
            var found = await EvidenceBag.VerifyAsync(bag, InBag, Stop);
            found.Discrepancies.ShouldContain(wrong => wrong.Kind == kind, $"{name}: {string.Join("; ", found.Discrepancies)}");
            await File.WriteAllBytesAsync(path, before, Stop);
        }

        // An event taken out of the list, with everything else made to fit.
        var events = Path.Combine(bag, At, "custody/events.jsonl");
        await File.WriteAllLinesAsync(events, (await File.ReadAllLinesAsync(events, Stop)).Skip(1), Stop);
        await FitAsync(bag);
        (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.CustodyWrong && wrong.Sentence.Contains("not in the list"));
    }

    [Fact]
    public async Task A_file_that_no_bag_holds_borrows_no_credit_though_the_manifests_list_it()
    {
        using var folder = new Folder();
        var (log, opening, bars) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7, opening.LeafIndex) with { MediaInstruction = "P-3", WholeLog = true }, cancellation: Stop);
        (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldBeEmpty();
        go.Need();
        var vkey = OperationLog.PolicyOf(folder.Operation).Logs[0].ToString();
        const string At = "data/operations/op-lantern/";
        foreach (var name in (string[])[$"{At}recordings/{opening}/media.mp4", At + "exhibits/EX-00000007/content.txt", At + "exhibits/EX-00000007/EX-00000008.tlog-proof", At + "custody/EX-00009999.html", At + "log/tile/0/999", At + "notes.txt", At + "anchors/000000000051/checkpoint.txt"])
        {
            var path = Path.Combine(bag, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, bars, Stop);
            await FitAsync(bag);
            (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.BagWrong && wrong.Path == name, name);
            if (!name.Contains("/log/", StringComparison.Ordinal) && !name.Contains("/custody/", StringComparison.Ordinal))
                (await go.RunAsync("bag", "-vkey", vkey, Path.Combine(bag, "data", "operations", "op-lantern"))).Code.ShouldBe(1, name);
            File.Delete(path);
            if (!Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(path)!).Any())
                Directory.Delete(Path.GetDirectoryName(path)!);
        }

        // A page that was made anew with the manifests is not found; that it is held by them alone is said, with the hash to compare.
        await File.WriteAllTextAsync(Path.Combine(bag, At, "custody/EX-00000007.html"), "another page", Stop);
        await FitAsync(bag);
        var found = await EvidenceBag.VerifyAsync(bag, InBag, Stop);
        found.Discrepancies.ShouldBeEmpty();
        var hash = (await ShellAsync(bag, "sha256sum manifest-sha256.txt"))[..64];
        found.Notices.ShouldContain(notice => notice.Contains("held by the manifests alone") && notice.Contains(hash));
        (await Machine.ReadAllAsync(log)).Where(exhibit => exhibit.Entry.Kind == "custody.exported").SelectMany(exhibit => CustodyEvent.Parse(exhibit).Output!).ShouldNotContain(manifest => manifest.Sha256 == hash);
    }

    [Fact]
    public async Task Each_shell_line_of_the_page_for_strangers_runs_as_it_stands_and_finds_what_was_changed()
    {
        using var folder = new Folder();
        var (log, opening, _) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7, opening.LeafIndex) with { MediaInstruction = "P-3" }, cancellation: Stop);
        var page = await File.ReadAllLinesAsync(Path.Combine(bag, "data/HOW-TO-VERIFY.txt"), Stop);
        var sums = page.Where(row => row.StartsWith("   sha", StringComparison.Ordinal) && row.Contains(" -c ", StringComparison.Ordinal)).ToList();
        var loops = page.Where(row => row.StartsWith("   (cd ", StringComparison.Ordinal) && row.Contains(" do ", StringComparison.Ordinal)).ToList();
        (sums.Count, loops.Count).ShouldBe((4, 2));
        foreach (var line in sums.Concat(loops))
            (await ShellAsync(bag, line)).ShouldBeEmpty(line);

        var path = Path.Combine(bag, "data/operations/op-lantern/exhibits/EX-00000007/content.bin");
        await File.AppendAllTextAsync(path, "x", Stop);
        (await ShellAsync(bag, loops[0])).ShouldBe("EX-00000007\n");
        var media = Path.Combine(bag, $"data/operations/op-lantern/recordings/{opening}/media.webm");
        var bytes = await File.ReadAllBytesAsync(media, Stop);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(media, bytes, Stop);
        (await ShellAsync(bag, loops[1])).ShouldBe($"{new ExhibitNumber(opening.LeafIndex + 2)}\n");
    }

    /// <summary>Makes the manifests and the Oxum of a bag anew, as somebody would who changed it.</summary>
    static Task<string> FitAsync(string bag) => ShellAsync(bag, """
        for a in 256 512; do find data -type f | LC_ALL=C sort | xargs sha${a}sum > manifest-sha$a.txt; done
        sed -i "s/^Payload-Oxum: .*/Payload-Oxum: $(find data -type f -printf '%s\n' | awk '{b+=$1;n++} END {printf "%d.%d", b, n}')/" bag-info.txt
        for a in 256 512; do sha${a}sum bag-info.txt bagit.txt manifest-sha256.txt manifest-sha512.txt > tagmanifest-sha$a.txt; done
        """);

    [Fact]
    public async Task A_folder_that_is_taken_cannot_be_written_or_fills_up_leaves_no_bag_and_says_so()
    {
        using var folder = new Folder();
        var (log, _, _) = await FilledAsync(folder);
        await using var open = log;
        var selection = Select(folder, log, 7);
        var taken = Path.Combine(folder.Path, "taken");
        Directory.CreateDirectory(taken);
        (await Should.ThrowAsync<EvidenceLogException>(() => EvidenceBag.WriteAsync(taken, selection, cancellation: Stop))).Message.ShouldContain("something of that name already");
        Directory.CreateDirectory(Path.Combine(folder.Path, "half.partial"));
        (await Should.ThrowAsync<EvidenceLogException>(() => EvidenceBag.WriteAsync(Path.Combine(folder.Path, "half"), selection, cancellation: Stop))).Message.ShouldContain("left by an export that was cut off");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "file"), "", Stop);
        (await Should.ThrowAsync<EvidenceLogException>(() => EvidenceBag.WriteAsync(Path.Combine(folder.Path, "file", "bag"), selection, cancellation: Stop))).Message.ShouldContain("was not made");
        await Should.ThrowAsync<ArgumentException>(() => EvidenceBag.WriteAsync(Path.Combine(folder.Path, "none"), Select(folder, log, 99_999), cancellation: Stop));
        await Should.ThrowAsync<ArgumentException>(() => EvidenceBag.WriteAsync(Path.Combine(folder.Path, "none"), selection with { Files = [new("../x", default)] }, cancellation: Stop));

        // Every write of the export fails in turn: the disk is full from there on.
        for (var k = 0; ; k += 7)
        {
            var bag = Path.Combine(folder.Path, "full");
            var disk = new FillingDisk(k);
            var exported = log.Size;
            try
            {
                await EvidenceBag.WriteAsync(bag, selection, disk, null, Stop);
                break;
            }
            catch (EvidenceLogException e)
            {
                e.Message.ShouldContain("the disk is full");
                e.Fault.ShouldBe(EvidenceFault.DiskFull);
            }

            Directory.Exists(bag).ShouldBeFalse();
            Directory.Exists(bag + ".partial").ShouldBeFalse();
        }

        using var stop = new CancellationTokenSource();
        var cancelled = Path.Combine(folder.Path, "cancelled");
        await Should.ThrowAsync<OperationCanceledException>(() => EvidenceBag.WriteAsync(cancelled, selection, new Told(() => stop.Cancel()), stop.Token));
        Directory.Exists(cancelled + ".partial").ShouldBeFalse();
        (await Machine.ReadAllAsync(log)).Count(exhibit => exhibit.Entry.Kind == "custody.exported").ShouldBe(1);
    }

    [Fact]
    public async Task The_whole_log_goes_along_when_asked_and_the_Go_program_accepts_it()
    {
        go.Need();
        using var folder = new Folder();
        var (log, _, _) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7) with { WholeLog = true }, cancellation: Stop);
        var (code, output) = await go.RunAsync("log", "-vkey", OperationLog.PolicyOf(folder.Operation).Logs[0].ToString(), Path.Combine(bag, "data/operations/op-lantern/log"));
        code.ShouldBe(0, output);
    }

    [Fact]
    public async Task An_anchor_goes_along_with_the_proof_that_it_is_a_beginning_and_openssl_accepts_its_token()
    {
        go.Need();
        using var folder = new Folder();
        var log = await folder.OpenAsync();
        await using var open = log;
        await log.AppendAsync(Folder.Chats(50), Stop);
        var anchor = Path.Combine(folder.Operation, "anchors", "000000000051");
        Directory.CreateDirectory(anchor);
        File.Copy(Path.Combine(folder.Operation, "log", "checkpoint"), Path.Combine(anchor, "checkpoint"));
        await StampAsync(folder.Path, anchor);
        await log.AppendAsync(Folder.Chats(300, 50), Stop);
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7, 320), cancellation: Stop);

        var at = Path.Combine(bag, "data/operations/op-lantern");
        var found = await EvidenceBag.VerifyAsync(bag, InBag, Stop);
        found.Discrepancies.ShouldBeEmpty();
        found.Notices.ShouldContain(notice => notice.Contains("openssl ts -verify", StringComparison.Ordinal));
        var vkey = OperationLog.PolicyOf(folder.Operation).Logs[0].ToString();
        (await go.RunAsync("bag", "-vkey", vkey, at)).Output.ShouldContain("1 anchors");
        var (code, output) = await go.RunAsync("consistency", "-vkey", vkey, Path.Combine(at, "anchors/000000000051/checkpoint"), Path.Combine(at, "checkpoint"), Path.Combine(at, "anchors/000000000051/consistency"));
        code.ShouldBe(0, output);
        // The line of the page, with the authority's root in place of ROOT.pem.
        var line = (await File.ReadAllLinesAsync(Path.Combine(bag, "data/HOW-TO-VERIFY.txt"), Stop)).Single(row => row.Contains("openssl ts -verify -data data/", StringComparison.Ordinal));
        (await ShellAsync(bag, line.Replace("ROOT.pem", "../root.pem", StringComparison.Ordinal) + " 2>&1")).ShouldContain("Verification: OK");
        (await File.ReadAllTextAsync(Path.Combine(bag, "data/certificates/902-13-draft.txt"), Stop)).ShouldContain("not judged by this draft: test at size 51");

        // Ours agrees, with the root, without one, and with another.
        async Task<BagVerification> JudgeAsync(string roots) => await EvidenceBag.VerifyAsync(bag, InBag with { Timestamps = File.Exists(roots) ? Timestamps.TimestampVerifier.Of(roots) : Timestamps.TimestampVerifier.WithoutRoots }, Stop);
        (await JudgeAsync(Path.Combine(folder.Path, "root.pem"))).Notices.ShouldContain(notice => notice.Contains("'test' stamped size 51; it states ") && notice.EndsWith("Z."));
        (await JudgeAsync("none")).Notices.ShouldContain(notice => notice.Contains("no root was given"));
        (await JudgeAsync(Path.Combine(folder.Path, "tsa.pem"))).Discrepancies.ShouldContain(wrong => wrong.Kind == DiscrepancyKind.TimestampWrong && wrong.Path!.EndsWith("test.tsr"));

        // A checkpoint of the same key and size whose root is another: no beginning of this log.
        var secret = await File.ReadAllTextAsync(Path.Combine(folder.Path, "keys", "op-lantern.signer"), Stop);
        var other = SignedNote.Sign(new Checkpoint(log.Origin, 51, Sha256Digest.Of([1])).ToText(), Ed25519Signer.Parse(secret));
        await File.WriteAllBytesAsync(Path.Combine(at, "anchors/000000000051/checkpoint"), other.ToBytes(), Stop);
        await FitAsync(bag);
        (await EvidenceBag.VerifyAsync(bag, InBag, Stop)).Discrepancies.ShouldContain(wrong => wrong.Sentence.Contains("is a beginning of"));
        (await go.RunAsync("bag", "-vkey", vkey, at)).Code.ShouldBe(1);
    }

    /// <summary>Stamps an anchor's checkpoint as an authority would, with a root of its own at <c>root.pem</c>.</summary>
    static async Task StampAsync(string folder, string anchor)
    {
        const string Missing = "openssl is not installed";
        var there = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(path => File.Exists(Path.Combine(path, "openssl")));
        if (!there && Environment.GetEnvironmentVariable("CUSTOS_INTEROP") == "required")
            Assert.Fail(Missing);
        Assert.SkipUnless(there, Missing);
        await ShellAsync(folder, $"""
            set -e
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out root.pem -subj /CN=Root -days 30 2>/dev/null
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tsa.key -out tsa.csr -subj /CN=Stamp 2>/dev/null
            printf 'extendedKeyUsage=critical,timeStamping\n' > ext
            openssl x509 -req -in tsa.csr -CA root.pem -CAkey ca.key -CAcreateserial -days 30 -extfile ext -out tsa.pem 2>/dev/null
            printf '01\n' > serial
            printf '[tsa]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\ncerts=root.pem\nsigner_digest=sha256\ness_cert_id_alg=sha256\ndefault_policy=1.3.6.1.4.1.99999.1\ndigests=sha256\n' > tsa.cnf
            openssl ts -query -data '{anchor}/checkpoint' -sha256 -cert -out '{anchor}/test.tsq' 2>/dev/null
            openssl ts -reply -config tsa.cnf -section tsa -queryfile '{anchor}/test.tsq' -out '{anchor}/test.tsr' 2>/dev/null
            cat tsa.pem root.pem > '{anchor}/test.pem'
            """);
    }

    [Fact]
    public async Task Certificates_are_drafts_that_are_unsigned_conclude_nothing_and_state_the_hashes_of_the_copy()
    {
        using var folder = new Folder();
        var (log, opening, _) = await FilledAsync(folder);
        await using var open = log;
        var bag = Path.Combine(folder.Path, "bag");
        await EvidenceBag.WriteAsync(bag, Select(folder, log, 7, opening.LeafIndex), cancellation: Stop);
        foreach (var name in (string[])["902-13-draft.txt", "902-14-draft.txt"])
        {
            var text = await File.ReadAllTextAsync(Path.Combine(bag, "data/certificates", name), Stop);
            text.ShouldStartWith("DRAFT. NOT SIGNED.");
            foreach (var word in (string[])["as shown by a certification", "Name:           ____", "Signature: ____", "Executed on (date) ____", "none, so when the log existed rests on the unit's clock", log.Origin])
                text.ShouldContain(word);
            foreach (var claim in (string[])["is authentic", "proves that", "guarant", "accurate and complete"])
                text.ShouldNotContain(claim);
        }

        var copy = await File.ReadAllTextAsync(Path.Combine(bag, "data/certificates/902-14-draft.txt"), Stop);
        copy.ShouldContain((await ShellAsync(bag, "sha256sum data/operations/op-lantern/exhibits/EX-00000007/content.bin"))[..64]);
        copy.ShouldContain("its bytes are not in this bag");
    }

    sealed class Told(Action told) : IProgress<long>
    {
        public void Report(long value) => told();
    }

    /// <summary>The machine's disk, until it is full.</summary>
    sealed class FillingDisk(int changes) : IDisk
    {
        int _left = changes;

        void Take(string path)
        {
            if (_left-- <= 0)
                throw new DiskException(path, new IOException("No space left on device", 28));
        }

        public bool FileExists(string path) => RealDisk.Instance.FileExists(path);

        public bool DirectoryExists(string path) => RealDisk.Instance.DirectoryExists(path);

        public IReadOnlyList<string> Files(string directory) => RealDisk.Instance.Files(directory);

        public IReadOnlyList<string> Directories(string directory) => RealDisk.Instance.Directories(directory);

        public void CreateDirectory(string path, bool secret)
        {
            Take(path);
            RealDisk.Instance.CreateDirectory(path, secret);
        }

        public IDiskFile Open(string path, DiskOpen how, bool secret = false)
        {
            if (how != DiskOpen.Read)
                Take(path);
            return RealDisk.Instance.Open(path, how, secret);
        }

        public void Rename(string from, string to) => RealDisk.Instance.Rename(from, to);

        public void DeleteFile(string path) => RealDisk.Instance.DeleteFile(path);

        public void DeleteDirectory(string path) => RealDisk.Instance.DeleteDirectory(path);

        public void FlushDirectory(string path) => RealDisk.Instance.FlushDirectory(path);

        public IDisposable? Lock(string path, string holder, bool secret) => RealDisk.Instance.Lock(path, holder, secret);

        public string? Distrust(string directory) => RealDisk.Instance.Distrust(directory);

        public bool IsOpenToOthers(string path) => RealDisk.Instance.IsOpenToOthers(path);
    }
}
