#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Listeners of metrics and traces whose callbacks throw. They are those of a whole process, so they have a file of their own.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../output/AsyncPs')
    Add-Type -ReferencedAssemblies System.Diagnostics.DiagnosticSource, System.Runtime, System.Collections -TypeDefinition @'
        using System;
        using System.Diagnostics;
        using System.Diagnostics.Metrics;

        public static class BadListeners
        {
            public static IDisposable OfSpans(string when)
            {
                var listener = new ActivityListener
                {
                    ShouldListenTo = source => source.Name == "AsyncPs",
                    Sample = (ref ActivityCreationOptions<ActivityContext> options) => when == "asked for"
                        ? throw new InvalidOperationException("bad listener") : ActivitySamplingResult.AllData,
                };
                Action<Activity> fail = span => throw new InvalidOperationException("bad listener");
                if (when == "started") listener.ActivityStarted = fail;
                if (when == "ended") listener.ActivityStopped = fail;
                ActivitySource.AddActivityListener(listener);
                return listener;
            }

            public static IDisposable OfMetrics()
            {
                var listener = new MeterListener();
                listener.InstrumentPublished = (instrument, own) =>
                {
                    if (instrument.Meter.Name == "AsyncPs") own.EnableMeasurementEvents(instrument);
                };
                listener.SetMeasurementEventCallback<double>(
                    (instrument, value, tags, state) => throw new InvalidOperationException("bad listener"));
                listener.Start();
                return listener;
            }
        }
'@
}

Describe 'A listener that throws' {
    It 'does not keep items from running and ending, when spans are <_>' -ForEach 'asked for', 'started', 'ended' {
        $listener = [BadListeners]::OfSpans($_)
        try {
            $work = Start-ThreadJob {
                Import-Module $using:PSScriptRoot/../output/AsyncPs
                (1..5 | Invoke-Concurrent { $_ } -ThrottleLimit 2 -Ordered) -join ' '
                (1..3 | Invoke-Concurrent { if ($_ -eq 2) { throw 'x' }; $_ } -Ordered -AsResult).Status -join ' '
                Start-Throttled { 'job' } | Receive-Job -Wait -AutoRemoveJob
                Read-AsyncStream (New-AsyncStream { 'stream' })
            }
            $work | Wait-Job -Timeout 60 | Should -Not -BeNullOrEmpty
            $work | Receive-Job -ErrorAction Stop | Should -Be '1 2 3 4 5', 'Succeeded Failed Succeeded', 'job', 'stream'
        }
        finally {
            $listener.Dispose()
        }
    }

    It 'does not make requests fail when their time is recorded' {
        $listener = [BadListeners]::OfMetrics()
        $server = [Net.HttpListener]::new()
        try {
            $socket = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
            $socket.Start()
            $port = $socket.LocalEndpoint.Port
            $socket.Stop()
            $server.Prefixes.Add("http://127.0.0.1:$port/")
            $server.Start()
            $answer = Start-ThreadJob {
                $request = ($using:server).GetContext()
                $request.Response.OutputStream.Write([byte[]] (111, 107))
                $request.Response.Close()
            }
            Invoke-Concurrent -Uri "http://127.0.0.1:$port/" -ErrorAction Stop | ForEach-Object Content | Should -Be 'ok'
            $null = $answer | Wait-Job
        }
        finally {
            $server.Close()
            $listener.Dispose()
        }
    }
}
