using System.Management.Automation;

namespace AsyncPs.Tests.Waiting;

/// <summary>A job that ends on demand.</summary>
public sealed class TestJob : Job
{
    private int _stops;

    public TestJob(string name, JobState state, object[] output)
        : base("command", name)
    {
        Array.ForEach(output, value => Output.Add(PSObject.AsPSObject(value)));
        SetJobState(state);
    }

    public int Stops => Volatile.Read(ref _stops);

    public override bool HasMoreData => Output.Count > 0;

    public override string Location => "here";

    public override string StatusMessage => "";

    public void End(JobState state) => SetJobState(state);

    public override void StopJob()
    {
        Interlocked.Increment(ref _stops);
        SetJobState(JobState.Stopped);
    }
}
