namespace AsyncPs.Help;

/// <summary>One example of a page.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Code">The code.</param>
/// <param name="Remarks">The text about it.</param>
internal sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Remarks);
