// Feature version 2 of docs/formats/custosmodel.md, shared by training and detection: a change here raises Version and refuses older models.
using System.Buffers.Binary;
using System.Numerics;

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
        // Room for the tokens, too.
        var most = (3 * channel.Length) + (2 * words.Length) + 16;
        if (slots.Length < most)
            slots = new int[Math.Max(most, slots.Length * 2)];
        if (even.Length < channel.Length)
            even = new byte[Math.Max(channel.Length, even.Length * 2)];
        var into = slots;
        var count = 0;
        ulong before = 0;
        even[0] = (byte)' ';
        var length = 1;
        for (var w = 0; w < words.Length; w++)
        {
            var start = length;
            byte last = 0;
            foreach (var c in channel[words[w].Start..words[w].End])
            {
                // The folded channel writes l and i alike and every letter once: the plain one is read the same way, so that a word and its disguise are one feature.
                var letter = c == (byte)'l' ? (byte)'i' : c;
                if (letter == last && letter is >= (byte)'a' and <= (byte)'z')
                    continue;
                even[length++] = last = letter;
            }

            var hash = Hash(even.AsSpan(start, length - start));
            into[count++] = SlotOf(hash);
            if (w > 0)
                into[count++] = SlotOf(BitOperations.RotateLeft(before, 23) ^ unchecked(hash * Second));
            before = hash;
            even[length++] = (byte)' ';
        }

        channel = even.AsSpan(0, length);
        var whole = channel.Length - 7;
        var i = 0;
        for (; i < whole; i++)
        {
            var bytes = BinaryPrimitives.ReadUInt64LittleEndian(channel[i..]);
            into[count] = SlotOf((bytes & 0xFF_FFFF) | (3UL << 56));
            into[count + 1] = SlotOf((bytes & 0xFFFF_FFFF) | (4UL << 56));
            into[count + 2] = SlotOf((bytes & 0xFF_FFFF_FFFF) | (5UL << 56));
            count += 3;
        }

        for (; i + 3 <= channel.Length; i++)
        {
            ulong bytes = 0;
            for (var n = 0; n < 5 && i + n < channel.Length; n++)
            {
                bytes |= (ulong)channel[i + n] << (8 * n);
                if (n >= 2)
                    into[count++] = SlotOf(bytes | ((ulong)(n + 1) << 56));
            }
        }

        return count;
    }

    static ulong Hash(ReadOnlySpan<byte> word)
    {
        unchecked
        {
            var hash = (ulong)word.Length * Second;
            while (word.Length >= 8)
            {
                hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(word)) * Golden;
                hash ^= hash >> 32;
                word = word[8..];
            }

            ulong rest = 0;
            for (var i = 0; i < word.Length; i++)
                rest |= (ulong)word[i] << (8 * i);
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
