// C2SP tlog-policy (c2sp.org/tlog-policy): which keys sign a log and which witnesses must have seen it.
using System.Globalization;

namespace Custos.Evidence;

/// <summary>What a policy says of a checkpoint.</summary>
/// <param name="LogSigned">Whether a log key of the policy signed it.</param>
/// <param name="SignedBy">Witnesses whose cosignature counts, by name in the policy.</param>
/// <param name="Missing">Witnesses that are absent, or whose line does not count.</param>
/// <param name="QuorumReached">Whether the quorum is reached.</param>
public sealed record PolicyVerdict(bool LogSigned, IReadOnlyList<string> SignedBy, IReadOnlyList<string> Missing, bool QuorumReached);

/// <summary>The keys that a reader trusts for a log, and the quorum of witnesses.</summary>
public sealed class TrustPolicy
{
    readonly Dictionary<string, (VerifierKey? Key, int Needed, string[] Members)> _named = new(StringComparer.Ordinal);
    string? _quorum;

    TrustPolicy()
    {
    }

    /// <summary>The logs' keys.</summary>
    public IReadOnlyList<VerifierKey> Logs { get; private set; } = [];

    /// <summary>The witnesses by name in the policy, with the URL of each that has one.</summary>
    public IReadOnlyList<(string Name, VerifierKey Key, string? Url)> Witnesses { get; private set; } = [];

    /// <summary>The quorum's name, or null if no witness is needed.</summary>
    public string? Quorum => _quorum;

    /// <summary>A policy of one log and no witness.</summary>
    public static TrustPolicy Of(VerifierKey log) => new() { Logs = [log] };

    /// <summary>Reads a policy.</summary>
    /// <exception cref="FormatException">It is malformed; the message names the line.</exception>
    public static TrustPolicy Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var policy = new TrustPolicy();
        var logs = new List<VerifierKey>();
        var witnesses = new List<(string, VerifierKey, string?)>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var quorums = 0;
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd('\r').Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            switch (words[0])
            {
                case "log" when words.Length is 2 or 3:
                    logs.Add(Key(words[1], number, keys));
                    break;
                case "witness" when words.Length is 3 or 4:
                    var key = Key(words[2], number, keys);
                    policy.Define(words[1], number, key, 0, []);
                    witnesses.Add((words[1], key, words.Length == 4 ? words[3] : null));
                    break;
                case "group" when words.Length >= 4:
                    var members = words[3..];
                    foreach (var member in members)
                    {
                        if (!policy._named.ContainsKey(member))
                            throw Malformed(number, $"uses '{member}' before it is defined");
                    }

                    if (members.Distinct(StringComparer.Ordinal).Count() != members.Length)
                        throw Malformed(number, "names a member twice");
                    var needed = words[2] switch
                    {
                        "all" => members.Length,
                        "any" => 1,
                        _ => int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var k) && k >= 1 && k <= members.Length ? k : throw Malformed(number, "needs all, any or a count of its members"),
                    };
                    policy.Define(words[1], number, null, needed, members);
                    break;
                case "quorum" when words.Length == 2:
                    if (++quorums > 1)
                        throw Malformed(number, "is a second quorum");
                    if (words[1] != "none" && !policy._named.ContainsKey(words[1]))
                        throw Malformed(number, $"uses '{words[1]}' before it is defined");
                    policy._quorum = words[1] == "none" ? null : words[1];
                    break;
                default:
                    throw Malformed(number, "is not a line of a policy");
            }
        }

        if (quorums == 0)
            throw new FormatException("The policy has no quorum line; 'quorum none' says that no witness is needed.");
        policy.Logs = logs;
        policy.Witnesses = witnesses;
        return policy;
    }

    /// <summary>Judges a checkpoint.</summary>
    /// <param name="note">The signed checkpoint.</param>
    /// <param name="verifiers">Verifiers of the policy's keys; a key without one counts as unknown.</param>
    public PolicyVerdict Judge(SignedNote note, IReadOnlyList<INoteVerifier> verifiers)
    {
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(verifiers);
        var signed = Logs.Any(key => Holds(note, verifiers, key));
        var by = Witnesses.Where(witness => Holds(note, verifiers, witness.Key)).Select(witness => witness.Name).ToHashSet(StringComparer.Ordinal);
        var missing = Witnesses.Select(witness => witness.Name).Where(name => !by.Contains(name)).ToList();
        return new(signed, [.. by], missing, _quorum is null || Reached(_quorum, by));
    }

    /// <summary>Whether these witnesses, by name in the policy, are the quorum.</summary>
    public bool Reaches(IEnumerable<string> witnesses)
    {
        ArgumentNullException.ThrowIfNull(witnesses);
        return _quorum is null || Reached(_quorum, witnesses.ToHashSet(StringComparer.Ordinal));
    }

    static bool Holds(SignedNote note, IReadOnlyList<INoteVerifier> verifiers, VerifierKey key) =>
        verifiers.FirstOrDefault(verifier => verifier.Key.Equals(key)) is { } verifier
        && note.Signatures.FirstOrDefault(line => line.Name == key.Name && line.KeyId == key.Id) is { } line
        && verifier.Verify(note.Text, line.Signature.Span);

    bool Reached(string name, HashSet<string> by)
    {
        var (key, needed, members) = _named[name];
        return key is not null ? by.Contains(name) : members.Count(member => Reached(member, by)) >= needed;
    }

    void Define(string name, int line, VerifierKey? key, int needed, string[] members)
    {
        if (name == "none" || !_named.TryAdd(name, (key, needed, members)))
            throw Malformed(line, $"defines '{name}', which is taken");
    }

    static VerifierKey Key(string text, int line, HashSet<string> keys)
    {
        VerifierKey key;
        try
        {
            key = VerifierKey.Parse(text);
        }
        catch (FormatException e)
        {
            throw Malformed(line, $"holds a key that cannot be read ({e.Message})");
        }

        return keys.Add(Convert.ToBase64String(key.Key)) ? key : throw Malformed(line, "names a public key for the second time");
    }

    static FormatException Malformed(int line, string what) => new(string.Create(CultureInfo.InvariantCulture, $"The policy is malformed: line {line} {what}."));
}
