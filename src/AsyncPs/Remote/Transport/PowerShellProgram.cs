namespace AsyncPs.Remote.Transport;

/// <summary>The PowerShell that child processes run: the one that runs this process, unless another is named.</summary>
/// <param name="FileName">What is started.</param>
/// <param name="Arguments">What comes before its own arguments.</param>
internal sealed record PowerShellProgram(string FileName, string[] Arguments)
{
    private const string Name = "pwsh";

    /// <summary>Finds it.</summary>
    /// <returns>Null where this process is no PowerShell, and none lies beside the engine that it hosts.</returns>
    public static PowerShellProgram? OfThisProcess()
        => Find(Environment.ProcessPath, Path.GetDirectoryName(typeof(PSObject).Assembly.Location)!);

    /// <summary>Finds it.</summary>
    /// <param name="process">The program of this process.</param>
    /// <param name="engine">The folder of the engine.</param>
    public static PowerShellProgram? Find(string? process, string engine)
    {
        if (process is not null && IsNamed(process, Name))
        {
            return new PowerShellProgram(process, []);
        }

        // As a .NET tool it is an assembly that dotnet runs.
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
