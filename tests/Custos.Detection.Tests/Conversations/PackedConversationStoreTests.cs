using System.Buffers;
using CsCheck;

namespace Custos.Detection.Tests.Conversations;

public class PackedConversationStoreTests
{
    // Keys that meet in the table, and states of every size class.
    [Fact]
    public void It_holds_what_a_dictionary_holds() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 3], Gen.OneOf(Gen.Int[0, 40], Gen.Int[900, 1_200], Gen.Int[0, 9_000])).Array[1, 400].Sample(steps =>
        {
            var store = new PackedConversationStore();
            store.Open("test").ShouldBeFalse();
            var expected = new Dictionary<ConversationStateKey, byte[]>();
            var taken = new ArrayBufferWriter<byte>();
            for (var i = 0; i < steps.Length; i++)
            {
                var key = new ConversationStateKey((ulong)steps[i].Item1, (ulong)(steps[i].Item1 % 5) * 1_023);
                if (steps[i].Item2 == 0)
                {
                    taken.ResetWrittenCount();
                    store.TryTake(key, taken).ShouldBe(expected.TryGetValue(key, out var kept));
                    if (kept is not null)
                        taken.WrittenSpan.SequenceEqual(kept).ShouldBeTrue();
                    expected.Remove(key);
                    continue;
                }

                var state = new byte[steps[i].Item3];
                state.AsSpan().Fill(unchecked((byte)i));
                store.Save(key, state);
                expected[key] = state;
            }

            store.Count.ShouldBe(expected.Count);
            store.States().Select(state => Convert.ToHexString(state.Span)).Order(StringComparer.Ordinal).ShouldBe(expected.Values.Select(Convert.ToHexString).Order(StringComparer.Ordinal));
        }, iter: 60);

    [Fact]
    public void A_place_that_was_freed_is_used_again()
    {
        var store = new PackedConversationStore();
        var state = new byte[3_000];
        for (var i = 0; i < 5_000; i++)
            store.Save(new(1, 1), state);
        store.Bytes.ShouldBeLessThan(2 << 20);
    }
}
