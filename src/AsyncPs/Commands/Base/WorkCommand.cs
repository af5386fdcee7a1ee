using System.Collections;
using AsyncPs.Commands.Parameters;
using AsyncPs.Blocks.Capture;

namespace AsyncPs.Commands.Base;

/// <summary>The base of cmdlets that run script blocks on workers: what the blocks see of the session they come from.</summary>
/// <remarks>The parameters are virtual: a cmdlet that runs no blocks overrides them without the attribute, and has none of them.</remarks>
public abstract class WorkCommand : AsyncCommand
{
    /// <summary>Turns off that blocks see what they name of the caller's session. Default: they do.</summary>
    [Parameter]
    public virtual SwitchParameter NoCapture { get; set; }

    /// <summary>Variables for the blocks, names and values; they win over the caller's of the same name.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(VariableEntryCompleter))]
    public virtual IDictionary? Variable { get; set; }

    /// <summary>
    /// Functions, filters and aliases of the caller for the blocks, with what they call, that the blocks do not name themselves.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FunctionNameCompleter))]
    public virtual string[] Function { get; set; } = [];

    /// <summary>Modules for the blocks, by name or path, imported once a worker.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    public virtual string[] Module { get; set; } = [];

    /// <summary>What the parameters say.</summary>
    private protected CaptureOptions CaptureOptions => new(!NoCapture, Variable, Function, Module);
}
