using Custos.Detection;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Casework.Tests;

/// <summary>An invented case, no more explicit than what it shows: an age, a camera, an offer of money, a refusal.</summary>
static class InventedCase
{
    const string Venue = "irc://irc.lantern-demo.org/#harbour";

    static readonly AccountKey Account = new(Venue, "marlow_77");
    static readonly AccountKey Other = new("telegram:evening-talk", "Marl");

    internal static Dossier Dossier { get; } = Make();

    internal static Dossier Thin { get; } = Make() with
    {
        Conversations = [Make().Conversations[1]],
        Statements = [],
        Links = [],
        Accounts = [Account],
        Case = null,
        Level = IdentityLevel.AccountOnly,
        Countries = new([], [], []),
        Law = [],
        Authorization = null,
    };

    internal static SpokenAt At(int minute, int second = 0) => SpokenAt.Utc(new DateTimeOffset(2026, 3, 1, 19, minute, second, TimeSpan.Zero));

    internal static FactPlace Place(long exhibit, int minute, int start = 0, int length = 5) => new(new(exhibit), $"m{exhibit}", At(minute), start, length);

    internal static Indicator Indicator(string code, long exhibit, int start = 0, int length = 5, params IndicatorAttribute[] attributes) =>
        new(code, $"m{exhibit}", start, length, "en." + code, [], attributes, new(exhibit));

    static ConductFact Known(long exhibit, int minute, int start = 0, int length = 5) => new(FactState.Known, Place(exhibit, minute, start, length), null);

    static ConductFact None => new(FactState.None, null, null);

    static QuotedLine Line(long exhibit, int minute, string from, LineRole role, string text, params QuotedMark[] marks) =>
        new(new(exhibit), $"m{exhibit}", At(minute), from, role, text, marks.Length > 0, marks);

