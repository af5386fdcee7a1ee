using System.Management.Automation.Language;

namespace AsyncPs.Blocks.Capture;

/// <summary>Classes that the code names. Their methods run in the worker and look up names as the code does.</summary>
internal sealed partial class FreeVariableAnalyzer
{
    private readonly HashSet<TypeDefinitionAst> _types = [];

    /// <inheritdoc/>
    public override AstVisitAction VisitTypeExpression(TypeExpressionAst typeExpressionAst)
    {
        ReadType(typeExpressionAst.TypeName, typeExpressionAst);
        return AstVisitAction.Continue;
    }

    /// <inheritdoc/>
    public override AstVisitAction VisitTypeConstraint(TypeConstraintAst typeConstraintAst)
    {
        ReadType(typeConstraintAst.TypeName, typeConstraintAst);
        return AstVisitAction.Continue;
    }

    private void ReadType(ITypeName name, Ast where)
    {
        switch (name)
        {
            case ArrayTypeName array:
                ReadType(array.ElementType, where);
                break;
            case GenericTypeName generic:
                foreach (ITypeName argument in generic.GenericArguments)
                {
                    ReadType(argument, where);
                }

                break;
            default:
                if (ScriptClasses.Find(name, where) is { IsClass: true } type && _types.Add(type))
                {
                    ReadClass(type);
                }

                break;
        }
    }

    // A method does not see variables of the code that calls it.
    private void ReadClass(TypeDefinitionAst type)
    {
        Assignments before = _set;
        _set = new Assignments();
        type.Visit(this);
        _set = before;
    }
}
