using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Custos.Capture.Gaps;
using Custos.Capture.Irc;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Cli.Commands.Capture;

/// <summary><c>custos watch</c>: hears a room, records every line as received, and says nothing.</summary>
static class WatchCommand
{
    const string Help =
        "Enter one room on IRC and record every line as received, gaps and connection events included. It says nothing in the room.\n" +
        "Runs until Ctrl-C, --for, or the end of the authorisation's window, and answers when everything received is durable.\n" +
        "Exit codes: 0 heard without a gap; 1 could not finish; 2 usage; 3 stopped as asked, with gaps, which are named; 4 refused by the authorisation.";

    internal static Command Create()
    {
        var address = new Argument<string>("ADDRESS") { Description = "The room: irc://host:6667/%23room, or ircs://host:6697/%23room for TLS" };
        var operation = Workbench.Operation();
        var nick = new Option<string>("--nick") { Description = "The name we show; if it is taken, one like it", Required = true };
        var length = new Option<string?>("--for") { Description = "Stop by itself after this long: 60s, 5m, 2h" };
        var data = Workbench.Data();
        var tls = new Option<bool>("--tls") { Description = "TLS from the first byte, as ircs://" };
        var authority = new Option<string?>("--ca") { Description = "The authority to trust for TLS, a PEM file, instead of the system's" };
        var account = new Option<string?>("--account") { Description = "Our account at the server (SASL PLAIN, over TLS only)" };
        var password = new Option<string?>("--password-file") { Description = "A file with the account's password on its first line" };
        var serverPassword = new Option<string?>("--server-password-file") { Description = "A file with the server's own password on its first line" };
        var actor = Workbench.Actor();
        var json = Workbench.Json();
        var command = new Command("watch", Help) { address, operation, nick, length, data, tls, authority, account, password, serverPassword, actor, json };
        command.SetAction(async (parsed, cancellation) => await RunAsync(
            new(
                parsed.GetRequiredValue(address), parsed.GetRequiredValue(operation), parsed.GetRequiredValue(nick), parsed.GetValue(length), parsed.GetValue(data)!,
                parsed.GetValue(tls), parsed.GetValue(authority), parsed.GetValue(account), parsed.GetValue(password), parsed.GetValue(serverPassword),
                parsed.GetValue(actor)!, parsed.GetValue(json)),
            TimeProvider.System,
            cancellation));
        return command;
    }

    sealed record Request(
        string Address, string Operation, string Nick, string? For, string Data, bool Tls, string? Authority, string? Account, string? PasswordFile, string? ServerPasswordFile, string Actor, bool Json);

    static async Task<int> RunAsync(Request request, TimeProvider time, CancellationToken cancellation)
    {
        if (!TryRead(request, out var options, out var problem))
            return Workbench.Fail(Workbench.Usage, problem);

        return await Workbench.InOperationAsync(request.Data, request.Operation, async room =>
        {
            var events = new EventLines(System.Console.Error, live: !System.Console.IsOutputRedirected && !System.Console.IsErrorRedirected && !request.Json);
            var custody = new CaptureCustody(room.Log, room.Custody, new() { Actor = new() { Id = request.Actor }, Purpose = $"live capture of {options.Address.Venue.Value} as '{options.Nick}'", Tool = new() { Name = Workbench.Tool } });
            var capture = new IrcCapture(options, room.Authorization, custody, time, events.Add);
            using var impatience = new Impatience(capture, events);
            try
            {
                var outcome = await WatchScreen.ShowAsync(capture, options, events, time, cancellation);
                await custody.EndAsync(WatchSummary.Word(outcome.Stop));
                await System.Console.Out.WriteLineAsync(request.Json ? WatchSummary.Json(options, outcome, events.Gaps) : WatchSummary.Text(options, outcome, events.Gaps));
                return outcome.Stop switch
                {
                    IrcStop.NotPermitted => Workbench.Refused,
                    IrcStop.Asked or IrcStop.TimeUp => outcome.Counts.Gaps == 0 ? Workbench.Done : Workbench.PartsLeftOut,
                    _ => Workbench.CouldNotFinish,
                };
            }
            catch (EvidenceLogException stopped)
            {
                var counts = capture.Counts;
                return Workbench.Fail(Workbench.CouldNotFinish, string.Create(
                    CultureInfo.InvariantCulture, $"{stopped.Message} {counts.Appended - counts.Durable} exhibits of this capture were not acknowledged; {counts.Durable} are durable."));
            }
        }, cancellation);
    }

    static bool TryRead(Request request, out IrcOptions options, out string problem)
    {
        options = null!;
        if (!IrcAddress.TryParse(request.Address, request.Tls, out var address, out var why))
        {
            problem = why;
            return false;
        }

        problem = "";
        if (!OperationSlug.TryParse(request.Operation, out _))
            problem = "An operation's name has 1 to 32 characters of a-z, 0-9 and '-', and begins with a letter or digit.";
        else if (!OperationSlug.TryParse(request.Actor, out _))
            problem = "--actor has 1 to 32 characters of a-z, 0-9 and '-'.";
        else if (request.For is not null && Duration(request.For) is null)
            problem = "--for is a number and s, m, h or d: 60s, 5m, 2h.";
        else if (request.Account is null != request.PasswordFile is null)
            problem = "--account and --password-file go together.";
        else if (request.Authority is not null && !address.Tls)
            problem = "--ca is for TLS: write ircs://, or --tls.";
        if (problem.Length > 0)
            return false;
        try
        {
            options = new()
            {
                Address = address,
                Nick = request.Nick,
                Actor = new(request.Actor),
                // Chance only lengthens pauses and names the capture; nothing that is recorded of others depends on it.
                Seed = RandomNumberGenerator.GetInt32(int.MaxValue),
                For = request.For is null ? null : Duration(request.For),
                Credentials = request.Account is null ? null : new(request.Account, FirstLine(request.PasswordFile!)),
                ServerPassword = request.ServerPasswordFile is null ? null : FirstLine(request.ServerPasswordFile),
                Authorities = request.Authority is null ? null : Authorities(request.Authority),
            };
            options.Check();
            return true;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            problem = e.Message;
            return false;
        }
    }

