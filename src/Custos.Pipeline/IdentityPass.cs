using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Pipeline;

/// <summary>An account whose selectors are read, because an indicator of it was found (identity-spec, section 1).</summary>
/// <param name="Row">Its key in the index.</param>
/// <param name="Account">Which.</param>
/// <param name="LastLine">The key of the last line that its reading depends on.</param>
/// <param name="Reading">The reading that is in the index, if it covers that line; null if it must be made.</param>
public sealed record ReadAccount(long Row, AccountKey Account, long LastLine, SelectorReading? Reading);

/// <summary>What the identity pass reads: accounts with an indicator, their lines, people's judgements.</summary>
public interface IIdentitySource
{
    /// <summary>Accounts that carry an incriminating indicator, in order.</summary>
    IReadOnlyList<ReadAccount> Accounts();

    /// <summary>The lines an account's selectors are read from: its own with those just before them, and whole threads it wrote in.</summary>
    IReadOnlyList<TranscriptLine> Lines(ReadAccount account);

    /// <summary>Judgements and withdrawals of judgements, as recorded.</summary>
    (IReadOnlyList<Judgement> Judgements, IReadOnlyList<JudgementWithdrawal> Withdrawals) Judgements();
}

/// <summary>What the identity pass made.</summary>
/// <param name="Read">Readings that are new.</param>
/// <param name="View">Every account in exactly one proposal.</param>
public sealed record IdentityRows(IReadOnlyList<(ReadAccount Account, SelectorReading Reading)> Read, LinkView View);

/// <summary>From accounts with an indicator to proposals: pure over what the index holds, so it may run at any time with the same result.</summary>
/// <param name="reader">Reads selectors.</param>
/// <param name="version">The hash of what it reads with.</param>
public sealed class IdentityPass(SelectorReader reader, string version)
{
    /// <summary>The hash of the data that reads selectors.</summary>
    public string Version { get; } = version;

    /// <summary>Reads what is new and proposes anew.</summary>
    public IdentityRows Run(IIdentitySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var read = new List<(ReadAccount, SelectorReading)>();
        var facts = new List<AccountFacts>();
        foreach (var account in source.Accounts())
        {
            var reading = account.Reading;
            if (reading is null)
            {
                reading = reader.Read(new Transcript(account.Account, source.Lines(account)));
                read.Add((account, reading));
            }

            facts.Add(new(account.Account, reading.Hits));
        }

        var (judgements, withdrawals) = source.Judgements();
        return new(read, SubjectLinker.Propose(facts, judgements, withdrawals));
    }

    /// <summary>On which side the author of a line stands, seen from the account being read.</summary>
    public static LineRole RoleOf(AccountKey account, ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.From.Value == account.Name ? LineRole.Account : message.Direction == Direction.Out ? LineRole.Persona : LineRole.Other;
    }
}
