// Makes samples/demo: three venues in three formats, about 2,000 invented messages, nearly all of them harmless.
// Run it with:  dotnet run eng/samples/make-demo.cs samples/demo
// The same program gives the same bytes: everything is drawn from one seed.
#:property TreatWarningsAsErrors=false
#:property AnalysisLevel=none
#:property EnforceCodeStyleInBuild=false
#:property GenerateDocumentationFile=false
#:property IsTestProject=true
#:property PublishAot=false

using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

var folder = args.Length > 0 ? args[0] : "samples/demo";
Directory.CreateDirectory(folder);
var chance = new Chance(20131104);
var json = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

// ---- what harmless people say -------------------------------------------------------------------------------

string[] places = ["the harbour", "the old bridge", "the market", "the library", "the station", "the lighthouse", "the north pier", "the bakery"];
string[] foods = ["lentil soup", "apple cake", "fried rice", "tomato salad", "fish pie", "pancakes", "dumplings", "cheese toast"];
string[] things = ["bike", "kettle", "printer", "radio", "tent", "laptop", "guitar", "sewing machine", "old phone", "router"];
string[] teams = ["the rowers", "the blue team", "the home side", "the visitors", "the juniors' coach", "the keeper"];
string[] shows = ["the quiz", "the cooking show", "the documentary about whales", "the detective series", "the match"];
string[] english =
[
    "morning all", "evening everyone", "is it raining where you are?", "just back from {place}", "has anyone fixed a {thing} before?",
    "my {thing} broke again", "i made {food} and it came out fine", "what are you having for dinner?", "{food} sounds good",
    "did you see {show} last night?", "no spoilers for {show} please", "{team} played well today", "i think {team} will win",
    "brb, kettle is on", "back", "lol", "same here", "no way", "that is what i said", "good night all",
    "the bus was late again", "we walked to {place} and back", "there is a fair at {place} on saturday", "my sister has a new job at {place}",
    "try turning it off and on again", "the update killed my {thing}", "which version are you on?", "ah that fixed it, thanks",
    "i have been learning chess for a month", "anyone for a game later?", "my neighbour plays the trumpet, badly", "the cat is asleep on the {thing}",
    "how was work?", "long day, but done now", "i am off to bed, early shift", "welcome back", "how do you make {food}?",
    "two onions, some oil, patience", "the trick is low heat", "photos of {place} came out too dark", "use a longer exposure",
    "my 50mm lens is great for that", "i need a new camera strap", "the camshaft on the old car is worn", "garage wants 300 for it",
    "kids are at school, so it is quiet", "parents evening tomorrow", "my son is 14 and taller than me now", "they grow so fast",
    "happy birthday to the baker!", "does anyone have a spare {thing}?", "i can lend you mine on sunday", "thanks, you are kind",
    "i will pay you back for the tickets", "no hurry", "meeting at noon, wish me luck", "how did the meeting go?",
    "they turned on the heating at last", "the window does not close", "call the landlord", "i did, twice",
];
string[] dutch =
[
    "goedemorgen allemaal", "het regent hier weer", "ik ben net terug van de markt", "wat eten jullie vanavond?", "stamppot, wat anders",
    "de trein had weer vertraging", "wie kijkt er straks naar de wedstrijd?", "ik niet, ik moet vroeg op", "lekker weer om te fietsen",
    "mijn fiets staat nog bij het station", "heeft iemand een goede tip voor soep?", "veel ui en geduld", "tot morgen", "welterusten",
    "de buurman oefent trompet", "sterkte daarmee", "hoe was je werk?", "druk, maar gezellig", "de kat ligt op de printer", "haha",
];
string[] german =
[
    "guten morgen zusammen", "bei uns scheint die sonne", "was gibt es heute zu essen?", "kartoffelsuppe, wie immer", "der zug war schon wieder zu spaet",
    "wer hat gestern das spiel gesehen?", "ich nicht, keine zeit", "das wetter soll besser werden", "gute nacht", "bis morgen", "danke, das hat geholfen",
    "mein fahrrad ist kaputt", "ich kann dir werkzeug leihen", "wie war die arbeit?",
];
string[] spanish =
[
    "buenos dias a todos", "aqui hace mucho calor", "que vais a cenar?", "tortilla, como siempre", "el autobus llega tarde otra vez",
    "alguien vio el partido?", "yo no, estaba trabajando", "buenas noches", "hasta mañana", "gracias, ya funciona", "este año voy a la playa",
    "mi hermana tiene un perro nuevo", "qué bonito", "jajaja",
];
string[] french =
[
    "bonjour tout le monde", "il pleut encore ici", "on mange quoi ce soir ?", "une soupe, comme d'habitude", "le train est en retard",
    "quelqu'un a vu le match ?", "pas moi, je travaillais", "bonne nuit", "à demain", "merci, ça marche", "mon vélo est cassé",
    "je peux te prêter des outils", "c'est gentil", "quelle belle journée",
];
string[] tagalog =
[
    "magandang umaga sa lahat", "umuulan na naman dito", "ano ang ulam ninyo?", "sinigang, masarap", "trapik na naman kanina",
    "sino ang nanood ng laro?", "hindi ako, may trabaho", "magandang gabi", "bukas na lang ulit", "salamat, gumana na", "ingat kayo",
];

