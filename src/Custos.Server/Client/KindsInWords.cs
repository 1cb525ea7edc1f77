using Custos.Capture.Gaps;
using Custos.Identity;
using Custos.Vocabulary;

namespace Custos.Server.Client;

/// <summary>The kinds of exhibits, for a reader. A kind without words here is shown by its name alone.</summary>
static class KindsInWords
{
    static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        [CaptureKinds.Chat] = "a message as received",
        [CaptureKinds.Line] = "a line as received that is no message",
        [CaptureKinds.Connection] = "what happened to a connection",
        [CaptureKinds.Gap] = "a stretch that was not heard",
        [CaptureKinds.Presence] = "who came and went",
        ["authorization"] = "what is permitted in this operation",
        ["alert.dismissed"] = "an alert was dismissed",
        ["alert.deferred"] = "an alert was put off",
        ["alert.reopened"] = "an alert was reopened",
        ["case.opened"] = "a case was opened",
        ["subject.opened"] = "a subject was opened",
        ["judgement"] = "a judgement whether accounts are one person's",
        ["grade"] = "a statement was graded",
        ["dossier.signed"] = "a dossier was signed",
        [Custos.Casework.PackPublished.ExhibitKind] = "a pack was published",
        ["log.opened"] = "the log was opened",
        ["log.recovered"] = "the log went on after its keys came from a copy",
        ["file.opened"] = "a file was taken in",
        ["file.part"] = "a part of a file that was taken in",
        ["file.closed"] = "a file was taken in whole",
        ["custody.imported"] = "a file was taken in",
        ["custody.capture-started"] = "capture began",
        ["custody.capture-ended"] = "capture ended",
        ["custody.clock"] = "a clock's offset",
        ["custody.viewed"] = "opened by a person",
        ["custody.view-ended"] = "closed again",
        ["custody.decrypted"] = "read by a program",
        ["custody.derived"] = "a derivative was made",
        ["custody.exported"] = "exported",
        ["custody.consulted"] = "shown to a person",
        ["custody.searched"] = "a person searched the words",
        ["custody.listed"] = "listed for a person",
        ["custody.verified"] = "the log was verified",
    };

    internal static string Of(VenueKind kind) => kind switch
    {
        VenueKind.ChatRoom => "chat room",
        VenueKind.SocialNetwork => "social network",
        VenueKind.CamSite => "cam site",
        VenueKind.DatingSite => "dating site",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    internal static string Of(SelectorKind kind) => kind switch
    {
        SelectorKind.Phone => "phone",
        SelectorKind.Email => "e-mail",
        SelectorKind.ServiceHandle => "service handle",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    internal static string Of(StatementBasis basis) => basis switch
    {
        StatementBasis.Volunteered => "volunteered",
        StatementBasis.Displayed => "displayed",
        StatementBasis.Found => "found",
        StatementBasis.Supplied => "supplied",
        StatementBasis.Derived => "derived",
        _ => throw new ArgumentOutOfRangeException(nameof(basis)),
    };

    internal static string Of(SelectorValidity validity) => validity switch
    {
        SelectorValidity.Checked => "checked",
        SelectorValidity.Plausible => "plausible",
        SelectorValidity.Claimed => "claimed",
        _ => throw new ArgumentOutOfRangeException(nameof(validity)),
    };

    internal static string Of(string kind) => Kinds.GetValueOrDefault(kind, kind);
}
