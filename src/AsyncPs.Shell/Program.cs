using AsyncPs.Shell;
using AsyncPs.Shell.Hosting;

try
{
    CommandLine line = CommandLine.Parse(args);
    switch (line.Mode)
    {
        case Mode.Help:
            Console.Out.WriteLine(CommandLine.Usage);
            return ExitCode.Success;
        case Mode.Version:
            Console.Out.WriteLine($"AsyncPs {ShellHost.InformationalVersion}");
            return ExitCode.Success;
    }

    string module = ModuleLocator.Find(line.ModulePath);
    using Interruption interruption = new();
    ShellHost host = new(interruption, mayAsk: !line.NonInteractive && Terminal.Input && Terminal.Output);
    using Session session = new(host, interruption);
    return session.Import(module) is { } failure ? failure : line switch
    {
        { Mode: Mode.File, Text: { } path } => session.RunFile(path, line.Arguments ?? []),
        { Mode: Mode.Command, Text: { } text } => session.RunText(text),
        { Mode: Mode.Prompt } when Terminal.Input => new InteractivePrompt(session, host, interruption).Run(),
        _ => session.RunText(Console.In.ReadToEnd()),
    };
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return e.ExitCode;
}
