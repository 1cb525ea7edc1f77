namespace Custos.Capture.Import.Formats;

/// <summary>Every format that is read, in the order they are named to a person.</summary>
static class KnownFormats
{
    internal static IReadOnlyList<TranscriptFormat> All { get; } =
    [
        new TranscriptJsonLines(),
        new IrssiLog(),
        new WeeChatLog(),
        new ZncLog(),
        new PlainIrcLog(),
        new TelegramJson(),
        new WhatsAppText(),
        new CsvTable(),
    ];

    internal static TranscriptFormat Named(string name) => All.FirstOrDefault(format => format.Format == name)
        ?? throw new ImportException(ImportFault.Option, $"'{name}' is no format this program knows. Nothing was recorded. The formats are {Names}.");

    internal static string Names => string.Join(", ", All.Select(format => format.Format));
}
