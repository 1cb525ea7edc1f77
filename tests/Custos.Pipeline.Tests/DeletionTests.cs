using System.Text;
using Custos.Capture.Import;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Custos.Server.Workspaces;
using Microsoft.Data.Sqlite;

namespace Custos.Pipeline.Tests;

public class DeletionTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static DeletionOrder Order(params ExhibitNumber[] exhibits) => new()
    {
        Exhibits = exhibits,
        Reason = "words of a bystander",
        Authority = new() { Ref = "ORDER-5" },
        Actor = new() { Id = "officer-7" },
        SecondPerson = new() { Id = "super-1" },
    };

    /// <summary>Three invented messages; the second holds a word that stands nowhere else.</summary>
    static async Task<ExhibitNumber> RecordedAsync(DataFolder folder, Workspace workspace)
    {
        var file = folder.Write(
            "talk.jsonl",
            Encoding.UTF8.GetBytes(string.Join('\n', (string[])
            [
                "{\"format\":\"custos-transcript/1\"}",
                .. ((string[])["good evening", "my sister keeps xylophones", "good night"]).Select((text, i) => $"{{\"venue\":\"{DataFolder.Venue}\",\"thread\":\"d1\",\"id\":\"m{i}\",\"at\":\"2026-11-08T19:0{i}:30+01:00\",\"from\":\"sol\",\"to\":\"piet\",\"text\":\"{text}\"}}"),
                "",
            ])));
        await using var room = await workspace.CreateOperationAsync(DataFolder.Lantern, DataFolder.Authorization(), new("ada"), Cancel);
        var ledger = new LogImportLedger(room.Reader, new("ada", "tests", "import"));
        (await new TranscriptImporter(room.Authorization, room.Log, room.Custody, ledger, new("ada")).ImportAsync(file, new(), false, null, Cancel)).Outcome.ShouldBe(ImportOutcome.Recorded);
        await room.SettleAsync(Cancel);
        File.Delete(file);
        return (await room.Index.SearchAsync("xylophones", 10, Cancel)).Hits.ShouldHaveSingleItem().Message.Exhibit;
    }

    static bool AnyFileHolds(DataFolder folder, string word)
    {
        SqliteConnection.ClearAllPools();
        return Directory.EnumerateFiles(folder.Data, "custos.db*").Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)) >= 0);
    }

    [Fact]
    public async Task What_is_deleted_leaves_the_index_its_search_and_its_file_and_the_originals_are_named()
    {
        using var folder = new DataFolder();
        ExhibitNumber number;
        await using (var workspace = await folder.OpenAsync())
            number = await RecordedAsync(folder, workspace);
        AnyFileHolds(folder, "xylophones").ShouldBeTrue();
        await using (var workspace = await folder.OpenAsync())
        {
            var (result, originals) = await workspace.DeleteAsync(DataFolder.Lantern, Order(number), Cancel);
            result.Done.Count.ShouldBe(1);
            await using var room = await workspace.OpenOperationAsync(DataFolder.Lantern, Cancel);
            (await room.Evidence.Reader.EntryAsync(originals.ShouldHaveSingleItem(), Cancel)).Kind.ShouldBe("file.opened");
            (await room.Index.SearchAsync("xylophones", 10, Cancel)).Hits.ShouldBeEmpty();
            (await room.Index.SearchAsync("good", 10, Cancel)).Hits.Count.ShouldBe(2);
            room.Health.Undecoded.ShouldBe(0);
            var e = await Should.ThrowAsync<EvidenceLogException>(async () => await room.OpenExhibitAsync(number, new(new() { Id = "officer-7" }, "looking"), Cancel));
            e.Message.ShouldContain($"was deleted by order {result.Order}");
        }

        AnyFileHolds(folder, "xylophones").ShouldBeFalse();
    }

    [Fact]
    public async Task A_process_that_ended_between_the_deletion_and_its_index_leaves_the_next_one_to_forget()
    {
        using var folder = new DataFolder();
        await using (var workspace = await folder.OpenAsync())
        {
            var number = await RecordedAsync(folder, workspace);
            await using var log = await OperationLog.OpenAsync(folder.Data, DataFolder.Lantern.Value, TimeProvider.System, Cancel);
            await log.DeleteAsync(Order(number), Cancel);
        }

        AnyFileHolds(folder, "xylophones").ShouldBeTrue();
        await using (var workspace = await folder.OpenAsync())
        {
            await using var room = await workspace.OpenOperationAsync(DataFolder.Lantern, Cancel);
            await room.SettleAsync(Cancel);
            (await room.Index.SearchAsync("xylophones", 10, Cancel)).Hits.ShouldBeEmpty();
        }

        AnyFileHolds(folder, "xylophones").ShouldBeFalse();
    }

    [Fact]
    public async Task The_authorisation_of_an_operation_is_not_deleted()
    {
        using var folder = new DataFolder();
        await using var workspace = await folder.OpenAsync();
        await RecordedAsync(folder, workspace);
        (await Should.ThrowAsync<ArgumentException>(async () => await workspace.DeleteAsync(DataFolder.Lantern, Order(new ExhibitNumber(1)), Cancel))).Message.ShouldContain("authorisation");
    }

    [Fact]
    public async Task An_operation_closed_with_its_key_destroyed_leaves_no_word_in_the_index_and_does_not_open()
    {
        using var folder = new DataFolder();
        await using (var workspace = await folder.OpenAsync())
        {
            await RecordedAsync(folder, workspace);
            var order = new ClosingOrder { Reason = "over", Authority = new() { Ref = "ORDER-9" }, Actor = new() { Id = "officer-7" }, SecondPerson = new() { Id = "super-1" }, DestroyKey = true };
            var closing = await workspace.CloseOperationAsync(DataFolder.Lantern, order, Cancel);
            // Said again, it answers the same.
            (await workspace.CloseOperationAsync(DataFolder.Lantern, order, Cancel)).ShouldBe(closing);
            var e = await Should.ThrowAsync<EvidenceLogException>(async () => await workspace.OpenOperationAsync(DataFolder.Lantern, Cancel));
            (e.Fault, e.Message.Contains(closing.ToString(), StringComparison.Ordinal)).ShouldBe((EvidenceFault.Closed, true));
        }

        AnyFileHolds(folder, "xylophones").ShouldBeFalse();
        AnyFileHolds(folder, "good evening").ShouldBeFalse();
    }
}
