using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using CsCheck;
using Xunit;

namespace AsyncPs.Tests.Queues;

/// <summary>Random writes and reads, also waiting ones, against a model: a plain list with lists of waiters.</summary>
public sealed class QueueModelTests
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private static readonly Gen<(int Operation, int Value)[]> Operations = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3]).Array[1, 40];

    [Theory]
    [InlineData(AsyncQueueKind.Fifo)]
    [InlineData(AsyncQueueKind.Lifo)]
    [InlineData(AsyncQueueKind.Priority)]
    public Task A_queue_does_what_its_model_does(AsyncQueueKind kind) => Gen.Select(Gen.Int[1, 3], Operations).SampleAsync(
        (capacity, operations) => RunAsync(kind, capacity, operations),
        iter: Stress.Times(300),
        threads: 1);

    private static async Task RunAsync(AsyncQueueKind kind, int capacity, (int Operation, int Value)[] operations)
    {
        var queue = new AsyncQueue(kind, capacity);
        var model = new Model(kind, capacity);
        List<Task> writes = [];
        List<Task<object?>> reads = [];
        List<CancellationTokenSource> cancels = [];
        int next = 0;
        foreach ((int operation, int value) in operations)
        {
            object item = next++;
            switch (operation)
            {
                case 0:
                    writes.Add(queue.WriteAsync(item, value));
                    model.Write(item, value, writes.Count - 1);
                    break;
                case 1:
                    cancels.Add(new CancellationTokenSource());
                    reads.Add(queue.ReadAsync(cancels[^1].Token));
                    model.Read(reads.Count - 1);
                    break;
                case 2:
                    Assert.Equal(model.TryWrite(item, value), queue.TryWrite(item, value));
                    break;
                case 3:
                    bool expected = model.TryRead(out object? taken);
                    Assert.Equal(expected, queue.TryRead(out object? read));
                    Assert.Equal(taken, read);
                    break;
                case 4 when model.FirstReader is { } reader:
                    await cancels[reader].CancelAsync();
                    model.CancelReader();
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reads[reader].WaitAsync(WaitLimit));
                    break;
            }

            Assert.Equal((model.Count, model.Readers, model.Writers), (queue.Count, queue.WaitingReaders, queue.WaitingWriters));
        }

        foreach ((int reader, object? item) in model.Served)
        {
            Assert.Equal(item, await reads[reader].WaitAsync(WaitLimit));
        }

        foreach (int writer in model.Written)
        {
            await writes[writer].WaitAsync(WaitLimit);
        }

        Assert.Equal((model.Readers, model.Writers), (reads.Count(static r => !r.IsCompleted), writes.Count(static w => !w.IsCompleted)));
    }

    private sealed class Model(AsyncQueueKind kind, int capacity)
    {
        private readonly List<(object Item, int Priority)> _items = [];
        private readonly List<int> _readers = [];
        private readonly Queue<(object Item, int Priority, int Writer)> _writers = [];

        public Dictionary<int, object?> Served { get; } = [];

        public List<int> Written { get; } = [];

        public int Count => _items.Count;

        public int Readers => _readers.Count;

        public int Writers => _writers.Count;

        public int? FirstReader => _readers.Count > 0 ? _readers[0] : null;

        public void CancelReader() => _readers.RemoveAt(0);

        public bool TryWrite(object item, int priority)
        {
            if (_readers.Count > 0)
            {
                Served[_readers[0]] = item;
                _readers.RemoveAt(0);
                return true;
            }

            if (_items.Count >= capacity)
            {
                return false;
            }

            _items.Add((item, priority));
            return true;
        }

        public void Write(object item, int priority, int writer)
        {
            if (TryWrite(item, priority))
            {
                Written.Add(writer);
            }
            else
            {
                _writers.Enqueue((item, priority, writer));
            }
        }

        public bool TryRead(out object? item)
        {
            item = null;
            if (_items.Count == 0)
            {
                return false;
            }

            int index = kind switch
            {
                AsyncQueueKind.Lifo => _items.Count - 1,
                AsyncQueueKind.Priority => _items.FindIndex(i => i.Priority == _items.Min(static other => other.Priority)),
                _ => 0,
            };
            item = _items[index].Item;
            _items.RemoveAt(index);
            if (_writers.TryDequeue(out (object Item, int Priority, int Writer) first))
            {
                _items.Add((first.Item, first.Priority));
                Written.Add(first.Writer);
            }

            return true;
        }

        public void Read(int reader)
        {
            if (TryRead(out object? item))
            {
                Served[reader] = item;
            }
            else
            {
                _readers.Add(reader);
            }
        }
    }
}
