namespace AsyncPs.Help;

/// <summary>A page is missing, or something in it.</summary>
internal sealed class HelpPageException(string message) : Exception(message);
