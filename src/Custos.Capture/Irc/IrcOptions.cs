using System.Security.Cryptography.X509Certificates;
using Custos.Vocabulary;

namespace Custos.Capture.Irc;

/// <summary>An account at the server, by which we say who we are (SASL PLAIN, RFC 4616). Sent over TLS only.</summary>
/// <param name="Account">The account's name.</param>
/// <param name="Password">Its password. Recorded nowhere.</param>
public sealed record IrcCredentials(string Account, string Password)
{
    /// <summary>The account's name only.</summary>
    public override string ToString() => Account;
}

/// <summary>How a room is heard.</summary>
public sealed record IrcOptions
{
    /// <summary>The room.</summary>
    public required IrcAddress Address { get; init; }

    /// <summary>The name we show. If it is taken, the same name with a mark at its end.</summary>
    public required string Nick { get; init; }

    /// <summary>Pseudonym of this capture in the log.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>The source of chance for the length of pauses and the name of the capture.</summary>
    public required int Seed { get; init; }

    /// <summary>The ident we give (RFC 2812, section 3.1.3).</summary>
    public string User { get; init; } = "guest";

    /// <summary>The real name we give.</summary>
    public string RealName { get; init; } = "guest";

    /// <summary>The server's password, if it wants one; sent over TLS or to this machine only.</summary>
    public string? ServerPassword { get; init; }

    /// <summary>Our account there, if we have one.</summary>
    public IrcCredentials? Credentials { get; init; }

    /// <summary>The authorities to trust for TLS instead of the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Stop by itself after this long; null: until asked.</summary>
    public TimeSpan? For { get; init; }

    /// <summary>The first pause before connecting again; it doubles, and each is cut or stretched by up to half.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a server may be silent before it is asked whether it is there.</summary>
    public TimeSpan AskAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long it then has to say anything; also for connecting, for taking our name, and for letting us in.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the server has to say goodbye when we stop.</summary>
    public TimeSpan GoodbyeWithin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Lines received and not yet durable, in bytes of content and 512 for each; at this much the socket is read no further.</summary>
    public long PendingBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Refuses what could not be sent as it is.</summary>
    /// <exception cref="ArgumentException">A name could not stand on a line, or a password would travel in the clear.</exception>
    public void Check()
    {
        if (!OutgoingLine.IsWord(Nick) || Nick[0] is '-' or (>= '0' and <= '9') || Nick.IndexOfAny(['!', '@', '#', '&', '*', '?']) >= 0)
            throw new ArgumentException($"'{Nick}' cannot be a nick: it begins with a letter and has no space, '!', '@', '#', '*' or '?'.");
        if (!OutgoingLine.IsWord(User))
            throw new ArgumentException("The ident is one word.");
        if ((Credentials is not null || ServerPassword is not null) && !Address.Tls && Address.Host is not ("127.0.0.1" or "::1" or "localhost"))
            throw new ArgumentException("A password is not sent in the clear. Use ircs://.");
    }
}
