using System.Management.Automation.Host;
using System.Management.Automation.Internal;

namespace AsyncPs.Shell.Hosting;

/// <summary>The terminal's geometry and keys. Where there is no terminal, a fixed page, so that a log does not depend on who made it.</summary>
internal sealed class ShellRawUserInterface : PSHostRawUserInterface
{
    private static readonly Size Page = new(120, 50);

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override Size BufferSize
    {
        get => WindowSize;
        set => throw Unsupported();
    }

    public override Size WindowSize
    {
        get => Terminal.Output ? new Size(Terminal.Width, Math.Max(1, Console.WindowHeight)) : Page;
        set => throw Unsupported();
    }

    public override Size MaxWindowSize => WindowSize;

    public override Size MaxPhysicalWindowSize => WindowSize;

    public override Coordinates WindowPosition
    {
        get => default;
        set => throw Unsupported();
    }

    public override Coordinates CursorPosition
    {
        get => Terminal.Output ? new Coordinates(Console.CursorLeft, Console.CursorTop) : default;
        set
        {
            if (Terminal.Output)
            {
                Console.SetCursorPosition(value.X, value.Y);
            }
        }
    }

    public override int CursorSize
    {
        get => 25;
        set => throw Unsupported();
    }

    public override string WindowTitle
    {
        get => OperatingSystem.IsWindows() && Terminal.Output ? Console.Title : string.Empty;
        set
        {
            if (Terminal.Output)
            {
                Console.Title = value;
            }
        }
    }

    public override bool KeyAvailable => Terminal.Input && Console.KeyAvailable;

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        if (!Terminal.Input)
        {
            throw new HostException("There is no key to read: standard input is not a terminal.");
        }

        ConsoleKeyInfo key = Console.ReadKey(intercept: options.HasFlag(ReadKeyOptions.NoEcho));
        ControlKeyStates modifiers =
            (key.Modifiers.HasFlag(ConsoleModifiers.Alt) ? ControlKeyStates.LeftAltPressed : 0)
            | (key.Modifiers.HasFlag(ConsoleModifiers.Control) ? ControlKeyStates.LeftCtrlPressed : 0)
            | (key.Modifiers.HasFlag(ConsoleModifiers.Shift) ? ControlKeyStates.ShiftPressed : 0);
        return new KeyInfo((int)key.Key, key.KeyChar, modifiers, keyDown: !options.HasFlag(ReadKeyOptions.IncludeKeyUp));
    }

    public override void FlushInputBuffer()
    {
        while (KeyAvailable)
        {
            Console.ReadKey(intercept: true);
        }
    }

    /// <summary>Escape sequences take no room, so that coloured cells line up.</summary>
    public override int LengthInBufferCells(string source) => new StringDecorated(source).ContentLength;

    public override int LengthInBufferCells(string source, int offset) => LengthInBufferCells(source[offset..]);

    /// <summary>Only clearing the whole screen can be done on every terminal; that is what Clear-Host asks for.</summary>
    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        if (rectangle is not { Left: -1, Top: -1, Right: -1, Bottom: -1 })
        {
            throw Unsupported();
        }

        if (Terminal.Output)
        {
            Console.Clear();
        }
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw Unsupported();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw Unsupported();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw Unsupported();

    private static NotSupportedException Unsupported() => new("This shell cannot address the terminal's screen buffer.");
}
