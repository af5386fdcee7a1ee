using System.Management.Automation.Runspaces;
using System.Reflection;

namespace AsyncPs.Concurrency.Workers;

/// <summary>Makes the sessions of workers, sharing between them what can be shared.</summary>
internal static class WorkerSession
{
    // Half of a session's memory and of the time to open it is its format table. The type table cannot be shared: a module
    // with types to process would no longer import.
    private static readonly Lazy<FormatTable> Formats = new(FormatTable.LoadDefaultFormatFiles);

    // A block can use the module it runs on, without importing it into every worker.
    private static readonly Lazy<SessionStateCmdletEntry[]> OwnCommands = new(() =>
    [
        .. from type in typeof(WorkerSession).Assembly.GetTypes()
           let cmdlet = type.GetCustomAttribute<CmdletAttribute>()
           where cmdlet is not null && (type.IsPublic || type.GetCustomAttribute<InWorkersAttribute>() is not null)
           select new SessionStateCmdletEntry($"{cmdlet.VerbName}-{cmdlet.NounName}", type, helpFileName: null),
    ]);

    private static readonly Lazy<Type[]> JobSources = new(() =>
        [.. typeof(WorkerSession).Assembly.GetExportedTypes().Where(static type => type.IsSubclassOf(typeof(JobSourceAdapter)))]);

    /// <summary>Opens a runspace whose pipelines run on the thread that invokes them.</summary>
    public static Runspace Open(PSLanguageMode languageMode)
    {
        InitialSessionState session = InitialSessionState.CreateDefault2();
        session.LanguageMode = languageMode;
        session.ThreadOptions = PSThreadOptions.UseCurrentThread;
        session.Formats.Clear();
        session.Formats.Add(new SessionStateFormatEntry(Formats.Value));
        foreach (SessionStateCmdletEntry command in OwnCommands.Value)
        {
            session.Commands.Remove(command.Name, typeof(SessionStateCmdletEntry));
        }

        session.Commands.Add(OwnCommands.Value);
        Runspace runspace = RunspaceFactory.CreateRunspace(session);
        runspace.Open();

        foreach (Type source in JobSources.Value)
        {
            EngineInternals.RegisterJobSource?.Invoke(runspace.JobManager, source);
        }

        // A shared table cannot take the views of a module that a block imports; without this the import would fail. The
        // views are wanted where objects are shown, which is the caller's session.
        runspace.InitialSessionState.DisableFormatUpdates = true;
        return runspace;
    }
}
