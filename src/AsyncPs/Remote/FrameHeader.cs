using System.Collections;
using System.Globalization;
using System.Text;

namespace AsyncPs.Remote;

/// <summary>
/// The first element of a frame: a text with three numbers for each entry, see <see cref="FrameState"/>. Serializing one text takes a
/// fraction of the time of so many numbers.
/// </summary>
internal static class FrameHeader
{
    /// <summary>The message that closes a call, and the header of its last frame.</summary>
    public const string Left = "left";

    /// <summary>Whether a frame is the last of a call.</summary>
    public static bool IsLeft(object? frame)
        => PSObjectExtensions.Unwrap(frame) is IList { Count: 1 } list && PSObjectExtensions.Unwrap(list[0]) is Left;

    /// <summary>Adds an entry.</summary>
    /// <param name="header">The header.</param>
    /// <param name="place">The place of the item in its batch.</param>
    /// <param name="state">The state of the item.</param>
    /// <param name="count">How many values of the frame are its output.</param>
    public static void Add(StringBuilder header, int place, FrameState state, int count)
        => header.Append(CultureInfo.InvariantCulture, $"{place},{(int)state},{count},");

    /// <summary>Reads the next number.</summary>
    /// <param name="header">The header.</param>
    /// <param name="at">The position of the number; afterwards that of the next one.</param>
    public static int Read(string header, ref int at) => (int)ReadLong(header, ref at);

    /// <summary>Reads the next number.</summary>
    /// <param name="header">The header.</param>
    /// <param name="at">The position of the number; afterwards that of the next one.</param>
    public static long ReadLong(string header, ref int at)
    {
        int end = header.IndexOf(',', at);
        end = end < 0 ? header.Length : end;
        long number = long.Parse(header.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture);
        at = end + 1;
        return number;
    }
}