    static Dossier Make()
    {
        var conduct = new ConductRecord(
            new PairKey(Venue, "lampje", "marlow_77", "lampje"),
            HasPersona: true,
            Messages: 31,
            Topics:
            [
                new("age", Known(1207, 2), None, "account", 0, 1),
                new("sexual", None, None, "nobody", 0, 0),
                new("media", None, None, "nobody", 0, 0),
                new("camera", Known(1215, 6), None, "account", 2, 0),
                new("payment", Known(1218, 8), None, "account", 1, 0),
                new("move", Known(1230, 14), None, "account", 1, 0),
                new("meeting", None, None, "nobody", 0, 0),
                new("secrecy", Known(1226, 12), None, "account", 0, 0),
                new("other-child", None, None, "nobody", 0, 0),
            ],
            Ages: [new(false, 13, true, Place(1208, 2, 2, 2))],
            AgeStatedByCounterpart: Known(1208, 2, 2, 2),
            AgeAcknowledged: Known(1210, 3),
            MessagesToNextCore: 5,
            RefusalsAndExits: [new(false, "refusal", Place(1216, 7), [Place(1218, 8), Place(1219, 8), Place(1221, 9)])],
            Exculpatory: [Indicator("age.doubted", 1209)],
            Pressure: new(12, 31, 1, 0),
            Deviations: []);
        Quotation[] quotations =
        [
            new(
            [
                Line(1205, 1, "lampje", LineRole.Persona, "hoi"),
                Line(1207, 2, "marlow_77", LineRole.Account, "hello there, how old are you", new QuotedMark("age.asked", 13, 15)),
                Line(1208, 2, "lampje", LineRole.Persona, "im 13", new QuotedMark("age.stated", 0, 5)),
                Line(1209, 3, "marlow_77", LineRole.Account, "you sound older", new QuotedMark("age.doubted", 0, 15)),
                Line(1210, 3, "marlow_77", LineRole.Account, "13 is fine \U0001F600", new QuotedMark("age.acknowledged", 0, 10)),
                Line(1211, 4, "lampje", LineRole.Persona, "ok"),
            ]),
            new(
            [
                Line(1214, 6, "lampje", LineRole.Persona, "just homework"),
                Line(1215, 6, "marlow_77", LineRole.Account, "can you turn on your cam", new QuotedMark("camera.request", 8, 16)),
                Line(1216, 7, "lampje", LineRole.Persona, "no i dont want that", new QuotedMark("refusal", 0, 2)),
                Line(1218, 8, "marlow_77", LineRole.Account, "i pay 40 euro <b>if</b> you turn on your cam", new QuotedMark("payment.offer", 2, 11), new QuotedMark("camera.request", 28, 16)),
                Line(1219, 8, "lampje", LineRole.Persona, "\u202Eno"),
                Line(1226, 12, "marlow_77", LineRole.Account, "dont tell anyone ok", new QuotedMark("secrecy", 0, 16)),
                Line(1230, 14, "marlow_77", LineRole.Account, "write me k.harrow77@lantern-demo.org", new QuotedMark("contact.given", 9, 27)),
            ]),
        ];
        var left = new ConductRecord(
            new PairKey("telegram:evening-talk", "", "Marl", "pebble"),
            HasPersona: false,
            Messages: 6,
            Topics:
            [
                new("age", None, Known(310, 40), "counterpart", 0, 0),
                new("sexual", None, None, "nobody", 0, 0),
                new("media", None, None, "nobody", 0, 0),
                new("camera", new(FactState.Unknown, null, "a gap in the recording lies before the first that was heard"), None, "unknown", 0, 0),
                new("payment", None, None, "nobody", 0, 0),
                new("move", Known(312, 41), None, "account", 0, 0),
                new("meeting", None, None, "nobody", 0, 0),
                new("secrecy", None, None, "nobody", 0, 0),
                new("other-child", None, None, "nobody", 0, 0),
            ],
            Ages: [],
            AgeStatedByCounterpart: None,
            AgeAcknowledged: None,
            MessagesToNextCore: null,
            RefusalsAndExits: [],
            Exculpatory: [],
            Pressure: new(0, 6, 0, 0),
            Deviations: []);
        var alert = new Finding(
            FindingKind.Alert, FindingScope.Pair, Venue, "lampje", "marlow_77", "lampje", AuthorRole.Account, "m1218", At(8), new Score(14_893), new Probability(968_065),
            [], [], false, "detection/1", "sha256:5f0c", "builtin/1");
        var waiting = new WaitingAlert(
            AlertAddress.Of(alert, new(1218)),
            [new("counterpart.persona", null, []), new("payments", 2, [Place(1218, 8), Place(1222, 9)]), new("youngest-age", 13, [Place(1208, 2)])],
            At(2).Instant!.Value, alert.Score, null, [], [], false);
        var mail = new Statement(
            Account, "e-mail address", "k.harrow77@lantern-demo.org", "k.harrow77@lantern-demo.org", StatementBasis.Volunteered, Place(1230, 14, 9, 27), null,
            SelectorValidity.Checked, Grade.Proposed, true, "aa11");
        return new Dossier
        {
            Id = "D-lantern-1",
            Operation = new("lantern"),
            Case = new("C-3", "S-3", new(1402), new("analyst-2"), "the same address was given in both places"),
            Accounts = [Account, Other],
            Author = new("analyst-2"),
            Conversations =
            [
                new(conduct, At(1), At(21), [Indicator("camera.request", 1215)], alert, TriageRules.BuiltIn.Rank(waiting, At(30).Instant!.Value), quotations),
                new(left, At(40), At(44), [], null, null, [new([Line(310, 40, "pebble", LineRole.Other, "who is from here"), Line(312, 41, "Marl", LineRole.Account, "write me k.harrow77@lantern-demo.org", new QuotedMark("contact.given", 9, 27))])]),
            ],
            Statements =
            [
                mail,
                mail with { Account = Other, Where = Place(312, 41, 9, 27) },
                new(Account, "telephone", "+48512345678", "+48 512 345 678", StatementBasis.Volunteered, Place(1240, 18, 0, 15), Place(1239, 17), SelectorValidity.Checked, Grade.Proposed, true, "aa11"),
                new(Account, "country of residence", "NL", "NL", StatementBasis.Volunteered, Place(1212, 5), null, SelectorValidity.Claimed, Grade.Proposed, true, "aa11"),
            ],
            Links =
            [
                new(Account, Other, LinkBasis.SharedSelector, SelectorKind.Email, [Place(1230, 14)], [Place(312, 41)], null,
                    $"Both volunteered the same e-mail address: {Account} in EX-00001230, {Other} in EX-00000312."),
            ],
            Level = IdentityLevel.SelectorHeld,
            Countries = new(
                [new("NL", CountryRole.Residence, Place(1212, 5), null)],
                [new("PL", CountryRole.Registration, "region of a checked telephone number", InferenceClass.Medium, Place(1240, 18))],
                [new(["NL"], ["PL"], "It named Netherlands; its telephone number belongs to Poland.")]),
            Law = LawMatrix.BuiltIn.Match(["NL", "PL"], new(new[] { "camera.request", "payment.offer", "secrecy" }.SelectMany(LawMatrix.ElementsOf).ToHashSet(), 13, true, new DateOnly(2026, 3, 1))),
            Authorization = new(
                new(0), "District unit North (invented)", "written order 12/2026 (invented)", At(0).Instant!.Value.AddDays(-10), At(0).Instant!.Value.AddDays(80),
                [Venue], ["lampje (states 13)"], ["observe", "answer as persona"], ["Supervisor A (invented)", "Prosecutor B (invented)"]),
            Recording = new(
                "custos.invalid/lantern", 1_412, "q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80=", At(59).Instant!.Value, null, true, false,
                [new("live", "irc", new(2), 31), new("import", "telegram", new(260), 6)],
                [new(Venue, At(25).Instant!.Value, At(27).Instant!.Value, "the server closed the connection", new(1260))],
                7_100),
            Versions = new("Custos 0.1.0", "detection/1", "sha256:5f0c", "builtin/1", false, SelectorDataHash, "libphonenumber-csharp 9.0.43", "b1c2"),
        };
    }

    const string SelectorDataHash = "aa11";
}
