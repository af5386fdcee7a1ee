using System.IO.Compression;
using System.Management.Automation;
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

        _session.Set("example", Repository.Example("convert-files.ps1"));
        _session.Set("files", files);
        const string Convert =
            "$files | & $example -Program sh -Arguments '-c', 'gzip < \"$1\" > \"$2\"', 'sh', '{}', "
                + "'{new}' -Produces '{}.gz' | ForEach-Object { \"$($_.File) $($_.ExitCode)\" }";

        Assert.Equal(files.Select(static file => file + " 0"), (await _session.RunAsync(Convert)).Output);
        foreach (string file in files)
        {
            await using GZipStream gzip = new(File.OpenRead(file + ".gz"), CompressionMode.Decompress);
            using StreamReader reader = new(gzip);
            Assert.Equal("text of " + file, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        // Existing files are skipped; without -Produces the program runs again.
        Assert.Empty((await _session.RunAsync(Convert)).Output);
        ScriptRun again = await _session.RunAsync(
            "$files[0] | & $example -Program gzip -Arguments '--test', '{name}.txt' | ForEach-Object { \"$($_.ExitCode -ne 0) "
                + "$($_.Output.Length -gt 0)\" }");
        Assert.Equal(["True True"], again.Output);
    }

    [Fact]
    public async Task What_was_not_made_to_the_end_does_not_count()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It runs a shell.");
        string file = _folder["file"];
        await File.WriteAllTextAsync(file, "text", TestContext.Current.CancellationToken);
        _session.Set("example", Repository.Example("convert-files.ps1"));
        _session.Set("file", file);

        ScriptRun failed = await _session.RunAsync(
            "$file | & $example -Program sh -Arguments '-c', 'echo half > \"$1\"; exit 3', 'sh', "
                + "'{new}' -Produces '{}.new' | ForEach-Object ExitCode");
        Assert.Equal([3], failed.Output);
        Assert.Equal([file], Directory.GetFiles(_folder.Path));

        ScriptRun killed = _session.Start(
            "$file | & $example -Program sh -Arguments '-c', 'echo half > \"$1\"; exec sleep 1000', 'sh', '{new}' -Produces '{}.new'");
        await Condition.UntilAsync(() => Directory.GetFiles(_folder.Path).Length == 2, "the program has begun to write");
        await killed.StopAsync();
        await Condition.UntilAsync(() => Directory.GetFiles(_folder.Path).Length == 1, "what it has written is gone");

        // A process that is killed with its programs leaves their partial files.
        await File.WriteAllTextAsync(_folder["~file.new"], "half", TestContext.Current.CancellationToken);
        ScriptRun again = await _session.RunAsync(
            "$file | & $example -Program sh -Arguments '-c', 'set -o noclobber; cat < \"$0\" > \"$1\"', '{}', "
                + "'{new}' -Produces '{}.new' | ForEach-Object ExitCode");
        Assert.Equal([0], again.Output);
        Assert.Equal("text", await File.ReadAllTextAsync(file + ".new", TestContext.Current.CancellationToken));
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
    }

    [Theory]
    [InlineData("-Program gzip -Arguments '--keep', '{}' -Produces '{}.gz'", "*{new}*")]
    [InlineData("-Program no-such-program", "*no-such-program*")]
    public async Task What_cannot_work_is_told_before_it_begins(string arguments, string message)
    {
        _session.Set("example", Repository.Example("convert-files.ps1"));

        ErrorRecord error = await _session.FailStatementAsync("'file' | & $example " + arguments);

        Assert.True(WildcardPattern.Get(message, WildcardOptions.None).IsMatch(error.ToString()), error.ToString());
    }
}
