using System.Globalization;
using Custos.Authority;
using Custos.Evidence;
using Custos.Vocabulary;

namespace Custos.Capture.Import;

/// <summary>The whole file looked through before anything is recorded: its hash, its places and times, and whether they are permitted.</summary>
sealed class FileSurvey
{
    readonly Dictionary<string, long> _venues = new(StringComparer.Ordinal);
    long _outside;

    internal ReadingReport Report { get; } = new();

    internal Sha256Digest Sha256 { get; private set; }

    internal HashSet<UInt128> Suspects { get; private set; } = [];

    /// <summary>The longest recorded file that this one begins with, byte for byte.</summary>
    internal EarlierImport? Grown { get; private set; }

    internal static FileSurvey Of(TranscriptFile file, Authorization authorization, int longest, IReadOnlyList<EarlierImport> shorter, Action<long, long> progress, CancellationToken cancellation)
    {
        var survey = new FileSurvey();
        var repeats = new RepeatSurvey(file.Size ?? 0);
        var window = Scope.WindowOf(authorization, Act.Import);
        using var stream = new HashedStream(file.OpenAgain(), [.. shorter.Select(import => import.File.Size)]);
        var pass = file.NewPass(stream, null, longest, null, survey.Report);
        while (pass.Next())
        {
            cancellation.ThrowIfCancellationRequested();
            var message = pass.Message;
            if (file.Kind!.HasIds)
                repeats.Add(message);
            var venue = message.Venue.Value;
            survey._venues[venue] = survey._venues.GetValueOrDefault(venue) + 1;
            if (message.At is { } at && !Inside(at, window, file.Zone))
                survey._outside++;
            if ((survey.Report.Messages & 0xFFF) == 0)
                progress(survey.Report.Bytes, survey.Report.Messages);
        }

        survey.Sha256 = stream.Finish(cancellation);
        survey.Suspects = repeats.Suspects;
        for (var i = 0; i < stream.AtPlaces.Count; i++)
        {
            if (shorter[i].File.Sha256 == stream.AtPlaces[i].ToString())
                survey.Grown = shorter[i];
        }

        return survey;
    }

    // An hour that happens twice is inside only if both are: what is not shown to be inside is not permitted.
    static bool Inside(SpokenAt at, Window window, SourceZone? zone) =>
        at.Instant is { } instant ? window.Holds(instant)
        : zone is null || zone.Candidates(at.Local).All(window.Holds);

    /// <summary>The choices that are still to be made.</summary>
    internal void CheckChoices(TranscriptFile file, bool allowUndated)
    {
        if (Report.WithoutDay > 0)
        {
            throw new ImportException(ImportFault.Day, string.Create(CultureInfo.InvariantCulture,
                $"'{file.Name}' has {Report.WithoutDay:N0} messages with a time and no date. Nothing was recorded. Give the day of its first line with --date 2026-11-25."));
        }

        if (Report.WithoutZone > 0)
        {
            throw new ImportException(ImportFault.Zone, string.Create(CultureInfo.InvariantCulture,
                $"'{file.Name}' has {Report.WithoutZone:N0} messages whose time says no zone. Nothing was recorded. Give the zone of the machine that wrote it with --zone, as in --zone Europe/Amsterdam or --zone UTC."));
        }

        if (Report.WithoutTime > 0 && !allowUndated)
        {
            throw new ImportException(ImportFault.Undated, string.Create(CultureInfo.InvariantCulture,
                $"'{file.Name}' has {Report.WithoutTime:N0} messages without a time, which cannot be shown to be inside the authorisation's window. Nothing was recorded. If the unit answers for when they were said, import with --allow-undated; the custody event then says so."));
        }
    }

    /// <summary>The clauses that are missing for this file.</summary>
    internal IReadOnlyList<MissingClause> CheckScope(TranscriptFile file, Authorization authorization)
    {
        var missing = new List<MissingClause>();
        foreach (var (venue, count) in _venues.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (venue.StartsWith("file:", StringComparison.Ordinal) && file.Context.Options.Venue is null)
            {
                throw new ImportException(ImportFault.Venue,
                    $"'{file.Name}' does not say where its messages were said. Nothing was recorded. Name the place with --venue; operation '{authorization.Operation}' names {string.Join(", ", authorization.Venues.Select(named => $"'{named.Id}'"))}.");
            }

            if (Scope.CheckVenue(authorization, new(venue)) is { } clause)
                missing.Add(clause with { Sentence = string.Create(CultureInfo.InvariantCulture, $"{clause.Sentence} {count:N0} of the file's {Report.Messages:N0} messages were said there.") });
        }

        if (_outside > 0)
            missing.Add(Scope.OutsideWindow(authorization, Act.Import, string.Create(CultureInfo.InvariantCulture, $"does not cover {_outside:N0} of the file's {Report.Messages:N0} messages")));
        return missing;
    }
}
