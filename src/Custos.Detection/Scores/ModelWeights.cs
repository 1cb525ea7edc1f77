using System.Buffers.Binary;

namespace Custos.Detection;

/// <summary>Two weights a slot, so that one look-up serves both sides: what a feature says of the one who writes it, and of the one it is written to.</summary>
sealed class ModelWeights
{
    internal const int Bytes = ModelFeatures.Slots * 4;

    // Author's in the low half, counterpart's in the high one: as the file has them.
    readonly int[] _slots;

    internal ModelWeights(int[] slots) => _slots = slots;

    /// <summary>Weights of no say: the features are found and nothing follows. Training starts from them.</summary>
    internal static ModelWeights Zero { get; } = new(new int[ModelFeatures.Slots]);

    internal static ModelWeights Read(ReadOnlySpan<byte> bytes)
    {
        var slots = new int[ModelFeatures.Slots];
        for (var i = 0; i < slots.Length; i++)
            slots[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * 4)..]);
        return new(slots);
    }

    internal void Write(Span<byte> bytes)
    {
        for (var i = 0; i < _slots.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * 4)..], _slots[i]);
    }

    internal static int Pack(short author, short counterpart) => unchecked((ushort)author | (counterpart << 16));

    internal int this[int slot] => _slots[slot];

    internal (long Author, long Counterpart) Sum(ReadOnlySpan<int> features)
    {
        long author = 0, counterpart = 0;
        // Read through one span of known length: the mask makes every index one of it.
        ReadOnlySpan<int> slots = _slots;
        foreach (var feature in features)
        {
            var both = slots[feature & (ModelFeatures.Slots - 1)];
            author += unchecked((short)both);
            counterpart += both >> 16;
        }

        return (author, counterpart);
    }
}
