using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>The main job, on real input: examples/hash-files.ps1 in PowerShell, against <c>sha256sum</c>.</summary>
public sealed class HashFilesTests : IDisposable
{
    private static readonly string Example = Repository.Example("hash-files.ps1");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tree_of_thousands_of_files_hashes_as_sha256sum_does()
    {
        Assert.SkipUnless(Programs.Find("sha256sum") is not null, "sha256sum is not installed.");
        int count = BuildTree();

        Outcome outcome = await HashAsync();

        Assert.Equal(await Sha256SumAsync(), outcome.Hashes);
        Assert.Equal(count, outcome.Hashes.Count);
        Assert.Empty(outcome.Errors);
        Assert.All(outcome.Sizes, file => Assert.Equal(new FileInfo(file.Key).Length, file.Value));
        string bytes = outcome.Sizes.Values.Sum().ToString("N0", CultureInfo.InvariantCulture);
        Assert.Matches(
            $@"^{count.ToString("N0", CultureInfo.InvariantCulture)} files, {bytes} bytes, [\d.,]+ s, [\d.,]+ MB/s$",
            outcome.Summary);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_one_error_and_the_rest_is_unharmed()
    {
        int count = BuildTree(files: 300);
        List<string> unreadable = [Link("dangling [1]", "no such file"), Link("itself", "itself")];
        if (!OperatingSystem.IsWindows())
        {
            unreadable.Add(Pipe("pipe"));
            unreadable.Add(Link("endless", "/dev/zero"));
            if (!Environment.IsPrivilegedProcess)
            {
                unreadable.Add(Locked("locked file"));
            }
        }

        Outcome outcome = await HashAsync();

        Assert.Equal(count, outcome.Hashes.Count);
        Assert.Equal(unreadable.Order(StringComparer.Ordinal), outcome.Errors.Keys.Order(StringComparer.Ordinal));
        Assert.All(outcome.Errors, error => Assert.Contains($"'{error.Key}'", error.Value, StringComparison.Ordinal));
        Assert.EndsWith($", {unreadable.Count} could not be read", outcome.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_vanishes_after_it_was_found_is_one_error_and_the_rest_is_unharmed()
    {
        // All files are listed before the first is hashed, and most still wait at its result. The last ones are deleted then.
        for (int i = 0; i < 2000; i++)
        {
            File.WriteAllText(_folder[$"{i:D4}"], $"{i}");
        }

        Outcome outcome = await HashAsync("""
             -ThrottleLimit 2 | ForEach-Object {
                if (-not $script:found) {
                    $script:found = [IO.DirectoryInfo]::new($folder).GetFileSystemInfos()
                    $script:found[-7..-1].Delete()
                }
                $_
            }
            """);

        Assert.Equal(7, outcome.Errors.Count);
        Assert.Equal(1993, outcome.Hashes.Count);
        Assert.Equal(
            Enumerable.Range(0, 2000).Select(i => _folder[$"{i:D4}"]),
            outcome.Errors.Keys.Concat(outcome.Hashes.Keys).Order(StringComparer.Ordinal));
        Assert.All(outcome.Errors.Keys, path => Assert.False(File.Exists(path)));
        Assert.All(outcome.Hashes, file => Assert.Equal(HashOf(file.Key), file.Value));
    }

    [Fact]
    public async Task Links_to_folders_are_not_entered_and_links_to_files_are_followed()
    {
        int count = BuildTree(files: 20);
        Link("loop", _folder.Path);
        string target = Directory.EnumerateFiles(_folder.Path).First();
        string link = Link("link to a file", target);

        Outcome outcome = await HashAsync();

        Assert.Equal(count + 1, outcome.Hashes.Count);
        Assert.Equal(HashOf(target), outcome.Hashes[link]);
        Assert.Empty(outcome.Errors);
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_fails()
    {
        ChildResult result = await ChildProcess.RunPowerShellAsync("-File", Example, "-Path", _folder["none"]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(_folder["none"], result.Error, StringComparison.Ordinal);
    }

    /// <summary>The output of the example: hashes and sizes by path, and error messages by the path of their target.</summary>
    private sealed record Outcome(
        Dictionary<string, string> Hashes, Dictionary<string, long> Sizes, Dictionary<string, string> Errors, string Summary);

    /// <summary>Runs the example; every object and error becomes a line with a separator that no name contains.</summary>
    private async Task<Outcome> HashAsync(string tail = "")
    {
        using ChildProcess process = ChildProcess.StartPowerShell(["-Command", $$"""
            $folder = '{{_folder.Path}}'
            [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false)
            [Globalization.CultureInfo]::CurrentCulture = [Globalization.CultureInfo]::InvariantCulture
            $quietly = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = 'errors'; InformationVariable = 'summary' }
            & '{{Example}}' -Path $folder @quietly 6>$null {{tail}} |
                ForEach-Object { "hash|$($_.Hash)|$($_.Size)|$($_.Path)" }
            foreach ($e in $errors) { "error|$($e.TargetObject.FullName)|$($e.Exception.Message)" }
            "summary|$summary"
            """]);
        ChildResult result = await process.ExitAsync();

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string[][] lines = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('|'))];
        string[][] hashes = [.. lines.Where(line => line[0] == "hash")];
        return new Outcome(
            hashes.ToDictionary(line => line[3], line => line[1]),
            hashes.ToDictionary(line => line[3], line => long.Parse(line[2], CultureInfo.InvariantCulture)),
            lines.Where(line => line[0] == "error").ToDictionary(line => line[1], line => line[2]),
            Assert.Single(lines, line => line[0] == "summary")[1]);
    }

    /// <summary>Nested folders; hidden, empty, large and oddly named files.</summary>
    /// <returns>The number of files.</returns>
    private int BuildTree(int files = 3000)
    {
        string[] folders = ["", "a", "a/with space", "a/with space/ü 漢字 🙂", "b[1]", "b[1]/.hidden", "c/d/e/f/g/h", "$home", "it's"];
        string[] names = ["plain", "two words", ".dot", "é ß", "漢字", "🙂", "[x]", "it's", "$var", "`tick", "-dash", "a;b&c"];
        int[] sizes = [0, 1, 10, 1000, 4095, 4096, 4097, 65536, 70_001];
        Random random = new(42);
        byte[] content = new byte[1_000_003];
        random.NextBytes(content);
        foreach (string folder in folders)
        {
            Directory.CreateDirectory(_folder[folder]);
        }

        for (int i = 0; i < files; i++)
        {
            string path = _folder[folders[i % folders.Length], $"{names[i % names.Length]} {i}"];
            int size = i == 7 ? content.Length : sizes[random.Next(sizes.Length)];
            File.WriteAllBytes(path, content.AsSpan(random.Next(content.Length - size + 1), size));
        }

        return files;
    }

    private string Link(string name, string target)
    {
        string link = _folder[name];
        try
        {
            return target == _folder.Path
                ? Directory.CreateSymbolicLink(link, target).FullName
                : File.CreateSymbolicLink(link, target).FullName;
        }
        catch (IOException e) when (OperatingSystem.IsWindows())
        {
            Assert.Skip($"This user may not create links: {e.Message}");
            throw;
        }
    }

    private string Pipe(string name)
    {
        string path = _folder[name];
        using Process mkfifo = Process.Start("mkfifo", [path]);
        mkfifo.WaitForExit();
        Assert.Equal(0, mkfifo.ExitCode);
        return path;
    }

    private string Locked(string name)
    {
        string path = _folder[name];
        File.WriteAllText(path, "secret");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.None);
        }

        return path;
    }

    private async Task<Dictionary<string, string>> Sha256SumAsync()
    {
        ChildResult result = await ChildProcess.RunAsync("find", _folder.Path, "-type", "f", "-exec", "sha256sum", "--zero", "{}", "+");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(line => line[66..], line => line[..64].ToUpperInvariant());
    }

    private static string HashOf(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
}
