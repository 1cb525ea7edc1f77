using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Custos.Detection;
using Custos.Vocabulary;

namespace Custos.Identity;

/// <summary>Reads telephone numbers, e-mail addresses, names at services and stated countries from what one account wrote.</summary>
/// <param name="data">Grammars, cues and reserved ranges.</param>
/// <param name="phones">The numbering plans.</param>
/// <remarks>Pure: the same lines give the same reading. What our persona wrote is read too, as a stop list; what others wrote is only context.</remarks>
public sealed partial class SelectorReader(SelectorData data, IPhoneNumbers phones)
{
    /// <summary>Rises with any change that alters a reading.</summary>
    public const string Engine = "identity/1";

    // identity-spec, section 2: a cue stands within 40 characters before or 20 after, or in the two messages before.
    const int CueBefore = 40;
    const int CueAfter = 20;
    const int MessagesBefore = 2;

    // "a at b.de", and seven digits of which three are words.
    const int ShortestDisguise = 9;
    const int ShortestSpelled = 15;

    /// <summary>Reads the conversations of one account.</summary>
    public SelectorReading Read(Transcript transcript)
    {
        ArgumentNullException.ThrowIfNull(transcript);
        var notKept = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var lines = transcript.Lines.Select(line => new Line(line, new ReadingText(line.Message.Text))).ToList();
        var before = PrecedingLines(lines);

        var claims = new List<CountryClaim>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Role == LineRole.Account)
                ReadCountries(lines, before[i], i, claims);
        }

        var stated = claims.Select(claim => claim.Country).Distinct(StringComparer.Ordinal).ToList();
        var region = new RegionHint(stated, transcript.VenueRegion);
        var hits = new List<SelectorHit>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Role != LineRole.Other)
                ReadLine(lines, before[i], i, region, hits, notKept);
        }

        return new(transcript.Account, StopListed(hits), notKept, claims, data.Sha256);
    }

    // What the persona said first, people quote back; what the account said first, the persona may repeat.
    static List<SelectorHit> StopListed(List<SelectorHit> hits)
    {
        var firstSpeaker = new Dictionary<(SelectorKind, string), Speaker>();
        foreach (var hit in hits)
            firstSpeaker.TryAdd((hit.Selector.Kind, hit.Selector.Normal), hit.Speaker);
        return [.. hits.Select(hit => hit.Speaker == Speaker.Account && firstSpeaker[(hit.Selector.Kind, hit.Selector.Normal)] == Speaker.Persona
            ? hit with { Flags = hit.Flags | SelectorFlags.SaidByPersona }
            : hit)];
    }

    static List<int>[] PrecedingLines(List<Line> lines)
    {
        var recent = new Dictionary<(VenueId, string), List<int>>();
        var before = new List<int>[lines.Count];
        for (var i = 0; i < lines.Count; i++)
        {
            var key = (lines[i].Source.Message.Venue, lines[i].Source.Message.Thread);
            if (!recent.TryGetValue(key, out var last))
                recent.Add(key, last = []);
            before[i] = [.. last];
            last.Add(i);
            if (last.Count > MessagesBefore)
                last.RemoveAt(0);
        }

        return before;
    }

    void ReadLine(List<Line> lines, List<int> before, int index, RegionHint region, List<SelectorHit> hits, SortedDictionary<string, int> notKept)
    {
        var line = lines[index];
        var context = new Context(lines, before, index);
        var candidates = new List<Candidate>();
        // Most lines hold nothing: what cannot be there is not looked for.
        var text = line.Text.Text.AsSpan();
        var digits = 0;
        foreach (var c in text)
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        if (text.Contains('/') || text.Contains("www.", StringComparison.OrdinalIgnoreCase))
            Links(line, candidates);
        if (text.Contains('@'))
            Emails(line, candidates);
        if (text.Length >= ShortestDisguise)
            DisguisedEmails(line, context, candidates);
        if (digits >= 6)
            Masks(line, candidates);
        if (digits >= 7)
            Phones(line, context, region, candidates);
        if (text.Length >= ShortestSpelled)
            SpelledPhones(line, context, region, candidates);
        Handles(line, context, candidates);

        // Longest wins, then the fixed order of kinds. The loser stays beside the winner as an alternative reading.
        candidates.Sort((a, b) =>
            a.Length != b.Length ? b.Length.CompareTo(a.Length) : a.Rank != b.Rank ? a.Rank.CompareTo(b.Rank) : a.Start.CompareTo(b.Start));
        var winners = new List<Candidate>();
        // Who holds each character: a line of 60,000 of them can have half as many candidates, too many to compare with each other.
        var holder = new Candidate?[line.Text.Text.Length];
        foreach (var candidate in candidates)
        {
            var winner = holder.AsSpan(candidate.Start, candidate.Length).IndexOfAnyExcept((Candidate?)null) is var first && first >= 0 ? holder[candidate.Start + first] : null;
            if (winner is null)
            {
                winners.Add(candidate);
                Array.Fill(holder, candidate, candidate.Start, candidate.Length);
            }
            else if (candidate.Selector is not null && winner.Selector is not null && winner.Alternative is null && candidate.Selector.Normal != winner.Selector.Normal)
            {
                winner.Alternative = candidate.Selector;
            }
        }

        foreach (var winner in winners.OrderBy(winner => winner.Start))
        {
            if (winner.Selector is null)
            {
                Count(notKept, winner.NotKept!);
                continue;
            }

            var kind = winner.Selector.Kind;
            if (line.Role == LineRole.Account && context.AboutSomebodyElse(data, winner))
            {
                Count(notKept, Name(kind) + ".third-party");
                continue;
            }

            var speaker = line.Role == LineRole.Persona ? Speaker.Persona : line.Text.Quoted[winner.Start] ? Speaker.Quoted : Speaker.Account;
            var flags = winner.Flags;
            var validity = winner.Validity;
            if (line.Text.Disguised(winner.Start, winner.End) || (flags & SelectorFlags.Disguised) != 0)
            {
                flags |= SelectorFlags.Disguised;
                validity = SelectorValidity.Plausible;
            }

            hits.Add(new(winner.Selector, validity, line.Place(winner.Start, winner.End), speaker, context.AskedFor(data, winner), flags, winner.Region, winner.Alternative));
        }
    }

    static void Count(SortedDictionary<string, int> notKept, string reason) => notKept[reason] = notKept.GetValueOrDefault(reason) + 1;

    static string Name(SelectorKind kind) => kind switch
    {
        SelectorKind.Phone => "phone",
        SelectorKind.Email => "email",
        _ => "handle",
    };

    // ---- links ------------------------------------------------------------------------------------------------

    [GeneratedRegex(@"(?:https?://|(?<![\w@.])www\.)[^\s<>""']{3,2000}|(?<![\w@.\-])(?:[A-Za-z0-9\-]{1,63}\.){1,4}[A-Za-z]{2,24}/[^\s<>""']{1,2000}", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Link();

    void Links(Line line, List<Candidate> candidates)
    {
        foreach (Match match in Link().Matches(line.Text.Text))
        {
            var end = match.Index + match.Length;
            while (end > match.Index && line.Text.Text[end - 1] is '.' or ',' or ';' or ':' or '!' or '?' or ')' or ']')
                end--;
            if (end - match.Index < 5)
                continue;
            candidates.Add(ReadLink(line, match.Index, end));
        }
    }

    Candidate ReadLink(Line line, int start, int end)
    {
        var rest = line.Text.Text[start..end];
        foreach (var lead in (string[])["https://", "http://", "www.", "m."])
        {
            if (rest.StartsWith(lead, StringComparison.OrdinalIgnoreCase))
                rest = rest[lead.Length..];
        }

        foreach (var link in data.PhoneLinks)
        {
            if (!rest.StartsWith(link, StringComparison.OrdinalIgnoreCase))
                continue;
            var digits = new string([.. rest[link.Length..].TrimStart('+').TakeWhile(char.IsAsciiDigit)]);
            return digits.Length >= 8 && phones.Read("+" + digits, null) is { } phone
                ? Candidate.Of(start, end, Rank.Link, new(SelectorKind.Phone, phone.E164, line.Text.Raw(start, end)), SelectorValidity.Checked, PhoneFlags(phone.E164) | SelectorFlags.Link, phone.Region)
                : Candidate.Not(start, end, Rank.Link, "phone.invalid-link");
        }

        foreach (var service in data.Services)
        {
            foreach (var link in service.Links)
            {
                if (!rest.StartsWith(link, StringComparison.OrdinalIgnoreCase))
                    continue;
                var after = rest[link.Length..];
                if (char.IsAsciiLetterOrDigit(link[^1]))
                {
                    if (after.Length == 0 || after[0] != '/')
                        continue;
                    after = after[1..];
                }

                var cut = after.IndexOfAny(['/', '?', '#']);
                var name = cut < 0 ? after : after[..cut];
                // A post, a reel, a video, an invitation: the link may carry the name of whoever shared it, so no name is read from it.
                var deeper = cut >= 0 && after[cut] == '/' && after.Length > cut + 1 && after[cut + 1] is not ('?' or '#');
                return deeper || !service.Holds(name)
                    ? Candidate.Not(start, end, Rank.Link, "handle.share-link")
                    : Candidate.Of(start, end, Rank.Link, new(SelectorKind.ServiceHandle, $"{service.Id}:{name.ToLowerInvariant()}", line.Text.Raw(start, end)), SelectorValidity.Checked, SelectorFlags.Link, null);
            }
        }

        var shortened = data.Shorteners.Any(host => rest.StartsWith(host + "/", StringComparison.OrdinalIgnoreCase));
        return Candidate.Not(start, end, Rank.Link, shortened ? "link.shortener" : "link.other");
    }

    // ---- e-mail: the subset of RFC 5321 that people write, section 4.1.2, limits of section 4.5.3.1 ----------------

    [GeneratedRegex(@"(?<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,80})@(?<domain>[\p{L}\p{N}.\-]{1,255})(?<after>/\S|:\d)?", RegexOptions.CultureInvariant)]
    private static partial Regex Email();

    void Emails(Line line, List<Candidate> candidates)
    {
        foreach (Match match in Email().Matches(line.Text.Text))
            AddEmail(line, match, candidates);
    }

    void DisguisedEmails(Line line, Context context, List<Candidate> candidates)
    {
        foreach (Match match in data.DisguisedEmail.Matches(line.Text.Text))
        {
            var domain = data.DotWord.Replace(match.Groups["domain"].Value, ".");
            var local = match.Groups["local"].Value;
            // "name@host.org" is no disguise, and "mail me at gmail dot com" names nobody.
            if (match.Value == $"{local}@{domain}" || data.Everyday(local) || data.EmailCue.IsMatch(local))
                continue;
            if (EmailNormal(local, domain) is not { } normal)
                continue;
            if (!context.HasCue(data.EmailCue, match.Index, match.Index + match.Length))
            {
                candidates.Add(Candidate.Not(match.Index, match.Index + match.Length, Rank.Email, "email.disguised-without-cue"));
                continue;
            }

            candidates.Add(Candidate.Of(match.Index, match.Index + match.Length, Rank.Email, new(SelectorKind.Email, normal, line.Text.Raw(match.Index, match.Index + match.Length)), SelectorValidity.Plausible, EmailFlags(normal) | SelectorFlags.Disguised, null));
        }
    }

    void AddEmail(Line line, Match match, List<Candidate> candidates)
    {
        var text = line.Text.Text;
        var start = match.Index;
        var local = match.Groups["local"].Value;
        var domain = match.Groups["domain"].Value.TrimEnd('.', '-');
        var end = match.Groups["domain"].Index + domain.Length;

        // IRC's nick!user@host, and a host mask without its nick.
        if (local.Contains('!', StringComparison.Ordinal) || local[0] == '~')
        {
            candidates.Add(Candidate.Not(start, end, Rank.HostMask, "email.hostmask"));
            return;
        }

        // "mail=name@host": the sign belongs to the sentence.
        var cut = local.LastIndexOfAny(['=', '/', '|', '\'', '`', '(']);
        start += cut + 1;
        local = local[(cut + 1)..].TrimStart('.');
        start = match.Groups["local"].Index + match.Groups["local"].Length - local.Length;
        if (local.Length == 0)
            return;

        // "nick [ident@host] has joined", pasted from a client.
        if (start > 0 && text[start - 1] is '[' or '(' && end + 5 < text.Length && text.AsSpan(end + 1, 5) is " has ")
        {
            candidates.Add(Candidate.Not(start, end, Rank.HostMask, "email.hostmask"));
            return;
        }

        if (start > 0 && text[start - 1] == '@')
        {
            candidates.Add(Candidate.Not(start - 1, end, Rank.HostMask, "email.fediverse"));
            return;
        }

        var lead = text[Math.Max(0, start - 12)..start];
        if (match.Groups["after"].Value.StartsWith('/') || lead.EndsWith("xmpp:", StringComparison.OrdinalIgnoreCase) || lead.Contains("jabber", StringComparison.OrdinalIgnoreCase))
        {
            var resource = end;
            while (resource < text.Length && !char.IsWhiteSpace(text[resource]))
                resource++;
            candidates.Add(Candidate.Not(start, resource, Rank.HostMask, "email.jid"));
            return;
        }

        if (EmailNormal(local, domain) is not { } normal)
        {
            candidates.Add(Candidate.Not(start, end, Rank.Email, "email.invalid"));
            return;
        }

        candidates.Add(Candidate.Of(start, end, Rank.Email, new(SelectorKind.Email, normal, line.Text.Raw(start, end)), SelectorValidity.Checked, EmailFlags(normal), null));
    }

    string? EmailNormal(string local, string domain)
    {
        if (local.Length > 64 || local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal))
            return null;
        string ascii;
        try
        {
            ascii = new IdnMapping().GetAscii(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }

        var labels = ascii.Split('.');
        if (ascii.Length > 255 || labels.Length < 2 || local.Length + 1 + ascii.Length > 254 || !data.TopLevelDomain(labels[^1]))
            return null;
        foreach (var label in labels)
        {
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-' || !label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
                return null;
        }

        return $"{local}@{ascii}";
    }

    SelectorFlags EmailFlags(string normal) =>
        data.ReservedDomain(normal[(normal.IndexOf('@', StringComparison.Ordinal) + 1)..]) ? SelectorFlags.Reserved : SelectorFlags.None;

    // ---- what looks like a number and is none -----------------------------------------------------------------

    [GeneratedRegex(@"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex Iban();

    [GeneratedRegex(@"(?<![\d+])\d(?:[ \-]?\d){12,18}(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Card();

    [GeneratedRegex(@"(?<![\w.+])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w]|\.\d)", RegexOptions.CultureInvariant)]
    private static partial Regex DottedQuad();

    [GeneratedRegex(@"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])", RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"(?<!\d)(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})(?:[ T,]+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)?(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Date();

    static void Masks(Line line, List<Candidate> candidates)
    {
        var text = line.Text.Text;
        foreach (Match match in Iban().Matches(text))
        {
            if (IbanHolds(match.Value))
                candidates.Add(Candidate.Not(match.Index, match.Index + match.Length, Rank.Iban, "iban"));
        }

        foreach (Match match in Card().Matches(text))
        {
            if (match.Value[0] is '2' or '3' or '4' or '5' or '6' && LuhnHolds(match.Value))
                candidates.Add(Candidate.Not(match.Index, match.Index + match.Length, Rank.Card, "card"));
        }

        foreach (Match match in DottedQuad().Matches(text))
            candidates.Add(Candidate.Not(match.Index, match.Index + match.Length, Rank.Address, "dotted-quad"));
        foreach (Match match in Uuid().Matches(text))
            candidates.Add(Candidate.Not(match.Index, match.Index + match.Length, Rank.Link, "uuid"));
        foreach (Match match in Date().Matches(text))
            candidates.Add(Candidate.Not(match.Index, match.Index + match.Length, Rank.Address, "date"));
    }

    // ISO 13616: the four first characters go to the end, letters count 10 to 35, the number is 1 modulo 97.
    static bool IbanHolds(string text)
    {
        var compact = text.Replace(" ", "", StringComparison.Ordinal);
        var remainder = 0;
        foreach (var c in compact[4..] + compact[..4])
            remainder = char.IsAsciiDigit(c) ? ((remainder * 10) + (c - '0')) % 97 : ((remainder * 100) + (c - 'A' + 10)) % 97;
        return remainder == 1;
    }

    // ISO/IEC 7812-1, annex B.
    static bool LuhnHolds(string text)
    {
        var sum = 0;
        var doubled = false;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit(text[i]))
                continue;
            var digit = text[i] - '0';
            if (doubled)
                digit = digit > 4 ? (digit * 2) - 9 : digit * 2;
            sum += digit;
            doubled = !doubled;
        }

        return sum % 10 == 0;
    }

    // ---- telephone --------------------------------------------------------------------------------------------

    [GeneratedRegex(@"(?<![\w+@#$€£¥=%*]|[\w]-|[\w]\.|[\w]/|\d,)(?<plus>\+)?(?:\(?\d)(?:[ .\-()/]{0,2}\d){6,19}(?!\w|-\w|[€£$%@]|\.\w|,\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^\s?(?:€|£|\$|eur(?:o|os)?|usd|gbp|dollars?|pounds?|pesos?|php|cents?|kr|zł|zl|ron|lei)(?![\p{L}])", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex CurrencyAfter();

    [GeneratedRegex(@"(?:€|£|\$|eur(?:o|os)?|usd|gbp|php)\s?$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex CurrencyBefore();

    void Phones(Line line, Context context, RegionHint region, List<Candidate> candidates)
    {
        var text = line.Text.Text;
        foreach (Match match in Number().Matches(text))
        {
            var end = match.Index + match.Length;
            if (CurrencyAfter().IsMatch(text.AsSpan(end)) || CurrencyBefore().IsMatch(text.AsSpan(0, match.Index)))
                continue;
            if (AddPhone(line, match.Index, end, match.Value, context, region, SelectorFlags.None) is { } candidate)
                candidates.Add(candidate);
        }
    }

    Candidate? AddPhone(Line line, int start, int end, string written, Context context, RegionHint region, SelectorFlags flags)
    {
        var digits = written.Count(char.IsAsciiDigit);
        var international = written[0] == '+' || (written.StartsWith("00", StringComparison.Ordinal) && digits >= 10);
        if (digits is < 7 or > 17)
            return null;
        if (!international && (context.Near(data.TransferCue, start, end) || context.Near(data.CitizenCue, start, end)))
            return Candidate.Not(start, end, Rank.Transfer, context.Near(data.TransferCue, start, end) ? "phone.transfer-reference" : "phone.other-number");

        if (international)
        {
            var plus = "+" + new string([.. written.Where(char.IsAsciiDigit)]).TrimStart('0');
            if (phones.Read(plus, null) is not { } phone)
                return Candidate.Not(start, end, Rank.Phone, "phone.invalid");
            // Tables of numbers are full of groups that begin with 00: without a cue such a number is only plausible, and links nobody.
            var validity = written[0] == '+' || context.HasCue(data.PhoneCue, start, end) ? SelectorValidity.Checked : SelectorValidity.Plausible;
            return Candidate.Of(start, end, Rank.Phone, new(SelectorKind.Phone, phone.E164, line.Text.Raw(start, end)), validity, PhoneFlags(phone.E164) | flags, phone.Region);
        }

        if (!context.HasCue(data.PhoneCue, start, end))
            return digits >= 8 ? Candidate.Not(start, end, Rank.Phone, "phone.national-without-cue") : null;
        if (region.Stated.Count > 1)
            return Candidate.Not(start, end, Rank.Phone, "phone.region-ambiguous");
        var (hint, flag) = region.Stated.Count == 1 ? (region.Stated[0], SelectorFlags.RegionStated) : (region.Venue, SelectorFlags.RegionOfVenue);
        if (hint is null)
            return Candidate.Not(start, end, Rank.Phone, "phone.region-unknown");
        // Random digits pass a national plan too often to call this checked: grammar, cue and hint make it plausible.
        return phones.Read(written, hint) is { } national
            ? Candidate.Of(start, end, Rank.Phone, new(SelectorKind.Phone, national.E164, line.Text.Raw(start, end)), SelectorValidity.Plausible, PhoneFlags(national.E164) | flag | flags, national.Region)
            : Candidate.Not(start, end, Rank.Phone, "phone.invalid");
    }

    SelectorFlags PhoneFlags(string e164) => data.ReservedPhone(e164) ? SelectorFlags.Reserved : SelectorFlags.None;

    [GeneratedRegex(@"[\p{L}]+|\d|\+", RegexOptions.CultureInvariant)]
    private static partial Regex WordOrDigit();

    void SpelledPhones(Line line, Context context, RegionHint region, List<Candidate> candidates)
    {
        var run = new List<Match>();
        var digits = new StringBuilder();
        void Close()
        {
            var spelled = run.Count(word => char.IsLetter(word.Value[0]));
            if (spelled >= 3 && digits.Length is >= 7 and <= 17)
            {
                var start = run[0].Index;
                var end = run[^1].Index + run[^1].Length;
                if (context.HasCue(data.PhoneCue, start, end) && AddPhone(line, start, end, digits.ToString(), context, region, SelectorFlags.Disguised) is { } candidate)
                    candidates.Add(candidate);
                else
                    candidates.Add(Candidate.Not(start, end, Rank.Phone, "phone.spelled-without-cue"));
            }

            run.Clear();
            digits.Clear();
        }

        foreach (Match word in WordOrDigit().Matches(line.Text.Text))
        {
            var adjoining = run.Count == 0 || word.Index - (run[^1].Index + run[^1].Length) <= 2;
            if (!adjoining)
                Close();
            if (word.Value == "+" && run.Count == 0)
            {
                run.Add(word);
                digits.Append('+');
            }
            else if (char.IsAsciiDigit(word.Value[0]) || data.DigitWord(word.Value) is not null || (run.Count > 0 && word.Value is "o" or "oh" or "O"))
            {
                run.Add(word);
                digits.Append(char.IsAsciiDigit(word.Value[0]) ? word.Value[0] : (char)('0' + (data.DigitWord(word.Value) ?? 0)));
            }
            else
            {
                Close();
            }
        }

        Close();
    }

    // ---- names at services ------------------------------------------------------------------------------------

    [GeneratedRegex(@"(?<![\w@./])@(?<name>[A-Za-z0-9._]{2,32})", RegexOptions.CultureInvariant)]
    private static partial Regex AtName();

    [GeneratedRegex(@"(?<![\p{L}\p{N}])(?:i'?m|my|mine|me|mijn|mij|ik|mein|meine|mich|mon|ma|moi|mi|soy|ako|ko)(?![\p{L}\p{N}])", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex FirstPerson();

    [GeneratedRegex(@"^\s*(?:(?:it'?s|its|het is|es ist|c'est|es|is)\s+)?@?(?<name>[A-Za-z0-9._\-]{2,50})\s*[!.]?\s*$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex BareName();

    // "14f", "f14": an age and a letter, never a name.
    [GeneratedRegex(@"^(?:\d{1,2}[A-Za-z]|[A-Za-z]\d{1,2})$", RegexOptions.CultureInvariant)]
    private static partial Regex AgeMark();

    void Handles(Line line, Context context, List<Candidate> candidates)
    {
        var text = line.Text.Text;
        foreach (Match match in data.NamedHandle.Matches(text))
        {
            var service = data.ServiceByName[match.Groups["service"].Value];
            var separator = match.Groups["sep"].Value;
            var name = match.Groups["name"].Value.TrimEnd('.', '-');
            var start = match.Groups["name"].Index;
            if (name.Length == 0 || separator.Length == 0 && !match.Groups["at"].Success)
                continue;
            var prefixed = separator.AsSpan().IndexOfAny(':', '=') >= 0 || match.Groups["at"].Success;
            AddHandle(line, service, name, start, prefixed || context.AskedFor(data, SelectorKind.ServiceHandle, service) is not null, candidates);
        }

        foreach (Match match in AtName().Matches(text))
        {
            var name = match.Groups["name"].Value.TrimEnd('.');
            var end = match.Groups["name"].Index + name.Length;
            if (name.Length < 2 || context.SpokeHere(name))
                continue;
            var near = context.Window(match.Index, end);
            var cue = data.ServiceCue.Match(near);
            if (!cue.Success)
                continue;
            if (!FirstPerson().IsMatch(near))
            {
                candidates.Add(Candidate.Not(match.Index, end, Rank.Handle, "handle.third-party"));
                continue;
            }

            AddHandle(line, data.ServiceByName[cue.Value], name, match.Groups["name"].Index, true, candidates);
        }

        var bare = BareName().Match(text);
        if (bare.Success && context.QuestionForService(data) is { } asked)
            AddHandle(line, asked, bare.Groups["name"].Value.TrimEnd('.', '-'), bare.Groups["name"].Index, true, candidates);
    }

    void AddHandle(Line line, ServiceGrammar service, string name, int start, bool marked, List<Candidate> candidates)
    {
        var end = start + name.Length;
        if (name.Length == 0 || data.Everyday(name) || AgeMark().IsMatch(name) || data.ServiceByName.ContainsKey(name))
        {
            if (name.Length > 0)
                candidates.Add(Candidate.Not(start, end, Rank.Handle, "handle.everyday-word"));
            return;
        }

        // A plain word after a service's name is a sentence more often than a name; it takes a mark, a question, or a digit.
        if (!marked && !name.Any(c => char.IsAsciiDigit(c) || c is '_' or '.'))
        {
            candidates.Add(Candidate.Not(start, end, Rank.Handle, "handle.plain-word"));
            return;
        }

        candidates.Add(service.Holds(name)
            ? Candidate.Of(start, end, Rank.Handle, new(SelectorKind.ServiceHandle, $"{service.Id}:{name.ToLowerInvariant()}", line.Text.Raw(start, end)), SelectorValidity.Plausible, SelectorFlags.None, null)
            : Candidate.Not(start, end, Rank.Handle, "handle.not-a-name"));
    }

    // ---- countries --------------------------------------------------------------------------------------------

    void ReadCountries(List<Line> lines, List<int> before, int index, List<CountryClaim> claims)
    {
        var line = lines[index];
        foreach (var (pattern, role) in new[] { (data.StatedResidence, CountryRole.Residence), (data.StatedOrigin, CountryRole.Origin) })
        {
            foreach (Match match in pattern.Matches(line.Text.Text))
            {
                var name = match.Groups["name"];
                if (line.Text.Quoted[match.Index])
                    continue;
                var asked = before.Where(i => lines[i].Role != LineRole.Account)
                    .Select(i => Question(lines[i], role == CountryRole.Residence ? data.AsksResidence : data.AsksOrigin))
                    .LastOrDefault(place => place is not null);
                claims.Add(new(data.CountryCode(name.Value)!, role, line.Place(name.Index, name.Index + name.Length), asked));
            }
        }

        var bare = data.BareCountry.Match(line.Text.Text);
        if (!bare.Success || claims.Exists(claim => claim.Where.Exhibit == line.Source.Exhibit && claim.Where.MessageId == line.Source.Message.Id))
            return;
        foreach (var i in Enumerable.Reverse(before))
        {
            if (lines[i].Role == LineRole.Account)
                continue;
            foreach (var (pattern, role) in new[] { (data.AsksOrigin, CountryRole.Origin), (data.AsksResidence, CountryRole.Residence) })
            {
                if (Question(lines[i], pattern) is not { } asked)
                    continue;
                var name = bare.Groups["name"];
                claims.Add(new(data.CountryCode(name.Value)!, role, line.Place(name.Index, name.Index + name.Length), asked));
                return;
            }
        }
    }

    static FactPlace? Question(Line line, Regex pattern)
    {
        var match = pattern.Match(line.Text.Text);
        return match.Success ? line.Place(match.Index, match.Index + match.Length) : null;
    }

    // ---- parts ------------------------------------------------------------------------------------------------

    // identity-spec, section 2, rule 3.
    enum Rank
    {
        Link,
        HostMask,
        Email,
        Iban,
        Address,
        Transfer,
        Card,
        Phone,
        Handle,
    }

    sealed record RegionHint(IReadOnlyList<string> Stated, string? Venue);

    sealed class Candidate
    {
        internal required int Start { get; init; }

        internal required int End { get; init; }

        internal required Rank Rank { get; init; }

        internal Selector? Selector { get; private init; }

        internal SelectorValidity Validity { get; private init; }

        internal SelectorFlags Flags { get; private init; }

        internal string? Region { get; private init; }

        internal string? NotKept { get; private init; }

        internal Selector? Alternative { get; set; }

        internal int Length => End - Start;

        internal static Candidate Of(int start, int end, Rank rank, Selector selector, SelectorValidity validity, SelectorFlags flags, string? region) =>
            new() { Start = start, End = end, Rank = rank, Selector = selector, Validity = validity, Flags = flags, Region = region };

        internal static Candidate Not(int start, int end, Rank rank, string reason) => new() { Start = start, End = end, Rank = rank, NotKept = reason };
    }

    sealed record Line(TranscriptLine Source, ReadingText Text)
    {
        internal LineRole Role => Source.Role;

        internal FactPlace Place(int start, int end)
        {
            var (first, length) = Text.CodePoints(start, end);
            return new(Source.Exhibit, Source.Message.Id, Source.Message.At, first, length);
        }
    }

    /// <summary>What stands around a candidate: its own message, and the two messages before it in the same thread.</summary>
    sealed class Context(List<Line> lines, List<int> before, int index)
    {
        string Text => lines[index].Text.Text;

        internal string Window(int start, int end) => string.Concat(
            Text.AsSpan(Math.Max(0, start - CueBefore), Math.Min(CueBefore, start)),
            "\n",
            Text.AsSpan(end, Math.Min(CueAfter, Text.Length - end)));

        /// <summary>A cue in the same message.</summary>
        internal bool Near(Regex cue, int start, int end) => cue.IsMatch(Window(start, end));

        /// <summary>A cue in the same message or in the two before, by either side.</summary>
        internal bool HasCue(Regex cue, int start, int end) => Near(cue, start, end) || before.Exists(i => cue.IsMatch(lines[i].Text.Text));

        internal bool SpokeHere(string name) => lines.Exists(line => string.Equals(line.Source.Message.From.Value, name, StringComparison.OrdinalIgnoreCase));

        internal bool AboutSomebodyElse(SelectorData data, Candidate candidate) =>
            data.ThirdPerson.IsMatch(Text[Math.Max(0, candidate.Start - CueBefore)..candidate.Start]);

        internal FactPlace? AskedFor(SelectorData data, Candidate candidate) =>
            AskedFor(data, candidate.Selector!.Kind, candidate.Selector.Kind == SelectorKind.ServiceHandle
                ? data.Services.First(service => candidate.Selector.Normal.StartsWith(service.Id + ":", StringComparison.Ordinal))
                : null);

        /// <summary>The other side's question for a value of this kind, in the two messages before; null if there was none.</summary>
        internal FactPlace? AskedFor(SelectorData data, SelectorKind kind, ServiceGrammar? service)
        {
            for (var b = before.Count - 1; b >= 0; b--)
            {
                var line = lines[before[b]];
                if (line.Role == lines[index].Role || !Asks(data, line))
                    continue;
                var cue = kind switch
                {
                    SelectorKind.Phone => data.PhoneCue.Match(line.Text.Text),
                    SelectorKind.Email => data.EmailCue.Match(line.Text.Text),
                    _ => data.ServiceCue.Match(line.Text.Text),
                };
                if (!cue.Success || (service is not null && data.ServiceByName[cue.Value].Id != service.Id))
                    continue;
                return line.Place(cue.Index, cue.Index + cue.Length);
            }

            return null;
        }

        internal ServiceGrammar? QuestionForService(SelectorData data)
        {
            for (var b = before.Count - 1; b >= 0; b--)
            {
                var line = lines[before[b]];
                if (line.Role == lines[index].Role || !Asks(data, line))
                    continue;
                var cue = data.ServiceCue.Match(line.Text.Text);
                if (cue.Success)
                    return data.ServiceByName[cue.Value];
            }

            return null;
        }

        static bool Asks(SelectorData data, Line line) => line.Text.Text.Contains('?', StringComparison.Ordinal) || data.QuestionWord.IsMatch(line.Text.Text);
    }
}
