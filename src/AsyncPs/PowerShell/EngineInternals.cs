using System.Collections.ObjectModel;
using System.Reflection;

namespace AsyncPs;

/// <summary>
/// The few non-public members of the PowerShell engine that make a difference to users. Each is looked up once, on first use, and may be
/// missing. Then the public API is used, which is slower or tells less.
/// </summary>
internal static partial class EngineInternals
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    /// <summary>Invokes a block in a new scope, with its output going directly to the pipeline of a cmdlet.</summary>
    /// <param name="block">The block; one without begin, clean, or both process and end parts.</param>
    /// <param name="command">The running cmdlet.</param>
    /// <param name="dollarUnder">The value of `$_`.</param>
    /// <param name="input">The value of `$input`.</param>
    /// <param name="args">The arguments.</param>
    public delegate void InvokeUsingCmdlet(ScriptBlock block, Cmdlet command, object? dollarUnder, object? input, object?[] args);

    /// <summary>
    /// Invokes a block as ForEach-Object does, or null. This keeps file, line and live output, and is the fastest way.
    /// </summary>
    public static InvokeUsingCmdlet? InvokeBlock { get; } = CreateInvokeBlock(useLocalScope: true);

    /// <summary>
    /// Invokes a block as <see cref="InvokeBlock"/> does, in which statement-terminating errors end it, as in a `try`. Or null. With a
    /// script around the block, a block that is being stopped would lose the error of a finally clause.
    /// </summary>
    public static InvokeUsingCmdlet? InvokeBlockInTry { get; } = CreateInvokeBlockInTry();

    /// <summary>
    /// Invokes a block in the caller's own scope, as ForEach-Object does; `$_` keeps its value if none is given. Or null.
    /// </summary>
    public static InvokeUsingCmdlet? InvokeBlockInScope { get; } = CreateInvokeBlock(useLocalScope: false);

    /// <summary>Invokes a block in the caller's own scope and adds its output to a list, or null.</summary>
    public static Action<ScriptBlock, List<object?>, object?, object?[]>? CollectBlockInScope { get; } = CreateCollectBlock();

    /// <summary>Sets the target object of an error record, or null.</summary>
    public static Action<ErrorRecord, object?>? SetTargetObject { get; } = CreateAction<object?>("SetTargetObject");

    /// <summary>Makes an error record keep its position when a cmdlet writes it, or null.</summary>
    public static Action<ErrorRecord, bool>? SetPreservePosition { get; } = CreateAction<bool>("set_PreserveInvocationInfoOnce");

    /// <summary>Copies a script block without its session, or null. The copy shares the compiled code.</summary>
    public static Func<ScriptBlock, ScriptBlock>? CloneBlock { get; }
        = typeof(ScriptBlock).GetMethod("Clone", Members, [])?.CreateDelegate<Func<ScriptBlock, ScriptBlock>>();

    /// <summary>
    /// Gets the language mode that a block always runs in (null: that of its caller), or is null itself.
    /// </summary>
    public static Func<ScriptBlock, PSLanguageMode?>? LanguageModeOf { get; }
        = typeof(ScriptBlock).GetProperty("LanguageMode", Members)?.GetMethod?.CreateDelegate<Func<ScriptBlock, PSLanguageMode?>>();

    /// <summary>Sets the language mode that a block always runs in, or null.</summary>
    public static Action<ScriptBlock, PSLanguageMode?>? SetLanguageMode { get; }
        = typeof(ScriptBlock).GetProperty("LanguageMode", Members)?.SetMethod?.CreateDelegate<Action<ScriptBlock, PSLanguageMode?>>();

    /// <summary>Gets the cmdlet that runs on this thread, or null; or is null itself.</summary>
    public static Func<Cmdlet?>? RunningCommand { get; } = CreateRunningCommand();

    /// <summary>
    /// Lets a cmdlet write every verbose or debug record. Its own preference would drop those that a script asked for itself, as with
    /// `Write-Verbose -Verbose`, although the engine has already decided about each of them.
    /// </summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="verbose">True for verbose records, false for debug records.</param>
    public static void LetThrough(Cmdlet command, bool verbose)
    {
        (string property, object value) = verbose
            ? ("Verbose", (object)true)
            : ("DebugPreference", ActionPreference.Continue);
        command.CommandRuntime.GetType().GetProperty(property, Members)?.SetValue(command.CommandRuntime, value);
    }

    /// <summary>The receiver of a cmdlet's output; null if the engine does not show it.</summary>
    public static object? OutputPipe(Cmdlet command)
        => command.CommandRuntime.GetType().GetProperty("OutputPipe", Members)?.GetValue(command.CommandRuntime);

    /// <summary>The identity of the pipeline that contains a cmdlet; null if the engine does not show it.</summary>
    public static object? PipelineOf(Cmdlet command)
        => (_pipelineOf ??= command.CommandRuntime.GetType().GetProperty("PipelineProcessor", Members)) is { } property
            && property.DeclaringType!.IsInstanceOfType(command.CommandRuntime) ? property.GetValue(command.CommandRuntime) : null;

    private static PropertyInfo? _pipelineOf;

    /// <summary>
    /// The names of the variables that earlier commands in a cmdlet's pipeline set for each object; empty if the engine does not show them.
    /// </summary>
    public static IEnumerable<string> PipelineVariablesBefore(Cmdlet command)
    {
        if (PipelineOf(command) is not { } pipeline
            || pipeline.GetType().GetProperty("Commands", Members)?.GetValue(pipeline) is not IEnumerable<object> commands)
        {
            yield break;
        }

        foreach (object processor in commands)
        {
            object? runtime = processor.GetType().GetProperty("CommandRuntime", Members)?.GetValue(processor);
            if (ReferenceEquals(runtime, command.CommandRuntime))
            {
                yield break;
            }

            if (runtime?.GetType().GetProperty("PipelineVariable", Members)?.GetValue(runtime) is string { Length: > 0 } name)
            {
                yield return name;
            }
        }
    }

    /// <summary>
    /// Adds the output of a cmdlet that is the last of its pipeline directly to a collection, before the pipeline's end converts it; or
    /// null.
    /// </summary>
    public static Action<Cmdlet, Collection<PSObject>>? SetOutput { get; } = CreateSetOutput();

    /// <summary>Prevents errors that a cmdlet writes from now on from ending it, whatever the caller's preference.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <returns>Whether that was possible.</returns>
    public static bool LetErrorsPass(Cmdlet command)
    {
        PropertyInfo? property = command.CommandRuntime.GetType().GetProperty("ErrorAction", Members);
        if (property?.GetValue(command.CommandRuntime) is ActionPreference.Stop)
        {
            property.SetValue(command.CommandRuntime, ActionPreference.Continue);
        }

        return property is not null;
    }

    /// <summary>Makes the next error that a cmdlet writes end it, as with `-ErrorAction Stop`.</summary>
    /// <param name="command">The cmdlet.</param>
    public static void StopAtErrors(Cmdlet command)
        => command.CommandRuntime.GetType().GetProperty("ErrorAction", Members)?.SetValue(command.CommandRuntime, ActionPreference.Stop);

    /// <summary>Fixes a cmdlet's error action to the caller's current preference, even if the preference changes later.</summary>
    /// <param name="command">The cmdlet.</param>
    public static void KeepErrorAction(Cmdlet command)
        => command.CommandRuntime.GetType().GetProperty("ErrorAction", Members)?.GetValue(command.CommandRuntime);

    // The engine's own signature. A delegate may declare an enumeration as an integer, so its internal types need not be named.
    private delegate void EngineInvoke(
        ScriptBlock block,
        Cmdlet command,
        bool useLocalScope,
        int errorHandling,
        object? dollarUnder,
        object? input,
        object? scriptThis,
        object?[] args);

    private static InvokeUsingCmdlet? CreateInvokeBlock(bool useLocalScope)
    {
        MethodInfo? method = typeof(ScriptBlock).GetMethod("InvokeUsingCmdlet", Members);
        Type? errorHandling = typeof(ScriptBlock).GetNestedType("ErrorHandlingBehavior", BindingFlags.NonPublic | BindingFlags.Public);
        if (method is null || errorHandling is null
            || Delegate.CreateDelegate(typeof(EngineInvoke), method, throwOnBindFailure: false) is not EngineInvoke invoke)
        {
            return null;
        }

        int writeErrors = (int)Enum.Parse(errorHandling, "WriteToCurrentErrorPipe");
        object nothing = System.Management.Automation.Internal.AutomationNull.Value;
        return (block, command, dollarUnder, input, args)
            => invoke(block, command, useLocalScope, writeErrors, dollarUnder, input, nothing, args);
    }

    private static InvokeUsingCmdlet? CreateInvokeBlockInTry()
    {
        PropertyInfo? context = typeof(Cmdlet).GetProperty("Context", Members);
        PropertyInfo? ends = context?.PropertyType.GetProperty("PropagateExceptionsToEnclosingStatementBlock", Members);
        if (InvokeBlock is not { } invoke || ends is not { CanRead: true, CanWrite: true } || ends.PropertyType != typeof(bool))
        {
            return null;
        }

        return (block, command, dollarUnder, input, args) =>
        {
            object? session = context!.GetValue(command);
            object? outer = ends.GetValue(session);
            ends.SetValue(session, true);
            try
            {
                invoke(block, command, dollarUnder, input, args);
            }
            finally
            {
                ends.SetValue(session, outer);
            }
        };
    }

    private static Action<ScriptBlock, List<object?>, object?, object?[]>? CreateCollectBlock()
    {
        MethodInfo? method = typeof(ScriptBlock).GetMethod("InvokeWithPipe", Members);
        Type? errorHandling = typeof(ScriptBlock).GetNestedType("ErrorHandlingBehavior", BindingFlags.NonPublic | BindingFlags.Public);
        ConstructorInfo? pipe = typeof(ScriptBlock).Assembly.GetType("System.Management.Automation.Internal.Pipe")
            ?.GetConstructor(Members, [typeof(List<object>)]);
        if (method?.GetParameters().Length != 11 || errorHandling is null || pipe is null)
        {
            return null;
        }

        object writeErrors = Enum.Parse(errorHandling, "WriteToCurrentErrorPipe");
        object nothing = System.Management.Automation.Internal.AutomationNull.Value;
        return (block, output, dollarUnder, args) => method.Invoke(
            block,
            BindingFlags.DoNotWrapExceptions,
            binder: null,
            [false, writeErrors, dollarUnder, nothing, nothing, pipe.Invoke([output]), null, false, null, null, args],
            culture: null);
    }

    private static Func<Cmdlet?>? CreateRunningCommand()
    {
        Assembly engine = typeof(PSObject).Assembly;
        MethodInfo? context = engine.GetType("System.Management.Automation.Runspaces.LocalPipeline")
            ?.GetMethod("GetExecutionContextFromTLS", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public, []);
        PropertyInfo? processor = context?.ReturnType.GetProperty("CurrentCommandProcessor", Members);
        PropertyInfo? command = processor?.PropertyType.GetProperty("Command", Members);
        return command is null
            ? null
            : () => context!.Invoke(null, null) is { } current && processor!.GetValue(current) is { } running
                ? command.GetValue(running) as Cmdlet
                : null;
    }

    private static Action<Cmdlet, Collection<PSObject>>? CreateSetOutput()
    {
        PropertyInfo? pipe = typeof(PSObject).Assembly.GetType(
            "System.Management.Automation.MshCommandRuntime")?.GetProperty("OutputPipe", Members);
        FieldInfo? results = pipe?.PropertyType.GetField("_resultCollection", Members);
        if (results is null || pipe?.GetMethod is not { } getter || !results.FieldType.IsAssignableFrom(typeof(Collection<PSObject>)))
        {
            return null;
        }

        MethodInvoker get = MethodInvoker.Create(getter);
        return (command, output) => results.SetValue(get.Invoke(command.CommandRuntime), output);
    }

    private static Action<ErrorRecord, T>? CreateAction<T>(string method)
        => typeof(ErrorRecord).GetMethod(method, Members, [typeof(T)])?.CreateDelegate<Action<ErrorRecord, T>>();
}
