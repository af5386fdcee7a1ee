using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace AsyncPs.Shell.Hosting;

/// <summary>The latest progress record, on one line of the terminal that is redrawn in place. Nothing where there is no terminal.</summary>
internal sealed class ProgressLine
{
    private const int BarWidth = 20;
    private const string EraseLine = "\r\x1b[K";

    /// <summary>More often than this, nobody can read it, and the terminal is slower than the work.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private long _drawnAt;
    private int _activity;
    private bool _visible;

    internal void Show(ProgressRecord record)
    {
        if (!Terminal.Escapes)
        {
            return;
        }

        if (record.RecordType == ProgressRecordType.Completed)
        {
            if (record.ActivityId == _activity)
            {
                Hide();
            }

            return;
        }

        if (_drawnAt != 0 && Stopwatch.GetElapsedTime(_drawnAt) < Interval)
        {
            return;
        }

        string line = Format(record);
        Console.Out.Write(EraseLine + line[..Math.Min(line.Length, Terminal.Width - 1)]);
        (_drawnAt, _activity, _visible) = (Stopwatch.GetTimestamp(), record.ActivityId, true);
    }

    internal void Hide()
    {
        if (_visible)
        {
            Console.Out.Write(EraseLine);
            _visible = false;
        }
    }

    /// <summary>For example: <c>Hashing files [########............] 40 % 00:01:30 a.txt</c>.</summary>
    internal static string Format(ProgressRecord record)
    {
        StringBuilder line = new(record.Activity);
        if (record.PercentComplete >= 0)
        {
            int filled = record.PercentComplete * BarWidth / 100;
            line.Append(" [").Append('#', filled).Append('.', BarWidth - filled).Append("] ")
                .Append(record.PercentComplete).Append(" %");
        }

        if (record.SecondsRemaining >= 0)
        {
            line.Append(CultureInfo.InvariantCulture, $" {TimeSpan.FromSeconds(record.SecondsRemaining):hh\\:mm\\:ss}");
        }

        foreach (string? part in (string?[])[record.StatusDescription, record.CurrentOperation])
        {
            if (!string.IsNullOrWhiteSpace(part))
            {
                line.Append(' ').Append(part);
            }
        }

        // A line break or an escape sequence in a file's name must not break the line.
        return string.Concat(line.ToString().Where(static c => !char.IsControl(c)));
    }
}
