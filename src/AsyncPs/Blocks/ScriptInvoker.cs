using System.Collections;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using AsyncPs.Blocks.Capture;

namespace AsyncPs.Blocks;

/// <summary>Invokes a script block for one item, in its own scope, with live output.</summary>
internal sealed class ScriptInvoker
{
    // Through the public API, a script around the block invokes it. It sets `$_` for blocks without a process part; for those that
    // have one, the pipeline sets it.
    private const string InvokerScript = "$_ = $args[1]; $__arguments = $args[2]; , $args[1] | & $args[0] @__arguments";

    // These bind arguments by name, the second through the public API.
    private const string NamedScript = "param($__block, $__named) & $__block @__named";
    private const string PublicNamedScript = "$_ = $args[2]; $__named = $args[1]; & $args[0] @__named";

    // The name that the engine shows for a block that is called as a function.
    private const string NameOfBlock = "<ScriptBlock>";

    private static readonly ScriptBlock NamedBlock = UnboundBlocks.Get(ScriptBlock.Create(NamedScript));

    private const string InitializingScript = ". $args[3]; " + InvokerScript;

    private static readonly object?[] NoArguments = [];

    private readonly ScriptBlock _block;
    private readonly object?[] _arguments;
    private readonly ScriptBlock? _initialization;
    private readonly string _script;
    private readonly bool _endsAtErrors;
    private readonly EngineInternals.InvokeUsingCmdlet? _invoke;
    private readonly IScriptExtent? _lastCommand;

    /// <summary>Prepares a block of the caller for the workers.</summary>
    /// <param name="block">The caller's block.</param>
    /// <param name="arguments">The values of `$args` and `param()`, or null.</param>
    /// <param name="scripts">The other blocks of the call.</param>
    public ScriptInvoker(ScriptBlock block, object?[]? arguments, WorkerScripts scripts)
    {
        _initialization = scripts.ItemInitialization is { } initialization ? UnboundBlocks.Get(initialization) : null;
        string script = _initialization is null ? InvokerScript : InitializingScript;
        _script = scripts.EndsAtErrors ? $"try {{ {script} }} catch {{ throw }}" : script;
        _block = UnboundBlocks.Get(block);
        _arguments = arguments ?? NoArguments;
        _endsAtErrors = scripts.EndsAtErrors;
        _invoke = _initialization is not null || !HasOneBody(block.Ast) ? null
            : _endsAtErrors ? EngineInternals.InvokeBlockInTry
            : EngineInternals.InvokeBlock;
        _lastCommand = LastCommand(block.Ast);
    }

    /// <summary>The position of the block: a file and a line, or its beginning.</summary>
    public string Place => _block.Ast.Extent is { File.Length: > 0 } extent
        ? $"{Path.GetFileName(extent.File)}:{extent.StartLineNumber}"
        : ViewText.Of(_block.ToString());

    /// <summary>The block, without a session.</summary>
    public ScriptBlock Block => _block;

    /// <summary>Whether the engine invokes the block directly, without a script or a `try` around it.</summary>
    public bool IsDirect => _invoke is not null && !_endsAtErrors;

    /// <summary>Whether a command is the last statement of the block, with nothing around it.</summary>
    public bool EndsWith(InvocationInfo command)
        => IsDirect
            && _lastCommand is { } last
            && command.IsAt(last);

    /// <summary>Runs the block.</summary>
    /// <param name="command">The cmdlet whose pipeline receives the output.</param>
    /// <param name="item">The value of `$_`.</param>
    /// <param name="own">The item's own arguments in place of the common ones, or null.</param>
    public void Invoke(PSCmdlet command, object? item, object?[]? own)
    {
        object?[] arguments = own ?? _arguments;
        if (_invoke is not null)
        {
            _invoke(_block, command, item, new[] { item }, arguments);
            return;
        }

        command.InvokeCommand.InvokeScript(
            _script,
            useNewScope: true,
            PipelineResultTypes.Output | PipelineResultTypes.Error,
            input: null,
            [_block, item, arguments, _initialization]);
    }

    /// <summary>Creates the function that <see cref="InvokeNamed"/> calls in a session.</summary>
    /// <param name="command">The cmdlet whose session it is.</param>
    public object CreateNamed(PSCmdlet command) => EngineInternals.CreateFunction?.Invoke(NameOfBlock, _block, command) ?? (object)_block;

    /// <summary>Runs a block whose arguments the engine binds by name.</summary>
    /// <param name="command">The cmdlet whose pipeline gets the output.</param>
    /// <param name="item">The value of `$_`.</param>
    /// <param name="block">The block, of <see cref="CreateNamed"/>.</param>
    /// <param name="arguments">The arguments by name.</param>
    public static void InvokeNamed(PSCmdlet command, object? item, object block, IDictionary arguments)
    {
        if (EngineInternals.InvokeBlock is { } invoke)
        {
            invoke(NamedBlock, command, item, new[] { item }, [block, arguments]);
            return;
        }

        command.InvokeCommand.InvokeScript(
            PublicNamedScript,
            useNewScope: true,
            PipelineResultTypes.Output | PipelineResultTypes.Error,
            input: null,
            [block, arguments, item]);
    }

    /// <summary>Whether an error is one of the arguments that <see cref="InvokeNamed"/> has bound, not of a command of the block.</summary>
    /// <param name="command">The command that could not be bound.</param>
    public static bool IsNamed(InvocationInfo? command) => command?.Line is NamedScript or PublicNamedScript;

    private static bool HasOneBody(Ast ast) => BodyOf(ast) is { BeginBlock: null, DynamicParamBlock: null, ProcessBlock: null };

    private static ScriptBlockAst? BodyOf(Ast ast) => ast as ScriptBlockAst ?? (ast as FunctionDefinitionAst)?.Body;

    private static IScriptExtent? LastCommand(Ast ast)
        => BodyOf(ast) is { EndBlock: { Traps: null or { Count: 0 }, Statements: [.., PipelineAst last] } }
            ? last.PipelineElements[^1].Extent
            : null;
}
