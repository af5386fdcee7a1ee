<#
.SYNOPSIS
    Builds, tests, measures or packs AsyncPs. It only calls dotnet: what there is to know is in MSBuild and the test projects.
.PARAMETER Task
    Build    assembles the importable modules in output/AsyncPs and output/AsyncPs.Data (the default)
    Test     builds, then runs every test: xUnit, and Pester
    Bench    compares with the alternatives, ForEach-Object -Parallel first of all; other arguments go to the benchmarks
    Package  builds, then packs the modules in output/<module>.<version>.nupkg
    Docs     checks that every exported cmdlet has its page, with every parameter on it
    Clean    removes everything built
.EXAMPLE
    ./build.ps1
.EXAMPLE
    ./build.ps1 -Task Build, Test
.EXAMPLE
    ./build.ps1 Bench --filter one --rounds 5
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Bench', 'Package', 'Docs', 'Clean')]
    [string[]] $Task = 'Build',

    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Arguments = @()
)

$ErrorActionPreference = 'Stop'

function Invoke-DotNet {
    Write-Host "dotnet $args"
    & dotnet @args
    if ($LASTEXITCODE) {
        throw "dotnet $($args[0]) failed with exit code $LASTEXITCODE."
    }
}

Push-Location $PSScriptRoot
try {
    foreach ($name in $Task) {
        switch ($name) {
            'Build' { Invoke-DotNet build AsyncPs.sln @Arguments }
            'Test' { Invoke-DotNet test AsyncPs.sln @Arguments }
            'Bench' { Invoke-DotNet run -c Release --project bench/AsyncPs.Bench '--' @Arguments }
            'Package' { Invoke-DotNet build module/Package.proj @Arguments }
            'Docs' { Invoke-DotNet test AsyncPs.sln --filter 'FullyQualifiedName~DocsTests' @Arguments }
            'Clean' { Invoke-DotNet build module/Package.proj '-t:Clean' @Arguments }
        }
    }
}
finally {
    Pop-Location
}
