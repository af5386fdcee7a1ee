using AsyncPs.Commands.Base;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Resources;

namespace AsyncPs.Commands;

/// <content>Opens the resources one after another, and registers how each is cleaned up.</content>
public sealed partial class UseAsyncResourceCommand
{
    private void Open(object? given)
    {
        object resource = PSObjectExtensions.Unwrap(given!) is ScriptBlock block ? Make(block)
            : Awaitables.IsAwaitable(given, out object? awaitable) && awaitable is Task task ? Await(task)
            : given!;

        // An object that was created here is known only to this command.
        bool own = IsMade(given!);
        if (own && Exit is null)
        {
            PushDisposal(resource);
        }

        if (own)
        {
            Check(resource);
        }

        if (Transaction)
        {
            _values.Add(Begin(resource));
            return;
        }

        if (!own && Exit is null)
        {
            PushDisposal(resource);
        }

        object? entered = Enter is null ? resource : EnterInto(resource);
        if (Exit is not null)
        {
            _cleanUps.Push(resource, (CleanUpKind.Exit, CleanUpKind.Exit), failure => Leave(resource, failure));
        }

        _values.Add(entered);
    }

    private object Make(ScriptBlock block)
    {
        List<object?> made = [];
        try
        {
            Collect(block, made, CallerBlock.Unset, [.. _values]);
        }
        catch
        {
            made.ForEach(PushDisposal);
            throw;
        }

        if (made is [{ } one])
        {
            return Awaitables.IsAwaitable(one, out object? awaitable) && awaitable is Task task ? Await(task) : one;
        }

        made.ForEach(PushDisposal);
        throw ResourceErrors.NotOneResource(block, made.Count);
    }

    private object Await(Task task)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(StopToken, _late.Token);
        try
        {
            Wait(new ValueTask(task.WaitAsync(end.Token)));
        }
        catch (Exception) when (!task.IsFaulted && !task.IsCanceled)
        {
            // The wait has ended. The resource may exist already or arrive later, and nothing else disposes it.
            _ = DisposeResultAsync(task);
            throw;
        }

        return TaskResults.TryGet(task, out object? result) && result is not null ? result : throw ResourceErrors.ResourceIsNull();
    }

    private static async Task DisposeResultAsync(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
            if (TaskResults.TryGet(task, out object? result))
            {
                await Disposal.DisposeAsync(result).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // The error has no receiver any more.
        }
    }

    private object Begin(object resource)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(StopToken, _late.Token);
        object transactional = Transactions.CanBegin(PSObjectExtensions.Unwrap(resource)) ? PSObjectExtensions.Unwrap(resource) : resource;
        IAsyncTransaction transaction = Wait(Transactions.BeginAsync(transactional, IsolationLevel, end.Token));
        _cleanUps.Push(resource, (CleanUpKind.Dispose, CleanUpKind.Dispose), _ => WaitForCleanUp(transaction.DisposeAsync()));
        _cleanUps.Push(
            resource,
            (CleanUpKind.Commit, CleanUpKind.Rollback),
            failure => WaitForCleanUp(failure is null
                ? transaction.CommitAsync(CancellationToken.None)
                : transaction.RollbackAsync(CancellationToken.None)));
        return transaction.Connection;
    }

    private object? EnterInto(object resource)
    {
        List<object?> written = [];
        Collect(Enter!, written, resource, []);
        return AwaitAll(written) switch
        {
            [] => resource,
            [var one] => one,
            var several => several.ToArray(),
        };
    }

    private void Leave(object resource, ErrorRecord? failure)
    {
        foreach (object? written in CallerBlock.Collect(Exit!, resource, failure))
        {
            if (Awaitables.IsAwaitable(written, out object? awaitable) && awaitable is Task task)
            {
                WaitForCleanUp(new ValueTask(task));
            }
        }
    }

    private void PushDisposal(object? resource)
    {
        if (resource is not null && Disposal.CanDispose(PSObjectExtensions.Unwrap(resource)))
        {
            _cleanUps.Push(
                resource,
                (CleanUpKind.Dispose, CleanUpKind.Dispose),
                _ => WaitForCleanUp(Disposal.DisposeAsync(PSObjectExtensions.Unwrap(resource))));
        }
    }

    private List<object?> AwaitAll(List<object?> written)
    {
        List<object?> results = [];
        using var end = CancellationTokenSource.CreateLinkedTokenSource(StopToken, _late.Token);
        foreach (object? item in written)
        {
            if (Awaitables.IsAwaitable(item, out object? awaitable) && awaitable is Task task)
            {
                Wait(new ValueTask(task.WaitAsync(end.Token)));
                results.AddRange(TaskResults.Get(task));
            }
            else
            {
                results.Add(item);
            }
        }

        return results;
    }

    private void Collect(ScriptBlock block, List<object?> output, object? item, object?[] arguments)
    {
        if (IsLimited)
        {
            LimitedBlock.Invoke(this, block, item, arguments, output.Add, errors: null, _late.Token);
        }
        else
        {
            CallerBlock.Collect(block, output, item, arguments);
        }
    }
}
