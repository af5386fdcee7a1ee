using AsyncPs.Blocks.Capture;

namespace AsyncPs.Blocks;

/// <summary>
/// The variables that earlier commands of the pipeline set for each object (`-PipelineVariable`), as far as the blocks of a call name
/// them. Each item gets the values at the time it arrived.
/// </summary>
internal sealed class PipelineVariables
{
    private readonly PSVariable[] _variables;

    private PipelineVariables(PSVariable[] variables) => _variables = variables;

    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => _variables.Select(static variable => variable.Name);

    /// <summary>Finds the variables.</summary>
    /// <param name="caller">The cmdlet in the pipeline.</param>
    /// <param name="scope">What is captured for its blocks; the variables are removed from it.</param>
    /// <returns>Null if there are none.</returns>
    public static PipelineVariables? Of(PSCmdlet caller, CapturedScope scope)
    {
        List<PSVariable> variables = [];
        foreach (string name in EngineInternals.PipelineVariablesBefore(caller))
        {
            if (caller.SessionState.PSVariable.Get(name) is { } variable && scope.RemoveVariable(name))
            {
                variables.Add(variable);
            }
        }

        return variables.Count == 0 ? null : new PipelineVariables([.. variables]);
    }

    /// <summary>Reads the current values.</summary>
    public PipelineValues Read() => new(Array.ConvertAll(_variables, static variable
        => PSObjectExtensions.Unwrap(variable.Value) is ScriptBlock block ? UnboundBlocks.Get(block) : variable.Value));
}