string Fill(string line) => line
    .Replace("{place}", chance.Of(places)).Replace("{food}", chance.Of(foods)).Replace("{thing}", chance.Of(things))
    .Replace("{team}", chance.Of(teams)).Replace("{show}", chance.Of(shows));

// ---- venue 1: an IRC room and a private dialogue, as irssi logs them ------------------------------------------

string[] regulars = ["anouk", "bramble", "c0bbler", "dune", "elske", "fjord", "gannet", "heron", "isolde", "jorrit"];
var irssi = new StringBuilder();
var clock = new DateTime(2026, 11, 2, 17, 0, 0);
irssi.Append("--- Log opened ").Append(clock.ToString("ddd MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture)).Append('\n');
foreach (var nick in regulars)
    irssi.Append(clock.ToString("HH:mm", CultureInfo.InvariantCulture)).Append(" -!- ").Append(nick).Append(" [").Append(nick).Append("@host.example] has joined #harbour-lights\n");
for (var i = 0; i < 900; i++)
{
    var next = clock.AddSeconds(chance.Below(70) + 5);
    if (next.Date != clock.Date)
        irssi.Append("--- Day changed ").Append(next.ToString("ddd MMM dd yyyy", CultureInfo.InvariantCulture)).Append('\n');
    clock = next;
    var who = chance.Of(regulars);
    var roll = chance.Below(100);
    var line = roll < 84 ? Fill(chance.Of(english)) : roll < 92 ? chance.Of(dutch) : chance.Of(german);
    if (chance.Below(9) == 0)
        line = chance.Of(regulars) + ": " + line;
    var time = clock.ToString("HH:mm", CultureInfo.InvariantCulture);
    irssi.Append(chance.Below(40) == 0 ? $"{time}  * {who} waves\n" : $"{time} < {who}> {line}\n");
}

irssi.Append("--- Log closed ").Append(clock.AddMinutes(4).ToString("ddd MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture)).Append('\n');
File.WriteAllText(Path.Combine(folder, "harbour-lights.irssi.log"), irssi.ToString());

// ---- venue 2: a Telegram group in several languages, as Telegram Desktop exports it --------------------------

(string Name, string Id, string[] Lines)[] members =
[
    ("Lotte", "user510001", dutch), ("Marco", "user510002", spanish), ("Ines", "user510003", spanish), ("Hugo", "user510004", french),
    ("Greta", "user510005", german), ("Amihan", "user510006", tagalog), ("Owen", "user510007", english), ("Pilar", "user510008", spanish),
];
var telegram = new List<Dictionary<string, object>>();
clock = new DateTime(2026, 11, 5, 18, 30, 0);
var number = 1;
telegram.Add(new()
{
    ["id"] = number++, ["type"] = "service", ["date"] = Stamp(clock), ["date_unixtime"] = Unix(clock),
    ["actor"] = "Lotte", ["actor_id"] = "user510001", ["action"] = "create_group", ["title"] = "Evening talk", ["text"] = "", ["text_entities"] = Array.Empty<object>(),
});
for (var i = 0; i < 420; i++)
{
    clock = clock.AddSeconds(chance.Below(150) + 10);
    var who = chance.Of(members);
    var line = Fill(chance.Below(5) == 0 ? chance.Of(english) : chance.Of(who.Lines));
    telegram.Add(new()
    {
        ["id"] = number++, ["type"] = "message", ["date"] = Stamp(clock), ["date_unixtime"] = Unix(clock),
        ["from"] = who.Name, ["from_id"] = who.Id, ["text"] = line,
        ["text_entities"] = line.Length == 0 ? Array.Empty<object>() : new object[] { new Dictionary<string, object> { ["type"] = "plain", ["text"] = line } },
    });
}

File.WriteAllText(
    Path.Combine(folder, "evening-talk.telegram.json"),
    JsonSerializer.Serialize(
        new Dictionary<string, object> { ["name"] = "Evening talk", ["type"] = "private_supergroup", ["id"] = 1500000001L, ["messages"] = telegram },
        new JsonSerializerOptions(json) { WriteIndented = true, IndentSize = 1 }) + "\n");

// ---- venue 3: dialogues on a video chat site, as custos-transcript/1 ------------------------------------------

var transcript = new StringBuilder("{\"format\":\"custos-transcript/1\"}\n");
const string site = "https://lantern-chat.example/rooms";
clock = new DateTime(2026, 11, 8, 19, 0, 0);
var serial = 1;
string[] guests = ["piet_r", "sol", "nadia", "tomas", "yara", "quill", "rook", "umber", "vesper", "wim"];
for (var dialogue = 0; dialogue < 44; dialogue++)
{
    var a = chance.Of(guests);
    var b = chance.Of(guests.Where(g => g != a).ToArray());
    var lines = chance.Below(5) switch { 0 => dutch, 1 => spanish, 2 => french, _ => english };
    for (var i = 0; i < 12; i++)
        Say($"d{dialogue + 1:D3}", i % 2 == 0 ? a : b, i % 2 == 0 ? b : a, Fill(chance.Of(lines)), null);
}

// The persona "lampje" is an authorised officer presented as a child of 13; "k.harrow" and, in the private
// dialogue on IRC below, "marlow_77" are one invented account holder: both give the same invented address.
Dialogue("d101", "k.harrow", "lampje",
    ">hi there", "<hi", ">how old are you?", "<im 13", ">ok 13 is fine, dont tell anyone we talk", "<why", ">it is our secret",
    ">do you have a webcam?", "<i have one but i am not allowed", ">turn on your cam for me and i will pay you 50 euro", "<no i dont want that",
    ">come on, 80 euro if you turn on your cam", "<how would you even send it", ">mail me at k.harrow77@lantern-post-demo.org and we set it up", "<i have to go now");

// Leaves when the age is stated: recorded, shown with the same weight, and no alert.
Dialogue("d102", "stillwater", "lampje",
    ">hello, how are you tonight?", "<fine, you?", ">good. how old are you if i may ask?", "<im 13",
    ">sorry, you are too young for this site. i am leaving now", ">please be careful here and talk to your parents. bye");

// Adults: the same words, harmless.
Dialogue("d103", "yara", "tomas",
    ">how old are you?", "<34, you?", ">41. do you want to video chat on sunday?", "<sure, my camera works again", ">great, i will call you", "<ok talk then");

// A second account that asks for a camera after the age was stated, in another room.
Dialogue("d104", "ferryman", "lampje",
    ">hey", "<hey", ">age?", "<13", ">nice, you seem mature for your age", ">can you turn on your webcam", "<no", ">please turn on your webcam, i can send you a gift card", "<no thanks",
    ">add me on whatsapp then");
File.WriteAllText(Path.Combine(folder, "lantern-chat.transcript.jsonl"), transcript.ToString());

// The private dialogue on IRC, as irssi logs a query window.
var query = new StringBuilder();
clock = new DateTime(2026, 11, 9, 20, 15, 0);
query.Append("--- Log opened ").Append(clock.ToString("ddd MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture)).Append('\n');
foreach (var (who, line) in new (string, string)[]
{
    ("marlow_77", "hello lampje"), ("lampje", "hi"), ("marlow_77", "whats your age"), ("lampje", "13"), ("marlow_77", "cool. are you home alone?"),
    ("lampje", "my mum is downstairs"), ("marlow_77", "keep it between us ok. do you have a cam"), ("lampje", "yes why"),
    ("marlow_77", "i can pay 40 euro if you go on cam for me"), ("lampje", "no"), ("marlow_77", "you can also write me, k.harrow77@lantern-post-demo.org"),
    ("lampje", "ok bye"),
})
{
    clock = clock.AddSeconds(chance.Below(40) + 10);
    query.Append(clock.ToString("HH:mm", CultureInfo.InvariantCulture)).Append(" < ").Append(who).Append("> ").Append(line).Append('\n');
}

query.Append("--- Log closed ").Append(clock.AddMinutes(1).ToString("ddd MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture)).Append('\n');
File.WriteAllText(Path.Combine(folder, "marlow_77.irssi.log"), query.ToString());

Console.WriteLine($"samples are in {folder}");

void Dialogue(string thread, string account, string other, params string[] lines)
{
    foreach (var line in lines)
    {
        var byAccount = line[0] == '>';
        Say(thread, byAccount ? account : other, byAccount ? other : account, line[1..], other == "lampje" ? (byAccount ? "in" : "out") : null);
    }
}

void Say(string thread, string from, string to, string text, string? direction)
{
    clock = clock.AddSeconds(chance.Below(45) + 6);
    var message = new Dictionary<string, string>
    {
        ["venue"] = site, ["thread"] = thread, ["id"] = $"m{serial++}", ["at"] = clock.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + "+01:00",
        ["from"] = from, ["to"] = to, ["text"] = text,
    };
    if (direction is not null)
        message["direction"] = direction;
    transcript.Append(JsonSerializer.Serialize(message, json)).Append('\n');
}

static string Stamp(DateTime at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
static string Unix(DateTime at) => new DateTimeOffset(at, TimeSpan.FromHours(1)).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

sealed class Chance(ulong seed)
{
    ulong _state = seed;

    // SplitMix64 (Steele, Lea, Flood 2014): the same on every machine and in every version of the runtime.
    public int Below(int limit)
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15UL;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return (int)((z ^ (z >> 31)) % (ulong)limit);
        }
    }

    public T Of<T>(T[] choices) => choices[Below(choices.Length)];
}
