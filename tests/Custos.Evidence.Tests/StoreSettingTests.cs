namespace Custos.Evidence.Tests;

/// <summary>Where an operation's log is kept, if not in its own folder.</summary>
public sealed class StoreSettingTests : IDisposable
{
    readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Operation(string? text = null)
    {
        Directory.CreateDirectory(_folder.Operation);
        if (text is not null)
            File.WriteAllText(Path.Combine(_folder.Operation, "store"), text);
        return _folder.Operation;
    }

    [Fact]
    public void A_setting_is_written_once_read_back_and_never_changed()
    {
        StoreSetting.Read(_folder.Operation).ShouldBeNull();
        var setting = StoreSetting.Parse(Machine.Origin, "postgres: Host=db.example;Database=custos ");
        setting.ShouldBe(new StoreSetting(Machine.Origin, "postgres", "Host=db.example;Database=custos"));
        setting.Write(_folder.Operation);
        var path = Path.Combine(_folder.Operation, "store");
        File.ReadAllText(path).ShouldBe($"custos/store/v1\n{Machine.Origin}\npostgres Host=db.example;Database=custos\n");
        StoreSetting.Read(_folder.Operation).ShouldBe(setting);
        setting.Write(_folder.Operation);
        Should.Throw<IOException>(() => (setting with { Address = "Host=other.example" }).Write(_folder.Operation)).Message.ShouldContain("kept elsewhere already");
        StoreSetting.Read(_folder.Operation).ShouldBe(setting);
        LogStores.IsOperation(_folder.Operation).ShouldBeTrue();
    }

    [Fact]
    public void An_operation_that_has_a_log_keeps_its_store()
    {
        Directory.CreateDirectory(Path.Combine(Operation(), "log"));
        Should.Throw<IOException>(() => new StoreSetting(Machine.Origin, "postgres", "Host=db.example").Write(_folder.Operation)).Message.ShouldContain("There is a log in");
        File.Exists(Path.Combine(_folder.Operation, "store")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("custos/store/v2\nunit.example/custos/op-lantern\npostgres Host=a\n")]
    [InlineData("custos/store/v1\nunit.example/custos/op lantern\npostgres Host=a\n")]
    [InlineData("custos/store/v1\nunit.example/custos/op-lantern\npostgres\n")]
    [InlineData("custos/store/v1\nunit.example/custos/op-lantern\n Host=a\n")]
    [InlineData("custos/store/v1\nunit.example/custos/op-lantern\npostgres Host=a")]
    [InlineData("custos/store/v1\nunit.example/custos/op-lantern\npostgres Host=a\nmore")]
    [InlineData("custos/store/v1\nunit.example/custos/op-lantern\npostgres Host=a\n\n")]
    public void A_malformed_setting_is_an_error_and_not_a_log_in_the_folder(string text)
    {
        var operation = Operation(text);
        Should.Throw<FormatException>(() => StoreSetting.Read(operation)).Message.ShouldContain(Path.Combine(operation, "store"));
        Should.Throw<FormatException>(() => LogStores.At(operation));
        Should.Throw<FormatException>(() => LogStores.Of(_folder.Path, "op-lantern"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("postgres")]
    [InlineData("postgres:")]
    [InlineData(":Host=a")]
    [InlineData("Postgres:Host=a")]
    [InlineData("post gres:Host=a")]
    [InlineData("postgres:Host=a\nHost=b")]
    [InlineData("postgres:Host=a\r")]
    public void A_store_is_named_by_its_kind_and_its_address(string text) =>
        Should.Throw<FormatException>(() => StoreSetting.Parse(Machine.Origin, text)).Message.ShouldContain("by its kind and its address");

    [Fact]
    public async Task A_log_is_opened_where_its_setting_says_and_a_kind_that_nobody_reaches_is_an_error()
    {
        Operation($"custos/store/v1\n{Machine.Origin}\nshelf third from below\n");
        Should.Throw<FormatException>(() => LogStores.At(_folder.Operation)).Message.ShouldContain("of the kind 'shelf', which this program does not reach");
        await using var shelf = new DirectoryLogStore("/data/shelf", new MemoryDisk(), helpers: 0);
        LogStores.Register(setting => setting is { Kind: "shelf", Address: "third from below", Origin: Machine.Origin } ? shelf : null);
        LogStores.At(_folder.Operation).ShouldBe(shelf);
        LogStores.Of(_folder.Path, "op-lantern").ShouldBe(shelf);
        LogStores.At(_folder.Path).ShouldBeNull();
        LogStores.Of(_folder.Path, "op-other").Place.ShouldBe(Path.Combine(_folder.Path, "operations", "op-other"));
        Should.Throw<FormatException>(() => LogStores.Reach(new(Machine.Origin, "shelf", "another")));
    }
}
