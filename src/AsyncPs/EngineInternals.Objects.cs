using System.Linq.Expressions;
using System.Reflection;

namespace AsyncPs;

/// <content>Objects to be given properties: by the public constructor that has come since PowerShell Standard.</content>
internal static partial class EngineInternals
{
    /// <summary>
    /// Makes an object without properties, with room for so many. Without the room the engine looks each object up in a table for those
    /// that were let go of, which costs several times as much as the object.
    /// </summary>
    public static Func<int, PSObject> NewObject { get; } = CreateNewObject();

    private static Func<int, PSObject> CreateNewObject()
    {
        ConstructorInfo? constructor = typeof(PSObject).GetConstructor([typeof(int)]);
        if (constructor is null)
        {
            return static _ => new PSObject();
        }

        ParameterExpression room = Expression.Parameter(typeof(int));
        return Expression.Lambda<Func<int, PSObject>>(Expression.New(constructor, room), room).Compile();
    }
}
