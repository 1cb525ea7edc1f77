#pragma warning disable CA1416 // the token and its library are looked for where Debian puts them
using System.Diagnostics;
using System.Security.Cryptography;
using Custos.Evidence.Ed25519;
using Custos.Evidence.Pkcs11;

namespace Custos.Evidence.Tests;

/// <summary>A real SoftHSM2 module with tokens in a folder of the test's own.</summary>
public sealed class SoftToken : IDisposable
{
    public const string Pin = "246810";

    readonly string _folder = Directory.CreateTempSubdirectory("custos-token-").FullName;

    public static string? Module { get; } = new[] { "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so" }.FirstOrDefault(File.Exists);

    public SoftToken()
    {
        if (Module is null)
            return;
        Directory.CreateDirectory(Path.Combine(_folder, "tokens"));
        var configuration = Path.Combine(_folder, "softhsm2.conf");
        File.WriteAllText(configuration, $"directories.tokendir = {_folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
        // Read by the module when it is first loaded into this process: through the C library, where .NET's own copy of the variables does not reach.
        SetEnvironment("SOFTHSM2_CONF", configuration, 1).ShouldBe(0);
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", configuration);
        // Once a session of a process is logged in, its token asks no more: a wrong PIN is told by a token of its own.
        foreach (var label in (string[])["custos-unit", "custos-asked"])
            Util("--init-token", "--free", "--label", label, "--so-pin", "13579", "--pin", Pin);
    }

    public Pkcs11Settings Settings(string pin = Pin, string token = "custos-unit", string id = "")
    {
        var file = Path.Combine(_folder, $"pin-{pin}");
        File.WriteAllText(file, pin + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new(Module!, token, id) { PinFile = file };
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static void Util(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("softhsm2-util", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, process.StandardError.ReadToEnd());
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "setenv", CharSet = System.Runtime.InteropServices.CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    static extern int SetEnvironment(string name, string value, int overwrite);
}

public class TokenTests(SoftToken token) : IClassFixture<SoftToken>
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static void NeedModule()
    {
        const string Missing = "SoftHSM2 is not installed: apt-get install softhsm2";
        if (SoftToken.Module is null && Environment.GetEnvironmentVariable("CUSTOS_INTEROP") == "required")
            Assert.Fail(Missing);
        Assert.SkipWhen(SoftToken.Module is null, Missing);
    }

    [Fact]
    public void A_token_wraps_a_key_that_opens_only_there_and_only_for_its_purpose()
    {
        NeedModule();
        var settings = Pkcs11UnitKey.Create(token.Settings());
        using var unit = Pkcs11UnitKey.Open(settings);
        unit.Id.ShouldBe(settings.Id);
        var key = RandomNumberGenerator.GetBytes(32);
        var wrapped = unit.Wrap(key, "purpose"u8);
        wrapped.Length.ShouldBe(60);
        unit.Wrap(key, "purpose"u8).ShouldNotBe(wrapped);
        var opened = new byte[32];
        unit.TryUnwrap(wrapped, "purpose"u8, opened).ShouldBeTrue();
        opened.ShouldBe(key);
        unit.TryUnwrap(wrapped, "another"u8, opened).ShouldBeFalse();
        unit.TryUnwrap(wrapped.AsSpan(1), "purpose"u8, opened).ShouldBeFalse();
        wrapped[20] ^= 1;
        unit.TryUnwrap(wrapped, "purpose"u8, opened).ShouldBeFalse();
        using var other = Pkcs11UnitKey.Open(Pkcs11UnitKey.Create(token.Settings()));
        wrapped[20] ^= 1;
        other.TryUnwrap(wrapped, "purpose"u8, opened).ShouldBeFalse();
    }

    [Fact]
    public void What_is_missing_is_said_and_the_PIN_never()
    {
        NeedModule();
        var whole = Pkcs11UnitKey.Create(token.Settings(token: "custos-asked"));
        foreach (var (settings, says) in ((Pkcs11Settings, string)[])
            [
                (whole with { Module = "/nowhere/module.so" }, "there is no module '/nowhere/module.so'"),
                (whole with { Module = "/usr/bin/env" }, "cannot be loaded as a PKCS #11 module"),
                (whole with { Token = "another" }, "no token 'another' is present"),
                (whole with { Id = "01020304" }, "no AES key with the id 01020304"),
                (whole with { PinFile = "/nowhere/pin" }, "cannot be read"),
                (whole with { PinFile = null }, "there is no PIN"),
                (token.Settings(pin: "975310", token: "custos-asked") with { Id = whole.Id }, "is wrong"),
            ])
        {
            var e = Should.Throw<EvidenceLogException>(() => Pkcs11UnitKey.Open(settings).Dispose(), says);
            e.Fault.ShouldBe(EvidenceFault.KeyDevice);
            e.Message.ShouldContain(says);
            e.ToString().ShouldNotContain("975310");
            e.ToString().ShouldNotContain(SoftToken.Pin);
        }

        File.SetUnixFileMode(whole.PinFile!, (UnixFileMode)0b110_100_100);
        Should.Throw<EvidenceLogException>(() => Pkcs11UnitKey.Open(whole).Dispose()).Message.ShouldContain("chmod 600");
        File.SetUnixFileMode(whole.PinFile!, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task An_operation_moves_from_a_file_into_a_token_and_the_file_is_removed()
    {
        NeedModule();
        using var folder = new Folder();
        await using (var log = await folder.OpenAsync())
            await log.AppendAsync(Folder.Chats(300), Stop);
        var keys = KeyFolder.Open(Path.Combine(folder.Path, "keys"), create: false);
        var settings = Pkcs11UnitKey.Create(token.Settings());
        keys.WriteDevice(settings.ToText());
        Pkcs11Settings.Parse(keys.ReadDevice()!, "unit.pkcs11").ShouldBe(settings);
        UnitKeys.Device = null;
        (await Should.ThrowAsync<EvidenceLogException>(async () => await folder.OpenAsync())).Message.ShouldContain("cannot reach one");
        UnitKeys.Device = (text, path) => Pkcs11UnitKey.Open(Pkcs11Settings.Parse(text, path));
        try
        {
            await using (var log = await folder.OpenAsync())
            {
                var device = UnitKeys.Open(keys, create: false);
                UnitKeys.RetireFile(keys, device).ShouldBe(["op-lantern"]);
                (await log.RotateKeyAsync(new(new() { Id = "officer-7" }, "into the token") { Under = device }, Stop)).UnitKey.ShouldBe(settings.Id);
                UnitKeys.RetireFile(keys, device).ShouldBeEmpty();
            }

            File.Exists(Path.Combine(folder.Path, "keys", "unit.key")).ShouldBeFalse();
            await using (var log = await folder.OpenAsync())
                await log.AppendAsync(Folder.Chats(300), Stop);
            var found = await LogFolder.Find(folder.Path, "op-lantern")[0].VerifyAsync(null, Path.Combine(folder.Path, "keys"), otherEntries: false, TimeProvider.System, cancellation: Stop);
            found.Discrepancies.ShouldBeEmpty();
            found.Opened.ShouldBe(found.Entries);
        }
        finally
        {
            UnitKeys.Device = null;
        }
    }

    /// <summary>A device for what is around it: its keys are a file's, under an id of its own.</summary>
    sealed class Device(FileUnitKey key) : IUnitKey
    {
        public string Id => "feedbeef";

        public byte[] Wrap(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> additional) => key.Wrap(bytes, additional);

        public bool TryUnwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> additional, Span<byte> bytes) => key.TryUnwrap(wrapped, additional, bytes);

        public IUnitKey? Named(string id) => id == Id ? this : null;
    }

    [Fact]
    public void While_a_token_stands_beside_the_file_it_wraps_and_both_open()
    {
        var disk = new MemoryDisk();
        disk.CreateDirectory("/data", false);
        var (keys, others) = (KeyFolder.Open("/data/keys", create: true, disk), KeyFolder.Open("/data/others", create: true, disk));
        var file = FileUnitKey.Open(keys, create: true);
        var device = new Device(FileUnitKey.Open(others, create: true));
        keys.WriteDevice("a token\n");
        UnitKeys.Device = null;
        var unreachable = Should.Throw<EvidenceLogException>(() => UnitKeys.Open(keys, create: false));
        (unreachable.Fault, unreachable.Message.Contains(keys.DevicePath, StringComparison.Ordinal)).ShouldBe((EvidenceFault.KeyDevice, true));
        UnitKeys.Device = (text, path) => (text, path) == ("a token\n", keys.DevicePath) ? device : throw new InvalidOperationException(text);
        try
        {
            var both = UnitKeys.Open(keys, create: false);
            both.Id.ShouldBe(device.Id);
            both.Named(device.Id).ShouldBe(device);
            both.Named("00000000").ShouldBeNull();
            var (key, opened) = (RandomNumberGenerator.GetBytes(32), new byte[32]);
            both.TryUnwrap(device.Wrap(key, "p"u8), "p"u8, opened).ShouldBeTrue();
            opened.ShouldBe(key);
            device.TryUnwrap(both.Wrap(key, "p"u8), "p"u8, opened).ShouldBeTrue();
            both.TryUnwrap(file.Wrap(key, "p"u8), "p"u8, opened).ShouldBeFalse();
            both.Named(file.Id)!.TryUnwrap(file.Wrap(key, "p"u8), "p"u8, opened).ShouldBeTrue();

            // The file stays as long as an operation is under it.
            disk.Replace("/data/keys/op-lantern.head", "a mark"u8, secret: true);
            KeyRing.Create(keys, Machine.Origin, file);
            UnitKeys.RetireFile(keys, device).ShouldBe(["op-lantern"]);
            disk.FileExists(keys.UnitKeyPath).ShouldBeTrue();
            disk.DeleteFile("/data/keys/op-lantern.key");
            KeyRing.Create(keys, Machine.Origin, device);
            keys.UnitKeyIds().ShouldHaveSingleItem().Ids.ShouldBe([device.Id]);
            UnitKeys.RetireFile(keys, device).ShouldBeEmpty();
            disk.FileExists(keys.UnitKeyPath).ShouldBeFalse();
            disk.Journal[^2..].ShouldBe(["unlink " + keys.UnitKeyPath, "fsync-dir /data/keys"]);
            UnitKeys.Open(keys, create: true).ShouldBe(device);
            UnitKeys.RetireFile(keys, device).ShouldBeEmpty();
        }
        finally
        {
            UnitKeys.Device = null;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("custos/unitkey-pkcs11/v2\nmodule a\ntoken b\nid 01020304\n")]
    [InlineData("custos/unitkey-pkcs11/v1\nmodule a\ntoken b\n")]
    [InlineData("custos/unitkey-pkcs11/v1\nmodule a\ntoken b\nid 0102030G\n")]
    [InlineData("custos/unitkey-pkcs11/v1\nmodule a\ntoken b\nid 01020304\npin 1234\n")]
    public void Settings_that_do_not_name_a_token_are_refused(string text) =>
        Should.Throw<EvidenceLogException>(() => Pkcs11Settings.Parse(text, "unit.pkcs11")).Fault.ShouldBe(EvidenceFault.KeyDevice);
}
