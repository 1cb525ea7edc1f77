namespace Custos.Capture.Import;

/// <summary>Why a file was not read.</summary>
public enum ImportFault
{
    /// <summary>There is no such file.</summary>
    NotFound,

    /// <summary>The path is a folder.</summary>
    Folder,

    /// <summary>The machine would not read it.</summary>
    Unreadable,

    /// <summary>It is no text of any known kind.</summary>
    Binary,

    /// <summary>It is text, but fits no known format.</summary>
    UnknownFormat,

    /// <summary>It fits more than one format: a choice to make.</summary>
    TwoFormats,

    /// <summary>Its dates can be read in two orders: a choice to make.</summary>
    DateOrder,

    /// <summary>Its times are local and no zone was given: a choice to make.</summary>
    Zone,

    /// <summary>It has times but no dates: a choice to make.</summary>
    Day,

    /// <summary>It does not say where it was said: a choice to make.</summary>
    Venue,

    /// <summary>Its columns are not known: a choice to make.</summary>
    Columns,

    /// <summary>An option names something this program does not know.</summary>
    Option,

    /// <summary>It has messages without any time: a choice to make.</summary>
    Undated,

    /// <summary>It changed while it was read.</summary>
    Changed,

    /// <summary>It was begun with other options.</summary>
    OtherOptions,
}

/// <summary>A file was not read. The message says what happened, what was kept and what to do; never a word of the file.</summary>
public sealed class ImportException : Exception
{
    internal ImportException(ImportFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>Why.</summary>
    public ImportFault Fault { get; }

    /// <summary>True if another option makes it work: the program asks rather than guesses.</summary>
    public bool IsChoice => Fault is ImportFault.TwoFormats or ImportFault.UnknownFormat or ImportFault.DateOrder or ImportFault.Zone or ImportFault.Day
        or ImportFault.Venue or ImportFault.Columns or ImportFault.Option or ImportFault.Undated or ImportFault.OtherOptions;
}
