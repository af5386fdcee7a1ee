namespace AsyncPs.Concurrency.Workers;

/// <summary>Marks a cmdlet that takes the place of one of PowerShell's in the sessions of workers, and is nowhere else.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class InWorkersAttribute : Attribute;
