# What several of the tests need; their BeforeAll runs it.

function Wait-Until([scriptblock] $Condition, [int] $Seconds = 60) {
    $deadline = [datetime]::Now.AddSeconds($Seconds)
    while (-not (& $Condition)) {
        if ([datetime]::Now -gt $deadline) {
            throw "Not in time: $Condition"
        }

        Start-Sleep -Milliseconds 5
    }
}

# A small server of the framework's own, on a free port of loopback. The block gets its HttpListener and a token, and runs in the given
# number of runspaces until Stop(). It must not wait for anything without the token, not even for a request: the end of the listener
# may leave that waiting.
function Start-TestServer([scriptblock] $Answer, [int] $Runspaces = 1) {
    foreach ($try in 1..20) {
        $port = Get-Random -Minimum 20000 -Maximum 60000
        $listener = [Net.HttpListener]::new()
        $listener.Prefixes.Add("http://127.0.0.1:$port/")
        try { $listener.Start(); break } catch { $listener = $null }
    }

    $stopping = [Threading.CancellationTokenSource]::new()
    $shells = foreach ($runspace in 1..$Runspaces) {
        $shell = [powershell]::Create().AddScript($Answer).AddArgument($listener).AddArgument($stopping.Token)
        $null = $shell.BeginInvoke()
        $shell
    }

    [pscustomobject] @{ Port = $port; Listener = $listener; Stopping = $stopping; Shells = @($shells) } |
        Add-Member ScriptMethod Stop {
            $this.Stopping.Cancel()
            $this.Listener.Close()
            $this.Shells | ForEach-Object Dispose
        } -PassThru
}

# A child PowerShell of this one's version: the command, and the arguments before the others. Of a .NET tool, the process is dotnet.
$pwsh = (Get-Process -Id $PID).Path
$pwshArguments = @(if ([IO.Path]::GetFileNameWithoutExtension($pwsh) -eq 'dotnet') { "$PSHOME/pwsh.dll" }) + '-NoProfile', '-NonInteractive'
