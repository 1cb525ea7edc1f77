// Feature version 3 of docs/formats/custosmodel.md, shared by training and detection: a change here raises Version and refuses older models.
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Custos.Detection;

/// <summary>What a model sees of a message: n-grams of the bytes of its channel and of its words, hashed into slots. Names, addresses and numbers of telephones are placeholders there already.</summary>
static class ModelFeatures
{
    internal const int Version = 3;
    internal const int SlotBits = 19;
    internal const int Slots = 1 << SlotBits;

    /// <summary>Features a tracker adds to those of the message, of the pair it is said in.</summary>
    internal const int PairTokens = 5;

    /// <summary>Kinds of emoji of a message at most, the first ones.</summary>
    internal const int MostEmoji = 16;

    // Bytes of a word of which each inner letter may be hidden: of a longer one enough is left beside a sign.
    const int LongestHidden = 8;

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

    /// <summary>The slots of every word, of every two words beside each other, of every 3-, 4- and 5-gram of a word with the spaces around it, and of a word of 3 to 8 bytes with each of its inner letters hidden.</summary>
    /// <param name="channel">The folded channel if it was read, else the plain one.</param>
    /// <param name="words">Its words.</param>
    /// <param name="slots">Grows as needed.</param>
    /// <param name="scratch">Grows as needed.</param>
    /// <returns>How many; a feature counts as often as it stands. Emoji are none of them.</returns>
    /// <remarks>
    /// A word is read the same whatever was done to it that leaves its letters to be known: <c>l</c> as <c>i</c>, a letter repeated as one, and a digit in a word that has letters as the letter it is written for.
    /// Where a sign hides one letter (<c>c*m</c>), what the sign takes away is counted as what is left: the word with that letter hidden, which is a feature of the whole word too.
    /// </remarks>
    internal static int Of(ReadOnlySpan<byte> channel, ReadOnlySpan<Word> words, ref int[] slots, ref byte[] scratch)
    {
        // Four features a byte at most and two a word; and room for the tokens and the emoji.
        var most = (4 * channel.Length) + (2 * words.Length) + 16 + MostEmoji;
        if (slots.Length < most)
            slots = new int[Math.Max(most, slots.Length * 2)];
        // Eight bytes are read past the end.
        if (scratch.Length < channel.Length + 16)
            scratch = new byte[Math.Max(channel.Length + 16, scratch.Length * 2)];
        // Written and read through references: the room above is enough for whatever the channel holds, and a check a byte would cost more than the feature.
        unchecked
        {
            ref var into = ref MemoryMarshal.GetArrayDataReference(slots);
            ref var read = ref MemoryMarshal.GetArrayDataReference(scratch);
            ref var alike = ref MemoryMarshal.GetReference(Alike);
            read = (byte)' ';
            ref var letters = ref Unsafe.Add(ref read, 1);
            var count = 0;
            var (before, follows, hiddenBefore) = (0UL, false, -1);
            foreach (ref readonly var word in words)
            {
                if (word.Kind == WordKind.Emoji)
                    continue;
                var said = channel[word.Start..word.End];
                var number = word.Kind == WordKind.Digits;
                var (length, last, hidden) = (0, 0, 0);
                // No branch depends on the byte: a letter that repeats the last is written over by what follows.
                foreach (var b in said)
                {
                    int c = number ? b : Unsafe.Add(ref alike, b);
                    Unsafe.Add(ref letters, length) = (byte)c;
                    length += (c == last) & ((uint)(c - 'a') <= 'z' - 'a') ? 0 : 1;
                    hidden += c == NormalizedText.MaskByte ? 1 : 0;
                    last = c;
                }

                Unsafe.Add(ref letters, length) = (byte)' ';
                var hash = Hash(ref letters, length);
                var slot = SlotOf(hash);
                var stands = hidden == 1 && length <= LongestHidden;
                Unsafe.Add(ref into, count++) = slot;
                if (follows && (hidden == 0 || stands))
                    Unsafe.Add(ref into, count++) = hiddenBefore >= 0 ? hiddenBefore : stands ? slot : SlotOf(BitOperations.RotateLeft(before, 23) ^ (hash * Second));
                (before, follows, hiddenBefore) = (hash, hidden == 0 || stands, stands ? slot : -1);
                if (hidden > 0)
                {
                    count = OfHidden(ref read, length, stands, slot, ref into, count);
                    continue;
                }

                for (var at = 0; at < length; at++)
                {
                    // Eight bytes are read for every gram: beyond the end they are there, and masked away. One gram at least, two and three where there is room.
                    var bytes = Load(ref Unsafe.Add(ref read, at));
                    ref var three = ref Unsafe.Add(ref into, count);
                    three = SlotOf((bytes & 0xFF_FFFF) | (3UL << 56));
                    Unsafe.Add(ref three, 1) = SlotOf((bytes & 0xFFFF_FFFF) | (4UL << 56));
                    Unsafe.Add(ref three, 2) = SlotOf((bytes & 0xFF_FFFF_FFFF) | (5UL << 56));
                    count += Math.Min(3, length - at);
                }

                if (length is >= 3 and <= LongestHidden)
                {
                    var whole = (Load(ref letters) & (ulong.MaxValue >> (64 - (8 * length)))) ^ ((ulong)length * Second);
                    for (var at = 1; at < length - 1; at++)
                    {
                        uint letter = Unsafe.Add(ref letters, at);
                        Unsafe.Add(ref into, count) = SlotOf(Mix(whole ^ ((ulong)(letter ^ NormalizedText.MaskByte) << (8 * at))));
                        count += letter - 'a' <= 'z' - 'a' ? 1 : 0;
                    }
                }
            }

            return count;
        }
    }

