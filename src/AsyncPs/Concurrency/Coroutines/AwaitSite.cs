using System.Management.Automation.Language;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>What a command in a block awaits, and the unit of a time.</summary>
internal enum AwaitKind
{
    /// <summary>A task, for its result.</summary>
    Task,

    /// <summary>A time in seconds.</summary>
    Seconds,

    /// <summary>A time in milliseconds.</summary>
    Milliseconds,

    /// <summary>A time span.</summary>
    Duration,

    /// <summary>Any await of the command itself, which suspends the block.</summary>
    Command,
}

/// <summary>A command in a block at which the block can suspend.</summary>
/// <param name="Command">The command.</param>
/// <param name="Kind">What it awaits.</param>
/// <param name="Value">What it awaits, if that is one of its arguments; null if it takes pipeline input.</param>
internal sealed record AwaitSite(CommandAst Command, AwaitKind Kind, ExpressionAst? Value)
{
    private static readonly string[] TaskParameters = ["Task", "InputObject", "Job", "Stream"];

    // The shortest prefixes that the engine accepts; -d alone could be -Debug.
    private static readonly (string Least, string Name, AwaitKind Kind)[] SleepParameters =
    [
        ("s", "Seconds", AwaitKind.Seconds),
        ("m", "Milliseconds", AwaitKind.Milliseconds),
        ("ms", "ms", AwaitKind.Milliseconds),
        ("du", "Duration", AwaitKind.Duration),
        ("ts", "ts", AwaitKind.Duration),
    ];

    // The engine collects a command's output in these variables, and would start over when the command continues.
    private static readonly string[] CollectingParameters =
        ["OutVariable", "ov", "ErrorVariable", "ev", "WarningVariable", "wv", "InformationVariable", "iv", "PipelineVariable", "pv"];

    /// <summary>
    /// Whether the command is the last in its pipeline and produces the pipeline's output, so that it may suspend the block in its middle.
    /// </summary>
    public bool IsLast { get; } = IsLastOf(Command);

    /// <summary>Whether the command is alone in its pipeline, so that its result may be written without running it.</summary>
    public bool IsAlone => Value is not null && Command is { Redirections.Count: 0, Parent: PipelineAst { PipelineElements.Count: 1 } };

    /// <summary>The statement that the command is in, as the debugger shows it.</summary>
    public IScriptExtent Statement => StatementOf(Command).Extent;

    /// <summary>Whether a `finally` runs when the block ends at this point.</summary>
    public bool HasCleanUp { get; } = IsInTryWithFinally(Command);

    /// <summary>Whether a name is that of a command that waits for a task.</summary>
    public static bool IsAwait(string name) => Is(OwnCmdlets.NameOf(name), "Wait-Async");

    /// <summary>Whether a name is that of a command that sleeps.</summary>
    public static bool IsSleep(string name) => Is(name, "Start-Sleep") || Is(name, "sleep");

    /// <summary>The site of a command, or null for a command that blocks.</summary>
    public static AwaitSite? Of(CommandAst command)
    {
        if (command.GetCommandName() is not { } name || command.Parent is not PipelineAst pipeline)
        {
            return null;
        }

        int position = pipeline.PipelineElements.IndexOf(command);
        return IsAwait(name) ? OfAwait(command, pipeline, position) ?? OfCommand(command)
            : IsSleep(name) && pipeline.PipelineElements.Count == 1 && command.Redirections.Count == 0 ? OfSleep(command)
            : CommandKinds.Suspends(name) ? OfCommand(command)
            : null;
    }

    private static AwaitSite? OfCommand(CommandAst command)
        => IsLastOf(command) && !Hedges(command) ? new(command, AwaitKind.Command, null) : null;

    // Then its block runs in other workers, and the command blocks this one until an attempt has ended.
    private static bool Hedges(CommandAst command)
        => Is(command.GetCommandName(), "Invoke-WithRetry")
            && command.CommandElements.Any(static element => element is CommandParameterAst { ParameterName: var name }
                && StartsWith(name, "h"));

    private static bool IsLastOf(CommandAst command)
        => command.Parent is PipelineAst pipeline
            && (pipeline.PipelineElements.Count == 1 || pipeline.PipelineElements is [CommandExpressionAst { Redirections.Count: 0 }, _])
            && pipeline.PipelineElements[^1] == command
            && command.Redirections.All(IsHarmless)
            && !command.CommandElements.Any(static element => element switch
            {
                ExpressionAst value => IsSplatted(value),
                CommandParameterAst { ParameterName: var name } => Array.Exists(CollectingParameters, known => StartsWith(known, name)),
                _ => false,
            });

    private static AwaitSite? OfAwait(CommandAst command, PipelineAst pipeline, int position)
    {
        if (position == 1 && command.CommandElements.Count == 1)
        {
            return pipeline.PipelineElements is [CommandExpressionAst { Redirections.Count: 0 }, _]
                ? new(command, AwaitKind.Task, null) : null;
        }

        return position == 0 && OnlyArgument(command) is var (parameter, value) && (parameter is null || Array.Exists(TaskParameters, t
            => Is(t, parameter)))
            ? new(command, AwaitKind.Task, value)
            : null;
    }

    private static AwaitSite? OfSleep(CommandAst command)
        => OnlyArgument(command) is not var (parameter, value) ? null
            : parameter is null ? new(command, AwaitKind.Seconds, value)
            : Array.Find(SleepParameters, one => StartsWith(one.Name, parameter) && StartsWith(parameter, one.Least))
                is { Name: not null } found
                ? new(command, found.Kind, value)
                : null;

    // `name value`, `name -Parameter value` and `name -Parameter:value`.
    private static (string? Parameter, ExpressionAst Value)? OnlyArgument(CommandAst command) => command.CommandElements switch
    {
        [_, ExpressionAst value] when !IsSplatted(value) => (null, value),
        [_, CommandParameterAst { Argument: null } parameter, ExpressionAst value] when !IsSplatted(value)
            => (parameter.ParameterName, value),
        [_, CommandParameterAst { Argument: { } value } parameter] => (parameter.ParameterName, value),
        _ => null,
    };

    // A file would be overwritten when the command continues.
    private static bool IsHarmless(RedirectionAst redirection)
        => redirection is MergingRedirectionAst or FileRedirectionAst { Location: VariableExpressionAst { VariablePath.UserPath: "null" } };

    private static bool IsSplatted(ExpressionAst value) => value is VariableExpressionAst { Splatted: true } or UsingExpressionAst
    {
        SubExpression: VariableExpressionAst { Splatted: true },
    };

    private static Ast StatementOf(Ast ast)
        => ast.Parent is PipelineBaseAst or AssignmentStatementAst or CommandExpressionAst ? StatementOf(ast.Parent) : ast;

    private static bool IsInTryWithFinally(Ast ast)
    {
        for (Ast? child = ast, parent = ast.Parent; parent is not (null or ScriptBlockAst); child = parent, parent = parent.Parent)
        {
            if (parent is TryStatementAst { Finally: { } clause } && child != clause)
            {
                return true;
            }
        }

        return false;
    }

    private static bool StartsWith(string name, string part) => name.StartsWith(part, StringComparison.OrdinalIgnoreCase);

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
