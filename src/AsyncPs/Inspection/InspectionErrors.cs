using static AsyncPs.ErrorRecords;

namespace AsyncPs.Inspection;

/// <summary>The errors of looking at what runs.</summary>
internal static class InspectionErrors
{
    /// <summary>A call that does not live, or never has.</summary>
    public static ErrorRecord CallNotFound(long id)
        => Create(
            $"No call with the number {id} runs; it may have ended. Get-ConcurrentCall without -Id shows those that do.",
            "CallNotFound",
            ErrorCategory.ObjectNotFound,
            id);

    /// <summary>A process that is not there.</summary>
    public static ErrorRecord ProcessNotFound(int processId)
        => Create(
            $"No process has the id {processId}. Get-Process pwsh shows those of PowerShell.",
            "ProcessNotFound",
            ErrorCategory.ObjectNotFound,
            processId);

    /// <summary>A process that does not let itself be asked.</summary>
    public static ErrorRecord ProcessNotReachable(Exception exception, int processId)
        => new(
            new InvalidOperationException(
                $"The process {processId} does not answer: {exception.Message} It must be a pwsh of the same user, not started with "
                + "POWERSHELL_DIAGNOSTICS_OPTOUT, and nobody else may have entered it.",
                exception),
            "ProcessNotReachable",
            ErrorCategory.ConnectionError,
            processId);

    /// <summary>A process without the module.</summary>
    public static ErrorRecord ModuleNotLoaded(int processId)
        => Create(
            $"The process {processId} has not loaded AsyncPs in a version that can be asked, so nothing of it runs there.",
            "ModuleNotLoadedThere",
            ErrorCategory.ObjectNotFound,
            processId);
}
