using System.Management.Automation;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Commands;

/// <summary>Code in a nested pipeline of the caller, which is stopped at any moment.</summary>
public sealed class InnerPipelineTests : IDisposable
{
    private const int Rounds = 400;

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_that_comes_before_it_has_begun_ends_it_as_any_other(bool ofThoseAround)
    {
        List<Exception?> ends = [];
        _session.Set("race", () =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                ends.Add(RunAndStop(round, ofThoseAround));
            }
        });

        await _session.RunAsync("$race.Invoke()");

        Assert.Equal(Rounds, ends.Count);
        if (ofThoseAround)
        {
            Assert.All(ends, static end => Assert.IsType<PipelineStoppedException>(end));
        }
        else
        {
            Assert.All(ends, static end => Assert.IsAssignableFrom<OperationCanceledException>(end));
        }
    }

    private static Exception? RunAndStop(int round, bool ofThoseAround)
    {
        using var stop = new CancellationTokenSource();
        using var ready = new ManualResetEventSlim();
        var stopper = Task.Factory.StartNew(
            () =>
            {
                ready.Set();
                Thread.SpinWait(round * 25);
                stop.Cancel();
            },
            TaskCreationOptions.LongRunning);
        ready.Wait();
        Exception? end = Record.Exception(() => NestedPipeline.Run(
            static command =>
            {
                if (SpinWait.SpinUntil(() => command.Stopping, Condition.Deadline))
                {
                    throw new PipelineStoppedException();
                }
            },
            receive: static _ => { },
            stopping: ofThoseAround ? stop.Token : default,
            cancellationToken: ofThoseAround ? default : stop.Token));
        stopper.Wait();
        return end;
    }
}
