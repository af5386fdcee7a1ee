using System.Text;

namespace AsyncPs.Remote.Transport;

/// <summary>
/// Writes to a program that may be gone. The reader of its output notices that; here an exception would make the engine end this process.
/// </summary>
/// <param name="inner">The program's standard input.</param>
internal sealed class BrokenPipeWriter(StreamWriter inner) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() =>
    {
        inner.WriteLine(value);
        inner.Flush();
    });

    /// <inheritdoc/>
    public override void Flush() => Try(inner.Flush);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Try(inner.Dispose);
        }

        base.Dispose(disposing);
    }

    private void Try(Action action)
    {
        lock (inner)
        {
            try
            {
                action();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The program no longer reads.
            }
        }
    }
}
