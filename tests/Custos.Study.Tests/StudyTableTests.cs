using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Custos.Vocabulary;

namespace Custos.Study.Tests;

public class StudyTableTests
{
    static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly VenueKey First = new("V-01", VenueKind.ChatRoom);
    static readonly VenueKey Second = new("V-02", VenueKind.DatingSite);

    [Fact]
    public void Two_sessions_in_one_room_are_one_venue_hour_and_two_operator_hours()
    {
        var exposure = ExposureTable.Of([Heard(First, "a", 0, 60), Heard(First, "b", 0, 60)], []);
        exposure.VenueHours.ShouldBe(1);
        exposure.OperatorHours.ShouldBe(2);
    }

    [Fact]
    public void A_gap_in_one_of_two_sessions_takes_an_operator_hour_and_no_venue_hour()
    {
        var exposure = ExposureTable.Of([Heard(First, "a", 0, 60), Heard(First, "b", 0, 60)], [new(First, "a", At(0), At(30))]);
        exposure.VenueHours.ShouldBe(1);
        exposure.OperatorHours.ShouldBe(1.5);
    }

    [Fact]
    public void A_gap_of_every_session_is_not_listened()
    {
        var exposure = ExposureTable.Of([Heard(First, "a", 0, 60), Heard(First, "a", 50, 120)], [new(First, "a", At(10), At(40)), new(First, "a", At(30), At(70))]);
        exposure.Of(First)!.Heard.ShouldBe(TimeSpan.FromMinutes(60));
    }

    [Fact]
    public void A_session_that_ends_before_it_begins_is_refused() =>
        Should.Throw<ArgumentException>(() => ExposureTable.Of([Heard(First, "a", 60, 0)], []));

    [Fact]
    public void A_count_without_exposure_is_refused_and_named()
    {
        var table = Table([Account(1, First, alerts: 212, confirmed: 3)]);
        table.Venues.Single().Rate.Value.ShouldBeNull();
        table.Venues.Single().Rate.RefusedBecause.ShouldNotBeNull();
        table.LeftOut.ShouldBe(["Venue V-01 has 212 alerts and no exposure. Its rates are left out: a rate needs hours listened, which custos watch records."]);
    }

    [Fact]
    public void An_hour_not_heard_is_not_a_zero()
    {
        var table = Table([], [Heard(First, "a", 0, 60)]);
        table.Venues.Single().Rate.Value.ShouldBe(0);
        table.Venues.ShouldNotContain(row => row.Venue == Second);
    }

    [Fact]
    public void A_rate_has_an_exact_Poisson_interval_per_hour_listened()
    {
        var table = Table([Account(1, First, alerts: 7, confirmed: 7)], [Heard(First, "a", 0, 120)]);
        var rate = table.Venues.Single().Rate;
        rate.Value.ShouldBe(3.5);
        rate.Interval!.Value.Lower.ShouldBe(2.814363051519863 / 2, 1e-10);
        rate.Interval!.Value.Upper.ShouldBe(14.422675361702378 / 2, 1e-10);
    }

    [Fact]
    public void A_throwaway_name_never_raises_the_lower_bound()
    {
        StudyAccount[] anchored = [Account(1, First, person: 1), Account(2, First, person: 1), Account(3, First, person: 2)];
        var without = PeopleCount.Of(anchored);
        var with = PeopleCount.Of([.. anchored, Account(4, First, anchored: false), Account(5, Second, anchored: false)]);
        (without.Lower, without.Upper).ShouldBe((2, 2));
        (with.Accounts, with.Lower, with.Upper).ShouldBe((5, 2, 4));
        with.Audited.ShouldBeFalse();
    }

    [Fact]
    public void The_lower_bound_is_the_permissive_view_and_the_upper_the_strict_one()
    {
        var people = PeopleCount.Of([Account(1, First, person: 1) with { Permissive = new(9) }, Account(2, First, person: 2) with { Permissive = new(9) }]);
        (people.Lower, people.Upper).ShouldBe((1, 2));
        Should.Throw<ArgumentException>(() => PeopleCount.Of([Account(1, First, person: 1) with { Permissive = new(8) }, Account(2, First, person: 1) with { Permissive = new(9) }]));
    }

    [Fact]
    public void An_account_seen_in_two_venues_is_one_account() => PeopleCount.Of([Account(1, First), Account(1, Second)]).Accounts.ShouldBe(1);