    /// <summary>The slots of the kinds of emoji in a message, each once: they stand beside its words, not among them, and the folded channel has none.</summary>
    /// <param name="plain">The plain channel.</param>
    /// <param name="words">Its words.</param>
    /// <param name="into">As many as there is room for.</param>
    /// <returns>How many.</returns>
    internal static int OfEmoji(ReadOnlySpan<byte> plain, ReadOnlySpan<Word> words, Span<int> into)
    {
        unchecked
        {
            var count = 0;
            foreach (ref readonly var word in words)
            {
                if (word.Kind != WordKind.Emoji)
                    continue;
                ulong bytes = 0;
                var length = Math.Min(8, word.End - word.Start);
                for (var i = length - 1; i >= 0; i--)
                    bytes = (bytes << 8) | plain[word.Start + i];
                var slot = SlotOf(Mix(bytes ^ ((ulong)length * Second)));
                if (into[..count].Contains(slot))
                    continue;
                if (count == into.Length)
                    break;
                into[count++] = slot;
            }

            return count;
        }
    }

    // A word in which signs stand for letters: its grams, and for every feature that the one sign takes from it the word as it stands, so that it says as much as it would have.
    static int OfHidden(ref byte read, int length, bool stands, int slot, ref int into, int count)
    {
        unchecked
        {
            for (var at = 0; at < length; at++)
            {
                var bytes = Load(ref Unsafe.Add(ref read, at));
                var clear = true;
                for (var n = 1; n <= Math.Min(5, length + 2 - at); n++)
                {
                    clear &= (byte)(bytes >> (8 * (n - 1))) != NormalizedText.MaskByte;
                    if (n >= 3 && (clear || stands))
                        Unsafe.Add(ref into, count++) = clear ? SlotOf((bytes & (ulong.MaxValue >> (64 - (8 * n)))) | ((ulong)n << 56)) : slot;
                }
            }

            // The word with another of its letters hidden.
            for (var again = stands ? length - 2 : 0; again > 0; again--)
                Unsafe.Add(ref into, count++) = slot;
            return count;
        }
    }

    // The first byte is the lowest, on every machine.
    static ulong Load(ref byte at)
    {
        var bytes = Unsafe.ReadUnaligned<ulong>(ref at);
        return BitConverter.IsLittleEndian ? bytes : BinaryPrimitives.ReverseEndianness(bytes);
    }

    // Eight bytes at a time; what of the last eight does not belong to the word is zero, and the room behind it is there.
    static ulong Hash(ref byte word, int length)
    {
        unchecked
        {
            var hash = (ulong)length * Second;
            var at = 0;
            for (; at + 8 < length; at += 8)
                hash = Mix(hash ^ Load(ref Unsafe.Add(ref word, at)));
            return Mix(hash ^ (Load(ref Unsafe.Add(ref word, at)) & (ulong.MaxValue >> (8 * (at + 8 - length)))));
        }
    }

    static ulong Mix(ulong hash)
    {
        unchecked
        {
            hash *= Golden;
            return hash ^ (hash >> 32);
        }
    }

    // By byte: the class of NormalizedText.ClassOf of what stands in a word, which its signs do not.
    static readonly byte[] Classes = [.. Enumerable.Range(0, 256).Select(b => b is 'l' or (>= '0' and <= '9') ? NormalizedText.ClassOf((byte)b) : (byte)b)];

    static ReadOnlySpan<byte> Alike => Classes;

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
