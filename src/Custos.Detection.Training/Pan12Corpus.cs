// The XML of the PAN-2012 sexual predator identification task: conversations/conversation[id]/message[line]/{author,time,text}.
// Inches and Crestani, "Overview of the International Sexual Predator Identification Competition at PAN-2012", CLEF 2012.
using System.Globalization;
using System.Xml;
using Custos.Vocabulary;

namespace Custos.Detection.Training;

/// <summary>Reads a corpus in the PAN-2012 layout as a stream. The corpus itself is no part of this program: a unit that holds it brings it.</summary>
/// <remarks>
/// The venue is <c>pan12/</c> and the conversation's id, the thread that id, a message's id its <c>line</c>. Times are hours and minutes and may be invented, so <c>at</c> is unknown;
/// the order of the file is not that of the calendar, so no state crosses conversations.
/// </remarks>
public sealed class Pan12Corpus : ICorpus
{
    readonly string _path;

    Pan12Corpus(string path)
    {
        _path = path;
        Digest = Digests.Of(path);
    }

    /// <inheritdoc/>
    public string Digest { get; }

    /// <summary>Opens a corpus; nothing but its digest is read before it is asked for.</summary>
    /// <exception cref="IOException">It could not be read.</exception>
    public static Pan12Corpus Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(path);
    }

    /// <inheritdoc/>
    public IEnumerable<CorpusConversation> Conversations()
    {
        // Chat holds control characters; nothing outside the file is ever fetched, and a file that declares entities is refused.
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, CheckCharacters = false, IgnoreComments = true, IgnoreProcessingInstructions = true };
        using var stream = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.SequentialScan);
        using var xml = XmlReader.Create(stream, settings);
        if (Guarded(xml, () => xml.MoveToContent() == XmlNodeType.Element && xml.LocalName == "conversations") is not true)
            throw Broken(xml, "the file does not begin with <conversations>");
        while (Guarded(xml, () => Next(xml)) is { } conversation)
            yield return conversation;
    }

    CorpusConversation? Next(XmlReader xml)
    {
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "conversations")
                return null;
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName != "conversation")
                throw Broken(xml, "an element stands where <conversation> belongs");
            return Conversation(xml);
        }

        return null;
    }

    CorpusConversation Conversation(XmlReader xml)
    {
        var id = xml.GetAttribute("id");
        if (string.IsNullOrEmpty(id))
            throw Broken(xml, "a conversation has no id");
        var venue = new VenueId("pan12/" + id);
        var messages = new List<ChatMessage>();
        if (xml.IsEmptyElement)
            return new(id, messages);
        // Names that the conversation has used: a handful, so that each is kept once.
        var handles = new Dictionary<string, Handle>(StringComparer.Ordinal);
        while (xml.Read() && xml.NodeType != XmlNodeType.EndElement)
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName != "message")
                throw Broken(xml, "an element stands where <message> belongs");
            Message(xml, venue, id, handles, messages);
        }

        return new(id, messages);
    }

    void Message(XmlReader xml, VenueId venue, string conversation, Dictionary<string, Handle> handles, List<ChatMessage> into)
    {
        var line = xml.GetAttribute("line");
        if (string.IsNullOrEmpty(line))
            throw Broken(xml, "a message has no line");
        string? author = null, text = null;
        if (!xml.IsEmptyElement)
        {
            xml.Read();
            while (xml.NodeType != XmlNodeType.EndElement)
            {
                if (xml.NodeType == XmlNodeType.None)
                    throw Broken(xml, "the file ends within a message");
                if (xml.NodeType != XmlNodeType.Element)
                {
                    xml.Read();
                    continue;
                }

                // Reads the element's text and moves past its end.
                var name = xml.LocalName;
                var value = xml.ReadElementContentAsString();
                if (name == "author")
                    author = value.Trim();
                else if (name == "text")
                    text = value;
            }
        }

        if (string.IsNullOrEmpty(author))
            throw Broken(xml, "a message has no author");
        if (!handles.TryGetValue(author, out var from))
            handles.Add(author, from = new(author));
        into.Add(new(venue, conversation, line, null, from, null, text ?? "", Direction.None));
    }

    // What the parser says can hold words of the file: only its place is told.
    T Guarded<T>(XmlReader xml, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (XmlException)
        {
            throw Broken(xml, "it is no well-formed XML, or an element stands within an author or a text");
        }
    }

    CorpusException Broken(XmlReader xml, string why) => new(string.Create(CultureInfo.InvariantCulture,
        $"'{_path}' is no corpus in the PAN-2012 layout: {why} (line {(xml as IXmlLineInfo)?.LineNumber ?? 0}). Nothing was written. docs/operating/training.md shows the layout."));
}
