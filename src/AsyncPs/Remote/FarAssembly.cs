using System.IO.Compression;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>
/// Sends the code of this module to another machine, which loads it into memory. So the machine needs only PowerShell, and runs the same
/// version as the caller.
/// </summary>
internal static class FarAssembly
{
    private const string Script = """
        param($name, $bytes)
        try {
            $mode = [System.IO.Compression.CompressionMode]::Decompress
            $zipped = [System.IO.Compression.GZipStream]::new([System.IO.MemoryStream]::new([byte[]] $bytes), $mode)
            $plain = [System.IO.MemoryStream]::new()
            $zipped.CopyTo($plain)
            [System.AppDomain]::CurrentDomain.SetData($name, [System.Reflection.Assembly]::Load($plain.ToArray()))
        } catch { throw }
        """;

    private static readonly ConditionalWeakTable<Runspace, object> Sent = [];

    private static readonly Lazy<byte[]> Bytes = new(Zip);

    /// <summary>The name of the loaded assembly there.</summary>
    public static string Name { get; } = $"AsyncPs {typeof(FarAssembly).Module.ModuleVersionId}";

    /// <summary>Sends the module's code and loads it.</summary>
    /// <param name="runspace">A new session of the process there.</param>
    /// <param name="link">The link to it.</param>
    /// <param name="target">The machine.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="RemoteCallException">It cannot be loaded there.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static async Task SendAsync(
        Runspace runspace, IRemoteLink link, RemoteTarget target, CancellationToken cancellationToken)
    {
        if (Sent.TryGetValue(runspace, out _))
        {
            return;
        }

        PowerShell shell = PowerShell.Create();
        shell.Runspace = runspace;
        shell.AddScript(Script, useLocalScope: true).AddArgument(Name).AddArgument(Bytes.Value);
        Task sending = Task.Factory.FromAsync(shell.BeginInvoke(), shell.EndInvoke);
        try
        {
            await Task.WhenAny(sending, link.Exit).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!sending.IsCompleted)
            {
                throw new RemoteCallException(RemoteErrors.WorkerNotStarted(target, link, reason: null)) { IsOfPlace = true };
            }

            await sending.ConfigureAwait(false);
            Sent.AddOrUpdate(runspace, Name);
        }
        catch (RuntimeException e)
        {
            throw new RemoteCallException(RemoteErrors.WorkerNotStarted(target, link, e)) { IsOfPlace = true };
        }
        finally
        {
            // It waits for responses of the other side, which may be gone.
            _ = sending.ContinueWith(
                sent =>
                {
                    _ = sent.Exception;
                    shell.Dispose();
                },
                TaskScheduler.Default);
        }
    }

    private static byte[] Zip()
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            zip.Write(File.ReadAllBytes(typeof(FarAssembly).Assembly.Location));
        }

        return zipped.ToArray();
    }
}
