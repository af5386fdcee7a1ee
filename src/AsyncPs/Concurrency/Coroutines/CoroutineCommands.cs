using System.Collections;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// What the names of the awaits resolve to in a worker's session. A function, an alias or a mock of the same name wins, as always:
/// the block calls it and does not suspend.
/// </summary>
/// <param name="command">The command of the worker's pipeline.</param>
/// <param name="mayChange">Whether blocks may define commands while they run, so that each lookup must be repeated.</param>
internal sealed class CoroutineCommands(PSCmdlet command, bool mayChange)
{
    private const string SleepType = "Microsoft.PowerShell.Commands.StartSleepCommand";
    private const string Defaults = "PSDefaultParameterValues";

    // The block starts, resumes and ends, in code that is not compiled yet.
    private const int StepsUntilWarm = 4;

    private readonly SessionState _session = command.SessionState;
    private readonly Dictionary<AwaitSite, bool> _known = new(ReferenceEqualityComparer.Instance);
    private int _steps;

    /// <summary>Whether this version of the engine shows what its names resolve to.</summary>
    public static bool AreKnown
        => EngineInternals.FindAlias is not null && EngineInternals.FindFunction is not null && EngineInternals.FindCmdlet is not null;

    /// <summary>Whether blocks have run often enough in the session, because the first runs take longer.</summary>
    public bool IsWarm => _steps > StepsUntilWarm;

    /// <summary>Whether parameters have default values; only the command itself knows whether they apply to it.</summary>
    public bool HaveDefaults => _session.PSVariable.GetValue(Defaults) is IDictionary { Count: > 0 };

    /// <summary>Notes that a step of a block has run in the session.</summary>
    public void NoteStep() => _steps++;

    /// <summary>Whether the name of a site resolves to the expected command.</summary>
    public bool IsGenuine(AwaitSite site)
    {
        if (mayChange)
        {
            return Look(site);
        }

        if (!_known.TryGetValue(site, out bool isGenuine))
        {
            isGenuine = Look(site);
            _known.Add(site, isGenuine);
        }

        return isGenuine;
    }

    private bool Look(AwaitSite site)
    {
        string name = site.Command.GetCommandName();
        if (EngineInternals.FindAlias!(_session, name) is { } alias)
        {
            name = alias.Definition;
            if (EngineInternals.FindAlias(_session, name) is not null)
            {
                return false;
            }
        }

        return EngineInternals.FindFunction!(_session, name) is null && (Find(name) ?? Load(name)) is { ImplementingType: { } type }
            && (site.Kind == AwaitKind.Task ? type.Assembly == typeof(CoroutineCommands).Assembly : type.FullName == SleepType);
    }

    private CmdletInfo? Find(string name) => EngineInternals.FindCmdlet!(_session, name);

    // The first call of a command loads its module.
    private CmdletInfo? Load(string name) => command.InvokeCommand.GetCommand(name,
        CommandTypes.Function | CommandTypes.Cmdlet) as CmdletInfo;
}
