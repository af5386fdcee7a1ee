using System.Linq.Expressions;
using System.Reflection;

namespace AsyncPs;

/// <content>Objects to be given properties, by the public constructor that has come since PowerShell Standard; and the quick way to read
/// those.</content>
internal static partial class EngineInternals
{
    /// <summary>
    /// Makes an object without properties, with room for so many. Without the room the engine looks each object up in a table for those
    /// that were let go of, which costs several times as much as the object.
    /// </summary>
    public static Func<int, PSObject> NewObject { get; } = CreateNewObject();

    /// <summary>
    /// Gets the members that an object itself has been given, as its properties find them first; null where it has none. Or is null itself.
    /// <see cref="PSObject.Properties"/> makes an object that stays with each it is asked of.
    /// </summary>
    public static Func<PSObject, PSMemberInfoCollection<PSMemberInfo>?>? OwnMembers { get; } = CreateOwnMembers();

    private static Func<PSObject, PSMemberInfoCollection<PSMemberInfo>?>? CreateOwnMembers()
    {
        FieldInfo? members = typeof(PSObject).GetField("_instanceMembers", Members);
        if (members is null || !typeof(PSMemberInfoCollection<PSMemberInfo>).IsAssignableFrom(members.FieldType))
        {
            return null;
        }

        ParameterExpression owner = Expression.Parameter(typeof(PSObject));
        return Expression.Lambda<Func<PSObject, PSMemberInfoCollection<PSMemberInfo>?>>(Expression.Field(owner, members), owner).Compile();
    }

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
