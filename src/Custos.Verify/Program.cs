using System.Globalization;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Evidence.Timestamps;
using Custos.Verify;

const string Usage = """
    custos-verify checks a Custos evidence log, one proof or an export bag, without the program that wrote it. It never writes.

    usage: custos-verify log DIR [--operation NAME] [--policy FILE] [--roots FILE] [--keys DIR] [--any-entries] [--json]
           custos-verify proof FILE --entry FILE [--policy FILE] [--json]
           custos-verify bag DIR [--policy FILE | --accept-policy-in-bag] [--roots FILE] [--json]

    DIR            a data folder, one operation's folder, or a published tree (checkpoint, tile/)
    --policy FILE  the keys to trust (C2SP tlog-policy); without it the one beside the log, which is shown
    --roots FILE   root certificates (PEM) by which time-stamps are judged; without it none: roots that come with a log or a bag prove nothing
    --keys DIR     the key folder: contents are opened and compared with their commitments
    --any-entries  a log of another program: entries are hashed, not read
    --accept-policy-in-bag  believe the keys that the bag itself names; without this or --policy a bag is not verified
    exit: 0 verified, 1 not verified, 2 wrong use, 3 could not read
    """;

var words = Arguments.Parse(args, ["--operation", "--policy", "--roots", "--keys", "--entry"], ["--json", "--any-entries", "--accept-policy-in-bag"]);
if (words is null || words.Positional.Count != 2 || words.Positional[0] is not ("log" or "proof" or "bag") || (words.Positional[0] == "proof") != words.Has("--entry"))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

try
{
    return words.Positional[0] switch { "log" => await LogAsync(words), "bag" => await BagAsync(words), _ => Proof(words) };
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or EvidenceLogException or FormatException)
{
    Console.Error.WriteLine($"COULD NOT READ: {e.Message}");
    return 3;
}

static async Task<int> LogAsync(Arguments words)
{
    var (verified, read) = (true, true);
    foreach (var log in LogFolder.Find(words.Positional[1], words["--operation"]))
    {
        Verification found;
        try
        {
            found = await log.VerifyAsync(words["--policy"], words["--keys"], words.Has("--any-entries"), TimeProvider.System, timestamps: Stamps(words));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EvidenceLogException or FormatException)
        {
            // The others are looked at all the same.
            Console.Error.WriteLine($"COULD NOT READ the log {log.Name}: {e.Message}");
            read = false;
            continue;
        }

        if (words.Has("--keys"))
            found = found with { Notices = [.. found.Notices, "Contents were opened in memory. This program writes nothing: whoever runs it with keys answers for a record of that; 'custos verify --keys' makes one by itself."] };
        verified &= found.Verified;
        Console.WriteLine(words.Has("--json") ? VerificationText.Json(log.Name, found) : VerificationText.Plain(log.Name, found));
    }

    return !verified ? 1 : read ? 0 : 3;
}

static async Task<int> BagAsync(Arguments words)
{
    var found = await EvidenceBag.VerifyAsync(words.Positional[1], new()
    {
        Policy = words["--policy"] is { } file ? TrustPolicy.Parse(File.ReadAllText(file)) : null,
        AcceptPolicyInBag = words.Has("--accept-policy-in-bag"),
        Verifier = key => NoteVerifiers.Of(key, TimeProvider.System),
        Timestamps = Stamps(words),
    });
    Console.WriteLine(words.Has("--json") ? VerificationText.Json(found) : VerificationText.Plain(found));
    return found.Verified ? 0 : 1;
}

// Roots never come from what is checked: whoever made it could have put his own there.
static TimestampVerifier Stamps(Arguments words) => words["--roots"] is { } roots ? TimestampVerifier.Of(roots) : TimestampVerifier.WithoutRoots;

static int Proof(Arguments words)
{
    var proof = TlogProof.Parse(File.ReadAllBytes(words.Positional[1]));
    var entry = File.ReadAllBytes(words["--entry"]!);
    var checkpoint = Checkpoint.Parse(proof.Note.Text);
    var signed = "not judged: no --policy was given";
    var holds = proof.Proves(entry);
    if (words["--policy"] is { } file)
    {
        var policy = TrustPolicy.Parse(File.ReadAllText(file));
        var verifiers = NoteVerifiers.Of(policy, TimeProvider.System);
        var known = proof.Note.Open([.. verifiers.Where(verifier => policy.Logs.Contains(verifier.Key) && verifier.Key.Name == checkpoint.Origin)]);
        var quorum = policy.Judge(proof.Note, verifiers).QuorumReached;
        holds &= known.Status == NoteStatus.Verified && quorum;
        signed = known.Status != NoteStatus.Verified ? known.Status.ToString() : quorum ? "yes" : "yes, but the quorum is missing";
    }

    var sentence = holds
        ? $"Verified: the entry is number {proof.Index.ToString(CultureInfo.InvariantCulture)} of {checkpoint.Origin} at size {checkpoint.Size.ToString(CultureInfo.InvariantCulture)}."
        : $"NOT VERIFIED: the proof does not show the entry as number {proof.Index.ToString(CultureInfo.InvariantCulture)} of {checkpoint.Origin}.";
    if (words.Has("--json"))
        Console.WriteLine(VerificationText.Json(proof.Index, checkpoint, holds, signed, sentence));
    else
        Console.WriteLine($"checkpoint signed: {signed}\n{sentence}");
    return holds ? 0 : 1;
}
