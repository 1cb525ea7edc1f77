using Custos.Evidence.Ed25519;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Evidence.Tests;

/// <summary>Who must have signed (C2SP tlog-policy): what a policy says, and that nothing else counts as that.</summary>
public sealed class PolicyTests : IDisposable
{
    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 12, 3, 14, 5, 9, TimeSpan.Zero));
    readonly Ed25519Signer _log = new(Machine.Origin, Seed(7));
    readonly CosignatureSigner[] _witnesses;

    public PolicyTests() => _witnesses = [.. Enumerable.Range(1, 3).Select(i => new CosignatureSigner($"witness.example/w{i}", Seed((byte)(0x20 * i)), _time))];

    static byte[] Seed(byte first) => [.. Enumerable.Range(first, 32).Select(i => (byte)i)];

    INoteVerifier[] Verifiers => [_log.Verifier, .. _witnesses.Select(witness => witness.Verifier)];

    /// <summary>A policy of the log and three witnesses, with the lines given; LOG, K1 to K3 are their keys.</summary>
    TrustPolicy Parse(string lines)
    {
        var text = ("log LOG\nwitness w1 K1\nwitness w2 K2 https://w2.example/\nwitness w3 K3\n" + lines).Replace("LOG", _log.Verifier.Key.ToString(), StringComparison.Ordinal);
        for (var i = 1; i <= 3; i++)
            text = text.Replace($"K{i}", _witnesses[i - 1].Verifier.Key.ToString(), StringComparison.Ordinal);
        return TrustPolicy.Parse(text);
    }

    SignedNote Note(params int[] witnesses) =>
        witnesses.Aggregate(SignedNote.Sign(new Checkpoint(Machine.Origin, 0, Merkle.EmptyRoot).ToText(), _log), (note, i) => note.WithSignature(_witnesses[i - 1]));

    [Theory]
    [InlineData("quorum none", "", "1", "12", "123")]
    [InlineData("quorum w2", "2", "12", "23", "123")]
    [InlineData("group g all w1 w2 w3\nquorum g", "123")]
    [InlineData("group g any w1 w2\nquorum g", "1", "2", "12", "13", "23", "123")]
    [InlineData("group g 2 w1 w2 w3\nquorum g", "12", "13", "23", "123")]
    [InlineData("group g 1 w1 w3\nquorum g", "1", "3", "12", "13", "23", "123")]
    [InlineData("group a any w1 w2\ngroup g all a w3\nquorum g", "13", "23", "123")]
    [InlineData("group a 2 w1 w2\ngroup g 1 a w3\nquorum g", "3", "12", "13", "23", "123")]
    public void A_quorum_is_reached_by_these_witnesses_and_no_others(string lines, params string[] reached)
    {
        var policy = Parse(lines);
        var found = new List<string>();
        foreach (var who in (string[])["", "1", "2", "3", "12", "13", "23", "123"])
        {
            var names = who.Select(c => "w" + c).ToList();
            var verdict = policy.Judge(Note([.. who.Select(c => c - '0')]), Verifiers);
            verdict.LogSigned.ShouldBeTrue();
            verdict.SignedBy.Order(StringComparer.Ordinal).ShouldBe(names);
            verdict.Missing.ShouldBe(new[] { "w1", "w2", "w3" }.Except(names));
            policy.Reaches(names).ShouldBe(verdict.QuorumReached);
            if (verdict.QuorumReached)
                found.Add(who);
        }

        found.Where(who => lines != "quorum none" || reached.Contains(who)).ShouldBe(reached);
        policy.Quorum.ShouldBe(lines == "quorum none" ? null : lines.Split(' ')[^1]);
    }

    [Fact]
    public void A_witness_counts_by_its_own_key_name_and_signature_only()
    {
        var policy = Parse("group g all w1 w2\nquorum g");
        var note = Note(1);
        // Its name with another's key; another's name with its key; a plain signature; a signature over another checkpoint.
        using var same = new CosignatureSigner(_witnesses[1].Name, Seed(0x70), _time);
        using var named = new CosignatureSigner("witness.example/other", Seed(0x40), _time);
        var other = SignedNote.Sign(new Checkpoint(Machine.Origin, 1, Merkle.EmptyRoot).ToText(), _witnesses[1]).Signatures[0];
        var id = _witnesses[1].Verifier.Key.Id;
        foreach (var line in (NoteSignature[])
            [
                note.WithSignature(same).Signatures[2], note.WithSignature(named).Signatures[2], new(_witnesses[1].Name, id, _log.Sign(note.Text)), other,
                note.WithSignature(_witnesses[1]).Signatures[2] with { KeyId = id ^ 1 }, note.WithSignature(_witnesses[1]).Signatures[2] with { Name = "w2" },
            ])
            policy.Judge(note.WithSignature(line), [.. Verifiers, same.Verifier, named.Verifier]).Missing.ShouldBe(["w2", "w3"]);
        // Without its verifier at hand it cannot be judged, so it does not count.
        policy.Judge(Note(1, 2), [_log.Verifier, _witnesses[0].Verifier]).QuorumReached.ShouldBeFalse();
        policy.Judge(Note(1, 2), Verifiers).QuorumReached.ShouldBeTrue();
        policy.Judge(Note(1, 2), [.. Verifiers.Skip(1)]).LogSigned.ShouldBeFalse();
    }

    [Fact]
    public void Keys_urls_and_comments_are_read()
    {
        var policy = Parse("# a comment\r\n\r\n  log LOG2 https://log.example/ \r\nquorum\tw1\r\n".Replace("LOG2", new Ed25519Signer("unit.example/b", Seed(99)).Verifier.Key.ToString(), StringComparison.Ordinal));
        policy.Logs.Select(key => key.Name).ShouldBe([Machine.Origin, "unit.example/b"]);
        policy.Witnesses.Select(witness => (witness.Name, witness.Key.Name, witness.Url)).ShouldBe([("w1", "witness.example/w1", null), ("w2", "witness.example/w2", "https://w2.example/"), ("w3", "witness.example/w3", null)]);
        policy.Quorum.ShouldBe("w1");
        TrustPolicy.Of(_log.Verifier.Key).Logs.ShouldBe([_log.Verifier.Key]);
    }

    [Theory]
    [InlineData("quorum w4", "line 5 uses 'w4' before it is defined")]
    [InlineData("group g all w1 w4\nquorum g", "line 5 uses 'w4' before it is defined")]
    [InlineData("group g all g w1\nquorum g", "line 5 uses 'g' before it is defined")]
    [InlineData("group w1 any w2\nquorum w1", "line 5 defines 'w1', which is taken")]
    [InlineData("group none any w2\nquorum none", "line 5 defines 'none', which is taken")]
    [InlineData("group g all w1 w1\nquorum g", "line 5 names a member twice")]
    [InlineData("group g 0 w1 w2\nquorum g", "line 5 needs all, any or a count")]
    [InlineData("group g 3 w1 w2\nquorum g", "line 5 needs all, any or a count")]
    [InlineData("group g -1 w1 w2\nquorum g", "line 5 needs all, any or a count")]
    [InlineData("group g some w1 w2\nquorum g", "line 5 needs all, any or a count")]
    [InlineData("group g all\nquorum g", "line 5 is not a line of a policy")]
    [InlineData("quorum w1\nquorum w1", "line 6 is a second quorum")]
    [InlineData("quorum", "line 5 is not a line of a policy")]
    [InlineData("quorum w1 w2", "line 5 is not a line of a policy")]
    [InlineData("log", "line 5 is not a line of a policy")]
    [InlineData("log LOG a b", "line 5 is not a line of a policy")]
    [InlineData("witness w4", "line 5 is not a line of a policy")]
    [InlineData("witness w4 K1 a b", "line 5 is not a line of a policy")]
    [InlineData("\n\nwitness w4 K1\nquorum w4", "line 7 names a public key for the second time")]
    [InlineData("log LOG\nquorum none", "line 5 names a public key for the second time")]
    [InlineData("log key\nquorum none", "line 5 holds a key that cannot be read")]
    [InlineData("Quorum none", "line 5 is not a line of a policy")]
    [InlineData("", "no quorum line")]
    public void A_policy_that_does_not_hold_together_is_refused_with_the_line(string lines, string says) => Should.Throw<FormatException>(() => Parse(lines)).Message.ShouldContain(says);

    [Theory]
    [InlineData("name+ID+KEY", true)]
    [InlineData("name+ID", false)]
    [InlineData("+ID+KEY", false)]
    [InlineData("a b+ID+KEY", false)]
    [InlineData("name+0000000+KEY", false)]
    [InlineData("name+0000000G+KEY", false)]
    [InlineData("name+000000000+KEY", false)]
    [InlineData("name+00000000+KEY", false)]
    [InlineData("name+ID+", false)]
    [InlineData("name+ID+AQ==", false)]
    [InlineData("name+ID+KEY+more", false)]
    [InlineData("name+ID+KEY ", false)]
    public void A_verifier_key_has_one_form(string text, bool right)
    {
        var key = new VerifierKey("name", VerifierKey.Ed25519, Seed(1));
        var parts = key.ToString().Split('+', 3);
        text = text.Replace("ID", parts[1], StringComparison.Ordinal).Replace("KEY", parts[2], StringComparison.Ordinal);
        if (right)
            VerifierKey.Parse(text).ShouldBe(key);
        else
            Should.Throw<FormatException>(() => VerifierKey.Parse(text));
    }

    [Theory]
    [InlineData(VerifierKey.Ed25519, 31)]
    [InlineData(VerifierKey.Ed25519, 33)]
    [InlineData(VerifierKey.Cosignature, 31)]
    [InlineData(VerifierKey.Cosignature, 33)]
    public void A_key_of_a_known_type_has_32_bytes(byte type, int length)
    {
        Should.Throw<FormatException>(() => VerifierKey.Parse(new VerifierKey("name", type, new byte[length]).ToString())).Message.ShouldContain("32");
        VerifierKey.Parse(new VerifierKey("name", type, new byte[32]).ToString()).Type.ShouldBe(type);
        // Of a type that is not known nothing is known: it counts as an unknown key.
        VerifierKey.Parse(new VerifierKey("name", 0x06, new byte[length]).ToString()).Key.Length.ShouldBe(length);
        VerifierKey.Parse(new VerifierKey("name", 0x06, new byte[1]).ToString()).Key.Length.ShouldBe(1);
    }

    [Fact]
    public void A_checkpoint_is_signed_by_a_log_if_any_of_the_policys_keys_signed_it()
    {
        using var other = new Ed25519Signer("unit.example/b", Seed(99));
        var policy = Parse($"log {other.Verifier.Key}\nquorum none");
        policy.Judge(Note(), [.. Verifiers, other.Verifier]).LogSigned.ShouldBeTrue();
        policy.Judge(SignedNote.Sign("text\n"u8, other), [.. Verifiers, other.Verifier]).LogSigned.ShouldBeTrue();
        policy.Judge(SignedNote.Sign("text\n"u8, _witnesses[0]), [.. Verifiers, other.Verifier]).LogSigned.ShouldBeFalse();
    }

    [Fact]
    public void Two_keys_are_one_only_if_name_type_and_bytes_are()
    {
        var key = new VerifierKey("name", VerifierKey.Ed25519, Seed(1));
        key.Equals(new VerifierKey("name", VerifierKey.Ed25519, Seed(1))).ShouldBeTrue();
        key.Equals((object)new VerifierKey("name", VerifierKey.Ed25519, Seed(1))).ShouldBeTrue();
        key.GetHashCode().ShouldBe(new VerifierKey("name", VerifierKey.Ed25519, Seed(1)).GetHashCode());
        foreach (var other in (VerifierKey?[])[new("nam", VerifierKey.Ed25519, Seed(1)), new("name", VerifierKey.Cosignature, Seed(1)), new("name", VerifierKey.Ed25519, Seed(2)), null])
            key.Equals(other).ShouldBeFalse();
        key.Equals("name").ShouldBeFalse();
        foreach (var name in (string[])["", "a b", "a+b", "a\u2003b", "a\tb"])
            Should.Throw<FormatException>(() => new VerifierKey(name, 1, Seed(1)));
    }

    public void Dispose()
    {
        _log.Dispose();
        foreach (var witness in _witnesses)
            witness.Dispose();
    }
}
