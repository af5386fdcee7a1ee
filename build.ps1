<#
.SYNOPSIS
    Builds, tries, tests, measures or packs AsyncPs. It only calls dotnet and PowerShell; the logic is in MSBuild
    and the test projects.
.DESCRIPTION
    Without an installed PowerShell: dotnet tool exec -y PowerShell -- ./build.ps1 <task>. This runs the version that
    .config/dotnet-tools.json names.
.PARAMETER Task
    Build    assembles the importable modules in output/ (the default)
    Demo     builds the modules and hashes a folder with them: src, or the one that is given
    Shell    builds the modules and opens an interactive PowerShell with all imported
    Test     builds, then runs every test: xUnit and Pester
    Bench    compares with the alternatives, ForEach-Object -Parallel first of all, in PowerShell; other arguments go to the benchmarks
    Package  builds, then packs the modules in output/<module>.<version>.nupkg
    Docs     checks that every exported cmdlet has its page, with every parameter on it
    Clean    removes everything built
.EXAMPLE
    ./build.ps1
.EXAMPLE
    ./build.ps1 Demo ~/photos
.EXAMPLE
    ./build.ps1 -Task Build, Test
.EXAMPLE
    ./build.ps1 Bench --filter one --rounds 5
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Shell', 'Test', 'Bench', 'Package', 'Docs', 'Clean')]
    [string[]] $Task = 'Build',

    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Arguments = @()
)

$ErrorActionPreference = 'Stop'

# Arguments are passed unchanged: a switch such as -c is not a parameter of this script.
function Invoke-DotNet {
    Write-Host "dotnet $args"
    & dotnet @args
    if ($LASTEXITCODE) {
        throw "dotnet $($args[0]) failed with exit code $LASTEXITCODE."
    }
}

# Builds the modules only, without the projects of tests and benchmarks.
function Build-Module {
    Invoke-DotNet build src/AsyncPs.Help --verbosity quiet --nologo
}

# Starts another process of this PowerShell. If it is a .NET tool, dotnet runs it.
function Invoke-PowerShell {
    $program, $arguments = [Environment]::ProcessPath, $args
    if ([IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet') {
        $arguments = @("$PSHOME/pwsh.dll") + $arguments
    }

    $pathBefore = $env:PSModulePath
    $env:PSModulePath = "$PSScriptRoot/output" + [IO.Path]::PathSeparator + $env:PSModulePath
    try {
        & $program @arguments
    }
    finally {
        $env:PSModulePath = $pathBefore
    }
}

function Invoke-Demo {
    param([string] $Path = 'src')

    Import-Module ./output/AsyncPs
    Write-Host "./examples/hash-files.ps1 -Path $Path -Progress"

    # The columns have widths, so that each row is shown as its file is done, and the summary comes after the last.
    ./examples/hash-files.ps1 -Path $Path -Progress -InformationVariable summary 6>$null | Format-Table @(
        @{ Name = 'Hash'; Expression = { $_.Hash.Substring(0, 16) + '…' }; Width = 17 }
        @{ Name = 'Size'; Expression = 'Size'; Width = 12; FormatString = 'N0' }
        @{ Name = 'Path'; Expression = { [IO.Path]::GetRelativePath($PWD, $_.Path) }; Width = 90 }
    ) | Out-Host
    Write-Host $summary
}

Push-Location $PSScriptRoot
try {
    foreach ($name in $Task) {
        switch ($name) {
            'Build' { Invoke-DotNet build AsyncPs.sln @Arguments }
            'Demo' { Build-Module; Invoke-Demo @Arguments }
            'Shell' {
                Build-Module
                Invoke-PowerShell -NoLogo -NoExit -Command 'Import-Module AsyncPs, AsyncPs.Data, AsyncPs.Messaging, AsyncPs.Web' @Arguments
            }
            'Test' { Invoke-DotNet test AsyncPs.sln @Arguments }
            'Bench' {
                Invoke-DotNet build bench/AsyncPs.Bench -c Release --verbosity quiet --nologo
                Invoke-PowerShell -NoProfile -File bench/run.ps1 @Arguments
                if ($LASTEXITCODE) {
                    throw "The benchmarks ended with exit code $LASTEXITCODE."
                }
            }
            'Package' { Invoke-DotNet build module/Package.proj @Arguments }
            'Docs' { Invoke-DotNet test AsyncPs.sln --filter 'FullyQualifiedName~DocsTests' @Arguments }
            'Clean' { Invoke-DotNet build module/Package.proj '-t:Clean' @Arguments }
        }
    }
}
finally {
    Pop-Location
}
