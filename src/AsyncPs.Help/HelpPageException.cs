namespace AsyncPs.Help;

/// <summary>Thrown when a page, or something on it, is missing.</summary>
internal sealed class HelpPageException(string message) : Exception(message);
