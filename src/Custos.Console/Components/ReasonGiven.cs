using Custos.Console.Reading;
using Microsoft.Extensions.Localization;
using MudBlazor;

namespace Custos.Console.Components;

sealed record ReasonGiven(string Reason, DateOnly? Until, string? Name = null);

static class ReasonAsking
{
    /// <summary>The reason for reading: the one given earlier in this sign-in, else asked for now.</summary>
    /// <returns>Null if the reader thought better of it.</returns>
    internal static async Task<string?> ReadingReasonAsync(this IDialogService dialogs, ReaderSession reader, IStringLocalizer<Words> words)
    {
        if (reader.ReadingReason is null)
        {
            var given = await dialogs.AskReasonAsync(
                words["Why do you open it?"],
                words["What is collapsed may distress. Who opened it, when and why is recorded in the operation's log. The reason is asked once and goes with everything you open until you sign out."],
                words["Open and record"],
                [words["Triage of the queue"], words["Preparing a case"], words["Supervision"], words["Disclosure review"]]);
            reader.ReadingReason ??= given?.Reason;
        }

        return reader.ReadingReason;
    }

    /// <summary>Asks for a reason.</summary>
    /// <returns>Null if the reader thought better of it.</returns>
    internal static async Task<ReasonGiven?> AskReasonAsync(
        this IDialogService dialogs, string title, string explanation, string action, IReadOnlyList<string> suggestions, bool asksDay = false, string? nameLabel = null, string name = "")
    {
        var dialog = await dialogs.ShowAsync<ReasonDialog>(title, new DialogParameters<ReasonDialog>
        {
            { x => x.Explanation, explanation },
            { x => x.Action, action },
            { x => x.Suggestions, suggestions },
            { x => x.AsksDay, asksDay },
            { x => x.NameLabel, nameLabel },
            { x => x.Name, name },
        });
        return (await dialog.Result)?.Data as ReasonGiven;
    }
}
