namespace AsyncPs.Shell.Hosting;

/// <summary>What the standard streams are connected to, and what that allows.</summary>
internal static class Terminal
{
    internal static bool Input { get; } = !Console.IsInputRedirected;

    internal static bool Output { get; } = !Console.IsOutputRedirected;

    /// <summary>Whether escape sequences that move the cursor work on standard output.</summary>
    internal static bool Escapes { get; } = Output && Understands(WindowsConsole.Stream.Output);

    internal static bool OutputColour { get; } = Escapes && ColourWanted;

    internal static bool ErrorColour { get; } = !Console.IsErrorRedirected && ColourWanted && Understands(WindowsConsole.Stream.Error);

    /// <summary>The number of columns; a terminal that has not been told its own says 0.</summary>
    internal static int Width => Console.WindowWidth is > 0 and var width ? width : 80;

    // https://no-color.org
    private static bool ColourWanted => Environment.GetEnvironmentVariable("NO_COLOR") is null;

    private static bool Understands(WindowsConsole.Stream stream) => OperatingSystem.IsWindows()
        ? WindowsConsole.TryEnableEscapes(stream)
        : Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
}
