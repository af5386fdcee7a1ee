using System.Globalization;
using System.Management.Automation;
using AsyncPs.Concurrency;
using AsyncPs.Jobs;
using AsyncPs.Tests.Support;
using CsCheck;
using Xunit;

namespace AsyncPs.Tests.Jobs;

/// <summary>
/// Random trees of groups and jobs, compared with a model: their output, their failures, and that nothing is left behind.
/// </summary>
public sealed class TaskGroupModelTests : IDisposable
{
    private readonly ModuleSession _session = new();

    private enum Kind
    {
        Succeeds,
        Fails,
        WritesError,
        Waits,
        Group,
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public Task A_group_does_what_its_model_does() => Gen.Select(Gen.Bool, Nodes(depth: 2)).SampleAsync(
        (goesOn, jobs) => RunAsync(new Node(Kind.Group, goesOn, jobs)),
        iter: Stress.Times(60),
        threads: 1);

    private static Gen<Node[]> Nodes(int depth)
    {
        Gen<Node> leaf = Gen.Select(Gen.Int[0, (int)Kind.Waits], static kind => new Node((Kind)kind, GoesOn: false, []));
        Gen<Node> any = depth == 0
            ? leaf
            : Gen.Frequency(
                (3, leaf),
                (1, Gen.Select(Gen.Bool, Nodes(depth - 1), static (goesOn, jobs) => new Node(Kind.Group, goesOn, jobs))));
        return any.Array[0, 4];
    }

    private async Task RunAsync(Node group)
    {
        var numbers = new Numbers();
        Probe probe = _session.NewProbe();
        string script = ScriptOf(group, numbers, isStopped: false, out Outcome expected);

        ScriptRun run = _session.Start(
            $"$written = [Collections.Generic.List[object]]::new(); $ended = $null; "
                + $"try {{ {script} | ForEach-Object {{ $written.Add($_) }} }} "
                + "catch { $ended = $_ }; $ended; $written");
        await run.EndAsync();
        object?[] output = [.. run.Output];
        var ended = output[0] as ErrorRecord;
        int[] written = [.. output.Skip(1).Cast<int>()];

        // What runs beside a job that fails may have written, and failed, or not; all of it comes in the order of starting.
        int[] failures = [.. Leaves(ended?.Exception), .. run.Errors.SelectMany(static e => Leaves(e.Exception))];
        Assert.Equal(expected.Fails, ended is not null);
        Assert.Equal(written.Order(), written);
        Assert.Empty(written.Except(expected.Output));
        Assert.Empty(expected.CertainOutput.Except(written));
        Assert.Empty(failures.Except(expected.Failures));
        Assert.InRange(failures.Length, expected.CertainFailures + (expected.Fails ? 1 : 0), expected.Failures.Count);
        Assert.InRange(run.Errors.Count, expected.CertainErrors, expected.Errors);
        Assert.Equal(0, probe.Running);
        Assert.Equal([0], (await _session.RunAsync("@(Get-Job).Count")).Output);
    }

    private static IEnumerable<int> Leaves(Exception? failure) => failure is ConcurrentFailureException all
        ? all.InnerExceptions.SelectMany(Leaves)
        : int.TryParse(failure?.Message, CultureInfo.InvariantCulture, out int number) ? [number] : [];

    // A job that waits for ever has a place only where another's failure ends it.
    private static string ScriptOf(Node node, Numbers numbers, bool isStopped, out Outcome outcome)
    {
        outcome = new Outcome();
        int number = numbers.Next();
        if (node.Kind != Kind.Group)
        {
            outcome.Output.Add(number);
            switch (node.Kind)
            {
                case Kind.Fails:
                    outcome.Failures.Add(number);
                    outcome.CertainOutput.Add(number);
                    outcome.Fails = true;
                    return $"{number}; throw '{number}'";
                case Kind.Waits when isStopped:
                    return $"{number}; while ($true) {{ [Threading.Thread]::Sleep(1) }}";
                case Kind.WritesError:
                    outcome.CertainOutput.Add(number);
                    outcome.CertainErrors = outcome.Errors = 1;
                    return $"{number}; Write-Error 'written'";
                default:
                    outcome.CertainOutput.Add(number);
                    return $"{number}";
            }
        }

        bool stops = isStopped || (!node.GoesOn && node.Jobs.Any(static job => job.AlwaysFails));
        List<string> jobs = [];
        foreach (Node job in node.Jobs)
        {
            string block = ScriptOf(job, numbers, stops && !job.AlwaysFails, out Outcome ofJob);
            jobs.Add($"Start-Throttled {{ try {{ $probe.Enter(); {block} }} finally {{ $probe.Exit() }} }}");
            outcome.Add(ofJob, node.GoesOn);
        }

        outcome.EndGroup(node.GoesOn);
        string onError = node.GoesOn ? $" -OnError {TaskGroupErrorAction.Continue}" : "";
        return $"Use-TaskGroup{onError} {{ {string.Join("; ", jobs)} }}";
    }

    private sealed record Node(Kind Kind, bool GoesOn, Node[] Jobs)
    {
        public bool AlwaysFails => Kind == Kind.Fails || (Kind == Kind.Group && !GoesOn && Jobs.Any(static job => job.AlwaysFails));
    }

    private sealed class Numbers
    {
        private int _last;

        public int Next() => ++_last;
    }

    // What may come of a group or a job, and what comes in any case.
    private sealed class Outcome
    {
        public List<int> Output { get; } = [];

        public List<int> CertainOutput { get; } = [];

        public List<int> Failures { get; } = [];

        public int CertainFailures { get; set; }

        public int Errors { get; set; }

        public int CertainErrors { get; set; }

        public bool Fails { get; set; }

        public void Add(Outcome job, bool goesOn)
        {
            Output.AddRange(job.Output);
            CertainOutput.AddRange(job.CertainOutput);
            Failures.AddRange(job.Failures);
            Errors += job.Errors;
            CertainErrors += job.CertainErrors;

            // If the others continue, each failure is reported.
            CertainFailures += job.CertainFailures + (goesOn && job.Fails ? 1 : 0);
            Fails |= job.Fails;
        }

        public void EndGroup(bool goesOn)
        {
            if (goesOn && Fails)
            {
                Fails = false;
                Errors++;
                CertainErrors++;
            }
            else if (Fails)
            {
                CertainOutput.Clear();
                CertainErrors = CertainFailures = 0;
            }
        }
    }
}
