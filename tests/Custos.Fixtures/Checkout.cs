namespace Custos.Fixtures;

/// <summary>Where the checkout and the reference data are.</summary>
public static class Checkout
{
    /// <summary>The folder that holds <c>Custos.slnx</c>.</summary>
    public static string Root { get; } = Find();

    /// <summary>The reference data, or null where it is absent: <c>CUSTOS_TEST_DATA</c>, else <c>../shared/data</c>.</summary>
    public static string? TestData { get; } = FindTestData();

    /// <summary>Why a test that needs the reference data is skipped.</summary>
    public const string NoTestData = "the reference data is absent: set CUSTOS_TEST_DATA to its folder";

    static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Custos.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run from within a checkout: no Custos.slnx above " + AppContext.BaseDirectory);
    }

    static string? FindTestData()
    {
        var named = Environment.GetEnvironmentVariable("CUSTOS_TEST_DATA");
        var folder = string.IsNullOrEmpty(named) ? Path.Combine(Root, "..", "shared", "data") : named;
        return Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
    }
}
