using System.Management.Automation.Runspaces;
using System.Reflection;

namespace AsyncPs.Workers;

/// <summary>Makes the sessions of workers, sharing between them what can be shared.</summary>
internal static class WorkerSession
{
    // Half of a session's memory and of the time to open it is its format table. The first session makes one of its own while
    // it opens, which is sooner than the shared one would be there. The type table cannot be shared: a module with types to
    // process would no longer import.
    private static readonly Lazy<FormatTable> Formats = new(FormatTable.LoadDefaultFormatFiles);
    private static int _opened;

    // A block can use the module it runs on, without importing it into every worker.
    private static readonly Lazy<SessionStateCmdletEntry[]> OwnCommands = new(FindOwnCommands);

    private static readonly Lazy<SessionStateAliasEntry[]> OwnAliases = new(() =>
    [
        .. OwnCommands.Value.SelectMany(static command => command.ImplementingType.GetCustomAttributes<AliasAttribute>()
            .SelectMany(static aliases => aliases.AliasNames)
            .Select(alias => new SessionStateAliasEntry(alias, command.Name))),
    ]);

    private static readonly Lazy<Type[]> JobSources = new(() =>
        [.. typeof(WorkerSession).Assembly.GetExportedTypes().Where(static type => type.IsSubclassOf(typeof(JobSourceAdapter)))]);

    /// <summary>
    /// The language mode of the workers of a caller: the caller's; where the system enforces a policy, as with ForEach-Object -Parallel,
    /// never more than the constrained one.
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
        runspace.Open();
        if (languageMode == PSLanguageMode.ConstrainedLanguage)
        {
            WorkerCommand.DefineFunction(runspace);
        }

        foreach (Type source in JobSources.Value)
        {
            EngineInternals.RegisterJobSource?.Invoke(runspace.JobManager, source);
        }

        // A shared table cannot take the views of a module that a block imports; without this the import would fail. The
        // views are wanted where objects are shown, which is the caller's session.
        runspace.InitialSessionState.DisableFormatUpdates = sharesFormats;
        return runspace;
    }

    private static SessionStateCmdletEntry[] FindOwnCommands()
    {
        List<SessionStateCmdletEntry> commands = [];
        foreach (Type type in typeof(WorkerSession).Assembly.GetTypes())
        {
            if (type.IsSubclassOf(typeof(Cmdlet))
                && (type.IsPublic || type.IsDefined(typeof(InWorkersAttribute), inherit: false))
                && type.GetCustomAttribute<CmdletAttribute>() is { } cmdlet)
            {
                commands.Add(new SessionStateCmdletEntry($"{cmdlet.VerbName}-{cmdlet.NounName}", type, helpFileName: null));
            }
        }

        return [.. commands];
    }
}
