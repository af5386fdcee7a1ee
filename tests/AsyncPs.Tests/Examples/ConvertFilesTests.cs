using System.IO.Compression;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>examples/convert-files.ps1 with gzip.</summary>
public sealed class ConvertFilesTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_file_is_converted_once_and_failures_have_their_exit_code()
    {
        Assert.SkipWhen(Programs.Find("gzip") is null, "gzip is not installed.");
        string[] files = [.. Enumerable.Range(0, 5).Select(i => _folder[$"log {i}.txt"])];
        foreach (string file in files)
        {
            await File.WriteAllTextAsync(file, "text of " + file, TestContext.Current.CancellationToken);
        }

        _session.Set("example", Path.Combine(ShellProcess.Root, "examples", "convert-files.ps1"));
        _session.Set("files", files);
        const string Convert = "$files | & $example -Program gzip -Arguments '--keep', '{}' -Produces '{}.gz' | ForEach-Object { \"$($_.File) $($_.ExitCode)\" }";

        Assert.Equal(files.Select(static file => file + " 0"), (await _session.RunAsync(Convert)).Output);
        foreach (string file in files)
        {
            await using GZipStream gzip = new(File.OpenRead(file + ".gz"), CompressionMode.Decompress);
            using StreamReader reader = new(gzip);
            Assert.Equal("text of " + file, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        // What is there already is left alone; without -Produces the program is asked again, and refuses.
        Assert.Empty((await _session.RunAsync(Convert)).Output);
        ScriptRun again = await _session.RunAsync("$files[0] | & $example -Program gzip -Arguments '--test', '{name}.txt' | ForEach-Object { \"$($_.ExitCode -ne 0) $($_.Output.Length -gt 0)\" }");
        Assert.Equal(["True True"], again.Output);
    }
}
