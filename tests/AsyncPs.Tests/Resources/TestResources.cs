using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using AsyncPs.Resources;

namespace AsyncPs.Tests.Resources;

/// <summary>Creates resources that record what happens to them. Public for scripts.</summary>
public sealed class TestResources
{
    private readonly ConcurrentQueue<string> _log = new();
    private int _made;
    private int _disposed;

    public string Log => string.Join(' ', _log);

    public int Made => Volatile.Read(ref _made);

    public int Disposed => Volatile.Read(ref _disposed);

    public object Make(object _)
    {
        Interlocked.Increment(ref _made);
        return new Counted(this);
    }

    public void Note(string what) => _log.Enqueue(what);

    public IDisposable Sync(string name) => new Synchronous(this, name);

    public IAsyncDisposable Async(string name) => new Asynchronous(this, name);

    public async Task<IDisposable> LaterAsync(string name, Task when)
    {
        await when;
        return Sync(name);
    }

    public DbConnection Connection(string name, bool open = true) => new FakeConnection(this, name, open);

    public object Transactional(string name) => new Source(this, name);

    private void Clean(string what, string name)
    {
        Note($"{what}:{name}");
        if (name.Contains("bad", StringComparison.Ordinal))
        {
            throw new IOException($"{what} of {name} failed");
        }
    }

    private sealed class Counted(TestResources owner) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            Interlocked.Increment(ref owner._disposed);
        }
    }

    private sealed class Synchronous(TestResources owner, string name) : IDisposable
    {
        public void Dispose() => owner.Clean("dispose", name);

        public override string ToString() => name;
    }

    private sealed class Asynchronous(TestResources owner, string name) : IAsyncDisposable, IDisposable
    {
        public void Dispose() => owner.Note("wrong");

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            owner.Clean("dispose", name);
        }

        public override string ToString() => name;
    }

    private sealed class Source(TestResources owner, string name) : ITransactional
    {
        public ValueTask<IAsyncTransaction> BeginTransactionAsync(IsolationLevel isolationLevel, CancellationToken cancellationToken)
        {
            owner.Note($"begin:{name}:{isolationLevel}");
            return new(new Begun(owner, name));
        }
    }

    private sealed class Begun(TestResources owner, string name) : IAsyncTransaction
    {
        public object Connection => name;

        public async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            owner.Clean("commit", name);
        }

        public async ValueTask RollbackAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            owner.Clean("rollback", name);
        }

        public ValueTask DisposeAsync()
        {
            owner.Note($"end:{name}");
            return default;
        }
    }

    private sealed class FakeConnection(TestResources owner, string name, bool open) : DbConnection
    {
        private bool _open = open;

        public override ConnectionState State => _open ? ConnectionState.Open : ConnectionState.Closed;

        [System.Diagnostics.CodeAnalysis.AllowNull]
        public override string ConnectionString { get; set; } = "";

        public override string Database => name;

        public override string DataSource => name;

        public override string ServerVersion => "1";

        public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

        public override void Close()
        {
            owner.Note($"close:{name}");
            _open = false;
        }

        public override void Open()
        {
            owner.Note($"open:{name}");
            _open = true;
        }

        public override string ToString() => name;

        protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel)
        {
            owner.Clean("begin", name);
            return new Transaction(owner, this, isolationLevel);
        }

        protected override DbCommand CreateDbCommand() => throw new NotSupportedException();
    }

    private sealed class Transaction(TestResources owner, FakeConnection database, IsolationLevel isolationLevel) : DbTransaction
    {
        private bool _ended;

        public override IsolationLevel IsolationLevel => isolationLevel;

        protected override DbConnection? DbConnection => _ended ? null : database;

        public override void Commit() => End("commit");

        public override void Rollback() => End("rollback");

        protected override void Dispose(bool disposing)
        {
            owner.Note("end");
            base.Dispose(disposing);
        }

        private void End(string how)
        {
            owner.Note(how);
            _ended = true;
        }
    }
}
