using System.Linq.Expressions;
using System.Reflection;

namespace AsyncPs;

/// <content>Creating objects for properties, with a public constructor that is newer than PowerShell Standard, and reading their properties
/// quickly.</content>
internal static partial class EngineInternals
{
    /// <summary>
    /// Creates an object without properties, with room for that many. Without the room, the engine looks up each object in its table of
    /// resurrected members, which costs several times as much as the object.
    /// </summary>
    public static Func<int, PSObject> NewObject { get; } = CreateNewObject();

    /// <summary>
    /// Gets the members that were added to an object itself, which property lookups find first; null if it has none. Or is null itself.
    /// <see cref="PSObject.Properties"/> would create an object that stays with each object it is read from.
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
