using System.Buffers;
using System.Text;
using AsyncPs.Concurrency;
using AsyncPs.Web.Binding;

namespace AsyncPs.Web.Answers;

/// <summary>
/// Turns the output of a route's block into the answer. Objects are formatted on the thread that writes them, because they may change
/// afterwards.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="shape">The form of objects.</param>
/// <param name="log">Receives the records of other streams.</param>
internal sealed class Answer(AsyncRequest request, AnswerShape shape, ServerLog log) : IItemSink
{
    private readonly OutgoingBytes _bytes = new();
    private readonly TaskCompletionSource<ConcurrentStatus> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<string>? _texts;
    private long _count;

    /// <summary>Completes when the answer is complete, or starts to be sent.</summary>
    public Task Ready => _bytes.Ready;

    /// <summary>Completes when the block starts to run.</summary>
    public Task Running => _running.Task;

    /// <summary>Completes with the block.</summary>
    public Task<ConcurrentStatus> End => _end.Task;

    /// <summary>The bytes to send.</summary>
    public OutgoingBytes Bytes => _bytes;

    /// <summary>The kind of the answer.</summary>
    public AnswerKind Kind { get; private set; }

    /// <summary>The response, file or stream that the block has written, or null.</summary>
    public object? Special { get; private set; }

    /// <summary>
    /// The objects in the body of <see cref="Special"/>, formatted when it was written; null for another body.
    /// </summary>
    public byte[]? SpecialBody { get; private set; }

    /// <summary>The first error that the block has written, which makes it fail; or null.</summary>
    public ErrorRecord? Failure { get; private set; }

    /// <inheritdoc/>
    string? IItemSink.Name => request.ToString();

    /// <summary>The request.</summary>
    public AsyncRequest Request => request;

    /// <summary>The form of objects.</summary>
    public AnswerShape Shape => shape;

    /// <summary>Collects the output for callers that need no answer; otherwise null.</summary>
    public List<object?>? Collected { get; init; }

    /// <inheritdoc/>
    void IItemSink.Started() => _running.TrySetResult();

    /// <inheritdoc/>
    void IItemSink.Write(in StreamRecord record)
    {
        if (Take(record) is not { IsCompletedSuccessfully: false } room)
        {
            return;
        }

        using (ItemWait.Begin())
        {
            room.WaitAsync(record.Item!.State!.Token).GetAwaiter().GetResult();
        }
    }