    [Fact]
    public void The_share_identified_runs_from_the_lower_limit_at_the_upper_bound_to_the_upper_limit_at_the_lower_bound()
    {
        var people = new PeopleCount(25_000, 15_000, 10_000, 20_000, 1_000, 1_000, false);
        people.ShareIdentified!.Value.Lower.ShouldBe(Wilson.Of(1_000, 20_000).Lower);
        people.ShareIdentified!.Value.Upper.ShouldBe(Wilson.Of(1_000, 10_000).Upper);
        new PeopleCount(20_172, 20_172, 20_172, 20_172, 1_000, 1_000, false).ShareIdentified.ShouldBe(Wilson.Of(1_000, 20_172));
        new PeopleCount(0, 0, 0, 0, 0, 0, false).ShareIdentified.ShouldBeNull();
    }

    [Fact]
    public void Bounds_never_cross_and_a_share_is_a_share() => Gen.Select(Gen.Int[0, 40], Gen.Bool, Gen.Int[0, 20], Gen.Bool).Array[0, 40].Sample(
        rows =>
        {
            var people = PeopleCount.Of([.. rows.Select(row => Account(row.Item1, First, anchored: row.Item2, person: row.Item3) with { Permissive = new((UInt128)(row.Item3 / 3)), Identified = row.Item4 && row.Item2 })
                .GroupBy(row => row.Account).Select(group => group.First())]);
            return people.Lower <= people.Upper && people.Upper <= people.Accounts
                && (people.ShareIdentified is not { } share || (share.Lower >= 0 && share.Lower <= share.Upper && share.Upper <= 1));
        },
        iter: 2_000, seed: "0000KZ5e8Wy2");

    [Fact]
    public void Unreviewed_alerts_are_not_in_the_headline_and_dismissed_ones_nowhere()
    {
        var table = Table([Account(1, First, alerts: 1, confirmed: 1), Account(2, First, alerts: 2), Account(3, First, alerts: 1) with { Dismissed = 1 }], [Heard(First, "a", 0, 60)]);
        table.Confirmed.Accounts.ShouldBe(1);
        table.Unreviewed.Accounts.ShouldBe(1);
        table.Venues.Single().Rate.Value.ShouldBe(1);
        table.Venues.Single().RateUnreviewed.Value.ShouldBe(2);
    }

    [Fact]
    public void Claimed_and_inferred_countries_share_no_column_and_each_adds_up_to_the_people()
    {
        var table = Table(
        [
            Account(1, First, person: 1, confirmed: 1) with { ClaimedCountries = ["NL"], InferredCountries = ["PL"] },
            Account(2, First, person: 1, confirmed: 1) with { ClaimedCountries = ["DE"] },
            Account(3, First, person: 2, confirmed: 1),
            Account(4, First, anchored: false, confirmed: 1) with { ClaimedCountries = ["NL"] },
        ]);
        table.Claimed.Select(row => (row.Country, row.People)).ShouldBe([("NL", 1L), ("conflicting", 1L), ("unknown", 1L)]);
        table.Inferred.Select(row => (row.Country, row.People)).ShouldBe([("PL", 1L), ("unknown", 2L)]);
        table.Claimed.Sum(row => row.People).ShouldBe(table.Confirmed.Upper);
        table.Inferred.Sum(row => row.People).ShouldBe(table.Confirmed.Upper);
    }

    [Fact]
    public void Shuffled_rows_give_the_same_bytes()
    {
        var rows = Enumerable.Range(0, 30).Select(i => Account(i, i % 3 == 0 ? First : Second, anchored: i % 4 != 0, person: i / 2, alerts: 1 + (i % 3), confirmed: i % 2) with { ClaimedCountries = i % 5 == 0 ? ["NL"] : [] }).ToArray();
        var expected = StudyWriter.Json(Table(rows, [Heard(First, "a", 0, 90)]));
        var csv = StudyWriter.Csv(Table(rows, [Heard(First, "a", 0, 90)]));
        Gen.Shuffle(rows).Sample(
            shuffled => StudyWriter.Json(Table(shuffled, [Heard(First, "a", 0, 90)])).AsSpan().SequenceEqual(expected) && StudyWriter.Csv(Table(shuffled, [Heard(First, "a", 0, 90)])) == csv,
            iter: 200, seed: "0000KZ5e8Wy2");
    }

