using System.Diagnostics;
using System.Management.Automation;
using System.Runtime.Versioning;
using System.Text;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

/// <summary>
/// The target of <c>-OutFile</c> keeps its kind: a device, a pipe, a link, a file with its mode and its other names.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class OutFileTests : HttpTest
{
    private const string Script = "Invoke-Concurrent -Uri $raw -OutFile $out";
    private const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly RawServer _raw = RawServer.Saying("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nnew");

    public OutFileTests(TestServer server)
        : base(server)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Modes, pipes and devices are those of Unix.");
        Session.Set("raw", _raw.Base);
        Session.Set("folder", Folder.Path);
        Session.Set("out", Folder["out"]);
    }

    private string[] Files
        => [.. Directory.EnumerateFileSystemEntries(Folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public override void Dispose()
    {
        _raw.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(Secret)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead)]
    public async Task A_file_keeps_its_mode_and_its_other_names(UnixFileMode mode)
    {
        await WriteAsync("out", "something longer");
        File.SetUnixFileMode(Folder["out"], mode);
        await RunProgramAsync("ln", Folder["out"], Folder["twin"]);
        dynamic result = await OneAsync(Script);

        Assert.Equal(3L, result.Length);
        Assert.Equal(Folder["out"], result.File.FullName);
        Assert.Equal(mode, File.GetUnixFileMode(Folder["out"]));
        Assert.Equal("new", await ReadAsync("out"));
        Assert.Equal("new", await ReadAsync("twin"));
        Assert.Equal(["out", "twin"], Files);
    }

    [Fact]
    public async Task A_file_that_is_new_gets_the_usual_mode()
    {
        await WriteAsync("usual", "");
        await OneAsync(Script);

        Assert.Equal(File.GetUnixFileMode(Folder["usual"]), File.GetUnixFileMode(Folder["out"]));
        Assert.Equal(["out", "usual"], Files);
    }

    [Fact]
    public async Task Nobody_reads_the_part_who_may_not_read_the_file()
    {
        await WriteAsync("out", "old");
        File.SetUnixFileMode(Folder["out"], Secret);
        Server.Breaks = true;
        ScriptRun run = Session.Start("Invoke-Concurrent -Uri \"$base/file/x?size=300000\" -OutFile $out");
        await Condition.UntilAsync(() => Files.Length == 2 && new FileInfo(Folder[Files[1]]).Length > 0, "a part");

        Assert.Equal(Secret, File.GetUnixFileMode(Folder[Files[1]]));
        Server.Gate.Release();
        await run.EndAsync();
        Server.Breaks = false;
        Assert.Single(run.Errors);
        Assert.Equal(["out"], Files);
        Assert.Equal("old", await ReadAsync("out"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_is_followed(bool leadsToAFile)
    {
        if (leadsToAFile)
        {
            await WriteAsync("real", "old");
        }

        File.CreateSymbolicLink(Folder["middle"], "real");
        File.CreateSymbolicLink(Folder["out"], Folder["middle"]);
        dynamic result = await OneAsync(Script);

        Assert.Equal(3L, result.Length);
        Assert.Equal("real", new FileInfo(Folder["middle"]).LinkTarget);
        Assert.Equal(Folder["middle"], new FileInfo(Folder["out"]).LinkTarget);
        Assert.Equal("new", await ReadAsync("real"));
        Assert.Equal(["middle", "out", "real"], Files);
    }

    [Theory]
    [InlineData("Invoke-Concurrent -Uri $raw -OutFile $device")]
    [InlineData("Invoke-Concurrent -Uri $raw -OutFile $device -Resume")]
    [InlineData("Invoke-Concurrent -Uri $raw -OutFile $out")]
    [InlineData("@{ Uri = $raw; OutFile = $device } | Invoke-Concurrent")]
    public async Task A_device_gets_the_bytes_and_stays_one(string script)
    {
        string device = await DeviceAsync("null", 3);
        string[] before = Files;
        Session.Set("device", device);
        File.CreateSymbolicLink(Folder["out"], device);
        dynamic result = await OneAsync(script);

        Assert.Equal(3L, result.Length);
        Assert.Equal(device, new FileInfo(Folder["out"]).LinkTarget);
        Assert.Equal("character special file 1:3", await RunProgramAsync("stat", "-c", "%F %t:%T", device));
        Assert.Equal([.. before, "out"], Files);
    }

    [Fact]
    public async Task A_pipe_gets_the_bytes()
    {
        await RunProgramAsync("mkfifo", Folder["out"]);
        Task<string> reader = Task.Run(() => File.ReadAllTextAsync(Folder["out"], TestContext.Current.CancellationToken));
        dynamic result = await OneAsync(Script);

        Assert.Equal(3L, result.Length);
        Assert.Equal("new", await reader.WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken));
        Assert.Equal(["out"], Files);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Resume")]
    public async Task A_pipe_that_nobody_reads_can_be_given_up(string parameters)
    {
        await RunProgramAsync("mkfifo", Folder["out"]);
        ScriptRun run = Session.Start($"{Script} {parameters}");
        await Condition.UntilAsync(() => _raw.Requests.Count == 1, "the request");
        await run.StopAsync();

        ScriptRun next = await Session.RunAsync($"{Script} -ItemTimeout 0.2");
        Assert.StartsWith("ItemTimedOut", Assert.Single(next.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_gone_into_a_pipe_is_not_sent_again()
    {
        using RawServer broken = RawServer.Saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\npart");
        Session.Set("raw", broken.Base);
        await RunProgramAsync("mkfifo", Folder["out"]);
        Task<string> reader = Task.Run(() => File.ReadAllTextAsync(Folder["out"], TestContext.Current.CancellationToken));
        ScriptRun run = await Session.RunAsync($"{Script} -RetryCount 3 -RetryDelay 1ms");

        Assert.StartsWith("HttpResponseEnded", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("part", await reader.WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken));
        Assert.Single(broken.Requests);
    }

    [Fact]
    public async Task A_link_in_place_of_the_part_is_not_followed()
    {
        using RawServer versioned = RawServer.Saying("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 3\r\nConnection: close\r\n\r\nnew");
        Session.Set("raw", versioned.Base);

        // The only predictable name is the name of a file that may be resumed.
        string part = await PartNameAsync(versioned.Base);
        await WriteAsync("victim", "untouched");
        File.CreateSymbolicLink(Folder[part], Folder["victim"]);
        await OneAsync($"{Script} -Resume");

        Assert.Equal("untouched", await ReadAsync("victim"));
        Assert.Equal("new", await ReadAsync("out"));
        Assert.Equal(["out", "victim"], Files);
    }

    [Theory]
    [InlineData("link")]
    [InlineData("pipe")]
    [InlineData("folder")]
    public async Task A_name_that_the_server_chooses_leads_nowhere_else(string kind)
    {
        await WriteAsync("victim", "untouched");
        switch (kind)
        {
            case "link":
                File.CreateSymbolicLink(Folder["x.txt"], Folder["victim"]);
                break;
            case "pipe":
                await RunProgramAsync("mkfifo", Folder["x.txt"]);
                break;
            default:
                Directory.CreateDirectory(Folder["x.txt"]);
                break;
        }

        dynamic result = await OneAsync("Invoke-Concurrent -Uri \"$raw/x.txt\" -OutDirectory $folder");

        Assert.Equal(Folder["x (2).txt"], result.File.FullName);
        Assert.Equal("untouched", await ReadAsync("victim"));
        Assert.Equal(["victim", "x (2).txt", "x.txt"], Files);
    }

    [Fact]
    public async Task A_folder_is_an_error()
    {
        Directory.CreateDirectory(Folder["out"]);
        ErrorRecord error = await ErrorAsync(Script);

        Assert.StartsWith("HttpFileNotWritten,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["out"], Files);
    }

    [Fact]
    public async Task A_disk_that_is_full_is_an_error()
    {
        Session.Set("device", await DeviceAsync("full", 7));
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri $raw -OutFile $device");

        Assert.StartsWith("HttpFileNotWritten,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    // A root user's tests get a device of their own: one that fails may replace it. Of others the system protects its own.
    private async Task<string> DeviceAsync(string name, int minor)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers of devices are those of Linux.");
        if (Environment.UserName != "root")
        {
            return "/dev/" + name;
        }

        string own = Folder["a-" + name];
        try
        {
            await RunProgramAsync("mknod", own, "c", "1", minor.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await File.AppendAllTextAsync(own, "", TestContext.Current.CancellationToken);
        }
        catch (Exception e) when (e is Xunit.Sdk.EqualException or UnauthorizedAccessException or IOException)
        {
            Assert.Skip("Devices cannot be made here.");
        }

        return own;
    }

    private static async Task<string> RunProgramAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }

    private async Task<string> PartNameAsync(string source)
    {
        using RawServer breaking = RawServer.Saying("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 3\r\nConnection: close\r\n\r\nn");
        await ErrorAsync($"{Script.Replace("$raw", $"'{breaking.Base}'", StringComparison.Ordinal)} -Resume");
        string part = Assert.Single(Files);
        File.Delete(Folder[part]);
        string Hash(string uri) => AsyncPs.Http.Files.ContentVersion.Hash(new Uri(uri).AbsoluteUri);
        return part.Replace(Hash(breaking.Base), Hash(source), StringComparison.Ordinal);
    }

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Folder[name], text, TestContext.Current.CancellationToken);

    private Task<string> ReadAsync(string name)
        => File.ReadAllTextAsync(Folder[name], Encoding.UTF8, TestContext.Current.CancellationToken);
}
