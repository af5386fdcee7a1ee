using System.Collections;
using System.IO.Compression;
using System.Management.Automation.Runspaces;
using AsyncPs.Blocks.Capture;
using AsyncPs.Remote.Closures;

namespace AsyncPs.Remote.Far;

/// <summary>The caller's modules in the process that runs the items. They stay, because an import is slow.</summary>
internal static class FarModules
{
    private const string ImportScript = """
        . { Microsoft.PowerShell.Core\Import-Module -Name $args[0] -Global -Force:$args[1] -PassThru -DisableNameChecking } @args *>&1
        """;

    private const string FindScript = """
        param($name, $version)
        Microsoft.PowerShell.Core\Get-Module -ListAvailable -FullyQualifiedName @{ ModuleName = $name; RequiredVersion = $version } |
            ForEach-Object Path
        """;

    private static readonly Dictionary<string, (DateTime Changed, PSModuleInfo Module)> Known = new(StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, (DateTime Changed, string Source)> Copies = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Stores a copy of a module, unless the process has that version installed, or the copy already.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="command">The command that opens the call.</param>
    public static void Store(IDictionary copy, PSCmdlet command)
    {
        string name = TravelReader.Text(copy[TravelKeys.Name])!;
        string path = TravelReader.Text(copy[TravelKeys.Path])!;
        DateTime changed = LanguagePrimitives.ConvertTo<DateTime>(copy[TravelKeys.Changed]);
        if (Copies.TryGetValue(path, out (DateTime Changed, string Source) there) && there.Changed == changed)
        {
            return;
        }

        Copies[path] = (changed, FindInstalled(name, TravelReader.Text(copy[TravelKeys.Version]), command) ?? Extract(name, copy));
    }

    /// <summary>What the caller's module is imported from: its copy, the same file, or its name.</summary>
    public static string SourceOf(IDictionary written)
    {
        string path = TravelReader.Text(written[TravelKeys.Path])!;
        return Copies.TryGetValue(path, out (DateTime Changed, string Source) copy) ? copy.Source
            : Path.Exists(path) ? path
            : TravelReader.Text(written[TravelKeys.Name])!;
    }

    /// <summary>Imports a module, unless the caller's version is already imported.</summary>
    /// <exception cref="RuntimeException">It cannot be imported.</exception>
    public static PSModuleInfo Get(IDictionary written, PSCmdlet command)
    {
        string name = TravelReader.Text(written[TravelKeys.Name])!;
        string path = TravelReader.Text(written[TravelKeys.Path])!;
        DateTime changed = LanguagePrimitives.ConvertTo<DateTime>(written[TravelKeys.Changed]);
        bool known = Known.TryGetValue(path, out (DateTime Changed, PSModuleInfo Module) there);
        if (known && there.Changed == changed)
        {
            return there.Module;
        }

        PSModuleInfo module = Import(name, SourceOf(written), known, command);
        Known[path] = (changed, module);
        return module;
    }

    /// <summary>A module that is nested in another, or the other one if it is not found.</summary>
    public static PSModuleInfo Nested(PSModuleInfo module, string? path)
        => path is null ? module
            : module.NestedModules.Select(nested => IsAt(nested, path) ? nested
                : FindNested(nested, path))
                .FirstOrDefault(static found => found is not null) ?? module;

    // A copy is in a different folder, so only the name of the file is compared.
    private static bool IsAt(PSModuleInfo module, string path)
        => string.Equals(module.Path, path, StringComparison.OrdinalIgnoreCase)
            || (!File.Exists(path)
                && string.Equals(Path.GetFileName(module.Path), Path.GetFileName(path), StringComparison.OrdinalIgnoreCase));

    private static PSModuleInfo? FindNested(PSModuleInfo module, string path)
        => Nested(module, path) is var found && !ReferenceEquals(found, module) ? found : null;

    private static string? FindInstalled(string name, string? version, PSCmdlet command)
        => version is null
            ? null
            : command.InvokeCommand
                .InvokeScript(FindScript, useNewScope: true, PipelineResultTypes.None, input: null, name, version)
                .FirstOrDefault()
                ?.ToString();

    // Only this user can read the folder, and it goes with the process.
    private static string Extract(string name, IDictionary copy)
    {
        string root = Directory.CreateTempSubdirectory("AsyncPs-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete(root);
        string folder = Directory.CreateDirectory(Path.Combine(root, name)).FullName;
        using var zip = new ZipArchive(new MemoryStream((byte[])PSObjectExtensions.Unwrap(copy[TravelKeys.Bytes])!));
        zip.ExtractToDirectory(folder);
        return Path.Combine(folder, TravelReader.Text(copy[TravelKeys.File]) ?? "");
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A library in it is still loaded.
        }
    }

    private static PSModuleInfo Import(string name, string path, bool force, PSCmdlet command)
    {
        ErrorRecord? error = null;
        PSModuleInfo? module = null;
        try
        {
            foreach (PSObject record in command.InvokeCommand.InvokeScript(
                ImportScript, useNewScope: true, PipelineResultTypes.None, input: null, path, force))
            {
                module = record.BaseObject as PSModuleInfo ?? module;
                error = record.BaseObject as ErrorRecord ?? error;
            }
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            error = e.ErrorRecord;
        }

        return module ?? throw CaptureErrors.ModuleNotImported(name, path, error);
    }
}
