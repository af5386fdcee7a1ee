using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace AsyncPs.Bench;

/// <summary>A session with the built module in it.</summary>
internal sealed class Session : IDisposable
{
    private readonly Runspace _runspace;

    public Session(bool withModule = true)
    {
        _runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        _runspace.Open();
        if (withModule)
        {
            Run($"Import-Module '{ModulePath}'");
        }
    }

    /// <summary>The session that all benchmarks of this process share.</summary>
    public static Session Shared => Instance.Value;

    private static readonly Lazy<Session> Instance = new(() => new Session());

    /// <summary>The folder of the solution.</summary>
    public static string RepositoryRoot { get; } = FindRepository();

    /// <summary>The manifest of the module that the build has assembled.</summary>
    public static string ModulePath => Path.Combine(RepositoryRoot, "output", "AsyncPs", "AsyncPs.psd1");

    /// <summary>The manifest of its companion for databases.</summary>
    public static string DataModulePath => Path.Combine(RepositoryRoot, "output", "AsyncPs.Data", "AsyncPs.Data.psd1");

    /// <summary>The manifest of its companion for message queues.</summary>
    public static string MessagingModulePath => Path.Combine(RepositoryRoot, "output", "AsyncPs.Messaging", "AsyncPs.Messaging.psd1");

    /// <summary>Runs a script, drops its output, and returns the milliseconds it took.</summary>
    public double Time(string script)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        shell.AddScript(script).AddCommand("Out-Null");
        long start = Stopwatch.GetTimestamp();
        shell.Invoke();
        double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return shell.HadErrors ? throw new InvalidOperationException($"{script}: {shell.Streams.Error[0]}") : elapsed;
    }

    /// <summary>Runs a script with variables, and drops its output.</summary>
    public void Run(string script, params (string Name, object Value)[] variables)
    {
        foreach ((string name, object value) in variables)
        {
            _runspace.SessionStateProxy.SetVariable(name, value);
        }

        Run(script);
    }

    /// <summary>Runs a script and returns its output.</summary>
    public IReadOnlyList<PSObject> Run(string script)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        IReadOnlyList<PSObject> output = [.. shell.AddScript(script).Invoke()];
        return shell.HadErrors ? throw new InvalidOperationException($"{script}: {shell.Streams.Error[0]}") : output;
    }

    /// <summary>Starts a script whose output is dropped.</summary>
    public Task Start(string script)
    {
        var shell = PowerShell.Create(_runspace);
        shell.AddScript(script).AddCommand("Out-Null");
        return shell.InvokeAsync().ContinueWith(
            ran => shell.HadErrors ? throw new InvalidOperationException($"{shell.Streams.Error[0]}") : ran.Result,
            TaskScheduler.Default);
    }

    /// <summary>Sets a variable.</summary>
    public void Set(string name, object value) => _runspace.SessionStateProxy.SetVariable(name, value);

    public void Dispose() => _runspace.Dispose();

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!); folder is not null; folder =
            folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AsyncPs.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            "The benchmarks run from a checkout of the repository: AsyncPs.sln was not found above the program.");
    }
}
