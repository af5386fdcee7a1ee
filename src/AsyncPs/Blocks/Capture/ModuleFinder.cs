using System.Management.Automation.Runspaces;

namespace AsyncPs.Blocks.Capture;

/// <summary>Finds the modules that a caller names, by name or by path.</summary>
internal static class ModuleFinder
{
    private const string LoadedScript = "Microsoft.PowerShell.Core\\Get-Module -Name $args[0]";
    private const string InstalledScript = "Microsoft.PowerShell.Core\\Get-Module -Name $args[0] -ListAvailable -ErrorAction Ignore";

    /// <summary>Finds a module.</summary>
    /// <param name="name">Its name or path.</param>
    /// <param name="caller">The cmdlet that was given the name.</param>
    /// <param name="loaded">The caller's module of that name, or null if it is not loaded.</param>
    /// <returns>How to import it; null if there is no file.</returns>
    public static ModuleImport? Find(string name, PSCmdlet caller, out PSModuleInfo? loaded)
    {
        loaded = null;
        if (name.AsSpan().IndexOfAny('/', '\\') >= 0 || Path.GetExtension(name).ToUpperInvariant() is ".PSD1" or ".PSM1" or ".DLL")
        {
            return FindPath(name, caller);
        }

        string pattern = WildcardPattern.Escape(name);
        loaded = Get(LoadedScript, pattern, caller);
        return (loaded ?? Get(InstalledScript, pattern, caller)) is { } module ? ModuleImport.Of(module) : null;
    }

    private static ModuleImport? FindPath(string name, PSCmdlet caller)
    {
        string path = caller.SessionState.Path.GetUnresolvedProviderPathFromPSPath(name);
        return Path.Exists(path) ? ModuleImport.OfFile(Path.GetFileNameWithoutExtension(path), path) : null;
    }

    private static PSModuleInfo? Get(string script, string pattern, PSCmdlet caller)
        => caller.InvokeCommand.InvokeScript(script, useNewScope: true, PipelineResultTypes.None, input: null, pattern)
            .Select(static o => o.BaseObject).OfType<PSModuleInfo>().MaxBy(static module => module.Version);
}
