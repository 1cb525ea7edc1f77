using System.CommandLine;
using Custos.Evidence.Pkcs11;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos keys token</c>: makes a unit key in a token, which never shows it.</summary>
static class KeysTokenCommand
{
    const string Help =
        "Make a unit key in a PKCS #11 token (AES-256, never extractable) and name it in keys/unit.pkcs11. Then 'custos keys rotate --unit' moves the operations under it.\n" +
        "The PIN is read from a file of mode 0600, or from CUSTOS_TOKEN_PIN; never from the command line.\n" +
        "Exit: 0 done; 1 could not finish: no module, no such token, wrong PIN, or a token is named already.";

    public static Command Create()
    {
        var module = new Option<string>("--module") { Description = "The file of the token maker's PKCS #11 module.", Required = true };
        var token = new Option<string>("--token") { Description = "The token's label.", Required = true };
        var pin = new Option<string?>("--pin-file") { Description = "A file that holds the PIN; without it, CUSTOS_TOKEN_PIN is read at each start." };
        var data = Workbench.Data();
        var command = new Command("token", Help) { module, token, pin, data };
        command.SetAction(parsed => Workbench.WithKeys(parsed.GetRequiredValue(data), keys =>
        {
            if (keys.ReadDevice() is not null)
                return Workbench.Fail(Workbench.CouldNotFinish, "A token is named in keys/unit.pkcs11 already. Nothing was made.");
            var settings = new Pkcs11Settings(Path.GetFullPath(parsed.GetRequiredValue(module)), parsed.GetRequiredValue(token), "")
            {
                PinFile = parsed.GetValue(pin) is { } file ? Path.GetFullPath(file) : null,
            };
            var made = Pkcs11UnitKey.Create(settings);
            keys.WriteDevice(made.ToText());
            System.Console.WriteLine($"The token '{made.Token}' holds the unit key {made.Id}. Move the operations under it: custos keys rotate --unit --reason ...");
            return Workbench.Done;
        }));
        return command;
    }
}
