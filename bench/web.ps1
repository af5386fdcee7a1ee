#Requires -Version 7.6

<#
.SYNOPSIS
    Compares the web server with uvicorn running Starlette and FastAPI, by wrk, all on loopback.
.DESCRIPTION
    Needs these Debian packages: wrk python3-uvicorn python3-starlette python3-fastapi python3-uvloop
    python3-httptools, for -Database also postgresql and python3-asyncpg, and for HTTP/2 nghttp2-client. Start it
    after a build:
        dotnet tool exec -y PowerShell -- bench/web.ps1
    Rounds alternate between the servers, because a machine's speed drifts. Each measurement uses a new server, and
    has its first second, its second second and, some seconds later, its warm speed. The ratio is the median of the
    rounds' ratios. CPU is the time of the server's process without its children.
.PARAMETER Rounds
    How often each server is measured. Default: 3.
.PARAMETER Seconds
    How long the measurement of a warm server takes. Default: 5.
.PARAMETER WarmUp
    How many seconds of requests to send before that. Default: 8.
.PARAMETER Connections
    The number of connections. Default: 64.
.PARAMETER Case
    The cases to measure, with wildcards. Default: all.
.PARAMETER Database
    Also measures lookups of rows, in a PostgreSQL that is started for it. Run ./build.ps1 Bench first.
