using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data.Support;

/// <summary>A session with both modules and a temporary folder, which is removed with its files.</summary>
public abstract class DataTest : IDisposable
{
    protected DataTest() => Session.Set("folder", Folder);

    protected ModuleSession Session { get; } = new(BuiltModule.DataManifest);

    protected string Folder { get; } = Directory.CreateTempSubdirectory("asyncps-data-").FullName;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        Session.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Runs a script without errors.</summary>
    protected async Task<IReadOnlyList<PSObject>> RunAsync(string script)
    {
        ScriptRun run = await Session.RunAsync(script);
        Assert.Empty(run.Errors);
        return [.. run.Records];
    }

    /// <summary>The output of a script without errors, as text.</summary>
    protected async Task<string> TextAsync(string script)
        => string.Join(" ", (await RunAsync(script)).Select(static o => o?.ToString() ?? "null"));

    /// <summary>The errors of a script that continues after them.</summary>
    protected async Task<ErrorRecord[]> ErrorsAsync(string script)
    {
        ScriptRun run = await Session.RunAsync(script);
        return [.. run.Errors];
    }
}