    /// <inheritdoc/>
    async ValueTask IItemSink.WriteAsync(StreamRecord record)
    {
        if (Take(record) is { } room)
        {
            await room.WaitAsync(record.Item!.State!.Token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    void IItemSink.Ended(ConcurrentStatus status)
    {
        if (Kind is AnswerKind.Texts or AnswerKind.Objects && Failure is null && status == ConcurrentStatus.Succeeded)
        {
            WriteEnd();
        }

        _end.TrySetResult(status);
        _bytes.Complete();
    }

    /// <summary>The body, when the block has ended and nothing was sent.</summary>
    public ReadOnlyMemory<byte> Whole
        => Kind == AnswerKind.Objects && _count == 1 && !shape.AsArray && shape.Formatter == ObjectFormatter.Json
            ? _bytes.Whole[1..]
            : _bytes.Whole;

    private Task? Take(in StreamRecord record)
    {
        switch (record.Kind)
        {
            case StreamKind.Output when Collected is not null:
                Collected.Add(record.Data);
                return null;
            case StreamKind.Output:
                return TakeOutput(record.Data);
            case StreamKind.Error:
                ErrorRecord error = ItemErrors.FromWritten((ErrorRecord)record.Data!, record.Item!);
                if (!IsOfProgram(error))
                {
                    Failure ??= error;
                }

                // A binding error is the client's fault, and is reported only to the client.
                if (!BindingErrors.IsOne(error))
                {
                    log.Error(error, request);
                }

                return null;
            default:
                log.Write(record);
                return null;
        }
    }

    // What a program writes to standard error says nothing about its success.
    private static bool IsOfProgram(ErrorRecord error)
        => error.FullyQualifiedErrorId.StartsWith("NativeCommandError", StringComparison.Ordinal);

    private Task? TakeOutput(object? data)
    {
        object? bare = PlainText.Unwrap(data);
        if (shape.Stream is not StreamShape.None && bare is not AsyncResponse)
        {
            Kind = AnswerKind.Objects;
            _count++;
            return _bytes.Write(bytes => StreamFormat.Write(bytes, data, shape), leaves: true, mayLeave: true);
        }

        if (_count++ == 0)
        {
            Begin(bare);
            if (Kind == AnswerKind.Special && !_bytes.Leaves)
            {
                return null;
            }
        }

        if (Kind == AnswerKind.Special || bare is AsyncResponse)
        {
            Mixed(bare);
            return null;
        }

        return Kind switch
        {
            AnswerKind.Bytes when bare is byte one => _bytes.Write(bytes => bytes.Write([one]), leaves: false, mayLeave: true),
            AnswerKind.Bytes when bare is byte[] many => _bytes.Write(bytes => bytes.Write(many), leaves: false, mayLeave: true),
            AnswerKind.Texts when bare is string text => WriteText(text),
            AnswerKind.Texts => WriteAfterTexts(data),
            _ => WriteObject(data),
        };
    }

    private void Begin(object? bare)
    {
        Kind = bare switch
        {
            AsyncResponse or FileInfo or Stream => AnswerKind.Special,
            byte or byte[] when !shape.AsArray => AnswerKind.Bytes,
            string when !shape.AsArray => AnswerKind.Texts,
            _ => AnswerKind.Objects,
        };
        Special = Kind == AnswerKind.Special ? bare : null;
        if (bare is AsyncResponse { HasBody: true, Body: var body } && !IsContent(PlainText.Unwrap(body)))
        {
            SpecialBody = ObjectFormatter.FormatAll(body, shape);
        }
    }

    private static bool IsContent(object? body) => body is string or byte[] or Stream or FileInfo;

    private void Mixed(object? bare)
    {
        if (Failure is null)
        {
            Failure = new ErrorRecord(WebErrors.OutputMixed(), WebErrors.OutputMixedId, ErrorCategory.InvalidOperation, bare);
            log.Error(Failure, request);
        }
    }

    private Task? WriteText(string text)
    {
        // Strings are kept as long as objects of other kinds may follow.
        if (!_bytes.Leaves)
        {
            (_texts ??= []).Add(text);
        }

        return _bytes.Write(
            bytes =>
            {
                if (_count > 1)
                {
                    bytes.Write("\n"u8);
                }

                Encoding.UTF8.GetBytes(text, bytes);
            },
            leaves: false,
            mayLeave: true);
    }

    private Task? WriteAfterTexts(object? data)
    {
        if (_bytes.Leaves)
        {
            return WriteText(PlainText.Of(data));
        }

        Kind = AnswerKind.Objects;
        List<string> texts = _texts ?? [];
        _texts = null;
        _bytes.Write(static bytes => bytes.ResetWrittenCount(), leaves: false, mayLeave: false);
        _count = 0;
        foreach (string text in texts)
        {
            _count++;
            WriteObject(text);
        }

        _count++;
        return WriteObject(data);
    }

    private Task? WriteObject(object? data)
    {
        long index = _count;
        return _bytes.Write(
            bytes => shape.Formatter.WriteObject(bytes, data, index, shape),
            leaves: false,
            mayLeave: index > 1 || shape.AsArray);
    }

    private void WriteEnd()
    {
        if (shape.Stream == StreamShape.None && Kind == AnswerKind.Objects)
        {
            _bytes.Write(bytes => shape.Formatter.WriteEnd(bytes, _count, shape), leaves: false, mayLeave: false);
        }
    }
}
