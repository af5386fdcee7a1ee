using System.Collections;

namespace AsyncPs.Blocks;

/// <summary>The block that an item runs and its named arguments, if they differ between the items of a call.</summary>
/// <param name="Block">The index of the block in the call.</param>
/// <param name="Parameters">The arguments by parameter name, which the engine binds; null if the block has no parameters.</param>
internal sealed record ItemInvocation(int Block, IDictionary? Parameters);
