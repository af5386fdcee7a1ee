using System.Management.Automation.Remoting.Internal;
using System.Reflection;
using Microsoft.PowerShell.Commands;

namespace AsyncPs;

/// <content>Jobs and their cmdlets.</content>
internal static partial class EngineInternals
{
    /// <summary>Registers a job source with the job manager of a session, as importing a module does, or null.</summary>
    public static Action<JobManager, Type>? RegisterJobSource { get; }
        = typeof(JobManager).GetMethod("RegisterJobSourceAdapter", Members, [typeof(Type)])?.CreateDelegate<Action<JobManager, Type>>();

    /// <summary>Sets the state of a job and the reason for it, or null if there is no way to give a reason.</summary>
    public static Action<Job2, JobState, Exception>? SetJobState { get; }
        = typeof(Job2).GetMethod("SetJobState", Members | BindingFlags.DeclaredOnly, [typeof(JobState), typeof(Exception)])
            ?.CreateDelegate<Action<Job2, JobState, Exception>>();

    /// <summary>Access to the internals of Receive-Job, or null.</summary>
    public static ReceiveJobInternals? ReceiveJob { get; } = CreateReceiveJob();

    private static ReceiveJobInternals? CreateReceiveJob()
        => FieldOfReceiveJob<object>("_syncObject") is { } theLock
            && FieldOfReceiveJob<List<Guid>>("_jobsSpecifiedInParameters") is { } jobs
            && FieldOfReceiveJob<PSDataCollection<PSStreamObject>>("_results") is { } results
            && RecordProperty("Value")?.SetMethod?.CreateDelegate<Action<PSStreamObject, object?>>() is { } setValue
            && RecordProperty("Id")?.GetMethod?.CreateDelegate<Func<PSStreamObject, Guid>>() is { } source
                ? new ReceiveJobInternals(theLock, jobs, results, setValue, source)
                : null;

    private static PropertyInfo? RecordProperty(string name) => typeof(PSStreamObject).GetProperty(name, Members);

    private static Func<ReceiveJobCommand, T>? FieldOfReceiveJob<T>(string name)
        where T : class
        => typeof(ReceiveJobCommand).GetField(name, Members) is { } field && typeof(T).IsAssignableFrom(field.FieldType)
            ? command => (T)field.GetValue(command)!
            : null;

    /// <summary>Access to the internals of Receive-Job.</summary>
    /// <param name="Lock">The lock under which it handles the end of a job.</param>
    /// <param name="Jobs">The jobs that it got so far; the jobs of the current input object are last.</param>
    /// <param name="Results">The records that are not yet written.</param>
    /// <param name="SetValue">Replaces the value of a record.</param>
    /// <param name="Source">The job of a record.</param>
    internal sealed record ReceiveJobInternals(
        Func<ReceiveJobCommand, object> Lock,
        Func<ReceiveJobCommand, List<Guid>> Jobs,
        Func<ReceiveJobCommand, PSDataCollection<PSStreamObject>> Results,
        Action<PSStreamObject, object?> SetValue,
        Func<PSStreamObject, Guid> Source);
}