#>
[CmdletBinding()]
param(
    [int] $Rounds = 3,
    [int] $Seconds = 5,
    [int] $WarmUp = 8,
    [int] $Connections = 64,
    [string] $Case = '*',
    [switch] $Database
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$env:PSModulePath = "$root/output" + [IO.Path]::PathSeparator + $env:PSModulePath

# The system's Python has the packages.
$python = (Test-Path /usr/bin/python3) ? '/usr/bin/python3' : 'python3'
$cluster = $null
$folder = Join-Path ([IO.Path]::GetTempPath()) "asyncps-web-$PID"
$null = New-Item $folder -ItemType Directory

# A separate process, like the peers'; this one only watches.
$own = @'
param($Port, $Connection, $Certificate)
Import-Module AsyncPs.Web
$routes = @(
    New-AsyncRoute GET / { 'Hello, World!' }
    New-AsyncRoute GET '/items/{Id}' {
        param([Parameter(Mandatory)][ValidateRange(1, 1000)][int] $Id, [ValidateSet('asc', 'desc')][string] $Sort = 'asc')
        [pscustomobject] @{ id = $Id; sort = $Sort }
    }
)
if ($Connection) {
    Import-Module AsyncPs.Data
    $db = Connect-AsyncDatabase -PostgreSql $Connection -PoolSize 16
    $routes += New-AsyncRoute GET '/rows/{Id}' {
        param([Parameter(Mandatory)][ValidateRange(1, 10000)][int] $Id)
        Invoke-ConcurrentQuery $db 'select id, name, price from item where id = @id' -Parameter @{ id = $Id }
    }
}
$https = $Certificate ? @{ Certificate = $Certificate } : @{}
Start-AsyncServer $routes -Port $Port @https
'@
Set-Content "$folder/own.ps1" $own

function Start-Server([string] $Kind, [int] $Port) {
    $process = if ($Kind -like 'AsyncPs.Web*') {
        $arguments = '-NoProfile', '-NonInteractive', '-File', "$folder/own.ps1", $Port, "$($cluster.ConnectionString)"
        if ($Kind -eq 'AsyncPs.Web, HTTPS') { $arguments += "$folder/certificate.pem" }
        $program = [Environment]::ProcessPath
        if ([IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet') { $arguments = @("$PSHOME/pwsh.dll") + $arguments }
        Start-Child $program $arguments
    }
    else {
        Start-Child $python "$PSScriptRoot/Web/peers.py", $Kind, $Port
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
    if ($Uri -like 'https:*') {
        $text = (h2load -c 16 -m 8 -t 1 -D $Time $Uri) -join "`n"
        $requests = [double] [regex]::Match($text, '(\d+) succeeded').Groups[1].Value
        $rate = $requests / $Time
        $failed = [regex]::Match($text, ' ([1-9]\d*) (failed|errored)').Groups[1].Value
    }
    else {
        $text = (wrk -c $Connections -t 1 -d "${Time}s" $Uri) -join "`n"
        $requests = [double] [regex]::Match($text, '(\d+) requests in').Groups[1].Value
        $rate = [double] [regex]::Match($text, 'Requests/sec:\s+([\d.]+)').Groups[1].Value
        $failed = [regex]::Match($text, 'Non-2xx or 3xx responses: (\d+)').Groups[1].Value
    }

    $Process.Refresh()
    if ($failed) { Write-Warning "$Uri : $failed answers were failures." }
    [pscustomobject] @{ Rate = $rate; Cpu = ($Process.TotalProcessorTime - $cpu).TotalMicroseconds / [math]::Max(1, $requests) }
}

function Get-Median([double[]] $Numbers) {
    $sorted = @($Numbers | Sort-Object)
    $sorted[[int] [math]::Floor(($sorted.Count - 1) / 2)]
}

function New-Database {
    $null = [Reflection.Assembly]::LoadFrom("$PSScriptRoot/AsyncPs.Bench/bin/Release/net10.0/asyncps-bench.dll")
    $made = [AsyncPs.Tests.Data.Support.PostgreSqlCluster]::CreateAsync('-c fsync=off').GetAwaiter().GetResult()
    Import-Module AsyncPs.Data
    Use-AsyncResource (Connect-AsyncDatabase -PostgreSql $made.ConnectionString) {
        $null = Invoke-ConcurrentQuery $_ -NonQuery @'
create table item (id int primary key, name text not null, price numeric(10, 2) not null);
insert into item select i, 'item ' || i, i * 1.25 from generate_series(1, 10000) i;
'@
    }
    $env:BENCH_DSN = "postgresql://$([AsyncPs.Tests.Data.Support.PostgreSqlCluster]::User)@127.0.0.1:$($made.Port)/postgres"
    $made
}

function New-Certificate {
    $key = [Security.Cryptography.RSA]::Create(2048)
    $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new(
        'CN=localhost', $key, [Security.Cryptography.HashAlgorithmName]::SHA256, [Security.Cryptography.RSASignaturePadding]::Pkcs1)
    $certificate = $request.CreateSelfSigned([DateTimeOffset]::UtcNow.AddDays(-1), [DateTimeOffset]::UtcNow.AddDays(2))
    Set-Content "$folder/certificate.pem" $certificate.ExportCertificatePem(), $key.ExportPkcs8PrivateKeyPem()
}

$cases = @(
    @{ Case = 'constant text'; Path = '/'; Servers = 'AsyncPs.Web', 'starlette' }
    @{ Case = 'typed, JSON'; Path = '/items/7?sort=desc'; Servers = 'AsyncPs.Web', 'fastapi' }
    if ($Database) { @{ Case = 'a row of PostgreSQL'; Path = '/rows/77'; Servers = 'AsyncPs.Web', 'fastapi' } }
    if (Get-Command h2load -ErrorAction Ignore) {
        @{ Case = 'typed, JSON, HTTP/2 over TLS'; Path = '/items/7?sort=desc'; Servers = , 'AsyncPs.Web, HTTPS' }
    }
) | Where-Object { $_.Case -like $Case }
try {
    if ($Database) { $cluster = New-Database }
    New-Certificate
    $port = 21000 + $PID % 2000
    $results = foreach ($round in 1..$Rounds) {
        foreach ($one in $cases) {
            # Alternating.
            $servers = $one.Servers.Count -gt 1 -and $round % 2 -eq 0 ? $one.Servers[1, 0] : $one.Servers
            foreach ($server in $servers) {
                $port++
                $process = Start-Server $server $port
                try {
                    $scheme = $server -like '*HTTPS' ? 'https' : 'http'
                    $uri = "${scheme}://127.0.0.1:$port$($one.Path)"
                    $measures = [ordered] @{}
                    foreach ($when in 'first second', 'second second') { $measures[$when] = Measure-Server $process $uri 1 }
                    $null = Measure-Server $process $uri $WarmUp
                    $measures.warm = Measure-Server $process $uri $Seconds
                    foreach ($when in $measures.Keys) {
                        [pscustomobject] @{
                            Round = $round; Case = $one.Case; When = $when; Server = $server
                            Rate = $measures[$when].Rate; Cpu = $measures[$when].Cpu
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
}
finally {
    if ($cluster) { $cluster.DisposeAsync().AsTask().GetAwaiter().GetResult() }
    Remove-Item $folder -Recurse
}

$results | Group-Object Case, When | ForEach-Object {
    $name = $_.Group[0].Case
    $own, $peer = @($cases | Where-Object { $_.Case -eq $name })[0].Servers
    $byServer = $_.Group | Group-Object Server -AsHashTable
    $ratios = @(foreach ($round in 1..$Rounds) {
        if ($peer) { ($byServer[$own] | Where-Object Round -eq $round).Rate / ($byServer[$peer] | Where-Object Round -eq $round).Rate }
    }) | Sort-Object
    [pscustomobject] @{
        Case              = $name
        When              = $_.Group[0].When
        'Requests/s'      = [math]::Round((Get-Median $byServer[$own].Rate))
        'CPU us'          = [math]::Round((Get-Median $byServer[$own].Cpu))
        Peer              = $peer
        'Its requests/s'  = $peer ? [math]::Round((Get-Median $byServer[$peer].Rate)) : $null
        'Its CPU us'      = $peer ? [math]::Round((Get-Median $byServer[$peer].Cpu)) : $null
        Ratio             = $ratios ? ('{0:0.00} ({1:0.00}-{2:0.00})' -f (Get-Median $ratios), @($ratios)[0], @($ratios)[-1]) : ''
    }
} | Format-Table -AutoSize | Out-String -Width 160
