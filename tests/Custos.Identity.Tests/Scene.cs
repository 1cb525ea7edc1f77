using System.Globalization;
using Custos.Evidence;
using Custos.Identity.Reference;
using Custos.Vocabulary;

namespace Custos.Identity.Tests;

/// <summary>Invented conversations, a line a call.</summary>
sealed class Scene
{
    internal static readonly AccountKey Account = new("irc://h/#room", "marlow");

    static readonly SelectorReader Reader = new(SelectorData.BuiltIn, new LibPhoneNumbers());

    readonly List<TranscriptLine> _lines = [];
    long _next = 100;

    internal string? Region { get; init; }

    internal Scene Says(string text) => Add(LineRole.Account, "marlow", text);

    internal Scene PersonaSays(string text) => Add(LineRole.Persona, "lampje", text);

    internal Scene OtherSays(string text) => Add(LineRole.Other, "dune", text);

    internal SelectorReading Read() => Reader.Read(new(Account, _lines, Region));

    internal static SelectorReading Of(string text, string? region = null) => new Scene { Region = region }.Says(text).Read();

    internal static SelectorHit Only(SelectorReading reading)
    {
        reading.Hits.Count.ShouldBe(1);
        return reading.Hits[0];
    }

    internal string Cited(SelectorHit hit)
    {
        var text = _lines.Single(line => line.Exhibit == hit.Where.Exhibit).Message.Text;
        var elements = text.EnumerateRunes().Skip(hit.Where.Start).Take(hit.Where.Length);
        return string.Concat(elements.Select(rune => rune.ToString()));
    }

    Scene Add(LineRole role, string from, string text)
    {
        var number = _next++;
        _lines.Add(new(
            new ExhibitNumber(number),
            new ChatMessage(new("irc://h/#room"), "t1", number.ToString(CultureInfo.InvariantCulture), null, new(from), null, text, Direction.None),
            role));
        return this;
    }
}
