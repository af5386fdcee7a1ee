@{
    RootModule           = 'AsyncPs.Messaging.dll'
    ModuleVersion        = '@VERSION@'
    GUID                 = 'a7e4ae7b-14df-4fc8-8c40-8603120a7467'
    Author               = 'AsyncPs contributors'
    CompanyName          = 'AsyncPs contributors'
    Copyright            = '(c) AsyncPs contributors. MIT licence.'
    Description          = 'Message queues for AsyncPs: the queue that outlives a process and serves many machines. RabbitMQ behind the queue cmdlets of AsyncPs, with confirms, acknowledgements, retries, dead letters, publish/subscribe and request/reply. What aio-pika gave Python.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    RequiredModules      = @(@{ ModuleName = 'AsyncPs'; ModuleVersion = '@VERSION@' })
    FormatsToProcess     = @('AsyncPs.Messaging.Format.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Connect-AsyncMessageQueue'
    )
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Prerelease   = '@PRERELEASE@'
            # @LINKS@
            Tags         = @('async', 'aio-pika', 'AMQP', 'concurrency', 'message-queue', 'messaging', 'pika', 'pubsub', 'RabbitMQ',
                'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
        }
    }
}
