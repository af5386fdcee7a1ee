using System.Collections;
using System.Diagnostics;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>Where processes run that run items, and how they are started. Those of equal targets are the same to a call.</summary>
/// <param name="Name">What their place is called in messages.</param>
/// <param name="FileName">The program that is started.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record RemoteTarget(string Name, string FileName, string[] Arguments)
{
    private static readonly string[] ServerArguments = ["-s", "-NoLogo", "-NoProfile"];

    /// <summary>The directory that they start in, or null: that of this process.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment variables that they have besides those of this process; null as a value takes one away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether they are on this machine: paths mean the same, and modules are where they are here.</summary>
    public bool IsLocal { get; init; } = true;

    /// <summary>Equal where processes are the same to a call.</summary>
    public string Key
    {
        get
        {
            IEnumerable<string> environment =
                Environment.Select(static variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal);
            return string.Join('\0', [FileName, .. Arguments, "", WorkingDirectory, .. environment]);
        }
    }

    /// <summary>Child processes of this one.</summary>
    /// <param name="program">The PowerShell that they run.</param>
    /// <param name="configurationName">The session configuration, or null.</param>
    public static RemoteTarget Children(PowerShellProgram program, string? configurationName)
    {
        string[] configuration = configurationName is null ? [] : ["-ConfigurationName", configurationName];
        return new RemoteTarget("a child process", program.FileName, [.. program.Arguments, .. ServerArguments, .. configuration]);
    }

    /// <summary>Starts one.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public ProcessChannel Start()
    {
        ProcessStartInfo start = new(FileName) { WorkingDirectory = WorkingDirectory ?? "" };
        Array.ForEach(Arguments, start.ArgumentList.Add);
        foreach ((string name, string? value) in Environment)
        {
            start.Environment[name] = value;
        }

        return ProcessChannel.Start(start, Name);
    }

    /// <summary>The environment that processes have whose caller has this process's of now.</summary>
    public Hashtable EnvironmentNow()
    {
        Hashtable wanted = new(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            wanted[variable.Key] = variable.Value;
        }

        foreach ((string name, string? value) in Environment)
        {
            if (value is null)
            {
                wanted.Remove(name);
            }
            else
            {
                wanted[name] = value;
            }
        }

        return wanted;
    }
}