    [Fact]
    public void A_culture_enters_no_number()
    {
        var before = CultureInfo.CurrentCulture;
        var table = Table([Account(1, First, alerts: 1_500, confirmed: 1_500)], [Heard(First, "a", 0, 90)]);
        var expected = StudyWriter.Text(table) + StudyWriter.Csv(table);
        try
        {
            var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            other.NumberFormat.NumberDecimalSeparator = ",";
            other.NumberFormat.NumberGroupSeparator = ".";
            CultureInfo.CurrentCulture = other;
            (StudyWriter.Text(table) + StudyWriter.Csv(table)).ShouldBe(expected);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task A_source_is_read_into_the_three_forms()
    {
        var table = await StudyTable.OfAsync(new Source(), TestContext.Current.CancellationToken);
        var text = StudyWriter.Text(table);
        text.ShouldContain("Operation lantern, checkpoint 42, root cm9vdA==");
        text.ShouldContain("Listened: 1.00 venue-hours, 1.00 operator-hours in 1 venues");
        text.ShouldContain("unaudited");
        using var json = JsonDocument.Parse(StudyWriter.Json(table));
        json.RootElement.GetProperty("confirmed").GetProperty("peopleUpper").GetInt64().ShouldBe(1);
        json.RootElement.GetProperty("venues")[0].GetProperty("rate").GetProperty("value").GetDouble().ShouldBe(1);
        var lines = StudyWriter.Csv(table).Split('\n');
        lines[0].ShouldBe("measure,group,value,lower,upper,form,refused");
        lines.ShouldContain(line => line.StartsWith("rate,V-01,1,", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_operation_gives_an_empty_table_not_an_error()
    {
        var table = Table([]);
        table.Confirmed.Accounts.ShouldBe(0);
        StudyWriter.Text(table).ShouldContain("nobody counted");
        Encoding.UTF8.GetString(StudyWriter.Json(table)).ShouldNotContain("NaN");
    }

    [Fact]
    public async Task Content_that_was_deleted_by_order_is_named_in_every_form_and_leaves_nothing_out_by_itself()
    {
        var table = await StudyTable.OfAsync(new Source(), TestContext.Current.CancellationToken);
        table.LeftOut.ShouldBeEmpty();
        StudyWriter.Text(table).ShouldContain("\nDeleted by order EX-00000040 of 2026-11-29: 1 exhibit. What rested only on those is in none of these counts.\nDeleted by order EX-00000041 of 2026-11-29: 118 exhibits.");
        StudyWriter.Csv(table).ShouldContain("\nexhibits deleted by order,EX-00000041,118,");
        Encoding.UTF8.GetString(StudyWriter.Json(table)).ShouldContain("\"order\": \"EX-00000041\",\n      \"day\": \"2026-11-29\",\n      \"exhibits\": 118");
        StudyWriter.Text(Table([])).ShouldNotContain("Deleted");
    }

    static StudyTable Table(IReadOnlyList<StudyAccount> rows, IReadOnlyList<ListeningSession>? sessions = null) =>
        StudyTable.Of("lantern", 42, "cm9vdA==", ExposureTable.Of(sessions ?? [], []), rows);

    static DateTimeOffset At(int minutes) => Start.AddMinutes(minutes);

    static ListeningSession Heard(VenueKey venue, string session, int from, int until) => new(venue, session, At(from), At(until));

    static StudyAccount Account(int account, VenueKey venue, bool anchored = true, int person = 0, int alerts = 1, int confirmed = 0) => new(
        new((UInt128)account), venue, anchored, new((UInt128)(1_000 + person)), new((UInt128)(1_000 + person)), Math.Max(alerts, confirmed), confirmed, 0, false, [], []);

    sealed class Source : IStudySource
    {
        public string Operation => "lantern";

        public long TreeSize => 42;

        public string RootHash => "cm9vdA==";

        public async IAsyncEnumerable<StudyAccount> AccountsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.Yield();
            yield return Account(1, First, confirmed: 1);
        }

        public async IAsyncEnumerable<ListeningSession> SessionsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.Yield();
            yield return Heard(First, "a", 0, 90);
        }

        public async IAsyncEnumerable<StudyDeletion> DeletionsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.Yield();
            yield return new("EX-00000040", new(2026, 11, 29), 1);
            yield return new("EX-00000041", new(2026, 11, 29), 118);
        }

        public async IAsyncEnumerable<ListeningGap> GapsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.Yield();
            yield return new(First, "a", At(0), At(30));
        }
    }
}
