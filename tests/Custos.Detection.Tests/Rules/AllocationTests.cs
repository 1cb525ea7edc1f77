using Custos.Evidence;
using Custos.Fixtures;
using Custos.Vocabulary;
using Microsoft.Extensions.Time.Testing;

namespace Custos.Detection.Tests.Rules;

public class AllocationTests
{
    // Lines in which nothing is found, of every kind that costs the reader or the tracker something of its own.
    static readonly string[] Clean =
    [
        "hello there", "what are you up to today", "the train was late again, and I missed the start", "well, see you at 10:30 then", "it cost 12 euro in the shop", "v6.1.0 is out: http://example.org/page",
        "mail someone@example.org or +31 20 123 4567", "café naïve año über", "😀 nice 👍🏽", "Привет, как дела", "s t r e t c h e d", "sooooo gooood", "l33t sp34k", "p.u.n.c.t", "cat, that was funny",
        "sol: thanks for the photo of the harbour", "zero\u200bwidth", "ｆｕｌｌ ｗｉｄｔｈ", "100% sure #yes @someone", "> a quoted line", "", "!?", "[19:04:05] <bob> good morning", "14 years of experience", "7 | 8 | 9",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_message_in_which_nothing_is_found_allocates_nothing(bool bounded)
    {
        var engine = DetectionEngine.Open(Pack.Load(Path.Combine(Checkout.Root, "packs")), DetectionModel.Builtin, new());
        var reader = engine.NewReader();
        var tracker = bounded ? engine.NewTracker(new PackedConversationStore(), 1 << 24) : engine.NewTracker();
        var reading = new MessageReading();
        var exhibit = new ScratchLog(new FakeTimeProvider()).Append(new("chat", "test", ReadOnlyMemory<byte>.Empty));
        var sink = new Nothing();
        string[] handles = ["sol", "piet", "cat"];
        var messages = new List<RecordedMessage>();
        foreach (var thread in new[] { "", "t1" })
        {
            for (var i = 0; i < Clean.Length * handles.Length; i++)
            {
                var from = handles[thread.Length == 0 ? i % 3 : i % 2];
                messages.Add(new(exhibit, 0, 0, new(new("net/#room"), thread, "m" + i, new SpokenAt(new DateTime(2026, 3, 1).AddMinutes(i), TimeSpan.Zero), new(from), null, Clean[i % Clean.Length], Direction.None)));
            }
        }

        // In the dialogue something was found before, on either side, which raised no alert.
        foreach (var (from, text) in new[] { ("sol", "hi, how old are you?"), ("piet", "im 14") })
        {
            reader.Read(new RecordedMessage(exhibit, 0, 0, new(new("net/#room"), "t1", text, null, new(from), null, text, Direction.None)), reading);
            reading.Fired.ShouldBeGreaterThan(0);
            tracker.Observe(reading, sink);
        }

        // Buffers grow, accounts and threads are met, and the compiler is done with what it does on the side.
        List<string> found = [];
        for (var pass = 0; pass < 40; pass++)
        {
            foreach (var message in messages)
            {
                reader.Read(message, reading);
                tracker.Observe(reading, sink);
                if (reading.Fired > 0)
                    found.Add(message.Message.Id);
            }
        }

        found.ShouldBeEmpty();
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var message in messages)
        {
            reader.Read(message, reading);
            tracker.Observe(reading, sink);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    sealed class Nothing : IFindingSink
    {
        public void Add(Finding finding, ExhibitNumber exhibit)
        {
        }
    }
}
