// A strict subset of YAML 1.2.2 (https://yaml.org/spec/1.2.2/): block maps and lists indented by two spaces, flow maps and
// lists on one line, plain and quoted scalars on one line, comments. Everything this reader accepts is valid YAML 1.2 with
// the same meaning, read with the failsafe schema (section 10.1): scalars are text, so "no" stays a word.
// Left out on purpose: anchors, aliases, tags, merge keys, multi-line scalars, complex keys, directives, several documents.
using System.Buffers;
using System.Globalization;
using System.Text;

namespace Custos.Yaml;

/// <summary>Reads files in the strict subset of YAML that Custos uses for what people write: authorisations, packs, rules.</summary>
public static class StrictYaml
{
    /// <summary>How deep maps and lists may be nested.</summary>
    public const int MaximumDepth = 32;

    /// <summary>How long a file may be, in UTF-16 units.</summary>
    public const int MaximumLength = 16 * 1024 * 1024;

    // A key on one line may be at most 1,024 code points long: YAML 1.2.2, section 7.4.2. Ours are words.
    const int MaximumKeyLength = 256;

    /// <summary>Reads a file whose root is a map or a list.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <exception cref="StrictYamlException">The text is not in the subset; the message has the place and what to write.</exception>
    public static YamlNode Parse(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(file);
        if (text.Length > MaximumLength)
            throw new StrictYamlException(file, 1, 1, string.Create(CultureInfo.InvariantCulture, $"The file has {text.Length} characters; at most {MaximumLength} are read. Split it."));
        return new Reader(text, file).Document();
    }

    /// <summary>Reads a file whose root is a map.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <exception cref="StrictYamlException">The text is not in the subset, or its root is a list.</exception>
    public static YamlMap ParseMap(string text, string file)
    {
        var root = Parse(text, file);
        return root as YamlMap ?? throw new StrictYamlException(file, root.Line, root.Column, "The file starts with a list; write keys, as in 'name: value'.");
    }

    readonly record struct Line(int Number, int Start, int End, int Indent);

    sealed class Reader
    {
        static readonly SearchValues<char> FlowMarks = SearchValues.Create("[]{},");

        readonly string _text;
        readonly string _file;
        readonly List<Line> _lines = [];
        int _next;
        int _depth;

        internal Reader(string text, string file)
        {
            _text = text;
            _file = file;
            Split();
        }

        internal YamlNode Document()
        {
            if (_lines.Count == 0)
                throw new StrictYamlException(_file, 1, 1, "The file says nothing; write at least one key, as in 'name: value'.");
            var first = _lines[0];
            if (first.Indent != 0)
                throw Error(first, first.Start + first.Indent, "The first line is indented; start it at the beginning of the line.");

            YamlNode root;
            if (_text[first.Start] is '[' or '{')
            {
                _next++;
                root = ScalarOrFlow(first, first.Start);
            }
            else
            {
                root = Block(0);
            }

            if (_next < _lines.Count)
                throw Misplaced(_lines[_next], 0);
            return root;
        }

        // Only lines that say something are kept; blank lines and whole-line comments end here.
        void Split()
        {
            var start = _text.StartsWith('\uFEFF') ? 1 : 0;
            var number = 0;
            while (start < _text.Length)
            {
                number++;
                var end = _text.IndexOf('\n', start);
                var following = end < 0 ? _text.Length : end + 1;
                if (end < 0)
                    end = _text.Length;
                if (end > start && _text[end - 1] == '\r')
                    end--;
                CheckCharacters(number, start, end);

                var indent = 0;
                while (start + indent < end && _text[start + indent] == ' ')
                    indent++;
                while (end > start + indent && _text[end - 1] == ' ')
                    end--;
                var at = start + indent;
                if (at < end && _text[at] != '#')
                {
                    var line = new Line(number, start, end, indent);
                    if (indent == 0 && (_text.AsSpan(at, end - at).StartsWith("---") || _text.AsSpan(at, end - at).StartsWith("...")))
                        throw Error(line, at, "Document markers are not read; a file holds one document: remove the line.");
                    _lines.Add(line);
                }

                start = following;
            }
        }

