using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Custos.Detection;

/// <summary>How much an occurrence of a rule counts.</summary>
public enum RuleStrength
{
    /// <summary>A third of the code's weight.</summary>
    Weak,

    /// <summary>The code's weight.</summary>
    Plain,

    /// <summary>Half as much again.</summary>
    Strong,
}

/// <summary>What a context does to a rule that names it.</summary>
public enum ContextEffect
{
    /// <summary>The rule does not fire.</summary>
    Drop,

    /// <summary>One strength down; a weak rule does not fire.</summary>
    Weaken,
}

/// <summary>What a rule looks for: occurrences of terms of lists (RuleLanguage says what counts as one).</summary>
public abstract record RuleSay
{
    RuleSay()
    {
    }

    /// <summary>The lists it names, in the order they are written.</summary>
    public abstract IReadOnlyList<string> Lists { get; }

    /// <summary>One term of a list.</summary>
    public sealed record Any(string List) : RuleSay
    {
        /// <inheritdoc/>
        public override IReadOnlyList<string> Lists => [List];
    }

    /// <summary>A term of one list, then a term of another that begins at most <paramref name="Within"/> words after it.</summary>
    public sealed record Sequence(string First, string Then, int Within) : RuleSay
    {
        /// <inheritdoc/>
        public override IReadOnlyList<string> Lists => [First, Then];
    }

    /// <summary>A term of each list, none overlapping, in one sentence.</summary>
    public sealed record All(IReadOnlyList<string> Of) : RuleSay
    {
        /// <inheritdoc/>
        public override IReadOnlyList<string> Lists => Of;
    }
}

/// <summary>A list of terms. A term is one or more whole words.</summary>
/// <param name="Name">Its name in its pack.</param>
/// <param name="Terms">Every term, once, templates written out, as typed in the file.</param>
/// <param name="IsSexual">Its words may not stand in an example.</param>
/// <param name="MarksOptional">A term is also found without its accents.</param>
/// <param name="Masked">A word of it is also read where <c>*</c> or <c>#</c> hide more of its letters than they show.</param>
public sealed record TermList(string Name, IReadOnlyList<string> Terms, bool IsSexual, bool MarksOptional, bool Masked);

/// <summary>A rule of a pack.</summary>
/// <param name="Id">Unique among all packs.</param>
/// <param name="Language">The pack it belongs to.</param>
/// <param name="Code">From the closed list.</param>
/// <param name="Say">What it looks for.</param>
/// <param name="Strength">How much an occurrence counts.</param>
/// <param name="Needs">All must hold (<see cref="RuleLanguage.Needs"/>, <c>open:code</c>, <c>fact:child-age</c>).</param>
/// <param name="Unless">Contexts that drop or weaken it.</param>
/// <param name="Attributes">Closed words every finding of the rule carries.</param>
/// <param name="Examples">Sentences on which it fires, lists written as <c>{list}</c>.</param>
/// <param name="CounterExamples">Sentences on which it does not.</param>
/// <param name="File">The file that has it.</param>
/// <param name="Line">The line it begins on.</param>
public sealed record PackRule(
    string Id,
    string Language,
    string Code,
    RuleSay Say,
    RuleStrength Strength,
    IReadOnlyList<string> Needs,
    IReadOnlyList<string> Unless,
    IReadOnlyList<KeyValuePair<string, string>> Attributes,
    IReadOnlyList<PackExample> Examples,
    IReadOnlyList<PackExample> CounterExamples,
    string File,
    int Line);

/// <summary>A sentence that shows what a rule does, and its place.</summary>
/// <param name="Text">At most 80 code points; <c>{list}</c> stands for each term of the list in turn.</param>
/// <param name="Line">One-based line.</param>
/// <param name="Column">One-based column.</param>
public sealed record PackExample(string Text, int Line, int Column);

/// <summary>A context whose sign is a word: what it does, and how near the word has to be.</summary>
/// <param name="Name">From the closed list.</param>
/// <param name="Effect">What it does to a rule that names it.</param>
/// <param name="Near">Words between the sign and the span at most; 0: anywhere in the message.</param>
/// <param name="Terms">Signs that hold in every language.</param>
public sealed record PackContext(string Name, ContextEffect Effect, int Near, IReadOnlyList<string> Terms);

/// <summary>A rule a unit switched off or changed, with who did it and why.</summary>
/// <param name="Rule">The rule's id.</param>
/// <param name="Strength">Its new strength; null: switched off.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who.</param>
public sealed record LocalChange(string Rule, RuleStrength? Strength, string Reason, string By);

/// <summary>One language's vocabulary: lists, rules, numbers in words, function words, signs of contexts.</summary>
public sealed class LanguagePack
{
    internal LanguagePack(
        string language,
        IReadOnlyDictionary<string, TermList> lists,
        IReadOnlyList<PackRule> rules,
        IReadOnlyList<string> functionWords,
        IReadOnlyList<KeyValuePair<string, int>> numberWords,
        IReadOnlyDictionary<string, IReadOnlyList<string>> contexts)
    {
        Language = language;
        Lists = lists;
        Rules = rules;
        FunctionWords = functionWords;
        NumberWords = numberWords;
        Contexts = contexts;
    }

