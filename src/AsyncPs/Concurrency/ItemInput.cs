namespace AsyncPs.Concurrency;

/// <summary>What an item is created from.</summary>
/// <param name="Input">The input object, as results and errors show it.</param>
/// <param name="Work">What the runner makes of it, or null when the input object is enough.</param>
internal readonly record struct ItemInput(object? Input, object? Work);
