using System.Management.Automation.Remoting.Internal;
using System.Reflection;
using Microsoft.PowerShell.Commands;

namespace AsyncPs;

/// <content>Jobs, and the cmdlets that deal with them.</content>
internal static partial class EngineInternals
{
    /// <summary>Has the job manager of a session ask a source of jobs, as importing a module does, or null.</summary>
    public static Action<JobManager, Type>? RegisterJobSource { get; }
        = typeof(JobManager).GetMethod("RegisterJobSourceAdapter", Members, [typeof(Type)])?.CreateDelegate<Action<JobManager, Type>>();

    /// <summary>Sets the state of a job and the reason for it, or null: then there is no way to give a reason.</summary>
    public static Action<Job2, JobState, Exception>? SetJobState { get; }
        = typeof(Job2).GetMethod("SetJobState", Members | BindingFlags.DeclaredOnly, [typeof(JobState), typeof(Exception)])
            ?.CreateDelegate<Action<Job2, JobState, Exception>>();

    /// <summary>What Receive-Job works with, or null.</summary>
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

    /// <summary>What Receive-Job works with.</summary>
    /// <param name="Lock">What it locks while it handles the end of a job.</param>
    /// <param name="Jobs">The jobs it was given so far, those of the present input object last.</param>
    /// <param name="Results">The records that are still to be written.</param>
    /// <param name="SetValue">Puts another record in the place of one.</param>
    /// <param name="Source">The job it comes from.</param>
    internal sealed record ReceiveJobInternals(
        Func<ReceiveJobCommand, object> Lock,
        Func<ReceiveJobCommand, List<Guid>> Jobs,
        Func<ReceiveJobCommand, PSDataCollection<PSStreamObject>> Results,
        Action<PSStreamObject, object?> SetValue,
        Func<PSStreamObject, Guid> Source);
}
