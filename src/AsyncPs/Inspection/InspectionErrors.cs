using static AsyncPs.ErrorRecords;

namespace AsyncPs.Inspection;

/// <summary>The errors of inspecting what runs.</summary>
internal static class InspectionErrors
{
    /// <summary>A call whose items wait in a circle.</summary>
    public static string StandsStill(long id, TimeSpan time, string circle)
        => $"The call #{id} has not got on for {time.TotalSeconds:0} s, and never will: {circle}. Stop it, and take what the blocks hold "
            + "in the same order everywhere. Get-ConcurrentCall -Tree shows more.";

    /// <summary>A call that has ended, or never existed.</summary>
    public static ErrorRecord CallNotFound(long id)
        => Create(
            $"No call with the number {id} runs; it may have ended. Get-ConcurrentCall without -Id shows the calls that run.",
            "CallNotFound",
            ErrorCategory.ObjectNotFound,
            id);

    /// <summary>A process that does not exist.</summary>
    public static ErrorRecord ProcessNotFound(int processId)
        => Create(
            $"No process has the id {processId}. Get-Process pwsh shows the PowerShell processes.",
            "ProcessNotFound",
            ErrorCategory.ObjectNotFound,
            processId);

    /// <summary>A process that cannot be inspected.</summary>
    public static ErrorRecord ProcessNotReachable(Exception exception, int processId)
        => new(
            new InvalidOperationException(
                $"The process {processId} does not answer: {exception.Message} It must be a pwsh of the same user, started without "
                + "POWERSHELL_DIAGNOSTICS_OPTOUT, which no other process has entered.",
                exception),
            "ProcessNotReachable",
            ErrorCategory.ConnectionError,
            processId);

    /// <summary>A process without the module.</summary>
    public static ErrorRecord ModuleNotLoaded(int processId)
        => Create(
            $"The process {processId} has not loaded a version of AsyncPs that can be inspected, so none of its calls run there.",
            "ModuleNotLoadedThere",
            ErrorCategory.ObjectNotFound,
            processId);
}
