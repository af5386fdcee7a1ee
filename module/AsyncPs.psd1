@{
    RootModule           = 'AsyncPs.dll'
    ModuleVersion        = '@VERSION@'
    GUID                 = '6f2b0c0e-6f2e-4a53-9d0c-3c6d0f2a7a11'
    Author               = 'AsyncPs contributors'
    CompanyName          = 'AsyncPs contributors'
    Copyright            = '(c) AsyncPs contributors. MIT licence.'
    Description          = 'Structured concurrency for PowerShell: run script blocks concurrently with results on the pipeline, closures, order, back-pressure and clean cancellation. What asyncio gave Python.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @(
        'AsyncPs.Caching.Format.ps1xml'
        'AsyncPs.Concurrency.Format.ps1xml'
        'AsyncPs.Events.Format.ps1xml'
        'AsyncPs.Http.Format.ps1xml'
        'AsyncPs.Inspection.Format.ps1xml'
        'AsyncPs.Jobs.Format.ps1xml'
        'AsyncPs.Pooling.Format.ps1xml'
        'AsyncPs.Queues.Format.ps1xml'
        'AsyncPs.Resilience.Format.ps1xml'
        'AsyncPs.Shutdown.Format.ps1xml'
        'AsyncPs.Streams.Format.ps1xml'
        'AsyncPs.Throttling.Format.ps1xml'
        'AsyncPs.Waiting.Format.ps1xml'
        'AsyncPs.WebSockets.Format.ps1xml'
    )
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Clear-AsyncQueue'
        'Close-AsyncWebSocket'
        'Complete-AsyncQueue'
        'Connect-AsyncWebSocket'
        'Get-AsyncCache'
        'Get-ConcurrentCall'
        'Group-AsyncBatch'
        'Invoke-Concurrent'
        'Invoke-WithRetry'
        'New-AsyncCache'
        'New-AsyncEventBus'
        'New-AsyncPool'
        'New-AsyncQueue'
        'New-AsyncStream'
        'New-CircuitBreaker'
        'New-Throttle'
        'Publish-AsyncEvent'
        'Read-AsyncQueue'
        'Read-AsyncStream'
        'Register-AsyncEvent'
        'Register-ShutdownAction'
        'Remove-AsyncCache'
        'Start-Throttled'
        'Unregister-AsyncEvent'
        'Use-AsyncPool'
        'Use-AsyncResource'
        'Use-TaskGroup'
        'Use-Throttle'
        'Wait-Async'
        'Wait-AsyncQueue'
        'Wait-WithTimeout'
        'Write-AsyncQueue'
        'Write-AsyncWebSocket'
    )
    VariablesToExport    = @()
    AliasesToExport      = @('await', 'icc', 'sath', 'wwt')
    PrivateData          = @{
        PSData = @{
            Prerelease   = '@PRERELEASE@'
            # @LINKS@
            Tags         = @('async', 'asyncio', 'concurrency', 'parallel', 'throttle', 'runspace', 'PSEdition_Core', 'Windows',
                'Linux', 'MacOS')
        }
    }
}
