using System.Text;

namespace Custos.Detection.Tests;

/// <summary>A small pack in a folder of its own, removed at the end.</summary>
sealed class PackFolder : IDisposable
{
    internal PackFolder()
    {
        Path = Directory.CreateTempSubdirectory("custos-pack-").FullName;
        Write("pack.yaml", "pack-format: 1\nchild-age-below: 18\n");
        Write("services.yaml", "pack-format: 1\nservices: {skype: [skype]}\npayment-channels: {paypal: [paypal]}\n");
        Write("currencies.yaml", "pack-format: 1\ncurrencies: {USD: [\"$\", dollars]}\n");
        Write("emoji.yaml", "pack-format: 1\nlists: {emoji-camera: [\"\\U0001F4F7\"]}\n");
        Write("contexts.yaml", "pack-format: 1\ncontexts:\n" + string.Concat(RuleLanguage.WordContexts.Select(name => $"  {name}: {{effect: drop, terms: []}}\n")));
        Write("en/camera.yaml", Camera);
    }

    internal const string Camera = """
        pack-format: 1
        language: en
        function-words: [the, and]
        number-words: {eleven: 11}
        contexts: {photography: [lens]}
        lists:
          second-person: [you, your]
          device: [cam, "video call"]
          ask: ["turn on", switch on]
          asked: ["{ask} {second-person?} {device}"]
        rules:
          - id: en.camera.ask
            code: camera.request
            say: {first: ask, then: device, within: 3}
            needs: [second-person]
            unless: [negated, photography]
            examples: ["can you {ask} your {device}"]
            counter-examples: ["don't turn on your cam"]

        """;

    internal string Path { get; }

    internal void Write(string file, string text)
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, new UTF8Encoding(false));
    }

    internal void Edit(string from, string to)
    {
        Camera.ShouldContain(from);
        Write("en/camera.yaml", Camera.Replace(from, to, StringComparison.Ordinal));
    }

    internal Pack Load() => Pack.Load(Path);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
