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

    /// <summary>Gets what `Receive-Job -Wait` locks while it handles the end of a job, or is null itself.</summary>
    public static Func<ReceiveJobCommand, object>? LockOfReceiveJob { get; } = CreateFieldOfReceiveJob<object>("_syncObject");

    private static Func<ReceiveJobCommand, T>? CreateFieldOfReceiveJob<T>(string name)
        where T : class
        => typeof(ReceiveJobCommand).GetField(name, Members) is { } field && typeof(T).IsAssignableFrom(field.FieldType)
            ? command => (T)field.GetValue(command)!
            : null;
}
