using System.Management.Automation.Runspaces;

namespace AsyncPs.Blocks.Capture;

/// <summary>What came of the import of a module in a worker, which goes on after an error as it does at a prompt.</summary>
/// <param name="Module">The module; null if it was not imported.</param>
/// <param name="Errors">The errors that the import has written.</param>
/// <param name="Warnings">The warnings.</param>
internal sealed record ImportOutcome(PSModuleInfo? Module, IReadOnlyList<ErrorRecord> Errors, IReadOnlyList<WarningRecord> Warnings)
{
    /// <summary>Imports a module.</summary>
    /// <param name="import">What to import.</param>
    /// <param name="command">The command of the worker's pipeline.</param>
    /// <param name="script">The script that does it, which writes all streams to the output.</param>
    /// <param name="force">Whether to import again what is there.</param>
    public static ImportOutcome Of(ModuleImport import, PSCmdlet command, string script, bool force)
    {
        object[] records =
        [
            .. command.InvokeCommand.InvokeScript(script, useNewScope: false, PipelineResultTypes.Error, input: null, import.Path, force)
                .Where(static record => record is not null)
                .Select(static record => record.BaseObject),
        ];

        // What it writes besides, the caller has seen when it imported the module itself.
        return new ImportOutcome(
            records.OfType<PSModuleInfo>().LastOrDefault(),
            [.. records.OfType<ErrorRecord>()],
            [.. records.OfType<WarningRecord>()]);
    }
}
