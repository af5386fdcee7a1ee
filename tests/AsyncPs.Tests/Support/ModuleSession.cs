using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;
using Xunit;

namespace AsyncPs.Tests.Support;

/// <summary>A session of the real engine with the built module imported.</summary>
public sealed class ModuleSession : IDisposable
{
    private readonly Runspace _runspace;

    static ModuleSession()
    {
        // So that a block on a worker finds the module as it would find an installed one.
        const string PathVariable = "PSModulePath";
        string folder = Path.GetDirectoryName(BuiltModule.Folder)!;
        Environment.SetEnvironmentVariable(PathVariable, folder + Path.PathSeparator + Environment.GetEnvironmentVariable(PathVariable));
    }

    /// <summary>Opens a session with the module, and with others that are given by their manifests.</summary>
    public ModuleSession(params string[] others)
        : this(host: null, others)
    {
    }

    /// <summary>Opens a session with the module and a host, and with other modules that are given by their manifests.</summary>
    public ModuleSession(PSHost? host, params string[] others)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = ExecutionPolicy.RemoteSigned;
        }

        state.ImportPSModule([BuiltModule.Manifest, .. others]);
        _runspace = host is null ? RunspaceFactory.CreateRunspace(state) : RunspaceFactory.CreateRunspace(host, state);
        _runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        _runspace.Open();
        Probe = NewProbe();
    }

    /// <summary>The value of <c>$probe</c>.</summary>
    public Probe Probe { get; private set; }

    /// <summary>Gives scripts that start from now on another <c>$probe</c>.</summary>
    public Probe NewProbe()
    {
        Probe = new Probe();
        Set("probe", Probe);
        return Probe;
    }

    public Debugger Debugger => _runspace.Debugger;

    public void Set(string variable, object? value) => _runspace.SessionStateProxy.SetVariable(variable, value);

    /// <summary>Starts a script.</summary>
    public ScriptRun Start(string script) => new(_runspace, script);

    /// <summary>Runs a script to its end; an error that ends it is thrown.</summary>
    public async Task<ScriptRun> RunAsync(string script, TimeSpan? deadline = null)
    {
        ScriptRun run = Start(script);
        await run.EndAsync(deadline);
        return run;
    }

    /// <summary>Runs a script to its end without errors, and returns its output with spaces between.</summary>
    public async Task<string> TextAsync(string script)
    {
        ScriptRun run = await RunAsync(script);
        Assert.Empty(run.Errors);
        return string.Join(' ', run.Output);
    }

    /// <summary>Runs a script that must be ended by an error, and returns it.</summary>
    public async Task<ErrorRecord> FailAsync(string script)
    {
        try
        {
            await RunAsync(script);
        }
        catch (RuntimeException e)
        {
            return e.ErrorRecord;
        }

        throw new InvalidOperationException("No error ended the script.");
    }

    /// <summary>Runs a statement that must be ended by an error, and returns it.</summary>
    public Task<ErrorRecord> FailStatementAsync(string statement) => FailAsync($"try {{ {statement} }} catch {{ throw }}");

    // A session whose script hangs never closes: its test has failed already, and the next one must get its turn.
    public void Dispose() => Task.Run(_runspace.Dispose).Wait(TimeSpan.FromSeconds(10));
}
