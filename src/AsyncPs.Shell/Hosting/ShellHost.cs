using System.Globalization;
using System.Management.Automation.Host;
using System.Reflection;

namespace AsyncPs.Shell.Hosting;

/// <summary>The host that scripts see as <c>$Host</c>.</summary>
internal sealed class ShellHost(Interruption interruption, bool mayAsk) : PSHost
{
    internal static string InformationalVersion { get; } =
        typeof(ShellHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public override string Name => "AsyncPsShell";

    public override Version Version { get; } = typeof(ShellHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override PSHostUserInterface UI => Console;

    /// <summary>The exit code of <c>exit</c>, once it was called.</summary>
    internal int? ExitRequest { get; private set; }

    internal ShellUserInterface Console { get; } = new(interruption, mayAsk);

    public override void SetShouldExit(int exitCode) => ExitRequest = exitCode;

    public override void EnterNestedPrompt() =>
        throw new NotSupportedException("This shell has no nested prompt. Use pwsh to suspend or debug a script.");

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication() => Console.EndProgress();

    public override void NotifyEndApplication()
    {
    }
}
