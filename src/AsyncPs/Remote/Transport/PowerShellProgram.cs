namespace AsyncPs.Remote.Transport;

/// <summary>The PowerShell program of child processes: that of this process, unless another one is named.</summary>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">The arguments before those of PowerShell.</param>
internal sealed record PowerShellProgram(string FileName, string[] Arguments)
{
    private const string Name = "pwsh";

    /// <summary>Finds the program of this process.</summary>
    /// <returns>Null if this process is not PowerShell, and there is none beside the engine that it hosts.</returns>
    public static PowerShellProgram? OfThisProcess()
        => Find(Environment.ProcessPath, Path.GetDirectoryName(typeof(PSObject).Assembly.Location)!);

    /// <summary>Finds the program.</summary>
    /// <param name="process">The program of this process.</param>
    /// <param name="engine">The folder of the engine.</param>
    public static PowerShellProgram? Find(string? process, string engine)
    {
        if (process is not null && IsNamed(process, Name))
        {
            return new PowerShellProgram(process, []);
        }

        // Installed as a .NET tool, PowerShell is an assembly that dotnet runs.
        string assembly = Path.Combine(engine, Name + ".dll");
        if (process is not null && IsNamed(process, "dotnet") && File.Exists(assembly))
        {
            return new PowerShellProgram(process, [assembly]);
        }

        string program = Path.Combine(engine, OperatingSystem.IsWindows() ? Name + ".exe" : Name);
        return File.Exists(program) ? new PowerShellProgram(program, []) : null;
    }

    private static bool IsNamed(string path, string name)
        => Path.GetFileNameWithoutExtension(path).Equals(name, StringComparison.OrdinalIgnoreCase);
}
