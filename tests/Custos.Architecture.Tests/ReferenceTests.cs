using System.Xml.Linq;
using Custos.Fixtures;

namespace Custos.Architecture.Tests;

public class ReferenceTests
{
    const string Vocabulary = "Custos.Vocabulary";
    const string Yaml = "Custos.StrictYaml";
    const string Evidence = "Custos.Evidence";
    const string Authority = "Custos.Authority";
    const string Capture = "Custos.Capture";
    const string Detection = "Custos.Detection";
    const string Identity = "Custos.Identity";
    const string Casework = "Custos.Casework";
    const string Study = "Custos.Study";
    const string Pipeline = "Custos.Pipeline";
    const string Storage = "Custos.Storage";
    const string Console = "Custos.Console";

    // The arrows of ARCHITECTURE.md. A project may reference what stands in its row and nothing else.
    // A row "*" is a host: it may reference everything but a host (the command line starts the server).
    static readonly Dictionary<string, string[]> Allowed = new()
    {
        [Vocabulary] = [],
        [Yaml] = [],
        [Evidence] = [],
        ["Custos.Evidence.Ed25519"] = [Evidence],
        ["Custos.Evidence.Timestamps"] = [Evidence],
        ["Custos.Evidence.Postgres"] = [Evidence],
        ["Custos.Evidence.Pkcs11"] = [Evidence],
        [Authority] = [Vocabulary, Yaml],
        [Capture] = [Vocabulary, Evidence, Authority],
        [Detection] = [Vocabulary, Yaml, Evidence],
        ["Custos.Detection.Training"] = [Vocabulary, Evidence, Detection],
        [Identity] = [Vocabulary, Yaml, Evidence, Detection],
        ["Custos.Identity.Reference"] = [Vocabulary, Identity],
        [Casework] = [Vocabulary, Yaml, Evidence, Authority, Detection, Identity],
        [Study] = [Vocabulary],
        [Pipeline] = [Vocabulary, Evidence, Authority, Capture, Detection, Identity, Casework],
        [Storage] = [Vocabulary, Evidence, Authority, Capture, Detection, Identity, Casework, Study, Pipeline],
        [Console] = [Vocabulary, Evidence, Authority, Capture, Detection, Identity, Casework, Study],
        ["Custos.Verify"] = [Evidence, "Custos.Evidence.Ed25519", "Custos.Evidence.Timestamps"],
        ["Custos.Server"] = ["*"],
        ["Custos.Cli"] = ["*", "Custos.Server"],
    };

    static readonly string[] Hosts = ["Custos.Server", "Custos.Cli", "Custos.Verify"];

    // Packages arrive in guests, in Storage, in Console and in hosts; the stages are ours to the last line.
    static readonly string[] WithoutPackages = [Vocabulary, Yaml, Evidence, Authority, Capture, Detection, Identity, Casework, Study, Pipeline];

    [Fact]
    public void No_project_references_what_its_row_does_not_allow() => Violations(Projects()).ShouldBeEmpty();

    [Fact]
    public void A_forbidden_reference_is_noticed()
    {
        var projects = Projects().Append(new Project(Capture, [Evidence, Detection], [])).ToList();
        Violations(projects).ShouldContain("Custos.Capture may not reference Custos.Detection");
    }

    [Fact]
    public void A_package_in_a_stage_is_noticed() =>
        Violations([new Project(Evidence, [], ["Newtonsoft.Json"])]).ShouldContain("Custos.Evidence may not reference the package Newtonsoft.Json");

    [Fact]
    public void The_build_itself_refuses_a_transitive_reference() =>
        File.ReadAllText(Path.Combine(Checkout.Root, "Directory.Build.props")).ShouldContain("<DisableTransitiveProjectReferences>true");

    [Fact]
    public void No_project_is_an_empty_shell()
    {
        foreach (var folder in Directory.GetDirectories(Path.Combine(Checkout.Root, "src")))
        {
            Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories)
                .Any(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".razor", StringComparison.Ordinal))
                .ShouldBeTrue($"{Path.GetFileName(folder)} has nothing in it");
        }
    }

    static IEnumerable<string> Violations(IEnumerable<Project> projects)
    {
        foreach (var project in projects)
        {
            if (!Allowed.TryGetValue(project.Name, out var allowed))
            {
                yield return $"{project.Name} has no row in the table of arrows";
                continue;
            }

            foreach (var reference in project.References)
            {
                var may = allowed.Contains(reference) || (allowed.Contains("*") && !Hosts.Contains(reference));
                if (!may)
                    yield return $"{project.Name} may not reference {reference}";
            }

            if (WithoutPackages.Contains(project.Name))
            {
                foreach (var package in project.Packages)
                    yield return $"{project.Name} may not reference the package {package}";
            }
        }
    }

    static IEnumerable<Project> Projects() =>
        Directory.GetFiles(Path.Combine(Checkout.Root, "src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path =>
        {
            var xml = XDocument.Load(path);
            return new Project(
                Path.GetFileNameWithoutExtension(path),
                [.. xml.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))],
                [.. xml.Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value)]);
        });

    sealed record Project(string Name, string[] References, string[] Packages);
}
