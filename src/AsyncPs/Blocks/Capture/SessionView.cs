namespace AsyncPs.Blocks.Capture;

/// <summary>A session state of the caller as its code sees it: the state of the prompt and its scripts, or the state of a module.</summary>
/// <param name="session">The session state.</param>
/// <param name="caller">The running cmdlet.</param>
internal sealed class SessionView(SessionState session, PSCmdlet caller)
{
    /// <summary>A variable, by its name with or without a scope.</summary>
    public PSVariable? FindVariable(string name) => session.PSVariable.Get(name);

    /// <summary>A variable of the global scope, by its name without a scope.</summary>
    public PSVariable? FindGlobalVariable(string name) => session.PSVariable.Get("global:" + name);

    /// <summary>An alias.</summary>
    public AliasInfo? FindAlias(string name)
        => EngineInternals.FindAlias is { } find ? find(session, name) : Find<AliasInfo>("alias:", name);

    /// <summary>A function or filter.</summary>
    public FunctionInfo? FindFunction(string name)
        => EngineInternals.FindFunction is { } find ? find(session, name) : Find<FunctionInfo>("function:", name);

    /// <summary>Whether a function is one of the global scope.</summary>
    public bool IsGlobal(FunctionInfo function)
        => ReferenceEquals(EngineInternals.FindFunction?.Invoke(session, "global:" + function.Name), function);

    /// <summary>An imported cmdlet.</summary>
    public CmdletInfo? FindCmdlet(string name) => EngineInternals.FindCmdlet?.Invoke(session, name);

    /// <summary>A function or cmdlet that is named together with its module.</summary>
    public CommandInfo? FindQualified(string name)
        => caller.InvokeCommand.GetCommand(name, CommandTypes.Function | CommandTypes.Filter | CommandTypes.Cmdlet);

    private T? Find<T>(string drive, string name)
        where T : CommandInfo
    {
        string path = drive + WildcardPattern.Escape(name);
        return caller.InvokeProvider.Item.Exists(path) ? caller.InvokeProvider.Item.Get(path)[0].BaseObject as T : null;
    }
}
