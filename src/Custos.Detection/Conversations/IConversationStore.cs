using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Custos.Detection;

/// <summary>Under what a saved part of conversation state is found: the first 16 bytes of a SHA-256 over its kind and names, so that a store holds no name for the sake of finding it.</summary>
public readonly record struct ConversationStateKey(ulong High, ulong Low)
{
    /// <summary>Writes the key, 16 bytes, most significant first.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    /// <summary>Reads a key back.</summary>
    public static ConversationStateKey From(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    internal static ConversationStateKey Of(StateKind kind, ReadOnlySpan<char> first = default, ReadOnlySpan<char> second = default, ReadOnlySpan<char> third = default, ReadOnlySpan<char> fourth = default)
    {
        // Lengths before the names: no two sets of names make the same bytes.
        var length = 17 + ((first.Length + second.Length + third.Length + fourth.Length) * 2);
        var rented = length > 512 ? ArrayPool<byte>.Shared.Rent(length) : null;
        var bytes = rented is null ? stackalloc byte[512] : rented;
        bytes[0] = (byte)kind;
        var at = 1;
        at = Append(bytes, at, first);
        at = Append(bytes, at, second);
        at = Append(bytes, at, third);
        at = Append(bytes, at, fourth);
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(bytes[..at], digest);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return From(digest);
    }

    static int Append(Span<byte> bytes, int at, ReadOnlySpan<char> name)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes[at..], name.Length);
        MemoryMarshal.AsBytes(name).CopyTo(bytes[(at + 4)..]);
        return at + 4 + (name.Length * 2);
    }
}

/// <summary>Where conversation state waits that does not fit in memory. It is derived: it may be lost at any time, and the log read again.</summary>
public interface IConversationStore
{
    /// <summary>Says who will save here. What another engine, pack, model or threshold saved is void: the store forgets it.</summary>
    /// <returns>True if the store holds states of this maker.</returns>
    bool Open(string maker);

    /// <summary>Saves a state, in place of an earlier one under the same key.</summary>
    void Save(ConversationStateKey key, ReadOnlySpan<byte> state);

    /// <summary>Takes a state out: written to <paramref name="into"/>, and no longer in the store.</summary>
    /// <returns>False if the store does not hold it; nothing was written.</returns>
    bool TryTake(ConversationStateKey key, IBufferWriter<byte> into);

    /// <summary>Every state, in no particular order. Nothing may be saved or taken meanwhile, and each is good until the next.</summary>
    IEnumerable<ReadOnlyMemory<byte>> States();
}
