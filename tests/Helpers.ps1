# Helpers for several test files, whose BeforeAll runs this file.

function Wait-Until([scriptblock] $Condition, [int] $Seconds = 60) {
    $deadline = [datetime]::Now.AddSeconds($Seconds)
    while (-not (& $Condition)) {
        if ([datetime]::Now -gt $deadline) {
            throw "Not in time: $Condition"
        }

        Start-Sleep -Milliseconds 5
    }
}

# A small server on .NET's HttpListener, on a free loopback port. The block gets the listener and a token, and runs in the given number of
# runspaces until Stop(). Each of its waits needs the token, even the wait for a request, which may not end with the listener.
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

# A child PowerShell of the same version: the program, and the arguments before the others. For a .NET tool, the program is dotnet.
$pwsh = (Get-Process -Id $PID).Path
$pwshArguments = @(if ([IO.Path]::GetFileNameWithoutExtension($pwsh) -eq 'dotnet') { "$PSHOME/pwsh.dll" }) + '-NoProfile', '-NonInteractive'
