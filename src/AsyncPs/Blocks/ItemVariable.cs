namespace AsyncPs.Blocks;

/// <summary>A variable of a worker that is set for each item, and therefore not restored after one.</summary>
internal sealed class ItemVariable(string name) : PSVariable(name);