    /// <summary>Its two or three letters.</summary>
    public string Language { get; }

    /// <summary>Its lists by name, the shared ones of <c>emoji.yaml</c> included.</summary>
    public IReadOnlyDictionary<string, TermList> Lists { get; }

    /// <summary>Its rules that are switched on, by id.</summary>
    public IReadOnlyList<PackRule> Rules { get; }

    /// <summary>Words of this language and of no other pack.</summary>
    public IReadOnlyList<string> FunctionWords { get; }

    /// <summary>Numbers in words, 8 to 21.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> NumberWords { get; }

    /// <summary>This language's signs of each context, the shared ones not included.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Contexts { get; }
}

/// <summary>A name of a service, a payment channel or a currency, and what it stands for.</summary>
/// <param name="Term">As people type it.</param>
/// <param name="Key">The closed word findings carry.</param>
public sealed record NamedTerm(string Term, string Key);

/// <summary>Vocabulary as data: immutable, read whole or refused whole.</summary>
public sealed class Pack
{
    internal Pack(
        string hash,
        int childAgeBelow,
        IReadOnlyList<LanguagePack> languages,
        IReadOnlyList<PackContext> contexts,
        IReadOnlyList<NamedTerm> services,
        IReadOnlyList<NamedTerm> paymentChannels,
        IReadOnlyList<NamedTerm> currencies,
        IReadOnlyList<LocalChange> localChanges)
    {
        Hash = hash;
        ChildAgeBelow = childAgeBelow;
        Languages = languages;
        Contexts = contexts;
        Services = services;
        PaymentChannels = paymentChannels;
        Currencies = currencies;
        LocalChanges = localChanges;
        Rules = [.. languages.SelectMany(l => l.Rules).OrderBy(r => r.Id, StringComparer.Ordinal)];
    }

    /// <summary><c>sha256:</c> and the SHA-256 of the sorted lines <c>sha256-hex  relative/path LF</c> of its files.</summary>
    public string Hash { get; }

    /// <summary>An age stated below this is the child-age fact. Provisions differ from 12 to 19; Casework compares with each.</summary>
    public int ChildAgeBelow { get; }

    /// <summary>The languages, by code. All are always on.</summary>
    public IReadOnlyList<LanguagePack> Languages { get; }

    /// <summary>The contexts whose sign is a word, by name. The shaped ones (negated, quoted, reported) are code and drop.</summary>
    public IReadOnlyList<PackContext> Contexts { get; }

    /// <summary>Every rule that is switched on, by id.</summary>
    public IReadOnlyList<PackRule> Rules { get; }

    /// <summary>The names of services people move to.</summary>
    public IReadOnlyList<NamedTerm> Services { get; }

    /// <summary>The names of ways to pay.</summary>
    public IReadOnlyList<NamedTerm> PaymentChannels { get; }

    /// <summary>The names and signs of currencies, to ISO 4217 codes.</summary>
    public IReadOnlyList<NamedTerm> Currencies { get; }

    /// <summary>What the unit changed in <c>packs/local</c>.</summary>
    public IReadOnlyList<LocalChange> LocalChanges { get; }

    /// <summary>Reads a pack's folder.</summary>
    /// <exception cref="PackException">Something in it has to change; every problem found is listed.</exception>
    public static Pack Load(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var reading = PackFiles.Read(directory);
        return reading.Problems.Count == 0 ? reading.Pack! : throw new PackException(directory, reading.Problems);
    }

    /// <summary>The folder <c>packs</c> beside the program, or beside one of the folders above it.</summary>
    /// <returns>Null where there is none.</returns>
    public static string? FindDirectory()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var packs = Path.Combine(folder.FullName, "packs");
            if (File.Exists(Path.Combine(packs, "pack.yaml")))
                return packs;
        }

        return null;
    }

    /// <summary>The hash of a pack's folder from the bytes of its files alone: as <see cref="Hash"/>, whether or not it can be read.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="withLocal">False to leave the unit's own files out.</param>
    public static string HashOf(string directory, bool withLocal = true)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return HashOf(Directory.EnumerateFiles(directory, "*.yaml", SearchOption.AllDirectories)
            .Select(path => (Path: Path.GetRelativePath(directory, path).Replace('\\', '/'), Full: path))
            .Where(file => withLocal || !file.Path.StartsWith("local/", StringComparison.Ordinal))
            .Select(file => (file.Path, File.ReadAllBytes(file.Full))));
    }

    // Detection-spec, section 5: the lines are sorted as text, so the file that changed is found by comparing two lists.
    internal static string HashOf(IEnumerable<(string Path, byte[] Content)> files)
    {
        var lines = files.Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(file.Content))}  {file.Path}\n").Order(StringComparer.Ordinal);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    internal static IReadOnlyDictionary<string, TValue> Freeze<TValue>(IEnumerable<KeyValuePair<string, TValue>> pairs) => pairs.ToFrozenDictionary(StringComparer.Ordinal);
}
