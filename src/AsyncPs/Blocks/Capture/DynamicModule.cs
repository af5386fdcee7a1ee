namespace AsyncPs.Blocks.Capture;

/// <summary>
/// A module without a file, such as one of New-Module or GetNewClosure. Each worker creates an empty one, and sets in it what the
/// captured code names, with the caller's values.
/// </summary>
/// <param name="session">The module's session state.</param>
internal sealed class DynamicModule(SessionView session) : CapturedModule(session)
{
    // Dot-sourced in the module, so that the cmdlet's current scope is the module's own.
    private const string Script = "& $args[0] -Apply $args[1]";

    private static readonly ScriptBlock Setter = ScriptBlock.Create(Script);

    /// <summary>What is set in the worker's module.</summary>
    public CapturedScope Scope { get; } = new();

    /// <inheritdoc/>
    public override PSModuleInfo Open(WorkerScopes scopes) => new(linkToGlobal: true);

    /// <inheritdoc/>
    public override void Fill(PSModuleInfo module, WorkerScopes scopes)
        => Fill(module, scopes.Command, command => Scope.Apply(command, scopes));

    /// <summary>Sets something in a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="command">The command that runs.</param>
    /// <param name="set">Sets it, given a command in the module's scope.</param>
    public static void Fill(PSModuleInfo module, PSCmdlet command, Action<PSCmdlet> set)
        => command.InvokeCommand.InvokeScript(
            useLocalScope: false,
            module.NewBoundScriptBlock(Setter),
            input: null,
            ScopeCommand.Info,
            set);
}
