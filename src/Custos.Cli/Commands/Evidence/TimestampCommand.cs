using System.CommandLine;
using Custos.Evidence.Timestamps;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos timestamp</c>: the time-stamping authorities of a data folder (RFC 3161).</summary>
static class TimestampCommand
{
    internal static Command Create() => new("timestamp", "The time-stamping authorities that stamp the logs of a data folder (RFC 3161).") { Add(), List() };

    static Command Add()
    {
        var name = new Argument<string>("NAME") { Description = "A name of your own: 1 to 32 of a-z, 0-9 and '-'." };
        var url = new Argument<string>("URL") { Description = "Where the authority is asked." };
        var roots = new Option<string>("--roots") { Description = "Its root certificates, PEM, from a source that you trust.", Required = true };
        var qualified = new Option<bool>("--qualified") { Description = "The unit declares it a qualified trust service (eIDAS, Article 41)." };
        var policy = new Option<string?>("--policy") { Description = "The policy to ask for, an OID; without it the authority's own." };
        var data = Workbench.Data();
        var command = new Command("add", "Add an authority. Logs opened from now on are stamped by it once a minute with new exhibits, and at closing. Exit: 0 done, 1 could not write, 2 not valid.") { name, url, roots, qualified, policy, data };
        command.SetAction(parsed => Try(() =>
        {
            if (!Uri.TryCreate(parsed.GetRequiredValue(url), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                throw new FormatException($"'{parsed.GetRequiredValue(url)}' is no http or https address. Nothing was changed.");
            TimestampSettings.Add(parsed.GetRequiredValue(data), new(parsed.GetRequiredValue(name), address, parsed.GetValue(qualified), parsed.GetValue(policy)), parsed.GetRequiredValue(roots));
            System.Console.WriteLine($"'{parsed.GetRequiredValue(name)}' stamps the logs that are opened from now on. Try it with 'custos log anchor NAME'.");
        }));
        return command;
    }

    static Command List()
    {
        var data = Workbench.Data();
        var command = new Command("list", "List the authorities. Exit: 0 done, 1 could not read, 2 the list is malformed.") { data };
        command.SetAction(parsed => Try(() =>
        {
            var authorities = TimestampSettings.Read(parsed.GetRequiredValue(data));
            if (authorities.Count == 0)
                System.Console.WriteLine("No authority is set up. Add one with 'custos timestamp add NAME URL --roots FILE'.");
            foreach (var authority in authorities)
                System.Console.WriteLine($"{authority.Name}  {authority.Address}{(authority.IsQualified ? "  qualified" : "")}{(authority.Policy is { } oid ? $"  policy {oid}" : "")}");
        }));
        return command;
    }

    static int Try(Action act)
    {
        try
        {
            act();
            return Workbench.Done;
        }
        catch (FormatException e)
        {
            return Workbench.Fail(Workbench.Usage, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Workbench.Fail(Workbench.CouldNotFinish, e.Message);
        }
    }
}
