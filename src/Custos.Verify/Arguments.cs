namespace Custos.Verify;

/// <summary>The command line, without a library: this program is read by those who distrust it.</summary>
sealed class Arguments
{
    readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);

    public List<string> Positional { get; } = [];

    public string? this[string option] => _options.GetValueOrDefault(option);

    public bool Has(string option) => _options.ContainsKey(option);

    /// <summary>Reads the words; null if one is unknown or lacks its value.</summary>
    public static Arguments? Parse(string[] words, string[] withValue, string[] flags)
    {
        var parsed = new Arguments();
        for (var i = 0; i < words.Length; i++)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal))
                parsed.Positional.Add(words[i]);
            else if (flags.Contains(words[i]))
                parsed._options[words[i]] = "";
            else if (withValue.Contains(words[i]) && i + 1 < words.Length)
                parsed._options[words[i]] = words[++i];
            else
                return null;
        }

        return parsed;
    }
}
