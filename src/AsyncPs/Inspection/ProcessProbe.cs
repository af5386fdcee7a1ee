using System.Management.Automation.Runspaces;

namespace AsyncPs.Inspection;

/// <summary>
/// Inspects another PowerShell process through the pipe that every pwsh listens on for Enter-PSHostProcess. The answer comes from a
/// separate thread and session, so it comes even while all others are blocked.
/// </summary>
internal static class ProcessProbe
{
    private const string Script = "$report = 'AsyncPs.Inspection.CallReport' -as [type]; if ($report) { $report::ToJson() }";

    /// <summary>The calls of a process.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="timeout">How long it may take to answer.</param>
    /// <exception cref="ConcurrentArgumentException">There is no such process, it does not answer, or it has not loaded the
    /// module.</exception>
    public static IReadOnlyList<ConcurrentCallInfo> Inspect(int processId, TimeSpan timeout)
    {
        if (processId == Environment.ProcessId)
        {
            return CallInspector.Inspect();
        }

        try
        {
            using (System.Diagnostics.Process.GetProcessById(processId))
            {
            }
        }
        catch (ArgumentException)
        {
            throw new ConcurrentArgumentException(InspectionErrors.ProcessNotFound(processId));
        }

        string? json;
        try
        {
            json = Ask(processId, timeout);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or PipelineStoppedException))
        {
            throw new ConcurrentArgumentException(InspectionErrors.ProcessNotReachable(e, processId));
        }

        return json is null ? throw new ConcurrentArgumentException(InspectionErrors.ModuleNotLoaded(processId)) : CallReport.Read(json);
    }

    private static string? Ask(int processId, TimeSpan timeout)
    {
        var connection = new NamedPipeConnectionInfo(processId) { OpenTimeout = (int)timeout.TotalMilliseconds };
        using Runspace session = RunspaceFactory.CreateRunspace(connection);
        session.Open();
        using var shell = PowerShell.Create();
        shell.Runspace = session;
        IAsyncResult asked = shell.AddScript(Script).BeginInvoke();
        if (!asked.AsyncWaitHandle.WaitOne(timeout))
        {
            throw new TimeoutException($"No answer came within {timeout.TotalSeconds:0.#} s.");
        }

        return shell.EndInvoke(asked) is [{ } report, ..] ? report.ToString() : null;
    }
}
