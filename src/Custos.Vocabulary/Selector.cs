namespace Custos.Vocabulary;

/// <summary>The kinds of value that point to an account or a person (identity-spec, section 2).</summary>
public enum SelectorKind
{
    /// <summary>A telephone number.</summary>
    Phone,

    /// <summary>An e-mail address.</summary>
    Email,

    /// <summary>A name at a service: <c>service:name</c>.</summary>
    ServiceHandle,
}

/// <summary>A value that points to an account or a person.</summary>
/// <param name="Kind">What kind of value.</param>
/// <param name="Normal">The form that is compared: E.164, lower-case domain, <c>service:name</c>.</param>
/// <param name="Raw">The value as written.</param>
public sealed record Selector(SelectorKind Kind, string Normal, string Raw);
