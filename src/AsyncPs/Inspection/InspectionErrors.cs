using static AsyncPs.ErrorRecords;

namespace AsyncPs.Inspection;

/// <summary>The errors of inspecting what runs.</summary>
internal static class InspectionErrors
{
    /// <summary>A call whose items wait in a circle.</summary>
    public static string StandsStill(long id, TimeSpan time, string circle)
        => $"The call #{id} has made no progress for {time.TotalSeconds:0} s, because of a deadlock: {circle}. Stop it, and "
            + "acquire permits and other resources in the same order everywhere. Get-ConcurrentCall -Tree shows more.";

    /// <summary>A call that has ended, or never existed.</summary>
    public static ErrorRecord CallNotFound(long id)
        => Create(
            $"No call with the id {id} is running; it may have ended. Get-ConcurrentCall without -Id shows the running calls.",
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
                $"The process {processId} does not answer: {exception.Message} It must be a pwsh of the same user that was started without "
                + "POWERSHELL_DIAGNOSTICS_OPTOUT, and no other process may have entered it.",
                exception),
            "ProcessNotReachable",
            ErrorCategory.ConnectionError,
            processId);

    /// <summary>A process without the module.</summary>
    public static ErrorRecord ModuleNotLoaded(int processId)
        => Create(
            $"The process {processId} has not loaded a version of AsyncPs that can be inspected, so there are no calls to show.",
            "ModuleNotLoadedThere",
            ErrorCategory.ObjectNotFound,
            processId);
}
