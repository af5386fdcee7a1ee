<#
.SYNOPSIS
    Finds open ports of hosts, and certificates behind them that expire soon.
.DESCRIPTION
    Tries each port of each host, many at once, and writes an object for each open port: Host, Port, Milliseconds.
    With -Certificate it also has Subject, Issuer, Expires and DaysLeft of the certificate, for ports that use TLS.
    Certificates are shown whether or not they are trusted. Scan only your own hosts.
.PARAMETER HostName
    The hosts, also from the pipeline.
.PARAMETER Port
    The ports. Default: the ports of a few well-known services.
.PARAMETER TimeoutSeconds
    How long a connection, and then a handshake, may take. Default: 2.
.PARAMETER ThrottleLimit
    How many connections are tried at once. Default: 64.
.PARAMETER Certificate
    Reads certificates too.
.EXAMPLE
    ./examples/scan-ports.ps1 server.example.com -Port 22, 80, 443, 5432
.EXAMPLE
    Get-Content hosts.txt |
        ./examples/scan-ports.ps1 -Port 443 -Certificate |
        Where-Object { $null -ne $_.DaysLeft -and $_.DaysLeft -lt 30 }
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0, ValueFromPipeline)]
    [string[]] $HostName,

    [ValidateRange(1, 65535)]
    [int[]] $Port = (21, 22, 25, 53, 80, 110, 143, 443, 465, 587, 993, 995, 1433, 3306, 3389, 5432, 5985, 6379, 8080, 8443),

    [ValidateRange(0.001, 600)]
    [double] $TimeoutSeconds = 2,

    [ValidateRange(1, 1000)]
    [int] $ThrottleLimit = 64,

    [switch] $Certificate
)

begin {
    $hosts = [Collections.Generic.List[string]]::new()
}

process {
    $hosts.AddRange($HostName)
}

end {
    & { foreach ($name in $hosts) { foreach ($number in $Port) { @{ Name = $name; Port = $number } } } } |
        Invoke-Concurrent -ThrottleLimit $ThrottleLimit {
            $token = $AsyncContext.CancellationToken
            $limit = [TimeSpan]::FromSeconds($TimeoutSeconds)
            $client = [Net.Sockets.TcpClient]::new()
            try {
                $watch = [Diagnostics.Stopwatch]::StartNew()
                try {
                    $null = $client.ConnectAsync($_.Name, $_.Port, $token).AsTask().WaitAsync($limit).GetAwaiter().GetResult()
                }
                catch [Net.Sockets.SocketException], [TimeoutException] {
                    # Closed, filtered, or no such host.
                    return
                }

                $found = [ordered] @{ Host = $_.Name; Port = $_.Port; Milliseconds = [Math]::Round($watch.Elapsed.TotalMilliseconds, 1) }
                if ($Certificate) {
                    # Only the handshake matters, so any certificate is accepted.
                    $options = [Net.Security.SslClientAuthenticationOptions] @{
                        TargetHost = $_.Name
                        CertificateChainPolicy = [Security.Cryptography.X509Certificates.X509ChainPolicy] @{
                            VerificationFlags = 'AllFlags'; RevocationMode = 'NoCheck'
                        }
                    }
                    $stream = [Net.Security.SslStream]::new($client.GetStream())
                    try {
                        $null = $stream.AuthenticateAsClientAsync($options, $token).WaitAsync($limit).GetAwaiter().GetResult()
                    }
                    catch [Security.Authentication.AuthenticationException], [IO.IOException], [TimeoutException] {
                        # No TLS, or a certificate that not even AllFlags accepts; in the latter case it is available anyway.
                    }

                    try {
                        $shown = $stream.RemoteCertificate
                        $found.Subject = ${shown}?.Subject
                        $found.Issuer = ${shown}?.Issuer
                        $found.Expires = ${shown}?.NotAfter
                        $found.DaysLeft = $shown ? [Math]::Floor(($shown.NotAfter - [DateTime]::Now).TotalDays) : $null
                    }
                    finally {
                        $stream.Dispose()
                    }
                }

                [pscustomobject] $found
            }
            finally {
                $client.Dispose()
            }
        }
}
