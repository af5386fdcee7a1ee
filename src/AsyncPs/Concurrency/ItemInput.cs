namespace AsyncPs.Concurrency;

/// <summary>What an item is made of.</summary>
/// <param name="Input">The input object, as results and errors show it.</param>
/// <param name="Work">What it means to those who run it, or null when it is all they need.</param>
internal readonly record struct ItemInput(object? Input, object? Work);
