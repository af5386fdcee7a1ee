# Runs the benchmarks in this PowerShell; ./build.ps1 Bench builds them and calls it in a new one. Program.Run has the arguments.
$null = [Reflection.Assembly]::LoadFrom("$PSScriptRoot/AsyncPs.Bench/bin/Release/net10.0/asyncps-bench.dll")
exit [AsyncPs.Bench.Program]::Run([string[]] $args)
