// Feature version 2 of docs/formats/custosmodel.md, shared by training and detection: a change here raises Version and refuses older models.
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Custos.Detection;

/// <summary>What a model sees of a message: n-grams of the bytes of its channel and of its words, hashed into slots. Names, addresses and numbers of telephones are placeholders there already.</summary>
static class ModelFeatures
{
    internal const int Version = 2;
    internal const int SlotBits = 19;
    internal const int Slots = 1 << SlotBits;

    /// <summary>Features a tracker adds to those of the message, of the pair it is said in.</summary>
    internal const int PairTokens = 5;

    const ulong Golden = 0x9E3779B97F4A7C15;
    const ulong Second = 0xC2B2AE3D27D4EB4F;

    // The top byte of a key keeps the kinds apart: 3, 4, 5 for grams of bytes, these for tokens.
    const ulong TokenKey = 0xC0UL << 56;

    internal enum Token : byte
    {
        MixedScripts = 1,
        FoldStep = 2,
        Position = 3,
        Share = 4,
        Questions = 5,
        ChildAge = 6,
        Counterparts = 7,
    }

    /// <summary>The slot of a token in one of its buckets.</summary>
    internal static int Slot(Token token, int bucket) => SlotOf(TokenKey | ((ulong)token << 8) | (uint)bucket);

    static int SlotOf(ulong key) => (int)(unchecked(key * Golden) >> (64 - SlotBits));

    /// <summary>The slots of every 3-, 4- and 5-gram of bytes and of every word and pair of words beside each other.</summary>
    /// <param name="channel">The folded channel if it was read, else the plain one.</param>
    /// <param name="words">Its words.</param>
    /// <param name="slots">Grows as needed.</param>
    /// <param name="even">Scratch; grows as needed.</param>
    /// <returns>How many; a feature counts as often as it stands.</returns>
    internal static int Of(ReadOnlySpan<byte> channel, ReadOnlySpan<Word> words, ref int[] slots, ref byte[] even)
    {
        // Three grams a byte, two features a word, where each word ends; and room for the tokens.
        var most = (3 * channel.Length) + (3 * words.Length) + 16;
        if (slots.Length < most)
            slots = new int[Math.Max(most, slots.Length * 2)];
        // Eight bytes are read past the end.
        if (even.Length < channel.Length + 16)
            even = new byte[Math.Max(channel.Length + 16, even.Length * 2)];
        // Written and read through references: the room above is enough for whatever the channel holds, and a check a byte would cost more than the feature.
        unchecked
        {
            ref var into = ref MemoryMarshal.GetArrayDataReference(slots);
            ref var read = ref MemoryMarshal.GetArrayDataReference(even);
            ref var said = ref MemoryMarshal.GetReference(channel);
            ref var spaces = ref Unsafe.Add(ref into, most - 1);
            var (length, ends, last) = (0, 0, 0);
            // The folded channel writes l and i alike and every letter once: the plain one is read the same way, so that a word and its disguise are one feature.
            // No branch depends on the byte: a letter that repeats the last is written over by what follows, and so is a place that is no space's.
            for (var i = 0; i < channel.Length; i++)
            {
                int c = Unsafe.Add(ref said, i);
                c = c == 'l' ? 'i' : c;
                Unsafe.Add(ref read, length) = (byte)c;
                Unsafe.Add(ref spaces, -Math.Min(ends, words.Length)) = length;
                ends += c == ' ' ? 1 : 0;
                length += (c == last) & ((uint)(c - 'a') <= 'z' - 'a') ? 0 : 1;
                last = c;
            }

            // One space before, between and after words is what a channel is.
            if (ends != words.Length + 1 && words.Length > 0)
                throw new ArgumentException("The channel holds other words than these.", nameof(words));
            var count = 0;
            ulong before = 0;
            for (var w = 0; w < words.Length; w++)
            {
                var start = Unsafe.Add(ref spaces, -w) + 1;
                var hash = Hash(ref Unsafe.Add(ref read, start), Unsafe.Add(ref spaces, -w - 1) - start);
                Unsafe.Add(ref into, count++) = SlotOf(hash);
                if (w > 0)
                    Unsafe.Add(ref into, count++) = SlotOf(BitOperations.RotateLeft(before, 23) ^ (hash * Second));
                before = hash;
            }

            // Eight bytes are read for every gram: beyond the end they are there, and masked away.
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref read, length), 0UL);
            var at = 0;
            for (; at + 5 <= length; at++)
            {
                var bytes = Load(ref Unsafe.Add(ref read, at));
                ref var three = ref Unsafe.Add(ref into, count);
                three = SlotOf((bytes & 0xFF_FFFF) | (3UL << 56));
                Unsafe.Add(ref three, 1) = SlotOf((bytes & 0xFFFF_FFFF) | (4UL << 56));
                Unsafe.Add(ref three, 2) = SlotOf((bytes & 0xFF_FFFF_FFFF) | (5UL << 56));
                count += 3;
            }

            for (; at + 3 <= length; at++)
            {
                var bytes = Load(ref Unsafe.Add(ref read, at));
                Unsafe.Add(ref into, count++) = SlotOf((bytes & 0xFF_FFFF) | (3UL << 56));
                if (at + 4 <= length)
                    Unsafe.Add(ref into, count++) = SlotOf((bytes & 0xFFFF_FFFF) | (4UL << 56));
            }

            return count;
        }
    }

    // The first byte is the lowest, on every machine.
    static ulong Load(ref byte at)
    {
        var bytes = Unsafe.ReadUnaligned<ulong>(ref at);
        return BitConverter.IsLittleEndian ? bytes : BinaryPrimitives.ReverseEndianness(bytes);
    }

    static ulong Hash(ref byte word, int length)
    {
        unchecked
        {
            var hash = (ulong)length * Second;
            var at = 0;
            for (; at + 8 <= length; at += 8)
            {
                hash = (hash ^ Load(ref Unsafe.Add(ref word, at))) * Golden;
                hash ^= hash >> 32;
            }

            // What of the last eight belongs to the word; the room behind it is there.
            var rest = length == at ? 0 : Load(ref Unsafe.Add(ref word, at)) & (ulong.MaxValue >> (8 * (at + 8 - length)));
            hash = (hash ^ rest) * Golden;
            return hash ^ (hash >> 32);
        }
    }

    /// <summary>0, 1, 2, 4, 8, ... share a bucket up to the next.</summary>
    internal static int Doubling(int number) => 32 - BitOperations.LeadingZeroCount((uint)number);

    /// <summary>A share in eighths; 9 where there is nothing to share.</summary>
    internal static int Eighths(int part, int whole) => whole == 0 ? 9 : (int)((8L * part) / whole);

    /// <summary>The largest integer whose square is at most the number.</summary>
    internal static long Root(long number)
    {
        // Newton from above; integers only, so that every machine finds the same.
        if (number < 2)
            return number;
        var root = 1L << ((65 - BitOperations.LeadingZeroCount((ulong)number)) / 2);
        while (true)
        {
            var next = (root + (number / root)) / 2;
            if (next >= root)
                return root;
            root = next;
        }
    }
}
