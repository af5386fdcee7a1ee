namespace AsyncPs.Workers;

/// <summary>Marks a cmdlet that exists only in workers' sessions: a new one, or a replacement of one of PowerShell's.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class InWorkersAttribute : Attribute;
