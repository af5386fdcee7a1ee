using System.Runtime.CompilerServices;

namespace AsyncPs;

/// <content>Stack traces of scripts, which error records carry as text.</content>
internal static partial class EngineInternals
{
    private const string TraceField = "_scriptStackTrace";

    /// <summary>Reads and writes stack traces, or is null.</summary>
    public static StackTraces? Traces { get; } = StackTraces.Create();

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = TraceField)]
    private static extern ref string? TraceOf(ErrorRecord record);

    /// <summary>Reads and writes stack traces.</summary>
    public sealed class StackTraces
    {
        private readonly Func<Debugger, IEnumerable<CallStackFrame>> _frames;

        private StackTraces(Func<Debugger, IEnumerable<CallStackFrame>> frames) => _frames = frames;

        /// <summary>Null where this engine has other members.</summary>
        public static StackTraces? Create()
            => HasField<string>(typeof(ErrorRecord), TraceField)
                && typeof(Debugger).GetMethod("GetCallStack", Members, []) is { } frames
                && frames.ReturnType == typeof(IEnumerable<CallStackFrame>)
                    ? new StackTraces(frames.CreateDelegate<Func<Debugger, IEnumerable<CallStackFrame>>>())
                    : null;

        /// <summary>The lines of what runs in a session, the innermost first, as stack traces have them.</summary>
        public IReadOnlyList<string> Of(Debugger debugger) => [.. _frames(debugger).Select(static frame => frame.ToString())];

        /// <summary>The stack trace of an error; null if it has none.</summary>
        public static string? Of(ErrorRecord record) => TraceOf(record);

        /// <summary>Sets the stack trace of an error.</summary>
        public static void Set(ErrorRecord record, string trace) => TraceOf(record) = trace;
    }
}
