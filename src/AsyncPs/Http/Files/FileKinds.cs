using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace AsyncPs.Http.Files;

/// <summary>Tells regular files from devices and pipes, which .NET does not.</summary>
internal static class FileKinds
{
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;

    // The layout of the runtime's own stat structure: flags, then the mode. Later runtimes have more fields, but begin the same.
    private const int ModeOffset = 4;
    private const int StatusSize = 1024;

    /// <summary>The kind of the file at a path, links followed.</summary>
    public static FileKind Of(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return path.StartsWith(@"\\.\", StringComparison.Ordinal) ? FileKind.Other : OfKnownKinds(path);
        }

        byte[] status = new byte[StatusSize];
        try
        {
            return Stat(Encoding.UTF8.GetBytes(path + '\0'), status) != 0 ? FileKind.Missing
                : (BinaryPrimitives.ReadInt32LittleEndian(status.AsSpan(ModeOffset)) & TypeMask) == RegularType ? FileKind.Regular
                : FileKind.Other;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return OfKnownKinds(path);
        }
    }

    private static FileKind OfKnownKinds(string path)
        => File.Exists(path) ? FileKind.Regular : Directory.Exists(path) ? FileKind.Other : FileKind.Missing;

    [DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(byte[] path, byte[] status);
}
