using System.Collections;

namespace AsyncPs.Blocks.State;

/// <summary>The changes of an item in its worker's session, to be restored when it resumes there or in another worker.</summary>
/// <param name="Location">The current location.</param>
/// <param name="Stacks">The stacks of locations, each from its top.</param>
/// <param name="Variables">The global variables it has set, by name.</param>
/// <param name="Functions">The global functions it has defined, by name.</param>
/// <param name="Errors">What `$Error` holds, the last first.</param>
/// <param name="Parameters">What `$PSBoundParameters` holds.</param>
/// <param name="Defaults">What `$PSDefaultParameterValues` holds.</param>
/// <param name="Context">The thread's culture, and what else follows an operation from thread to thread.</param>
internal sealed record SessionChanges(
    string Location,
    (string Name, PathInfo[] Paths)[] Stacks,
    IReadOnlyDictionary<string, object?> Variables,
    IReadOnlyDictionary<string, ScriptBlock> Functions,
    object?[] Errors,
    DictionaryEntry[] Parameters,
    DictionaryEntry[] Defaults,
    ExecutionContext? Context);
