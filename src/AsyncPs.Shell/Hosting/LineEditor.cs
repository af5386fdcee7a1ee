using System.Management.Automation.Internal;
using System.Text;

namespace AsyncPs.Shell.Hosting;

/// <summary>How the reading of a line ended.</summary>
internal enum LineOutcome
{
    Entered,
    Cancelled,
    EndOfInput,
}

/// <summary>A line that was read, and how that ended.</summary>
internal readonly record struct LineInput(LineOutcome Outcome, string Text = "");

/// <summary>
/// Reads a line from the terminal. Its reason to exist is Ctrl+C, which has to clear the line: <see cref="Console.ReadLine"/>
/// keeps what was typed. A line wider than the terminal scrolls sideways, so drawing never has to know where the screen ends.
/// </summary>
internal sealed class LineEditor
{
    private readonly List<string> _history = [];
    private readonly StringBuilder _text = new();
    private string _prompt = string.Empty;
    private int _promptCells;
    private int _cursor;
    private int _left;
    private int _recalled;

    /// <summary>Writes the prompt and reads a line; with <paramref name="mask"/> it is neither shown nor remembered, and without escapes no mask is shown either.</summary>
    internal LineInput Read(string prompt, char? mask = null)
    {
        // A prompt may have several lines; only the last is drawn again.
        int last = prompt.LastIndexOf('\n') + 1;
        Console.Out.Write(Terminal.OutputColour ? prompt : Plain(prompt));
        if (!Terminal.Escapes && mask is null)
        {
            return Console.ReadLine() is { } line
                ? new LineInput(LineOutcome.Entered, line)
                : new LineInput(LineOutcome.EndOfInput);
        }

        _prompt = Terminal.OutputColour ? prompt[last..] : Plain(prompt[last..]);
        _promptCells = Plain(_prompt).Length;
        _text.Clear();
        (_cursor, _left, _recalled) = (0, 0, _history.Count);
        LineInput input = ReadKeys(mask);
        Console.Out.WriteLine();
        if (input.Text.Length > 0 && mask is null && (_history.Count == 0 || _history[^1] != input.Text))
        {
            _history.Add(input.Text);
        }

        return input;
    }

    private static string Plain(string text) => new StringDecorated(text).ToString(System.Management.Automation.OutputRendering.PlainText);

    private LineInput ReadKeys(char? mask)
    {
        bool before = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
                switch (key.Key)
                {
                    case ConsoleKey.C when control:
                        Console.Out.Write("^C");
                        return new LineInput(LineOutcome.Cancelled);
                    case ConsoleKey.D when control && _text.Length == 0:
                        return new LineInput(LineOutcome.EndOfInput);
                    case ConsoleKey.Enter:
                        return new LineInput(LineOutcome.Entered, _text.ToString());
                    default:
                        Edit(key);
                        break;
                }

                Draw(mask);
            }
        }
        finally
        {
            Console.TreatControlCAsInput = before;
        }
    }

    private void Edit(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Backspace when _cursor > 0:
                _text.Remove(--_cursor, 1);
                break;
            case ConsoleKey.Delete when _cursor < _text.Length:
                _text.Remove(_cursor, 1);
                break;
            case ConsoleKey.LeftArrow:
                _cursor = Math.Max(0, _cursor - 1);
                break;
            case ConsoleKey.RightArrow:
                _cursor = Math.Min(_text.Length, _cursor + 1);
                break;
            case ConsoleKey.Home:
                _cursor = 0;
                break;
            case ConsoleKey.End:
                _cursor = _text.Length;
                break;
            case ConsoleKey.UpArrow:
                Recall(_recalled - 1);
                break;
            case ConsoleKey.DownArrow:
                Recall(_recalled + 1);
                break;
            case ConsoleKey.Escape:
                Replace(string.Empty);
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    _text.Insert(_cursor++, key.KeyChar);
                }

                break;
        }
    }

    private void Recall(int index)
    {
        _recalled = Math.Clamp(index, 0, _history.Count);
        Replace(_recalled < _history.Count ? _history[_recalled] : string.Empty);
    }

    private void Replace(string text)
    {
        _text.Clear().Append(text);
        _cursor = text.Length;
    }

    private void Draw(char? mask)
    {
        if (!Terminal.Escapes)
        {
            return;
        }

        int width = Math.Max(8, Terminal.Width - _promptCells - 1);
        _left = Math.Clamp(_left, Math.Max(0, _cursor - width), _cursor);
        int shown = Math.Min(width, _text.Length - _left);
        string slice = mask is { } c ? new string(c, shown) : _text.ToString(_left, shown);
        Console.Out.Write($"\r{_prompt}{slice}\x1b[K\x1b[{_promptCells + _cursor - _left + 1}G");
    }
}
