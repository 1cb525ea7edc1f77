namespace Custos.Detection;

/// <summary>What a rule of a pack may name besides its own lists, and what each of it means when a message is read. Packs are checked against this; the reader evaluates it.</summary>
/// <remarks>
/// <para>Words are counted in the plain channel: letters, marks, digits and inner apostrophes make a word; an emoji and an atom are a word each. A sentence ends at
/// <c>. ? !</c> (not at two or more full stops) and at a line end; a clause also at <c>, ; : ( )</c> and dashes. A term is one or more words and matches whole words, in that order,
/// with nothing but spaces or punctuation between them, within one sentence.</para>
/// <para><c>say: {any: L}</c>: each occurrence of a term of L. <c>{first: A, then: B, within: n}</c>: an occurrence of A and, in the same sentence, the nearest one of B that begins 1 to n words
/// after A's last word. <c>{all: [A, B, ...]}</c>: one occurrence of each, none overlapping, in one sentence. The span cited runs from the first to the last of them.</para>
/// <para>Attributes are filled from what stands in the span: <c>years</c> from <c>age</c>, <c>age-sex</c>, a school grade or a birth year; <c>amount</c> and <c>currency</c> from <c>money</c>;
/// <c>service</c> from <c>service</c>; <c>channel</c> from <c>payment-channel</c>, looked for in the whole message.</para>
/// </remarks>
public static class RuleLanguage
{
    /// <summary>Lists that every pack may use and none may define: the reader makes them.</summary>
    /// <remarks>
    /// <c>age</c>: a whole number from 8 to 99 standing alone, or a number word 8 to 21 of the pack (<c>NumberWords</c>), not beside a unit, a currency, a clock or a version.
    /// <c>age-sex</c>: <c>14f</c>, <c>f14</c>, <c>14/f</c>, <c>14 f</c> with f, m (and w, v, h where a pack lists them under <c>sex-letter</c>).
    /// <c>age-unit</c>: the same with a letter that a pack lists under <c>unit-letter</c> and without a stroke: <c>15m</c> is an age after "asl?" and a quarter of an hour elsewhere.
    /// <c>birth-year</c>: a year 1930 to 2025. <c>number</c>: any number. <c>money</c>: a number beside a currency of <c>currencies.yaml</c>.
    /// <c>service</c>, <c>payment-channel</c>: the names of <c>services.yaml</c>. The rest are atoms of detection-spec, section 3.
    /// </remarks>
    public static IReadOnlyList<string> ReservedLists { get; } =
        ["age", "age-sex", "age-unit", "birth-year", "number", "money", "service", "payment-channel", "phone", "email", "link", "handle", "room", "clock", "date", "version"];

    /// <summary>Lists a language defines so that the closed contexts and needs work in it; each may be missing, and then never holds.</summary>
    /// <remarks><c>second-person</c> (you, your, u), <c>first-person</c>, <c>third-person</c> (he, she, they), <c>negation</c> (not, don't, never), <c>question-word</c>
    /// (how, what, can you), <c>clause-word</c> (but, because), <c>sex-letter</c>, <c>before-age</c> (hi, I am: what may stand before <c>14f</c> in its sentence), <c>after-age</c> (and, from, lol: what may follow an age in its clause, for <c>as-age</c>),
    /// <c>no-age</c> (feel like: a number within three words after it is a comparison), <c>unit</c> (minutes, away: a number before it is no age), <c>unit-letter</c> (m).</remarks>
    public static IReadOnlyList<string> RoleLists { get; } =
        ["second-person", "first-person", "third-person", "negation", "question-word", "clause-word", "sex-letter", "unit-letter", "before-age", "after-age", "no-age"];

    /// <summary>What a rule may need, besides <c>open:&lt;code&gt;</c> and <c>fact:child-age</c>, which the tracker settles.</summary>
    /// <remarks><c>second-person</c>: a term of that list in the same sentence. <c>question</c>: the sentence ends in a question mark or holds a term of <c>question-word</c>.
    /// <c>language</c>: two function words of the pack in this message and the author's last eight without an incriminating indicator.
    /// <c>short</c>: the message has at most <see cref="ShortWords"/> words, as an answer has. <c>brief</c>: the span is its whole sentence.
    /// <c>as-age</c>: after the span its clause ends or goes on with a term of <c>after-age</c>, and no term of <c>no-age</c> stands within three words before it. <c>fresh</c>: the code that <c>open:</c> names
    /// was raised within this side's last <see cref="FreshMessages"/> messages, this one included.
    /// <c>introduced</c>: people still introduce themselves (one of the author's first <see cref="IntroductionMessages"/> messages in a dialogue of two), or something the other side asked is open:
    /// among people who know each other "im 12" is a place in a queue. The other side's messages cannot end it. <c>no-peer</c>: the author has not said that it is below the child age itself,
    /// for what friends of one age ask of each other all day.</remarks>
    public static IReadOnlyList<string> Needs { get; } = ["second-person", "question", "language", "short", "brief", "as-age", "fresh", "introduced", "no-peer"];

    /// <summary>Messages of an answering side within which a bare number still answers the question how old it is.</summary>
    public const int FreshMessages = 3;

    /// <summary>After a question for a class or a grade a bare number up to this one is a class, and no age.</summary>
    public const int HighestGrade = 13;

    /// <summary>Messages of one side that are its introduction, for <c>introduced</c>.</summary>
    public const int IntroductionMessages = 20;

    /// <summary>Words of a message that <c>short</c> allows.</summary>
    public const int ShortWords = 6;

    /// <summary>The contexts whose shape is code: they look at word distances or at the layout of the message.</summary>
    /// <remarks><c>negated</c>: a term of <c>negation</c> within three words before the span, same clause. <c>quoted</c>: the span lies in quotation marks, in a <c>&gt;</c> line, or in a pasted
    /// <c>&lt;nick&gt;</c> or timestamped line. <c>reported</c>: a term of <c>third-person</c> within four words of the span, and none of <c>second-person</c> in its sentence.</remarks>
    public static IReadOnlyList<string> ShapedContexts { get; } = ["negated", "played", "quoted", "reported"];

    /// <summary>The contexts that are term lists: a term anywhere in the message (or within <c>near</c> words, where the context says so).</summary>
    public static IReadOnlyList<string> WordContexts { get; } =
        ["lyrics", "fiction", "news-or-law", "medical-or-education", "guardian", "moderation", "automated", "technical", "photography", "sport"];
}
