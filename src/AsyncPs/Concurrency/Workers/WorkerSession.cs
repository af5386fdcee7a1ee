using System.Management.Automation.Runspaces;

namespace AsyncPs.Concurrency.Workers;

/// <summary>Makes the sessions of workers, sharing between them what can be shared.</summary>
internal static class WorkerSession
{
    // Half of a session's memory and of the time to open it is its format table. The type table cannot be shared: a module
    // with types to process would no longer import.
    private static readonly Lazy<FormatTable> Formats = new(FormatTable.LoadDefaultFormatFiles);

    /// <summary>Makes a closed runspace whose pipelines run on the thread that invokes them.</summary>
    public static Runspace Create(PSLanguageMode languageMode)
    {
        InitialSessionState session = InitialSessionState.CreateDefault2();
        session.LanguageMode = languageMode;
        session.ThreadOptions = PSThreadOptions.UseCurrentThread;
        session.Formats.Clear();
        session.Formats.Add(new SessionStateFormatEntry(Formats.Value));
        return RunspaceFactory.CreateRunspace(session);
    }
}
