using System.Management.Automation.Runspaces;

namespace AsyncPs.Workers;

/// <summary>Creates the sessions of workers, which share what can be shared.</summary>
internal static class WorkerSession
{
    // The format table takes half of a session's memory and of the time to open it. The first session creates its own while it opens, which
    // is faster than waiting for the shared one. The type table cannot be shared: a module with types to process could no longer be
    // imported.
    private static readonly Lazy<FormatTable> Formats = new(FormatTable.LoadDefaultFormatFiles);
    private static int _opened;

    // A block can use this module without importing it into every worker.
    private static readonly Lazy<SessionStateCmdletEntry[]> OwnCommands = new(static () =>
    [
        .. OwnCmdlets.All
            .Where(static cmdlet => cmdlet.Type.IsPublic || cmdlet.Type.IsDefined(typeof(InWorkersAttribute), inherit: false))
            .Select(static cmdlet => new SessionStateCmdletEntry(cmdlet.Name, cmdlet.Type, helpFileName: null)),
    ]);

    private static readonly Lazy<SessionStateAliasEntry[]> OwnAliases = new(static () =>
        [.. OwnCmdlets.All.SelectMany(static cmdlet => cmdlet.Aliases.Select(alias => new SessionStateAliasEntry(alias, cmdlet.Name)))]);

    private static readonly Lazy<Type[]> JobSources = new(() =>
        [.. typeof(WorkerSession).Assembly.GetExportedTypes().Where(static type => type.IsSubclassOf(typeof(JobSourceAdapter)))]);

    /// <summary>
    /// The language mode of a caller's workers: the caller's own. If the system enforces a policy, it is at most the constrained mode, as
    /// with ForEach-Object -Parallel.
    /// </summary>
    public static PSLanguageMode ModeFor(PSLanguageMode caller)
        => caller == PSLanguageMode.FullLanguage && EngineInternals.IsSystemLockedDown() ? PSLanguageMode.ConstrainedLanguage : caller;

    /// <summary>Opens a runspace whose pipelines run on the thread that invokes them.</summary>
    /// <param name="languageMode">Its language mode.</param>
    /// <param name="host">Its host.</param>
    public static Runspace Open(PSLanguageMode languageMode, WorkerHost host)
    {
        InitialSessionState session = InitialSessionState.CreateDefault2();
        session.LanguageMode = languageMode;
        session.ThreadOptions = PSThreadOptions.UseCurrentThread;
        bool sharesFormats = Interlocked.Exchange(ref _opened, 1) == 1;
        if (sharesFormats)
        {
            session.Formats.Clear();
            session.Formats.Add(new SessionStateFormatEntry(Formats.Value));
        }

        foreach (SessionStateCmdletEntry command in OwnCommands.Value)
        {
            session.Commands.Remove(command.Name, typeof(SessionStateCmdletEntry));
        }

        session.Commands.Add(OwnCommands.Value);
        session.Commands.Add(OwnAliases.Value);
        if (languageMode != PSLanguageMode.ConstrainedLanguage)
        {
            session.Commands.Add(WorkerCommand.Function);
        }

        Runspace runspace = RunspaceFactory.CreateRunspace(host, session);
        ModuleSessions.Exclude(runspace);
        runspace.Open();
        if (languageMode == PSLanguageMode.ConstrainedLanguage)
        {
            WorkerCommand.DefineFunction(runspace);
        }

        foreach (Type source in JobSources.Value)
        {
            EngineInternals.RegisterJobSource?.Invoke(runspace.JobManager, source);
        }

        // A shared table cannot take the views of a module that a block imports, and without this setting the import would fail.
        // The views are needed where objects are shown, which is the caller's session.
        runspace.InitialSessionState.DisableFormatUpdates = sharesFormats;
        return runspace;
    }
}
