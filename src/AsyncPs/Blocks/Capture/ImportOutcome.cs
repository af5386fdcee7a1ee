using System.Management.Automation.Runspaces;

namespace AsyncPs.Blocks.Capture;

/// <summary>The outcome of importing a module in a worker. As at a prompt, an import continues after an error.</summary>
/// <param name="Module">The module; null if it was not imported.</param>
/// <param name="Errors">The errors that the import wrote.</param>
/// <param name="Warnings">The warnings.</param>
internal sealed record ImportOutcome(PSModuleInfo? Module, IReadOnlyList<ErrorRecord> Errors, IReadOnlyList<WarningRecord> Warnings)
{
    /// <summary>Imports a module.</summary>
    /// <param name="import">What to import.</param>
    /// <param name="command">The command of the worker's pipeline.</param>
    /// <param name="script">The script that imports it and writes all streams to the output.</param>
    /// <param name="force">Whether to import a loaded module again.</param>
    public static ImportOutcome Of(ModuleImport import, PSCmdlet command, string script, bool force)
    {
        object[] records =
        [
            .. command.InvokeCommand.InvokeScript(script, useNewScope: false, PipelineResultTypes.Error, input: null, import.Path, force)
                .Where(static record => record is not null)
                .Select(static record => record.BaseObject),
        ];

        // The caller has seen its other output when it imported the module itself.
        return new ImportOutcome(
            records.OfType<PSModuleInfo>().LastOrDefault(),
            [.. records.OfType<ErrorRecord>()],
            [.. records.OfType<WarningRecord>()]);
    }
}
