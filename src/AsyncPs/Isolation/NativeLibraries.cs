using System.Runtime.InteropServices;

namespace AsyncPs.Isolation;

/// <summary>Finds native libraries in a folder with several platforms.</summary>
internal static class NativeLibraries
{
    /// <summary>The file of a library for the platform of this process, or null.</summary>
    /// <param name="folder">The folder that contains `native/`.</param>
    /// <param name="name">The library's name, without prefix and extension.</param>
    public static string? Find(string folder, string name)
    {
        string file = OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
        string path = Path.Combine(
            folder,
            "native",
            Platform(RuntimeInformation.RuntimeIdentifier, RuntimeInformation.ProcessArchitecture),
            file);
        return File.Exists(path) ? path : null;
    }

    /// <summary>The name of the platform in folder names.</summary>
    /// <param name="runtime">The runtime identifier, which may name the distribution that it was built for.</param>
    /// <param name="architecture">The processor architecture of the process.</param>
    public static string Platform(string runtime, Architecture architecture)
    {
        string processor = architecture switch
        {
            Architecture.X64 => "x64",
            Architecture.X86 => "x86",
            Architecture.Arm64 => "arm64",
            Architecture.Arm => "arm",
            _ => architecture.ToString(),
        };
        string system = runtime.StartsWith("win", StringComparison.Ordinal) ? "win"
            : runtime.StartsWith("osx", StringComparison.Ordinal) ? "osx"
            : runtime.Contains("musl", StringComparison.Ordinal) || runtime.StartsWith("alpine", StringComparison.Ordinal) ? "linux-musl"
            : "linux";
        return $"{system}-{processor}";
    }
}
