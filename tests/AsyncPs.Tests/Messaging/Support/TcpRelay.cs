using System.Net;
using System.Net.Sockets;

namespace AsyncPs.Tests.Messaging.Support;

/// <summary>A network between clients and a server on loopback, which can be held up and broken.</summary>
internal sealed class TcpRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _ends = [];
    private readonly int _target;
    private int _accepted;
    private int _isHeld;

    public TcpRelay(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Passes on nothing more that the clients of now send. New connections work.</summary>
    public void Hold() => Volatile.Write(ref _isHeld, Volatile.Read(ref _accepted));

    /// <summary>How many bytes wait here to be passed on.</summary>
    public int Waiting
    {
        get
        {
            lock (_ends)
            {
                return _ends.Sum(static end => end.Connected ? end.Available : 0);
            }
        }
    }

    /// <summary>Breaks a connection, by the order in which they were made.</summary>
    public void Break(int connection)
    {
        lock (_ends)
        {
            _ends[2 * connection].Client.Close(0);
            _ends[(2 * connection) + 1].Client.Close(0);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        lock (_ends)
        {
            _ends.ForEach(static end => end.Dispose());
        }

        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            int number = Interlocked.Increment(ref _accepted);
            lock (_ends)
            {
                _ends.Add(client);
                _ends.Add(server);
            }

            _ = PassAsync(client, server, () => number <= Volatile.Read(ref _isHeld));
            _ = PassAsync(server, client, static () => false);
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, Func<bool> isHeld)
    {
        byte[] buffer = new byte[8192];
        try
        {
            int count;
            while ((count = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0)
            {
                if (isHeld())
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // A connection was broken.
        }
    }
}
