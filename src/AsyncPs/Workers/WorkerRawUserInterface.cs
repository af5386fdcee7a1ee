using System.Management.Automation.Host;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>The caller's window as blocks see it: they can read its size and colors, and set what can be set.</summary>
internal sealed class WorkerRawUserInterface(WorkerStreams streams, WorkerHost host) : PSHostRawUserInterface
{
    private static readonly Size NoWindow = new(120, 50);

    private string? _title;

    /// <inheritdoc/>
    public override ConsoleColor BackgroundColor { get
        => Read(static raw => raw.BackgroundColor, ConsoleColor.Black); set => Set(raw => raw.BackgroundColor = value); }

    /// <inheritdoc/>
    public override ConsoleColor ForegroundColor { get
        => Read(static raw => raw.ForegroundColor, ConsoleColor.Gray); set => Set(raw => raw.ForegroundColor = value); }

    /// <inheritdoc/>
    public override Size BufferSize { get => Read(static raw => raw.BufferSize, NoWindow); set => Set(raw => raw.BufferSize = value); }

    /// <inheritdoc/>
    public override Coordinates CursorPosition { get
        => Read(static raw => raw.CursorPosition, default); set => Set(raw => raw.CursorPosition = value); }

    /// <inheritdoc/>
    public override int CursorSize { get => Read(static raw => raw.CursorSize, 25); set => Set(raw => raw.CursorSize = value); }

    /// <inheritdoc/>
    public override bool KeyAvailable => false;

    /// <inheritdoc/>
    public override Size MaxPhysicalWindowSize => Read(static raw => raw.MaxPhysicalWindowSize, NoWindow);

    /// <inheritdoc/>
    public override Size MaxWindowSize => Read(static raw => raw.MaxWindowSize, NoWindow);

    /// <inheritdoc/>
    public override Coordinates WindowPosition { get
        => Read(static raw => raw.WindowPosition, default); set => Set(raw => raw.WindowPosition = value); }

    /// <inheritdoc/>
    public override Size WindowSize { get => Read(static raw => raw.WindowSize, NoWindow); set => Set(raw => raw.WindowSize = value); }

    /// <inheritdoc/>
    public override string WindowTitle
    {
        get => _title ?? Read(static raw => raw.WindowTitle, "");
        set
        {
            _title = value;
            Set(raw => raw.WindowTitle = value);
        }
    }

    /// <summary>Does nothing: a block has no keyboard input.</summary>
    public override void FlushInputBuffer()
    {
    }

    /// <inheritdoc/>
    public override KeyInfo ReadKey(ReadKeyOptions options) => throw new PSNotImplementedException();

    /// <inheritdoc/>
    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new PSNotImplementedException();

    /// <inheritdoc/>
    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
        => Set(raw => raw.ScrollBufferContents(source, destination, clip, fill));

    /// <inheritdoc/>
    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
        => Set(raw => raw.SetBufferContents(origin, contents));

    /// <inheritdoc/>
    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => Set(raw => raw.SetBufferContents(rectangle, fill));

    private T Read<T>(Func<PSHostRawUserInterface, T> read, T otherwise)
    {
        try
        {
            return host.Caller?.UI?.RawUI is { } raw ? read(raw) : otherwise;
        }
        catch (Exception e) when (e is HostException or NotImplementedException or InvalidOperationException or IOException)
        {
            // The caller has no window.
            return otherwise;
        }
    }

    private void Set(Action<PSHostRawUserInterface> set) => streams.Accept(StreamKind.Host, new HostText(
        ui =>
        {
            try
            {
                set(ui.RawUI);
            }
            catch (Exception e) when (e is HostException or NotImplementedException or InvalidOperationException or IOException)
            {
                // The caller has no window.
            }
        },
        Text: null));
}
