namespace Custos.Console;

/// <summary>The name under which the pages' words are kept in resource files: the English stands in the pages, the others in <c>Words.*.resx</c>.</summary>
public sealed class Words;
