#Requires -Version 7.6

<#
.SYNOPSIS
    Measures the web server beside uvicorn with Starlette and with FastAPI, with wrk, all on loopback.
.DESCRIPTION
    Needs, of Debian: wrk python3-uvicorn python3-starlette python3-fastapi python3-uvloop python3-httptools. Start it after a build:
        dotnet tool exec -y PowerShell -- bench/web.ps1
    Rounds alternate between the servers, since a machine's speed drifts. CPU is that of the server's process without its children. The
    row "first second" is measured with a new server.
.PARAMETER Rounds
    How often each is measured. Default: 3.
.PARAMETER Seconds
    How long a measurement takes. Default: 5.
.PARAMETER Connections
    How many connections there are. Default: 64.
.PARAMETER Dsn
    A PostgreSQL database, as asyncpg takes it (postgresql://user:password@host/db), with a table item (id, name, price) of 10,000 rows,
    for the look-ups of rows. Default: no look-ups are measured.
.PARAMETER ConnectionString
    The same database as AsyncPs.Data takes it.
#>
[CmdletBinding()]
param(
    [int] $Rounds = 3,
    [int] $Seconds = 5,
    [int] $Connections = 64,
    [string] $Dsn,
    [string] $ConnectionString
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$env:PSModulePath = "$root/output" + [IO.Path]::PathSeparator + $env:PSModulePath
$env:BENCH_DSN = $Dsn

# Its own process, as the peers have one; this one only watches.
$own = @'
Import-Module AsyncPs.Web
$routes = @(
    New-AsyncRoute GET / { 'Hello, World!' }
    New-AsyncRoute GET '/items/{Id}' {
        param([Parameter(Mandatory)][ValidateRange(1, 1000)][int] $Id, [ValidateSet('asc', 'desc')][string] $Sort = 'asc')
        [pscustomobject] @{ id = $Id; sort = $Sort }
    }
)
if ('@CONNECTION@') {
    Import-Module AsyncPs.Data
    $db = Connect-AsyncDatabase -PostgreSql '@CONNECTION@' -PoolSize 16
    $routes += New-AsyncRoute GET '/rows/{Id}' {
        param([Parameter(Mandatory)][ValidateRange(1, 10000)][int] $Id)
        Invoke-ConcurrentQuery $db 'select id, name, price from item where id = @id' -Parameter @{ id = $Id }
    }
}
Start-AsyncServer $routes -Port @PORT@
'@.Replace('@CONNECTION@', $ConnectionString)

function Start-Server([string] $Kind, [int] $Port) {
    $process = if ($Kind -eq 'AsyncPs.Web') {
        $arguments = '-NoProfile', '-NonInteractive', '-Command', $own.Replace('@PORT@', $Port)
        $program = [Environment]::ProcessPath
        if ([IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet') { $arguments = @("$PSHOME/pwsh.dll") + $arguments }
        Start-Child $program $arguments
    }
    else {
        Start-Child python3 "$PSScriptRoot/Web/peers.py", $Kind, $Port
    }

    $deadline = [datetime]::Now.AddSeconds(60)
    while ($true) {
        try { [Net.Sockets.TcpClient]::new('127.0.0.1', $Port).Dispose(); break }
        catch { if ($process.HasExited -or [datetime]::Now -gt $deadline) { throw "$Kind does not listen." } }
        Start-Sleep -Milliseconds 20
    }

    $process
}

function Start-Child([string] $Program, [string[]] $Arguments) {
    $start = [Diagnostics.ProcessStartInfo]::new($Program, $Arguments)
    $start.RedirectStandardOutput = $true
    [Diagnostics.Process]::Start($start)
}

function Measure-Server($Process, [string] $Uri, [double] $Time) {
    $Process.Refresh()
    $cpu = $Process.TotalProcessorTime
    $text = (wrk -c $Connections -t 1 -d "${Time}s" $Uri) -join "`n"
    $Process.Refresh()
    $requests = [double] [regex]::Match($text, '(\d+) requests in').Groups[1].Value
    $failed = [regex]::Match($text, 'Non-2xx or 3xx responses: (\d+)').Groups[1].Value
    if ($failed) { Write-Warning "$Uri : $failed answers were failures." }
    [pscustomobject] @{
        Rate = [double] [regex]::Match($text, 'Requests/sec:\s+([\d.]+)').Groups[1].Value
        Cpu  = ($Process.TotalProcessorTime - $cpu).TotalMicroseconds / [math]::Max(1, $requests)
    }
}

$cases = @(
    @{ Case = 'constant text'; Path = '/'; Servers = 'AsyncPs.Web', 'starlette' }
    @{ Case = 'typed, JSON'; Path = '/items/7?sort=desc'; Servers = 'AsyncPs.Web', 'fastapi' }
    if ($Dsn -and $ConnectionString) { @{ Case = 'a row of PostgreSQL'; Path = '/rows/77'; Servers = 'AsyncPs.Web', 'fastapi' } }
)
$port = 21000
$results = foreach ($round in 1..$Rounds) {
    foreach ($case in $cases) {
        foreach ($server in $case.Servers) {
            $port++
            $process = Start-Server $server $port
            try {
                $uri = "http://127.0.0.1:$port$($case.Path)"
                $first = Measure-Server $process $uri 1
                $second = Measure-Server $process $uri 1
                $null = Measure-Server $process $uri 5
                $warm = Measure-Server $process $uri $Seconds
                foreach ($when in @{ 'first second' = $first }, @{ 'second second' = $second }, @{ warm = $warm }) {
                    $name = @($when.Keys)[0]
                    [pscustomobject] @{
                        Case = $case.Case; Server = $server; When = $name; Rate = $when[$name].Rate; Cpu = $when[$name].Cpu
                    }
                }
            }
            finally {
                $process.Kill($true)
                $process.WaitForExit()
            }
        }
    }
}

$results | Group-Object Case, When, Server | ForEach-Object {
    $rates = @($_.Group.Rate | Sort-Object)
    $cpus = @($_.Group.Cpu | Sort-Object)
    $middle = [int] [math]::Floor(($rates.Count - 1) / 2)
    [pscustomobject] @{
        Case            = $_.Group[0].Case
        When            = $_.Group[0].When
        Server          = $_.Group[0].Server
        'Requests/s'    = [math]::Round($rates[$middle])
        Range           = '{0:n0}-{1:n0}' -f $rates[0], $rates[-1]
        'CPU us/request' = [math]::Round($cpus[$middle])
    }
} | Format-Table -AutoSize
