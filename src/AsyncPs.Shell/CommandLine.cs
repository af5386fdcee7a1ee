namespace AsyncPs.Shell;

/// <summary>What the shell was asked to do.</summary>
internal enum Mode
{
    Prompt,
    File,
    Command,
    Help,
    Version,
}

/// <summary>The command line, parsed.</summary>
/// <param name="Mode">What to do.</param>
/// <param name="Text">The script's full path, or the command; <see langword="null"/> reads the command from standard input.</param>
/// <param name="Arguments">The script's arguments.</param>
/// <param name="ModulePath">Where to find the module, when given.</param>
/// <param name="NonInteractive">Whether to refuse every question to the user.</param>
internal sealed record CommandLine(
    Mode Mode,
    string? Text = null,
    IReadOnlyList<string>? Arguments = null,
    string? ModulePath = null,
    bool NonInteractive = false)
{
    internal const string Usage = """
        Runs PowerShell with the AsyncPs module imported.

        asyncps-shell [-File] <script.ps1> [<argument>...]
        asyncps-shell -Command { <command> | - }
        asyncps-shell                         a prompt; a redirected standard input is run as a script

          -Module <path>   the module's folder or manifest (default: $ASYNCPS_MODULE, then output/AsyncPs of this repository)
          -NonInteractive  fail instead of asking the user
          -NoProfile, -NoLogo   accepted for compatibility: there is no profile and no logo
          -Version, -Help

        Exit codes: that of 'exit', 1 after a terminating error (or a failed last command of -Command), 64 for a bad
        command line, 70 when the module cannot be imported, 130 after Ctrl+C, 143 after SIGTERM.
        """;

    internal static CommandLine Parse(ReadOnlySpan<string> args)
    {
        string? module = null;
        bool nonInteractive = false;
        for (int i = 0; i < args.Length; i++)
        {
            ReadOnlySpan<string> rest = args[(i + 1)..];
            switch (OptionName(args[i]))
            {
                case null:
                    return File(args[i..]);
                case "file" or "f":
                    return File(rest);
                case "command" or "c":
                    return Command(rest);
                case "help" or "h" or "?":
                    return new CommandLine(Mode.Help);
                case "version" or "v":
                    return new CommandLine(Mode.Version);
                case "module" when rest.IsEmpty:
                    throw new UsageException("-Module needs the path of the module's folder or manifest.");
                case "module":
                    module = rest[0];
                    i++;
                    break;
                case "noninteractive" or "noni":
                    nonInteractive = true;
                    break;
                case "noprofile" or "nop" or "nologo" or "nol":
                    break;
                default:
                    throw new UsageException($"Unknown option '{args[i]}'. See asyncps-shell -Help.");
            }
        }

        return new CommandLine(Mode.Prompt, ModulePath: module, NonInteractive: nonInteractive);

        CommandLine File(ReadOnlySpan<string> words) => words.IsEmpty
            ? throw new UsageException("-File needs the path of a script.")
            : new CommandLine(Mode.File, ScriptPath(words[0]), words[1..].ToArray(), module, nonInteractive);

        CommandLine Command(ReadOnlySpan<string> words) => words switch
        {
            [] => throw new UsageException("-Command needs a command, or - to read it from standard input."),
            ["-"] => new CommandLine(Mode.Command, null, null, module, nonInteractive),
            _ => new CommandLine(Mode.Command, string.Join(' ', words!), null, module, nonInteractive),
        };
    }

    /// <summary>The option's name in lower case, or <see langword="null"/> for a word that is none. Both -name and --name are options.</summary>
    private static string? OptionName(string word) =>
        word.Length > 1 && word[0] == '-' ? word.TrimStart('-').ToLowerInvariant() : null;

    private static string ScriptPath(string path)
    {
        string full = Path.GetFullPath(path);
        if (!System.IO.File.Exists(full))
        {
            throw new UsageException(
                $"The argument '{path}' is not recognized as the name of a script file. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.");
        }

        return full.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase)
            ? full
            : throw new UsageException($"Cannot run '{path}': the name of a script must end in .ps1.");
    }
}
