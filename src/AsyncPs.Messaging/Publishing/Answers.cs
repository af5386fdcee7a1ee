using System.Collections.Concurrent;
using AsyncPs.Messaging.Connections;
using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging.Publishing;

/// <summary>
/// The answers to requests that were written. They arrive on the session on which the request was sent, and are lost with it.
/// </summary>
/// <param name="read">Converts an answer to an object.</param>
/// <param name="keeper">Maintains the session.</param>
internal sealed class Answers(Func<Delivery, object?> read, SessionKeeper keeper) : IDisposable
{
    private readonly ConcurrentDictionary<string, (QueuedMessage Request, MessageWriter Writer)> _expected = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _listening = new(1);
    private IMessageSession? _session;

    /// <summary>The address for answers.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Whether answers arrive on the current session.</summary>
    public bool AreHeard => _session is { } session && session == keeper.Current;

    /// <summary>Registers for answers on the current session.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        await _listening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            IMessageSession session = await keeper.GetAsync(cancellationToken).ConfigureAwait(false);
            if (_session != session)
            {
                Address = await session.ListenForAnswersAsync(Answered, cancellationToken).ConfigureAwait(false);
                _session = session;
            }
        }
        finally
        {
            _listening.Release();
        }
    }

    /// <summary>Registers a request that may get an answer.</summary>
    public void Expect(QueuedMessage request, MessageWriter writer) => _expected[request.Properties.CorrelationId!] = (request, writer);

    /// <summary>Removes a request whose answer is no longer waited for.</summary>
    public void Forget(QueuedMessage request)
    {
        if (request.IsRequest)
        {
            _expected.TryRemove(request.Properties.CorrelationId!, out _);
        }
    }

    /// <summary>Notes that the session is lost, together with the answers to its requests.</summary>
    public void Lost()
    {
        _session = null;
        foreach ((string id, (QueuedMessage request, MessageWriter writer)) in _expected)
        {
            if (_expected.TryRemove(id, out _))
            {
                request.Withdraw();
                writer.AnswerLost(request);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listening.Dispose();

    private void Answered(Delivery delivery)
    {
        if (delivery.Properties.CorrelationId is not { } id
            || !_expected.TryRemove(id, out (QueuedMessage Request, MessageWriter Writer) expected))
        {
            return;
        }

        try
        {
            expected.Writer.Answered(expected.Request, read(delivery), null);
        }
        catch (FormatException e)
        {
            expected.Writer.Answered(
                expected.Request, null, MessagingErrors.NoAnswer("", expected.Request.Item, MessagingErrors.BodyUnreadable(e)));
        }
    }
}
