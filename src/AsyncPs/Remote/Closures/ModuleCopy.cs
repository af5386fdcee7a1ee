using System.Collections;
using System.IO.Compression;
using System.Management.Automation.Language;
using AsyncPs.Blocks.Capture;

namespace AsyncPs.Remote.Closures;

/// <summary>Copies a module from files, so that a machine that does not have it can import it.</summary>
internal static class ModuleCopy
{
    // A larger module should be installed on the machine rather than sent for each process.
    private const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Writes the files of a module.</summary>
    /// <exception cref="ConcurrentArgumentException">They are too large.</exception>
    public static Hashtable Write(ModuleImport import)
    {
        bool isFolder = Directory.Exists(import.Path);
        string folder = isFolder ? import.Path : Path.GetDirectoryName(import.Path)!;
        using var zipped = new MemoryStream();
        using (var zip = new ZipArchive(zipped, ZipArchiveMode.Create))
        {
            foreach (string file in isFolder || OwnsFolder(import, folder) ? FilesOf(folder) : [import.Path])
            {
                zip.CreateEntryFromFile(file, Path.GetRelativePath(folder, file).Replace('\\', '/'));
                if (zipped.Length > MaxBytes)
                {
                    throw RemoteErrors.ModuleTooLarge(import.Name, MaxBytes);
                }
            }
        }

        return new Hashtable
        {
            [TravelKeys.Name] = import.Name,
            [TravelKeys.Path] = import.Path,
            [TravelKeys.Changed] = File.GetLastWriteTimeUtc(import.Path),
            [TravelKeys.Version] = VersionOf(import.Path)?.ToString(),
            [TravelKeys.File] = isFolder ? "" : Path.GetFileName(import.Path),
            [TravelKeys.Bytes] = zipped.ToArray(),
        };
    }

    private static string[] FilesOf(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories);

    // The folder of a module has its name, or its version below its name. A file elsewhere is alone.
    private static bool OwnsFolder(ModuleImport import, string folder)
        => IsNamed(folder, import.Name)
            || (Version.TryParse(Path.GetFileName(folder), out _) && IsNamed(Path.GetDirectoryName(folder), import.Name));

    private static bool IsNamed(string? folder, string name)
        => string.Equals(Path.GetFileName(folder), name, StringComparison.OrdinalIgnoreCase);

    private static Version? VersionOf(string path)
    {
        if (!path.EndsWith(".psd1", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        Ast? table = Parser.ParseFile(path, out _, out _).Find(static ast => ast is HashtableAst, searchNestedScriptBlocks: false);
        try
        {
            return table is HashtableAst manifest
                && Version.TryParse(((Hashtable)manifest.SafeGetValue())["ModuleVersion"] as string, out Version? version)
                    ? version
                    : null;
        }
        catch (InvalidOperationException)
        {
            // Not a plain manifest.
            return null;
        }
    }
}
