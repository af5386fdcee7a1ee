using System.Collections;
using System.Management.Automation.Runspaces;
using AsyncPs.Blocks.Capture;
using AsyncPs.Remote.Closures;

namespace AsyncPs.Remote.Far;

/// <summary>The caller's modules in the process that runs the items. They stay, because an import is slow.</summary>
internal static class FarModules
{
    private const string ImportScript = """
        . { Microsoft.PowerShell.Core\Import-Module -Name $args[0] -Global -Force:$args[1] -PassThru -DisableNameChecking } @args *>&1
        """;

    private static readonly Dictionary<string, (DateTime Changed, PSModuleInfo Module)> Known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Imports a module, unless the caller's version is already imported.</summary>
    /// <exception cref="RuntimeException">It cannot be imported.</exception>
    public static PSModuleInfo Get(IDictionary written, PSCmdlet command)
    {
        string name = TravelReader.Text(written[TravelKeys.Name])!;
        string path = TravelReader.Text(written[TravelKeys.Path])!;
        DateTime changed = LanguagePrimitives.ConvertTo<DateTime>(written[TravelKeys.Changed]);
        bool known = Known.TryGetValue(path, out (DateTime Changed, PSModuleInfo Module) there);
        if (known && there.Changed == changed)
        {
            return there.Module;
        }

        PSModuleInfo module = Import(name, Path.Exists(path) ? path : name, known, command);
        Known[path] = (changed, module);
        return module;
    }

    /// <summary>A module that is nested in another, or the other one if it is not found.</summary>
    public static PSModuleInfo Nested(PSModuleInfo module, string? path)
        => path is null ? module
            : module.NestedModules.Select(nested => string.Equals(nested.Path, path, StringComparison.OrdinalIgnoreCase) ? nested
                : FindNested(nested, path))
                .FirstOrDefault(static found => found is not null) ?? module;

    private static PSModuleInfo? FindNested(PSModuleInfo module, string path)
        => Nested(module, path) is var found && !ReferenceEquals(found, module) ? found : null;

    private static PSModuleInfo Import(string name, string path, bool force, PSCmdlet command)
    {
        ErrorRecord? error = null;
        PSModuleInfo? module = null;
        try
        {
            foreach (PSObject record in command.InvokeCommand.InvokeScript(
                ImportScript, useNewScope: true, PipelineResultTypes.None, input: null, path, force))
            {
                module = record.BaseObject as PSModuleInfo ?? module;
                error = record.BaseObject as ErrorRecord ?? error;
            }
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            error = e.ErrorRecord;
        }

        return module ?? throw CaptureErrors.ModuleNotImported(name, path, error);
    }
}
