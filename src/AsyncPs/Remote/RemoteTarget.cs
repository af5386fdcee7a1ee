using System.Collections;
using System.Diagnostics;
using System.Management.Automation.Runspaces;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>Where the processes that run items are, and how they are started. Processes of equal targets are interchangeable.</summary>
/// <param name="Name">Its name in messages, at the beginning of a sentence.</param>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record RemoteTarget(string Name, string FileName, string[] Arguments)
{
    private static readonly string[] ServerArguments = ["-s", "-NoLogo", "-NoProfile"];

    private readonly string? _word;

    /// <summary>The directory in which they start, or null for that of this process.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment variables in addition to those of this process; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The name in messages, in a sentence, where that differs.</summary>
    public string Word
    {
        get => _word ?? Name;
        init => _word = value;
    }

    /// <summary>Whether they are on this machine, where paths and modules are the same.</summary>
    public bool IsLocal { get; init; } = true;

    /// <summary>An open session that belongs to the user, or null.</summary>
    public Runspace? Session { get; init; }

    /// <summary>Equal if processes are interchangeable.</summary>
    public string Key
    {
        get
        {
            IEnumerable<string> environment =
                Environment.Select(static variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal);
            return string.Join('\0', [FileName, .. Arguments, "", WorkingDirectory, .. environment]);
        }
    }

    /// <summary>The target of child processes of this one.</summary>
    /// <param name="program">The PowerShell that they run.</param>
    /// <param name="configurationName">The session configuration, or null.</param>
    public static RemoteTarget Children(PowerShellProgram program, string? configurationName)
    {
        string[] configuration = configurationName is null ? [] : ["-ConfigurationName", configurationName];
        return new RemoteTarget("A child process", program.FileName, [.. program.Arguments, .. ServerArguments, .. configuration]);
    }

    /// <summary>Processes on another machine, reached by ssh.</summary>
    /// <param name="address">The machine.</param>
    /// <param name="ssh">The program ssh.</param>
    /// <param name="settings">The settings of ssh.</param>
    /// <param name="program">The PowerShell there, or null for the subsystem powershell of its sshd.</param>
    public static RemoteTarget Machine(SshAddress address, string ssh, SshSettings settings, string? program)
        => new(address.Text, ssh, settings.Arguments(address, program)) { IsLocal = false };

    /// <summary>A session that was opened by `New-PSSession`.</summary>
    public static RemoteTarget Of(PSSession session)
    {
        string word = $"session '{session.Name}' to {session.ComputerName}";
        return new RemoteTarget("The " + word, session.ComputerName, []) { Word = word, IsLocal = false, Session = session.Runspace };
    }

    /// <summary>Starts a process.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public ProcessChannel Start()
    {
        ProcessStartInfo start = new(FileName) { WorkingDirectory = WorkingDirectory ?? "" };
        Array.ForEach(Arguments, start.ArgumentList.Add);
        foreach ((string name, string? value) in IsLocal ? Environment : new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return ProcessChannel.Start(start, IsLocal ? null : Name);
    }

    /// <summary>The environment for processes, given this process's current one.</summary>
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
