// The saved form of conversation state: docs/formats/conversation-state.md has it byte by byte.
using System.Buffers.Binary;
using System.Text;
using Custos.Vocabulary;

namespace Custos.Detection;

/// <summary>Writes state as bytes: whole numbers as varints, text as it is, so that what comes back is what was saved.</summary>
sealed class StateWriter
{
    byte[] _bytes = new byte[256];
    int _count;

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    internal void Clear() => _count = 0;

    Span<byte> Room(int bytes)
    {
        if (_bytes.Length - _count < bytes)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + bytes));
        return _bytes.AsSpan(_count);
    }

    internal void Byte(int value)
    {
        Room(1)[0] = checked((byte)value);
        _count++;
    }

    internal void Bool(bool value) => Byte(value ? 1 : 0);

    // Base 128, least significant group first; the sign is in the lowest bit.
    internal void Number(long value)
    {
        var room = Room(10);
        var rest = unchecked((ulong)((value << 1) ^ (value >> 63)));
        var at = 0;
        while (rest >= 0x80)
        {
            room[at++] = unchecked((byte)(rest | 0x80));
            rest >>= 7;
        }

        room[at++] = unchecked((byte)rest);
        _count += at;
    }

    internal void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _count += bytes.Length;
    }

    // Handles and ids may hold any UTF-16, lone surrogates too: what is not ASCII is kept unit by unit.
    internal void Text(string text)
    {
        if (Ascii.IsValid(text))
        {
            Number((long)text.Length << 1);
            Encoding.ASCII.GetBytes(text, Room(text.Length));
            _count += text.Length;
            return;
        }

        Number(((long)text.Length << 1) | 1);
        var room = Room(text.Length * 2);
        for (var i = 0; i < text.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(room[(i * 2)..], text[i]);
        _count += text.Length * 2;
    }

    internal void TextOrNull(string? text)
    {
        Bool(text is not null);
        if (text is not null)
            Text(text);
    }

    internal void At(SpokenAt? at)
    {
        Bool(at is not null);
        if (at is not { } known)
            return;
        Number(known.Local.Ticks);
        Bool(known.Offset is not null);
        if (known.Offset is { } offset)
            Number(offset.Ticks);
    }

    internal void NumberOrNull(int? value)
    {
        Bool(value is not null);
        if (value is { } known)
            Number(known);
    }

    internal void Place(FactPlace place)
    {
        Number(place.Exhibit.LeafIndex);
        Text(place.MessageId);
        At(place.At);
        Number(place.Start);
        Number(place.Length);
    }

    internal void PlaceOrNull(FactPlace? place)
    {
        Bool(place is not null);
        if (place is not null)
            Place(place);
    }

    internal void Indicator(Indicator indicator)
    {
        Byte(IndicatorCatalogue.NumberOf(indicator.Code));
        Text(indicator.MessageId);
        Number(indicator.Start);
        Number(indicator.Length);
        Text(indicator.Rule);
        var steps = FoldStep.None;
        foreach (var (step, name) in NormalizedText.StepNames)
            steps |= indicator.Folded.Contains(name) ? step : FoldStep.None;
        Number((long)steps);
        Number(indicator.Attributes.Count);
        foreach (var attribute in indicator.Attributes)
        {
            Text(attribute.Name);
            Text(attribute.Value);
            Bool(attribute.IsNumber);
        }

        Number(indicator.Exhibit.LeafIndex);
    }
}

/// <summary>Reads back what <see cref="StateWriter"/> wrote.</summary>
ref struct StateReader(ReadOnlySpan<byte> bytes, Func<string, string> shared)
{
    ReadOnlySpan<byte> _rest = bytes;

    internal readonly bool IsAtEnd => _rest.IsEmpty;

    ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _rest.Length)
            throw new InvalidDataException("A saved conversation is cut short. Nothing was found from it; remove the store and read the log again from the start.");
        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    internal int Byte() => Take(1)[0];

    internal bool Bool() => Byte() != 0;

    internal long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Take(1)[0];
            value |= unchecked((ulong)(next & 0x7F) << shift);
            if (next < 0x80)
                break;
        }

        return unchecked((long)(value >> 1) ^ -(long)(value & 1));
    }

    internal int Int() => checked((int)Number());

    internal ReadOnlySpan<byte> Bytes(int count) => Take(count);

    internal string Text()
    {
        var head = Number();
        var length = checked((int)(head >> 1));
        if ((head & 1) == 0)
            return Encoding.ASCII.GetString(Take(length));
        var units = Take(length * 2L);
        return string.Create(length, units.ToArray(), static (text, bytes) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(i * 2));
        });
    }

    internal string? TextOrNull() => Bool() ? Text() : null;

    internal SpokenAt? At()
    {
        if (!Bool())
            return null;
        var local = new DateTime(Number(), DateTimeKind.Unspecified);
        return new(local, Bool() ? new TimeSpan(Number()) : null);
    }

    internal int? NumberOrNull() => Bool() ? Int() : null;

    internal FactPlace Place() => new(new(Number()), Text(), At(), Int(), Int());

    internal FactPlace? PlaceOrNull() => Bool() ? Place() : null;

    internal Indicator Indicator()
    {
        var code = IndicatorCatalogue.All[Byte()].Code;
        var (id, start, length, rule) = (Text(), Int(), Int(), shared(Text()));
        var steps = (FoldStep)Number();
        var attributes = new IndicatorAttribute[Int()];
        for (var i = 0; i < attributes.Length; i++)
            attributes[i] = new(shared(Text()), Text(), Bool());
        return new(code, id, start, length, rule, ConversationTracker.Names(steps), attributes, new(Number()));
    }
}
