using System.Globalization;
using System.Text.RegularExpressions;

namespace AsyncPs.Remote.Transport;

/// <summary>The address of a machine for ssh: a name or address, optionally with a user and a port.</summary>
/// <param name="Text">The original text.</param>
/// <param name="Host">The name or address.</param>
/// <param name="User">The user, or null.</param>
/// <param name="Port">The port, or null.</param>
internal sealed partial record SshAddress(string Text, string Host, string? User, int? Port)
{
    /// <summary>Parses an address.</summary>
    /// <returns>Null if it is not valid, or if ssh could take it for an option.</returns>
    public static SshAddress? TryParse(string text)
    {
        Match match = Form().Match(text);
        if (!match.Success)
        {
            return null;
        }

        int? port = null;
        if (match.Groups["port"] is { Success: true, Value: { } digits })
        {
            if (!ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) || number == 0)
            {
                return null;
            }

            port = number;
        }

        string user = match.Groups["user"].Value;
        return new SshAddress(text, match.Groups["host"].Value, user.Length > 0 ? user : null, port);
    }

    [GeneratedRegex(
        @"^(?:(?<user>[^-\s@:][^\s@:]*)@)?(?:\[(?<host>[0-9A-Fa-f:.%\w]+)\]|(?<host>[^-\s@:\[\]/][^\s@:\[\]/]*))(?::(?<port>\d{1,5}))?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
