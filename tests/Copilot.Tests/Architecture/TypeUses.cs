using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Copilot.Tests.Architecture;

/// <summary>
/// Every type that a compiled type names: bases, members, attributes, and what its method bodies call, create, cast and
/// catch, generic arguments included. <c>nameof</c> and constants leave no trace in compiled code and are not seen.
/// </summary>
internal static class TypeUses
{
    public static IEnumerable<TypeReference> Of(TypeDefinition type) => Named(type).SelectMany(Flatten).Distinct();

    /// <summary>The type as its author wrote it: async bodies, iterators and lambdas compile to nested types.</summary>
    public static T Outermost<T>(this T type) where T : TypeReference
    {
        while (type.DeclaringType is T outer) type = outer;
        return type;
    }

    /// <summary>Made by the compiler or a source generator; also the unsealed class around top-level statements.</summary>
    public static bool IsGenerated(this TypeDefinition type) =>
        type.Name.StartsWith('<')
        || type.Methods.Any(m => m.Name == "<Main>$")
        || type.CustomAttributes.Any(a => a.AttributeType.Name is "CompilerGeneratedAttribute" or "GeneratedCodeAttribute")
        || (type.DeclaringType is { } outer && outer.IsGenerated());

    private static IEnumerable<TypeReference?> Named(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(i => i.InterfaceType),
        .. type.GenericParameters.SelectMany(Constraints),
        .. type.Fields.Select(f => f.FieldType),
        .. type.Methods.SelectMany(OfMethod),
        .. Attributes(type),
    ];

    private static IEnumerable<TypeReference?> OfMethod(MethodDefinition method) =>
    [
        method.ReturnType,
        .. method.Parameters.Select(p => p.ParameterType),
        .. method.GenericParameters.SelectMany(Constraints),
        .. method.HasBody ? OfBody(method.Body) : [],
    ];

    private static IEnumerable<TypeReference?> OfBody(MethodBody body) =>
    [
        .. body.Variables.Select(v => v.VariableType),
        .. body.ExceptionHandlers.Select(h => h.CatchType),
        .. body.Instructions.SelectMany(i => i.Operand switch
        {
            TypeReference t => [t],
            GenericInstanceMethod g => [g.DeclaringType, .. g.GenericArguments],
            MemberReference m => [m.DeclaringType],
            CallSite c => [c.ReturnType, .. c.Parameters.Select(p => p.ParameterType)],
            _ => Array.Empty<TypeReference>(),
        }),
    ];

    private static IEnumerable<TypeReference> Constraints(GenericParameter parameter) => parameter.Constraints.Select(c => c.ConstraintType);

    private static IEnumerable<TypeReference?> Attributes(TypeDefinition type)
    {
        IEnumerable<ICustomAttributeProvider> carriers =
        [
            type, .. type.Fields, .. type.Properties, .. type.Events, .. type.Methods,
            .. type.Methods.Select(m => m.MethodReturnType), .. type.Methods.SelectMany(m => m.Parameters),
        ];
        return carriers.SelectMany(c => c.CustomAttributes)
            .SelectMany(a => a.ConstructorArguments.Concat(a.Properties.Select(p => p.Argument))
                .Select(v => v.Value as TypeReference).Append(a.AttributeType));
    }

    private static IEnumerable<TypeReference> Flatten(TypeReference? type) => type switch
    {
        null => [],
        GenericInstanceType g => [g.ElementType, .. g.GenericArguments.SelectMany(Flatten)],
        IModifierType m => [.. Flatten(m.ModifierType), .. Flatten(m.ElementType)],
        FunctionPointerType f => [.. Flatten(f.ReturnType), .. f.Parameters.SelectMany(p => Flatten(p.ParameterType))],
        TypeSpecification s => Flatten(s.ElementType),
        GenericParameter => [],
        _ => [type],
    };
}
