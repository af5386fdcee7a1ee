using System.Management.Automation;
using System.Management.Automation.Runspaces;
using AsyncPs.Shell.Hosting;
using Microsoft.PowerShell;

namespace AsyncPs.Shell;

/// <summary>One runspace with the module in it, and the rules by which what runs there becomes an exit code.</summary>
internal sealed class Session : IDisposable
{
    private readonly ShellHost _host;
    private readonly Interruption _interruption;
    private readonly Runspace _runspace;

    internal Session(ShellHost host, Interruption interruption)
    {
        (_host, _interruption) = (host, interruption);

        // CreateDefault() looks for the snap-ins of a full installation, which the bare package does not have.
        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            // What pwsh ships with; a host that sets nothing may run no scripts at all.
            state.ExecutionPolicy = ExecutionPolicy.RemoteSigned;
        }

        if (!Terminal.OutputColour)
        {
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }

        _runspace = RunspaceFactory.CreateRunspace(host, state);
        _runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        _runspace.Open();
        Runspace.DefaultRunspace = _runspace;
    }

    /// <summary>Imports the module. Returns <see langword="null"/>, or the exit code after a failure, which has been reported.</summary>
    internal int? Import(string manifest)
    {
        // So that a script may also say Import-Module AsyncPs, as it has to in pwsh.
        const string PathVariable = "PSModulePath";
        string folder = Path.GetDirectoryName(Path.GetDirectoryName(manifest)) ?? string.Empty;
        Environment.SetEnvironmentVariable(PathVariable, folder + Path.PathSeparator + Environment.GetEnvironmentVariable(PathVariable));

        Command import = new("Import-Module");
        import.Parameters.Add("Name", manifest);
        import.Parameters.Add("ErrorAction", ActionPreference.Stop);
        using Pipeline pipeline = _runspace.CreatePipeline();
        pipeline.Commands.Add(import);
        return ExecuteToConsole(pipeline) is { } failure ? Failed(failure, ExitCode.StartFailed) : null;
    }

    /// <summary>Runs a script file. As with <c>pwsh -File</c>, errors that did not end it leave the exit code 0.</summary>
    internal int RunFile(string path, IReadOnlyList<string> arguments)
    {
        // In a scope of its own, as '& path' at the prompt: nothing runs after it that could want its variables.
        Command script = new(path, isScript: false, useLocalScope: true);
        foreach (CommandParameter argument in ScriptArguments.Bind(arguments))
        {
            script.Parameters.Add(argument);
        }

        using Pipeline pipeline = _runspace.CreatePipeline();
        pipeline.Commands.Add(script);
        ExitOfFile.ReachesHost(_runspace);
        return Run(pipeline, static () => ExitCode.Success);
    }

    /// <summary>Runs a command. As with <c>pwsh -Command</c>, the exit code is 1 when its last statement failed.</summary>
    internal int RunText(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return ExitCode.Success;
        }

        using Pipeline pipeline = Statements(text);
        return Run(pipeline, () => LastSucceeded() ? ExitCode.Success : ExitCode.Failure);
    }

    /// <summary>Runs what was typed at the prompt.</summary>
    internal void RunInput(string text)
    {
        using Pipeline pipeline = Statements(text);
        if (ExecuteToConsole(pipeline) is { } failure && _interruption.ExitCode is null)
        {
            Report(failure);
        }
    }

    /// <summary>Evaluates an expression of the shell's own, and returns its last result as text; failures are the user's business elsewhere.</summary>
    internal string? Evaluate(string expression)
    {
        using Pipeline pipeline = _runspace.CreatePipeline(expression);
        _interruption.Begin(pipeline);
        try
        {
            return pipeline.Invoke() is [.., { } last] ? last.ToString() : null;
        }
        catch (Exception e) when (e is RuntimeException or InvalidPipelineStateException)
        {
            return null;
        }
        finally
        {
            _interruption.End();
        }
    }

    public void Dispose() => _runspace.Dispose();

    /// <summary>What a user typed. Only what goes to the history leaves its <c>$?</c> behind.</summary>
    private Pipeline Statements(string text) => _runspace.CreatePipeline(text, addToHistory: true);

    private int Run(Pipeline pipeline, Func<int> exitCode)
    {
        Exception? failure = ExecuteToConsole(pipeline);
        return failure is not null ? Failed(failure, ExitCode.Failure) : _interruption.ExitCode ?? _host.ExitRequest ?? exitCode();
    }

    /// <summary>Runs a pipeline with its output and errors formatted to the console. Returns the error that ended it, if one did.</summary>
    private Exception? ExecuteToConsole(Pipeline pipeline)
    {
        pipeline.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        pipeline.Commands.Add(OutDefault());
        return Execute(pipeline);
    }

    private Exception? Execute(Pipeline pipeline)
    {
        _interruption.Begin(pipeline);
        try
        {
            pipeline.Invoke();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
        finally
        {
            _interruption.End();
            _host.Console.EndProgress();
        }
    }

    private static Command OutDefault() => new("Out-Default", isScript: false, useLocalScope: true)
    {
        MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output,
    };

    private int Failed(Exception failure, int exitCode)
    {
        if (_interruption.ExitCode is { } interrupted)
        {
            return interrupted;
        }

        Report(failure);
        return exitCode;
    }

    /// <summary>Shows an error as the error stream would have shown it.</summary>
    private void Report(Exception failure)
    {
        switch (failure)
        {
            case PipelineStoppedException:
                return;
            case IncompleteParseException:
                // It carries no position, and the error view shows nothing at all without one.
                _host.Console.WriteErrorLine("ParserError: " + failure.Message);
                return;
        }

        ErrorRecord record = (failure as IContainsErrorRecord)?.ErrorRecord
            ?? new ErrorRecord(failure, "AsyncPsShell", ErrorCategory.NotSpecified, null);
        using Pipeline pipeline = _runspace.CreatePipeline();
        pipeline.Commands.Add(OutDefault());
        pipeline.Input.Write(record);
        pipeline.Input.Close();
        using (_host.Console.EverythingIsError())
        {
            if (Execute(pipeline) is not null)
            {
                _host.Console.WriteErrorLine(failure.Message);
            }
        }
    }

    private bool LastSucceeded()
    {
        using Pipeline pipeline = _runspace.CreatePipeline("$global:?");
        return pipeline.Invoke() is [{ } last] && LanguagePrimitives.IsTrue(last);
    }
}