    static string FirstLine(string path)
    {
        using var reader = new StreamReader(path);
        return reader.ReadLine() is { Length: > 0 } line ? line : throw new IOException($"The first line of '{path}' is empty; it is to hold a password.");
    }

    static X509Certificate2Collection Authorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        return authorities.Count > 0 ? authorities : throw new IOException($"There is no certificate in '{path}'; it is to hold one in PEM.");
    }

    static TimeSpan? Duration(string text)
    {
        if (text.Length < 2 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 1_000_000)
            return null;
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            // The timer underneath counts at most 49 days.
            'd' when count <= 45 => TimeSpan.FromDays(count),
            _ => null,
        };
    }
}

/// <summary>The first Ctrl-C stops the capture in order; a second one ends the process, because a log that hangs must not hold a person.</summary>
sealed class Impatience : IDisposable
{
    readonly IrcCapture _capture;
    readonly EventLines _events;
    readonly PosixSignalRegistration _registration;
    int _signals;

    internal Impatience(IrcCapture capture, EventLines events)
    {
        _capture = capture;
        _events = events;
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupted);
    }

    public void Dispose() => _registration.Dispose();

    void Interrupted(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) < 2)
        {
            _events.Say("Stopping: what was received is being made durable. A second Ctrl-C ends at once.");
            return;
        }

        var counts = _capture.Counts;
        System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Ended at the second Ctrl-C. {counts.Appended - counts.Durable} exhibits were not acknowledged; what was, is durable."));
        Environment.Exit(1);
    }
}

/// <summary>The capture's events: a line each where nobody sees the screen, and the gaps for the summary.</summary>
sealed class EventLines(TextWriter output, bool live)
{
    // A day of trouble fits; beyond it the summary counts and the log holds them all.
    const int MostGaps = 1_000;

    readonly Lock _gate = new();
    readonly List<(DateTimeOffset From, DateTimeOffset? Until, GapCause Cause)> _gaps = [];
    string _last = "";

    /// <summary>A person sees the screen; events are not printed a line each.</summary>
    internal bool Live => live;

    /// <summary>The gaps so far.</summary>
    internal IReadOnlyList<(DateTimeOffset From, DateTimeOffset? Until, GapCause Cause)> Gaps
    {
        get
        {
            lock (_gate)
                return [.. _gaps];
        }
    }

    /// <summary>The newest event as a line.</summary>
    internal string Last
    {
        get
        {
            lock (_gate)
                return _last;
        }
    }

    /// <summary>Something of our own to say.</summary>
    internal void Say(string sentence)
    {
        lock (_gate)
        {
            _last = sentence;
            if (!live)
                output.WriteLine(sentence);
        }
    }

    internal void Add(CaptureEvent happened)
    {
        lock (_gate)
        {
            if (happened.Event == CaptureEventName.GapBegan && _gaps.Count < MostGaps)
                _gaps.Add((happened.From ?? happened.At, null, happened.Cause ?? GapCause.ConnectionLost));
            else if (happened.Event is CaptureEventName.GapEnded or CaptureEventName.Stopped && _gaps.Count > 0 && _gaps[^1].Until is null)
                _gaps[^1] = _gaps[^1] with { Until = happened.At };
            _last = Line(happened);
            if (!live)
                output.WriteLine(_last);
        }
    }

    static string Line(CaptureEvent happened)
    {
        var what = happened.Event switch
        {
            CaptureEventName.Started => $"started: {happened.Venue}",
            CaptureEventName.Connected => $"connected: {Fact(happened, "address")}",
            CaptureEventName.NotReached => $"not reached: {Fact(happened, "reason")}",
            CaptureEventName.Registered => $"registered as {happened.Nick}",
            CaptureEventName.Joined => $"joined as {happened.Nick}: hearing",
            CaptureEventName.GapBegan => $"gap: not heard since {happened.From:HH:mm:ss} ({WatchSummary.Word(happened.Cause)})",
            CaptureEventName.GapEnded => $"gap over after {Fact(happened, "seconds")} s",
            CaptureEventName.ClockOffset => $"the server's clock is {Fact(happened, "milliseconds")} ms ahead of ours",
            CaptureEventName.RateLimited => "the server asks us to slow down",
            CaptureEventName.Refused => $"refused: {Fact(happened, "meaning")}",
            CaptureEventName.SplitBegan => $"the network split between {Fact(happened, "near")} and {Fact(happened, "far")}",
            CaptureEventName.SplitEnded => "people are back from the split",
            CaptureEventName.OtherRoomLeft => "put into another room by the server; left it",
            CaptureEventName.Disconnected => $"disconnected ({WatchSummary.Word(happened.Cause)})",
            CaptureEventName.Stopped => $"stopped: {Fact(happened, "sentence")}",
            _ => WatchSummary.Word(happened.Event),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{happened.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} {what}");
    }

    static string Fact(CaptureEvent happened, string name) =>
        Printable.Of(happened.Detail is { } detail && detail.TryGetValue(name, out var value) ? value : "");
}