        void CheckCharacters(int number, int start, int end)
        {
            for (var at = start; at < end; at++)
            {
                var c = _text[at];
                if (c is >= ' ' and < '\u007F')
                    continue;
                var line = new Line(number, start, end, 0);
                if (c == '\t')
                    throw Error(line, at, "A tab; write spaces (in quotation marks: \\t).");
                if (c < ' ' || c is >= '\u007F' and < '\u00A0')
                    throw Error(line, at, $"The control character U+{(int)c:X4}; remove it, or write it as an escape in double quotation marks.");
                // Line breaks in YAML 1.1 and text in YAML 1.2: two readers would disagree about the lines of the file.
                if (c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF')
                    throw Error(line, at, $"The character U+{(int)c:X4} cannot stand here; write it as an escape in double quotation marks.");
                if (char.IsHighSurrogate(c) && at + 1 < end && char.IsLowSurrogate(_text[at + 1]))
                    at++;
                else if (char.IsSurrogate(c))
                    throw Error(line, at, "Half of a surrogate pair; the file is not valid Unicode: save it as UTF-8.");
            }
        }

        YamlNode Block(int indent)
        {
            var line = _lines[_next];
            Enter(line, line.Start + indent);
            var node = IsDash(line, line.Start + indent) ? (YamlNode)List(indent) : Map(indent, null);
            _depth--;
            return node;
        }

        YamlList List(int indent)
        {
            var values = new List<YamlNode>();
            var first = _lines[_next];
            while (_next < _lines.Count)
            {
                var line = _lines[_next];
                if (line.Indent < indent)
                    break;
                var at = line.Start + indent;
                if (line.Indent > indent)
                    throw Misplaced(line, indent);
                if (!IsDash(line, at))
                    throw Error(line, at, "A list and keys side by side; give the list a key of its own.");
                at++;
                if (at < line.End && at + 1 < line.End && _text[at + 1] == ' ')
                    throw Error(line, at + 1, "Write one space after the dash.");
                at++;
                if (at >= line.End || _text[at] == '#')
                {
                    _next++;
                    values.Add(Nested(line, indent, "The list entry"));
                }
                else if (IsDash(line, at))
                {
                    throw Error(line, at, "A list that starts on the line of another; write the inner one in brackets, as in '- [a, b]'.");
                }
                else if (Key(line, at) is { } key)
                {
                    Enter(line, at);
                    values.Add(Map(indent + 2, key));
                    _depth--;
                }
                else
                {
                    _next++;
                    values.Add(ScalarOrFlow(line, at));
                }
            }

            return new YamlList(values, first.Number, Column(first, first.Start + indent));
        }

        YamlMap Map(int indent, FoundKey? firstKey)
        {
            var entries = new List<YamlEntry>();
            var byKey = new Dictionary<string, YamlEntry>(StringComparer.Ordinal);
            var first = _lines[_next];
            while (_next < _lines.Count)
            {
                var line = _lines[_next];
                var at = line.Start + indent;
                FoundKey key;
                if (firstKey is { } given)
                {
                    key = given;
                    firstKey = null;
                }
                else
                {
                    if (line.Indent < indent)
                        break;
                    if (line.Indent > indent)
                        throw Misplaced(line, indent);
                    if (IsDash(line, at))
                        throw Error(line, at, "A list where a key is expected; indent it by two more spaces than its key.");
                    key = Key(line, at) ?? throw Error(line, at, "A value without a key; write 'name: value'.");
                }

                _next++;
                var value = key.ValueAt < line.End && _text[key.ValueAt] != '#'
                    ? ScalarOrFlow(line, key.ValueAt)
                    : Nested(line, indent, "The key");
                var entry = new YamlEntry(key.Text, line.Number, Column(line, key.At), value);
                if (!byKey.TryAdd(key.Text, entry))
                    throw Error(line, key.At, $"The key stands here a second time (first on line {byKey[key.Text].Line}); keep one.");
                entries.Add(entry);
            }

            return new YamlMap(entries, byKey, first.Number, Column(first, first.Start + indent));
        }

        YamlNode Nested(Line line, int indent, string what)
        {
            if (_next < _lines.Count)
            {
                var next = _lines[_next];
                if (next.Indent == indent + 2)
                {
                    var at = next.Start + next.Indent;
                    if (IsDash(next, at) || Key(next, at) is not null)
                        return Block(indent + 2);
                    throw Error(next, at, "A value on a line of its own; write it on the line above, behind the key or dash.");
                }

                if (next.Indent > indent)
                    throw Error(next, next.Start + next.Indent, string.Create(CultureInfo.InvariantCulture, $"Indented by {next.Indent} spaces; write {indent + 2}."));
                if (next.Indent == indent && IsDash(next, next.Start + indent) && !IsDash(line, line.Start + indent))
                    throw Error(next, next.Start + indent, string.Create(CultureInfo.InvariantCulture, $"The list is as far left as its key; indent it by {indent + 2} spaces."));
            }

            throw Error(line, line.End, $"{what} has no value; write one behind it ('' for empty text, [] for an empty list).");
        }

        StrictYamlException Misplaced(Line line, int indent)
        {
            var text = (line.Indent & 1) == 1
                ? string.Create(CultureInfo.InvariantCulture, $"Indented by {line.Indent} spaces; indent by two spaces a level.")
                : line.Indent > indent
                    ? "Deeper than the line above allows; a value stays on one line, and nested lines belong behind a key that ends with a colon."
                    : "This line belongs to nothing above it; check its indentation.";
            return Error(line, line.Start + line.Indent, text);
        }

        readonly record struct FoundKey(string Text, int At, int ValueAt);

        // A key is text, then a colon, then a space or the end of the line. Null where the line has no key at this place.
        FoundKey? Key(Line line, int at)
        {
            var c = _text[at];
            int colon;
            string text;
            if (c is '"' or '\'')
            {
                colon = at;
                text = Quoted(line, ref colon);
                while (colon < line.End && _text[colon] == ' ')
                    colon++;
                if (colon >= line.End || _text[colon] != ':' || (colon + 1 < line.End && _text[colon + 1] != ' '))
                    return null;
            }
            else
            {
                if (c is '[' or '{')
                    return null;
                colon = at;
                while (true)
                {
                    if (colon >= line.End || (_text[colon] == '#' && _text[colon - 1] == ' '))
                        return null;
                    if (_text[colon] == ':' && (colon + 1 >= line.End || _text[colon + 1] == ' '))
                        break;
                    colon++;
                }

                var end = colon;
                while (end > at && _text[end - 1] == ' ')
                    end--;
                if (end == at)
                    throw Error(line, at, "A colon without a key before it; write 'name: value', or put the text in quotation marks.");
                text = _text[at..end];
                CheckPlainStart(line, at, line.End, inFlow: false);
                if (text == "<<")
                    throw Error(line, at, "Merge keys are not read; write the keys out.");
            }

            if (text.Length > MaximumKeyLength)
                throw Error(line, at, string.Create(CultureInfo.InvariantCulture, $"A key of {text.Length} characters; at most {MaximumKeyLength} are read."));
            var value = colon + 1;
            while (value < line.End && _text[value] == ' ')
                value++;
            return new FoundKey(text, at, value);
        }

        YamlNode ScalarOrFlow(Line line, int at)
        {
            var start = at;
            YamlNode node;
            switch (_text[at])
            {
                case '[':
                case '{':
                    node = Flow(line, ref at);
                    break;
                case '"':
                case '\'':
                    node = new YamlScalar(Quoted(line, ref at), quoted: true, line.Number, Column(line, start));
                    break;
                default:
                    return Plain(line, at);
            }

            var rest = at;
            while (rest < line.End && _text[rest] == ' ')
                rest++;
            if (rest < line.End && (_text[rest] != '#' || rest == at))
                throw Error(line, rest, "Text behind the end of the value; remove it, put the whole in quotation marks, or write a space and # before a comment.");
            return node;
        }

        YamlScalar Plain(Line line, int at)
        {
            CheckPlainStart(line, at, line.End, inFlow: false);
            var end = at;
            while (end < line.End && !(_text[end] == '#' && _text[end - 1] == ' '))
            {
                if (_text[end] == ':' && (end + 1 >= line.End || _text[end + 1] == ' '))
                    throw Error(line, end, "A colon inside a value; put the value in quotation marks.");
                end++;
            }

            while (_text[end - 1] == ' ')
                end--;
            return new YamlScalar(_text[at..end], quoted: false, line.Number, Column(line, at));
        }

        void CheckPlainStart(Line line, int at, int end, bool inFlow)
        {
            switch (_text[at])
            {
                case '&' or '*':
                    throw Error(line, at, "Anchors and aliases are not read; write the value out, in quotation marks if it starts with this character.");
                case '!':
                    throw Error(line, at, "Tags are not read; put the value in quotation marks if it starts with this character.");
                case '|' or '>':
                    throw Error(line, at, "Values over several lines are not read; write one line, in quotation marks if it starts with this character.");
                case '%' or '@' or '`' or ',' or ']' or '}' or '#':
                    throw Error(line, at, "A value cannot start with this character; put it in quotation marks.");
                case '-' or '?' or ':':
                    if (at + 1 >= end || _text[at + 1] == ' ' || (inFlow && FlowMarks.Contains(_text[at + 1])))
                        throw Error(line, at, "This character stands alone; put it in quotation marks if it is the value.");
                    break;
                default:
                    break;
            }
        }

        YamlNode Flow(Line line, ref int at)
        {
            Enter(line, at);
            YamlNode node = _text[at] == '[' ? FlowList(line, ref at) : FlowMap(line, ref at);
            _depth--;
            return node;
        }

        YamlList FlowList(Line line, ref int at)
        {
            var start = at++;
            var values = new List<YamlNode>();
            while (true)
            {
                SkipSpaces(line, ref at, start);
                if (_text[at] == ']' && values.Count == 0)
                    break;
                values.Add(FlowValue(line, ref at, start));
                SkipSpaces(line, ref at, start);
                if (_text[at] == ']')
                    break;
                if (_text[at] != ',')
                    throw Error(line, at, "Write a comma between two values of a list, or quotation marks around the value.");
                at++;
            }

            at++;
            return new YamlList(values, line.Number, Column(line, start));
        }

        YamlMap FlowMap(Line line, ref int at)
        {
            var start = at++;
            var entries = new List<YamlEntry>();
            var byKey = new Dictionary<string, YamlEntry>(StringComparer.Ordinal);
            while (true)
            {
                SkipSpaces(line, ref at, start);
                if (_text[at] == '}' && entries.Count == 0)
                    break;
                var keyAt = at;
                var key = FlowText(line, ref at, start).Text;
                if (key == "<<" && _text[keyAt] == '<')
                    throw Error(line, keyAt, "Merge keys are not read; write the keys out.");
                if (key.Length > MaximumKeyLength)
                    throw Error(line, keyAt, string.Create(CultureInfo.InvariantCulture, $"A key of {key.Length} characters; at most {MaximumKeyLength} are read."));
                SkipSpaces(line, ref at, start);
                if (_text[at] != ':' || at + 1 >= line.End || _text[at + 1] != ' ')
                    throw Error(line, at, "Write a colon and a space between key and value, as in '{name: value}'.");
                at++;
                SkipSpaces(line, ref at, start);
                if (_text[at] is ',' or '}')
                    throw Error(line, at, "The key has no value; write one behind it ('' for empty text, [] for an empty list).");
                var entry = new YamlEntry(key, line.Number, Column(line, keyAt), FlowValue(line, ref at, start));
                if (!byKey.TryAdd(key, entry))
                    throw Error(line, keyAt, "The key stands here a second time; keep one.");
                entries.Add(entry);
                SkipSpaces(line, ref at, start);
                if (_text[at] == '}')
                    break;
                if (_text[at] != ',')
                    throw Error(line, at, "Write a comma between two entries, or quotation marks around the value.");
                at++;
            }

            at++;
            return new YamlMap(entries, byKey, line.Number, Column(line, start));
        }

        YamlNode FlowValue(Line line, ref int at, int start) =>
            _text[at] is '[' or '{' ? Flow(line, ref at) : FlowText(line, ref at, start);

        YamlScalar FlowText(Line line, ref int at, int start)
        {
            var begin = at;
            if (_text[at] is '"' or '\'')
                return new YamlScalar(Quoted(line, ref at), quoted: true, line.Number, Column(line, begin));
            if (_text[at] is '[' or '{')
                throw Error(line, at, "A key must be text; write a word.");

            CheckPlainStart(line, at, line.End, inFlow: true);
            while (at < line.End && !FlowMarks.Contains(_text[at]))
            {
                if (_text[at] == '#' && _text[at - 1] == ' ')
                    throw Unclosed(line, start);
                if (_text[at] == ':' && (at + 1 >= line.End || _text[at + 1] == ' ' || FlowMarks.Contains(_text[at + 1])))
                    break;
                at++;
            }

            var end = at;
            while (_text[end - 1] == ' ')
                end--;
            return new YamlScalar(_text[begin..end], quoted: false, line.Number, Column(line, begin));
        }

        void SkipSpaces(Line line, ref int at, int start)
        {
            while (at < line.End && _text[at] == ' ')
                at++;
            if (at >= line.End || (_text[at] == '#' && _text[at - 1] == ' '))
                throw Unclosed(line, start);
        }

        StrictYamlException Unclosed(Line line, int start) =>
            Error(line, start, $"The bracket is not closed on its line; close it with '{(_text[start] == '[' ? ']' : '}')}' or write one value a line behind dashes.");

        string Quoted(Line line, ref int at)
        {
            var start = at;
            var mark = _text[at++];
            var built = new StringBuilder();
            while (at < line.End)
            {
                var c = _text[at++];
                if (c == mark)
                {
                    if (mark == '\'' && at < line.End && _text[at] == '\'')
                    {
                        built.Append('\'');
                        at++;
                        continue;
                    }

                    return built.ToString();
                }

                if (c == '\\' && mark == '"')
                    built.Append(Escape(line, ref at));
                else
                    built.Append(c);
            }

            throw Error(line, start, $"The quotation mark is not closed on its line; close it with {mark}.");
        }

        string Escape(Line line, ref int at)
        {
            var start = at - 1;
            if (at >= line.End)
                throw Error(line, start, "Values over several lines are not read; close the quotation mark on its line.");
            switch (_text[at++])
            {
                case '"': return "\"";
                case '\\': return "\\";
                case '/': return "/";
                case 'n': return "\n";
                case 'r': return "\r";
                case 't': return "\t";
                case 'x': return Code(line, ref at, start, 2);
                case 'u': return Code(line, ref at, start, 4);
                case 'U': return Code(line, ref at, start, 8);
                default: throw Error(line, start, "This escape is not read; write \\\\ for a backslash, or \\\" \\/ \\n \\r \\t \\xNN \\uNNNN \\UNNNNNNNN.");
            }
        }

        string Code(Line line, ref int at, int start, int digits)
        {
            if (at + digits > line.End
                || !uint.TryParse(_text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                || code > 0x10FFFF
                || code is >= 0xD800 and <= 0xDFFF)
                throw Error(line, start, string.Create(CultureInfo.InvariantCulture, $"Write {digits} hexadecimal digits of a character here; above U+FFFF use \\U and eight."));
            at += digits;
            return char.ConvertFromUtf32((int)code);
        }

        bool IsDash(Line line, int at) => at < line.End && _text[at] == '-' && (at + 1 >= line.End || _text[at + 1] == ' ');

        void Enter(Line line, int at)
        {
            if (++_depth > MaximumDepth)
                throw Error(line, at, string.Create(CultureInfo.InvariantCulture, $"Nested more than {MaximumDepth} deep; flatten it."));
        }

        static int Column(Line line, int at) => at - line.Start + 1;

        StrictYamlException Error(Line line, int at, string problem) => new(_file, line.Number, Column(line, at), problem);
    }
}
