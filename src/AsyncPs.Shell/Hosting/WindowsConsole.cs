using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace AsyncPs.Shell.Hosting;

/// <summary>The Windows console interprets escape sequences only when asked to.</summary>
internal static partial class WindowsConsole
{
    private const uint EnableVirtualTerminalProcessing = 4;

    internal enum Stream
    {
        Output = -11,
        Error = -12,
    }

    [SupportedOSPlatform("windows")]
    internal static bool TryEnableEscapes(Stream stream)
    {
        nint handle = GetStdHandle((int)stream);
        return GetConsoleMode(handle, out uint mode) && SetConsoleMode(handle, mode | EnableVirtualTerminalProcessing);
    }

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint GetStdHandle(int stream);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetConsoleMode(nint handle, out uint mode);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetConsoleMode(nint handle, uint mode);
}
