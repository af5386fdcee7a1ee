namespace AsyncPs.Tests.Support;

/// <summary>The highest number that any thread has seen.</summary>
public sealed class Highest
{
    private int _value;

    public int Value => Volatile.Read(ref _value);

    public void See(int number)
    {
        int seen;
        while (number > (seen = Value) && Interlocked.CompareExchange(ref _value, number, seen) != seen)
        {
        }
    }
}
