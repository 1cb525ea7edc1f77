using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Custos.Evidence.Timestamps;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Evidence.Tests;

public class TimestampTests
{
    static readonly byte[] Data = Encoding.UTF8.GetBytes("unit.example/custos/op-lantern\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Rfc3161TimestampRequest Request(byte[]? data = null, string? policy = null, bool certificates = true) =>
        Rfc3161TimestampRequest.CreateFromData(data ?? Data, HashAlgorithmName.SHA256, policy is null ? null : new Oid(policy), RandomNumberGenerator.GetBytes(8), certificates);

    static TimestampAuthority Authority(TestAuthority server, TimeProvider? time = null) => new("t1", server.Address, server.Roots, WitnessClient.NewHttp(), time ?? TimeProvider.System);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_of_a_real_authority_counts_and_openssl_agrees_with_it_and_with_the_chain_that_is_kept(bool intermediate)
    {
        using var server = new TestAuthority(intermediate);
        var report = await Authority(server).StampAsync(Data, Stop);
        report.Failure.ShouldBeNull();
        var token = report.Token!;
        var verdict = new Timestamp(token.Query, token.Reply).Verify(Data, server.Roots);
        (verdict.Counts, verdict.Time, verdict.Policy).ShouldBe((true, token.Time, "1.3.6.1.4.1.99999.1"));
        verdict.Accuracy.ShouldBe(TimeSpan.FromSeconds(1.5));
        server.Agrees(Data, new(token.Query, token.Reply)).ShouldBeTrue();

        // Exactly the command of HOW-TO-VERIFY: data, reply and the chain beside them, nothing else.
        await File.WriteAllBytesAsync(server.At("checkpoint"), Data, Stop);
        await File.WriteAllBytesAsync(server.At("A.tsr"), token.Reply, Stop);
        await File.WriteAllTextAsync(server.At("A.pem"), token.Chain, Stop);
        var (code, output) = TestAuthority.OpenSsl("ts", "-verify", "-data", server.At("checkpoint"), "-in", server.At("A.tsr"), "-CAfile", server.At("A.pem"));
        (code, output.Contains("Verification: OK", StringComparison.Ordinal)).ShouldBe((0, true), output);
        token.Chain.Split("BEGIN CERTIFICATE").Length.ShouldBe(intermediate ? 4 : 3);
    }

    public static TheoryData<string, TimestampCheck> Cases { get; } = new()
    {
        { "an unknown root", TimestampCheck.Chain },
        { "other bytes", TimestampCheck.Imprint },
        { "another request", TimestampCheck.Nonce },
        { "another policy", TimestampCheck.Policy },
        { "a refusal", TimestampCheck.Status },
        { "no certificate", TimestampCheck.Certificate },
        { "a certificate for another use", TimestampCheck.KeyUsage },
        { "a certificate for one more use", TimestampCheck.KeyUsage },
        { "a usage that is not critical", TimestampCheck.KeyUsage },
        { "no usage at all", TimestampCheck.KeyUsage },
        { "expired then", TimestampCheck.Expired },
        { "not yet valid then", TimestampCheck.Expired },
        { "a changed signature", TimestampCheck.Signature },
        { "a broken chain", TimestampCheck.Chain },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_token_that_must_not_count_does_not_and_openssl_agrees(string what, TimestampCheck check)
    {
        using var server = new TestAuthority();
        var now = DateTimeOffset.UtcNow;
        var request = Request(policy: what is "another policy" ? "1.3.6.1.4.1.99999.2" : what is "a refusal" ? "1.3.6.1.4.1.99999.9" : null, certificates: what != "no certificate");
        X509Certificate2 By(string[]? usage, bool critical = true) => TestAuthority.Issue("Another", server.Root, now.AddDays(-1), now.AddDays(1), usage: usage, critical: critical);
        using var elsewhere = TestAuthority.Issue("Other Root", null, now.AddYears(-1), now.AddYears(1), authority: true);
        DateTimeOffset? at = null;
        string? roots = null;
        var reply = what switch
        {
            "an unknown root" or "other bytes" or "a refusal" or "no certificate" => server.Reply(request.Encode()),
            "another request" => server.Reply(Request().Encode()),
            "another policy" => TestAuthority.Forge(request, server.Signer, now),
            "a certificate for another use" => TestAuthority.Forge(request, By(["1.3.6.1.5.5.7.3.1"]), now),
            "a certificate for one more use" => TestAuthority.Forge(request, By([TestAuthority.TimeStamping, "1.3.6.1.5.5.7.3.1"]), now),
            "a usage that is not critical" => TestAuthority.Forge(request, By([TestAuthority.TimeStamping], critical: false), now),
            "no usage at all" => TestAuthority.Forge(request, By(null), now),
            "expired then" => TestAuthority.Forge(request, server.Signer, (at = now.AddYears(2)).Value),
            "not yet valid then" => TestAuthority.Forge(request, server.Signer, (at = now.AddDays(-3)).Value),
            "a changed signature" => [.. server.Reply(request.Encode())],
            "a broken chain" => TestAuthority.Forge(request, TestAuthority.Issue("Orphan", elsewhere, now.AddDays(-1), now.AddDays(1), usage: [TestAuthority.TimeStamping]), now),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
        if (what == "a changed signature")
            reply[^4] ^= 1;
        var trusted = server.Roots;
        if (what == "an unknown root")
        {
            trusted = [elsewhere];
            roots = server.At("elsewhere.pem");
            File.WriteAllText(roots, elsewhere.ExportCertificatePem());
        }

        var data = what == "other bytes" ? [.. Data, (byte)' '] : Data;
        var stamp = new Timestamp(request.Encode(), reply);
        stamp.Verify(data, trusted).Failed.ShouldBe(check);
        server.Agrees(data, stamp, roots, at).ShouldBeFalse();
    }

    [Fact]
    public void A_forged_reply_that_differs_in_nothing_counts_so_the_cases_fail_for_their_own_reason()
    {
        using var server = new TestAuthority();
        var request = Request();
        var stamp = new Timestamp(request.Encode(), TestAuthority.Forge(request, server.Signer, DateTimeOffset.UtcNow));
        stamp.Verify(Data, server.Roots).Failed.ShouldBeNull();
        server.Agrees(Data, stamp).ShouldBeTrue();
        // Long after, with a chain that has run out since: what counts is the time it states.
        var past = DateTimeOffset.UtcNow.AddYears(-3);
        using var old = TestAuthority.Issue("Old Authority", server.Root, past.AddDays(-1), past.AddDays(1), usage: [TestAuthority.TimeStamping]);
        stamp = new Timestamp(request.Encode(), TestAuthority.Forge(request, old, past));
        stamp.Verify(Data, server.Roots).Failed.ShouldBeNull();
        server.Agrees(Data, stamp, at: past).ShouldBeTrue();
        // Without roots the bytes are still bound, and nothing is said of who signed.
        stamp.Verify(Data, null).Failed.ShouldBeNull();
        stamp.Verify([.. Data, (byte)' '], null).Failed.ShouldBe(TimestampCheck.Imprint);
    }

    [Fact]
    public void Bytes_that_nobody_signed_and_every_changed_byte_are_refused()
    {
        using var server = new TestAuthority();
        var query = Request().Encode();
        var reply = server.Reply(query);
        new Timestamp(query, reply).Verify(Data, server.Roots).Failed.ShouldBeNull();
        new Timestamp(query, (byte[])[.. reply, 0]).Verify(Data, server.Roots).Failed.ShouldBe(TimestampCheck.Reply);
        new Timestamp((byte[])[.. query, 0], reply).Verify(Data, server.Roots).Failed.ShouldBe(TimestampCheck.Query);
        new Timestamp(query, ReadOnlyMemory<byte>.Empty).Verify(Data, server.Roots).Failed.ShouldBe(TimestampCheck.Reply);
        var counted = new List<int>();
        for (var at = 0; at < reply.Length; at += 3)
        {
            var changed = (byte[])[.. reply];
            changed[at] ^= 0x10;
            if (new Timestamp(query, changed).Verify(Data, server.Roots).Counts)
                counted.Add(at);
        }

        // The list of digest names at the head of a CMS and the root that is brought along are signed by nobody, and nothing is read from them.
        Rfc3161TimestampRequest.TryDecode(query, out var request, out _).ShouldBeTrue();
        var token = request!.ProcessResponse(reply, out _);
        foreach (var signed in (byte[][])[token.TokenInfo.Encode(), server.Signer.RawData, token.AsSignedCms().SignerInfos[0].GetSignature()])
        {
            var from = reply.AsSpan().IndexOf(signed);
            from.ShouldBeGreaterThan(0);
            var end = from + signed.Length;
            counted.Where(at => at >= from && at < end).ShouldBeEmpty();
        }

        counted.Count.ShouldBeLessThan(server.Root.RawData.Length / 2);
    }

    [Fact]
    public async Task Whatever_an_authority_answers_instead_is_said_and_is_no_time_stamp()
    {
        using var server = new TestAuthority();
        var authority = Authority(server);
        async Task<string> SaysAsync(int status, string type, byte[] body)
        {
            server.Instead = async (context, _) =>
            {
                (context.Response.StatusCode, context.Response.ContentType) = (status, type);
                await context.Response.OutputStream.WriteAsync(body);
            };
            var report = await authority.StampAsync(Data, Stop);
            report.Token.ShouldBeNull();
            return report.Failure!;
        }

        (await SaysAsync(500, "text/plain", [])).ShouldBe("it answered 500");
        (await SaysAsync(200, "text/html", [1, 2])).ShouldBe("it answered with something else than a time-stamp");
        (await SaysAsync(200, "application/timestamp-reply", [1, 2])).ShouldBe("its time-stamp does not count: the reply cannot be read, or bytes follow it");
        (await SaysAsync(200, "application/timestamp-reply", new byte[70_000])).ShouldBe("it answered with more than 64 KiB");
        (await SaysAsync(200, "application/timestamp-reply", server.Reply(Request().Encode()))).ShouldBe("its time-stamp does not count: the reply answers another request: its nonce differs");
        (await SaysAsync(302, "text/plain", [])).ShouldBe("it answered 302");
        var clock = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        server.Instead = async (_, _) =>
        {
            asked.SetResult();
            await never.Task;
        };
        var waiting = Authority(server, clock).StampAsync(Data, Stop);
        await asked.Task;
        clock.Advance(TimeSpan.FromSeconds(10));
        (await waiting).Failure.ShouldBe("it did not answer within 10 s");
        never.SetResult();
        (await new TimestampAuthority("t1", new($"http://127.0.0.1:{Custos.Fixtures.FreePort.Next()}/"), [], WitnessClient.NewHttp(), TimeProvider.System).StampAsync(Data, Stop)).Failure!.ShouldStartWith("it cannot be reached");
    }

    [Fact]
    public async Task An_anchor_carries_the_tokens_of_several_authorities_and_one_that_was_away_joins_it()
    {
        using TestAuthority first = new(), second = new(intermediate: true);
        var machine = new Machine { Time = new(DateTimeOffset.UtcNow) };
        var http = WitnessClient.NewHttp();
        second.Instead = (context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        machine.Company = options => options with
        {
            Anchors = machine.Anchors,
            Authorities = [new TimestampAuthority("t1", first.Address, first.Roots, http, TimeProvider.System), new TimestampAuthority("t2", second.Address, second.Roots, http, TimeProvider.System)],
        };
        await using var log = await machine.OpenAsync();
        await log.AppendAsync(Machine.Messages(0, 5), Stop);
        var anchor = await log.AnchorAsync(Stop);
        anchor.StampedBy.Select(stamp => stamp.Authority).ShouldBe(["t1"]);
        anchor.Missing.ShouldBe(["t2: it answered 503"]);
        second.Instead = null;
        while (log.Neighbours.Single(neighbour => neighbour.Name == "t2").Failure is not null)
        {
            // In small steps, so that our clock stays near the authorities'.
            machine.Time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        var kept = machine.Anchors.Read(6)!;
        kept.Stamps.Select(stamp => stamp.Authority).ShouldBe(["t1", "t2"]);
        await File.WriteAllTextAsync(first.At("both.pem"), first.Root.ExportCertificatePem() + "\n" + second.Root.ExportCertificatePem() + "\n", Stop);
        var judge = TimestampVerifier.Of(first.At("both.pem"));
        async Task<Verification> VerifyAsync()
        {
            await using var store = machine.Store();
            return await LogVerifier.VerifyAsync(store, TrustPolicy.Of(machine.Signer.Verifier.Key), [machine.Signer.Verifier], new() { Anchors = machine.Anchors, Timestamps = judge }, cancellation: Stop);
        }

        var found = await VerifyAsync();
        found.Discrepancies.ShouldBeEmpty();
        found.Notices.Count(notice => notice.Contains("that hold: 1; the last states", StringComparison.Ordinal)).ShouldBe(2);

        // A token of another size's checkpoint, put here.
        await log.AppendAsync(Machine.Messages(5, 5), Stop);
        await log.AnchorAsync(Stop);
        machine.Disk.Replace($"{Machine.Folder}/anchors/000000000006/t1.tsr", machine.Anchors.Read(11)!.Stamps[0].Reply);
        (await VerifyAsync()).Discrepancies.ShouldHaveSingleItem().ToString().ShouldStartWith("TimestampWrong anchors/000000000006/t1.tsr");
    }

    [Fact]
    public async Task A_token_far_from_our_clock_is_kept_and_put_on_record_once()
    {
        using var server = new TestAuthority();
        var machine = new Machine { Time = new(DateTimeOffset.UtcNow.AddHours(-1)) };
        machine.Company = options => options with { Anchors = machine.Anchors, Authorities = [Authority(server)] };
        await using var log = await machine.OpenAsync();
        (await log.AnchorAsync(Stop)).StampedBy.Count.ShouldBe(1);
        await log.AnchorAsync(Stop);
        await log.AppendAsync(Machine.Message(1), Stop);
        await log.AnchorAsync(Stop);
        var clock = (await Machine.ReadAllAsync(log)).Where(exhibit => exhibit.Entry.Kind == "custody.clock").ShouldHaveSingleItem();
        var time = CustodyEvent.Parse(clock).Time!;
        time.Source.ShouldBe("t1");
        time.OffsetMs!.Value.ShouldBeInRange(3_500_000, 3_700_000);
        machine.Anchors.Read(1)!.Stamps.ShouldHaveSingleItem();
    }

    [Fact]
    public void Authorities_are_set_up_in_a_file_with_roots_beside_it_and_a_malformed_line_is_named()
    {
        using var server = new TestAuthority();
        using var folder = new Folder();
        TimestampSettings.Read(folder.Path).ShouldBeEmpty();
        TimestampSettings.Add(folder.Path, new("t1", server.Address, true, "1.2.3"), server.RootFile);
        TimestampSettings.Add(folder.Path, new("t2", server.Address, false, null), server.RootFile);
        TimestampSettings.Read(folder.Path).ShouldBe([new("t1", server.Address, true, "1.2.3"), new("t2", server.Address, false, null)]);
        TimestampSettings.Open(folder.Path, WitnessClient.NewHttp(), TimeProvider.System).Count.ShouldBe(2);
        Should.Throw<FormatException>(() => TimestampSettings.Add(folder.Path, new("t1", server.Address, false, null), server.RootFile));
        Should.Throw<FormatException>(() => TimestampSettings.Add(folder.Path, new("t3", server.Address, false, null), server.At("signer.key")));
        foreach (var line in (string[])["authority", "authority UPPER http://a", "authority t1 ftp://a", "authority t1 http://a free", "witness a b", "authority t1 http://a policy=x"])
        {
            File.WriteAllText(System.IO.Path.Combine(folder.Path, "timestamps", "authorities"), "# ours\n" + line + "\n");
            Should.Throw<FormatException>(() => TimestampSettings.Read(folder.Path)).Message.ShouldContain("line 2");
        }
    }
}
