using System.Collections;

namespace AsyncPs.Blocks;

/// <summary>Which of a call's blocks an item runs, and what it gets by name, where the items of a call differ in that.</summary>
/// <param name="Block">The position of the block among those of the call.</param>
/// <param name="Parameters">The arguments by the names of parameters, which the engine binds; null if the block has no parameters.</param>
internal sealed record ItemInvocation(int Block, IDictionary? Parameters);
