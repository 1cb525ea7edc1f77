using System.Reflection;

namespace Custos.Console;

/// <summary>A file that the pages ask for: inside this assembly, so that nothing is fetched from elsewhere and any working folder will do.</summary>
/// <param name="Path">Its address, relative to the console.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="Resource">The resource's name.</param>
public sealed record ConsoleAsset(string Path, string ContentType, string Resource)
{
    /// <summary>Every asset of the console.</summary>
    public static IReadOnlyList<ConsoleAsset> All { get; } =
    [
        new("assets/custos.css", "text/css; charset=utf-8", "assets/custos.css"),
        new("assets/custos.js", "text/javascript; charset=utf-8", "assets/custos.js"),
        new("assets/custos.svg", "image/svg+xml", "assets/custos.svg"),
        new("assets/mudblazor.css", "text/css; charset=utf-8", "assets/mudblazor.css"),
        new("assets/mudblazor.js", "text/javascript; charset=utf-8", "assets/mudblazor.js"),
        new("_framework/blazor.web.js", "text/javascript; charset=utf-8", "assets/blazor.web.js"),
    ];

    /// <summary>Its bytes.</summary>
    public byte[] Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The build left '{Resource}' out of the console.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
