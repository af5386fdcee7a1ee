using System.Data;
using System.Diagnostics;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Concurrency;
using AsyncPs.Blocks.Capture;

namespace AsyncPs.Remote.Closures;

/// <summary>
/// Which values cannot be sent to another process: those that others wait for, that share memory, that are open, or whose code only this
/// session has. All others arrive as PowerShell remoting sends them: live, or as their properties.
/// </summary>
internal static class TravelRules
{
    /// <summary>Why a value cannot be sent, as the end of a sentence that begins with it; null if it can.</summary>
    public static string? Refusal(object? value) => value switch
    {
        null or string or ScriptBlock or FunctionInfo or SecureString or PSCredential or X509Certificate2 => null,
        Process or DataTable or DataSet => null,
        Task or Job => "is under way in this process",
        Delegate => "is a delegate, whose code is only here",
        EngineIntrinsics or SessionState or PSModuleInfo or PSVariable or Cmdlet => "belongs to this session",
        PSHost or PSHostUserInterface or Runspace or RunspacePool or PowerShell
            => "belongs to this session",
        CancellationToken or Thread or SynchronizationContext => "is known in this process only",
        Type type => ScriptClasses.Contain(type) ? "is a class of a script, which is only here" : null,
        ConcurrentResult or Exception => null,
        _ => RefusalOf(value.GetType(), value),
    };

    private const int MaxCount = 64;
    private const int MaxLength = 4096;

    // Results of requests are data.
    private const string ResultNamespace = "AsyncPs.Http";

    /// <summary>Whether a value is a setting rather than data. Settings are sent with every call, used or not.</summary>
    public static bool IsSmall(object? value) => PSObjectExtensions.Unwrap(value) switch
    {
        ValueType any => Refusal(any) is null,
        null or string { Length: <= MaxLength } or Uri or Version or SecureString or PSCredential or ScriptBlock => true,
        System.Collections.Hashtable { Count: <= MaxCount, IsSynchronized: false } table => table.Values.Cast<object?>().All(IsSmall),
        object[] { Length: <= MaxCount } list => list.All(IsSmall),
        _ => false,
    };

    private static string? RefusalOf(Type type, object value)
        => type.Assembly == typeof(TravelRules).Assembly && !type.IsEnum
            && type.Namespace != ResultNamespace ? "is shared in this process only"
            : ScriptClasses.Contain(type) ? "is of a class of a script, whose code is only here"
            : type.Namespace is "System.Collections.Concurrent" or "System.Threading.Channels"
                || value is System.Collections.Hashtable { IsSynchronized: true }
                ? "is made to be shared, and would be a copy there"
            : value is IDisposable or IAsyncDisposable ? "is open in this process only"
            : null;
}
