namespace AsyncPs;

/// <summary>Names of commands as code writes them.</summary>
internal static class CommandNames
{
    /// <summary>Whether a name has that of its module in front of it, as in <c>Microsoft.PowerShell.Core\Wait-Job</c>.</summary>
    public static bool IsQualified(string name)
    {
        int separator = name.IndexOf('\\', StringComparison.Ordinal);
        return separator > 0
            && separator == name.LastIndexOf('\\')
            && name.AsSpan(0, separator) is not ("." or "..")
            && name.AsSpan().IndexOfAny('/', ':') < 0;
    }

    /// <summary>A name without that of its module.</summary>
    public static string WithoutModule(string name) => IsQualified(name) ? name[(name.LastIndexOf('\\') + 1)..] : name;
}
