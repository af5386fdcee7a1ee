using System.Reflection;
using AsyncPs.Concurrency.Coroutines;
using Xunit;

namespace AsyncPs.Tests.Coroutines;

/// <summary>The self-test passes on this engine, and notices an engine that does something else.</summary>
public sealed class CoroutineSelfTestTests
{
    [Fact]
    public void It_passes_on_this_engine() => Assert.True(CoroutineSelfTest.HasPassed);

    [Theory]
    [InlineData(nameof(EngineInternals.CoroutineAccess.SetCurrentScope))]
    [InlineData(nameof(EngineInternals.CoroutineAccess.Write))]
    [InlineData(nameof(EngineInternals.CoroutineAccess.SetSuccess))]
    public void It_notices_an_engine_in_which_something_has_no_effect(string member)
    {
        EngineInternals.CoroutineAccess access = EngineInternals.CoroutineAccess.Create()!;
        FieldInfo field = typeof(EngineInternals.CoroutineAccess).GetField($"<{member}>k__BackingField", BindingFlags.Instance
            | BindingFlags.NonPublic)!;
        field.SetValue(access, new Action<object, object?>(static (_, _) => { }));

        Assert.False(CoroutineSelfTest.Passes(access));
        Assert.True(CoroutineSelfTest.Passes(EngineInternals.CoroutineAccess.Create()!));
    }

    [Fact]
    public void It_notices_an_engine_that_fails()
    {
        EngineInternals.CoroutineAccess access = EngineInternals.CoroutineAccess.Create()!;
        FieldInfo field = typeof(EngineInternals.CoroutineAccess).GetField(
            $"<{nameof(EngineInternals.CoroutineAccess.ContextOf)}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!;
        field.SetValue(access, new Func<object, object?>(static _ => throw new InvalidOperationException("unknown")));

        Assert.False(CoroutineSelfTest.Passes(access));
    }
}
