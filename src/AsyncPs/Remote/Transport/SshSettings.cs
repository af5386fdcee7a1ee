using System.Globalization;

namespace AsyncPs.Remote.Transport;

/// <summary>Settings of ssh for the machines of a call.</summary>
internal sealed record SshSettings
{
    // The default of New-PSSession and Enter-PSSession.
    private const string Subsystem = "powershell";

    // A machine that is off does not answer at all.
    private const int ConnectSeconds = 30;

    private static readonly string[] ServerArguments = ["-sshs", "-NoLogo", "-NoProfile"];

    /// <summary>The user, or null for the configuration of ssh.</summary>
    public string? UserName { get; init; }

    /// <summary>The port, or null.</summary>
    public int? Port { get; init; }

    /// <summary>The private key, or null.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>Settings of ssh_config. They override the defaults below.</summary>
    public IReadOnlyList<(string Name, string Value)> Options { get; init; } = [];

    /// <summary>The arguments of ssh.</summary>
    /// <param name="address">The machine.</param>
    /// <param name="program">The PowerShell there, or null for the subsystem.</param>
    /// <remarks>ssh uses the first value of a setting.</remarks>
    public string[] Arguments(SshAddress address, string? program)
    {
        List<string> arguments = ["-T"];
        void Set(string name, object value) => arguments.AddRange(["-o", string.Create(CultureInfo.InvariantCulture, $"{name}={value}")]);

        // A question would wait for an answer forever.
        Set("BatchMode", "yes");
        foreach ((string name, string value) in Options)
        {
            Set(name, value);
        }

        Set("ConnectTimeout", ConnectSeconds);
        Set("ServerAliveInterval", 15);
        Set("ServerAliveCountMax", 3);

        // The other side gets no more access than it needs.
        Set("ForwardAgent", "no");
        Set("ForwardX11", "no");
        Set("ClearAllForwardings", "yes");
        Set("PermitLocalCommand", "no");
        Set("EscapeChar", "none");
        if (KeyFilePath is not null)
        {
            arguments.AddRange(["-i", KeyFilePath]);
        }

        if ((address.User ?? UserName) is { } user)
        {
            arguments.AddRange(["-l", user]);
        }

        if ((address.Port ?? Port) is { } port)
        {
            arguments.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        }

        if (program is null)
        {
            arguments.AddRange(["-s", "--", address.Host, Subsystem]);
        }
        else
        {
            arguments.AddRange(["--", address.Host, string.Join(' ', [Quoted(program), .. ServerArguments])]);
        }

        return [.. arguments];
    }

    // Quoted for the shell there. Plain paths stay plain, for shells without single quotes.
    private static string Quoted(string program)
        => program.All(static c => char.IsLetterOrDigit(c) || "/\\.:_-~".Contains(c, StringComparison.Ordinal))
            ? program
            : $"'{program.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
