using System.Collections;
using AsyncPs.Commands.Parameters;
using AsyncPs.Blocks.Capture;

namespace AsyncPs.Commands.Base;

/// <summary>
/// The base of cmdlets that run script blocks on workers, with the parameters for what the blocks see of the caller's session.
/// </summary>
/// <remarks>The parameters are virtual: a cmdlet without blocks overrides them without the attribute, which removes them.</remarks>
public abstract class WorkCommand : AsyncCommand
{
    /// <summary>Turns off capturing: blocks do not see what they name in the caller's session. Default: they do.</summary>
    [Parameter]
    public virtual SwitchParameter NoCapture { get; set; }

    /// <summary>Variables for the blocks, as names and values. They take precedence over the caller's of the same name.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(VariableEntryCompleter))]
    public virtual IDictionary? Variable { get; set; }

    /// <summary>
    /// Functions, filters and aliases of the caller, and what they call, for blocks that do not name them.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FunctionNameCompleter))]
    public virtual string[] Function { get; set; } = [];

    /// <summary>Modules for the blocks, by name or path, imported once per worker.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    public virtual string[] Module { get; set; } = [];

    /// <summary>The capture options of the parameters.</summary>
    private protected CaptureOptions CaptureOptions => new(!NoCapture, Variable, Function, Module);
}
