using AsyncPs.Concurrency;
using AsyncPs.Waiting;

namespace AsyncPs.Commands;

/// <content>The output.</content>
public sealed partial class WaitWithTimeoutCommand
{
    private void Report(int index, WaitedWork work)
    {
        if (work is { IsCompleted: true, IsCanceled: false })
        {
            if (AsResult)
            {
                WriteResult(index, work, []);
            }
            else
            {
                work.Read(_writer!.Write);
            }
        }
        else if (_session!.IsLate)
        {
            ReportTimeout(WaitErrors.WaitTimeout(work, Timeout), index, [work]);
        }
        else if (AsResult)
        {
            WriteObject(new WaitResult(index, work.Source, ConcurrentStatus.Canceled, [], [], Pending([work])));
        }
    }

    private void ReportTimeout(ErrorRecord error, int index, List<WaitedWork> works)
    {
        bool hasDefault = MyInvocation.BoundParameters.ContainsKey(nameof(Default));
        if (AsResult)
        {
            WriteObject(new WaitResult(
                index, works[0].Source, ConcurrentStatus.TimedOut, hasDefault ? [Default] : [], hasDefault ? [] : [error], Pending(works)));
        }
        else if (hasDefault)
        {
            WriteObject(Default);
        }
        else
        {
            WriteError(error);
        }
    }

    private void WriteResult(int index, WaitedWork work, IEnumerable<WaitedWork> pending)
    {
        List<object?> output = [];
        List<ErrorRecord> errors = [];
        work.Read(record =>
        {
            switch (record.Kind)
            {
                case StreamKind.Output:
                    output.Add(record.Data);
                    break;
                case StreamKind.Error:
                    errors.Add((ErrorRecord)record.Data!);
                    break;
                default:
                    _writer!.Write(record);
                    break;
            }
        });
        WriteObject(new WaitResult(index, work.Source, work.Status, [.. output], [.. errors], Pending(pending)));
    }

    private static object[] Pending(IEnumerable<WaitedWork> works)
        => [.. works.Where(static work => !work.IsCanceled).Select(static work => work.Handle)];
}
