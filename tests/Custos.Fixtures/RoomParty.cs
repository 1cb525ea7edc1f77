namespace Custos.Fixtures;

/// <summary>Many clients in one room of a real server, scripted ones and real irssi, and what each of them said.</summary>
public sealed class RoomParty : IAsyncDisposable
{
    // Typing costs a few milliseconds a line; the rest is said by the scripted ones.
    const int LinesTyped = 140;

    readonly List<RawIrcClient> _clients = [];
    readonly List<IrssiClient> _typists = [];
    readonly Dictionary<string, List<string>> _said = new(StringComparer.Ordinal);
    readonly string _room;

    RoomParty(string room) => _room = room;

    /// <summary>By nick, in the order it was said.</summary>
    public IReadOnlyDictionary<string, List<string>> Said => _said;

    /// <summary>Lines said by all.</summary>
    public int Lines => _said.Values.Sum(lines => lines.Count);

    /// <summary>Brings them into the room.</summary>
    /// <param name="port">The server.</param>
    /// <param name="room">The room.</param>
    /// <param name="scripted">Scripted clients, at least one.</param>
    /// <param name="typing">Real irssi.</param>
    public static async Task<RoomParty> GatherAsync(int port, string room, int scripted, int typing)
    {
        var party = new RoomParty(room);
        try
        {
            for (var i = 0; i < scripted; i++)
                party._clients.Add(await RawIrcClient.JoinAsync(port, $"client{i:D2}", room));
            for (var i = 0; i < typing; i++)
                party._typists.Add(await IrssiClient.StartAsync(port, $"irssi{i}", room));
            foreach (var irssi in party._typists)
            {
                await party._clients[0].ReceivesAsync(line => line.StartsWith($":{irssi.Nick}!", StringComparison.Ordinal) && line.Contains(" JOIN ", StringComparison.Ordinal));
                await irssi.EnterAsync(room);
            }

            return party;
        }
        catch
        {
            await party.DisposeAsync();
            throw;
        }
    }

    /// <summary>All talk at once, so many lines in all; when it returns, the server has passed on every one.</summary>
    public async Task TalkAsync(int lines)
    {
        foreach (var irssi in _typists)
            _said[irssi.Nick] = [.. Enumerable.Range(0, LinesTyped).Select(n => Words(irssi.Nick, n))];
        var rest = lines - 1 - (_typists.Count * LinesTyped);
        for (var i = 0; i < _clients.Count; i++)
        {
            var share = (rest / _clients.Count) + (i < rest % _clients.Count ? 1 : 0);
            _said[_clients[i].Nick] = [.. Enumerable.Range(0, share).Select(n => Words(_clients[i].Nick, n))];
        }

        var typed = _typists.Select(irssi => _clients[0].ReceivesAsync(line =>
            line.StartsWith($":{irssi.Nick}!", StringComparison.Ordinal) && line.EndsWith(_said[irssi.Nick][^1], StringComparison.Ordinal))).ToList();
        await Task.WhenAll(
        [
            .. _typists.Select(irssi => irssi.TypeAsync(_said[irssi.Nick])),
            .. _clients.Select(async client =>
            {
                foreach (var chunk in _said[client.Nick].Chunk(50))
                {
                    await client.SendAsync(string.Concat(chunk.Select(words => $"PRIVMSG {_room} :{words}\r\n")));
                    await client.SettleAsync();
                }
            }),
        ]);
        await Task.WhenAll(typed);

        // The server passes lines on in the order in which it took them, and it has answered for all of the others.
        await _clients[0].SayAsync(_room, "the end");
        await _clients[0].SettleAsync();
        _said[_clients[0].Nick].Add("the end");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        foreach (var irssi in _typists)
            await irssi.DisposeAsync();
    }

    // Every line is its own; among them what clients and servers like to break. The last one typed is plain ASCII.
    static string Words(string nick, int n) => (n % 10) switch
    {
        0 => $"{nick} {n} hello everyone",
        1 => $":{nick} {n} begins with a colon",
        2 => $"{nick} {n} caf\u00e9 \u4f60\u597d \U0001f642 \u0645\u0631\u062d\u0628\u0627",
        3 => $"{nick}  {n}  two  spaces",
        4 => $"{nick} {n} {new string('x', 300)}",
        5 => $"{nick}: {n} how old is the cat?",
        6 => $"{nick} {n} 100% {{0}} \\n \"quoted\" 'single' `back` $HOME ~",
        7 => $"{nick} {n} ends with a semicolon;",
        8 => $"-{nick} {n} begins with a dash",
        _ => $"{nick} {n} <b>&amp;</b> | a",
    };
}
