using Mono.Cecil;

namespace Copilot.Tests.Architecture;

/// <summary>The rules besides the folder table. Each returns its breaches in words that name the type at fault.</summary>
internal static class Rules
{
    private static readonly string Framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    /// <summary>Both name and place: packages too are called System.Something.</summary>
    public static bool IsBaseLibrary(string assembly) =>
        (assembly is "netstandard" || assembly.StartsWith("System.", StringComparison.Ordinal))
        && File.Exists(Path.Combine(Framework, assembly + ".dll"));

    /// <summary>Hosting, use cases, logging and rendering: the engine is a library that knows none of them.</summary>
    public static bool IsShell(string assembly) =>
        new[] { "Microsoft.AspNetCore", "Microsoft.Extensions.Hosting", "MediatR", "Serilog", "Spectre.Console", "System.CommandLine" }
            .Any(shell => assembly == shell || assembly.StartsWith(shell + ".", StringComparison.Ordinal));

    public static IEnumerable<string> References(ModuleDefinition module, Func<string, bool> forbidden) =>
        from reference in module.AssemblyReferences
        where forbidden(reference.Name)
        let users = module.GetTypes().Where(t => TypeUses.Of(t).Any(u => u.Scope.Name == reference.Name))
            .Select(t => t.Outermost().FullName).Distinct()
        select $"{module.Assembly.Name.Name} references {reference.Name}: {string.Join(", ", users)}";

    public static IEnumerable<string> Interfaces(IEnumerable<TypeDefinition> types) =>
        types.Where(t => t.IsInterface).Select(t => t.FullName).Order(StringComparer.Ordinal);

    /// <summary>Static classes are abstract and sealed in compiled code, so they pass.</summary>
    public static IEnumerable<string> Unsealed(IEnumerable<TypeDefinition> types) =>
        from type in types
        where type is { IsClass: true, IsValueType: false, IsAbstract: false, IsSealed: false } && !type.IsGenerated()
        orderby type.FullName
        select type.FullName;

    /// <summary>What anybody could change after a public record was made: setters that are not init, and fields.</summary>
    public static IEnumerable<string> MutableRecords(IEnumerable<TypeDefinition> types) =>
        from type in types
        where IsVisible(type) && IsRecord(type)
        from member in type.Properties.Where(IsSettable).Select(p => p.Name)
            .Concat(type.Fields.Where(f => f.IsPublic && !f.IsInitOnly && !f.HasConstant).Select(f => f.Name))
        orderby type.FullName, member
        select $"{type.FullName}.{member}";

    /// <summary>Ways out of the process that compiled code shows: processes, the network, pipes, native calls. Reflection is not seen.</summary>
    public static IEnumerable<string> WaysOut(IEnumerable<TypeDefinition> types) => types.SelectMany(type =>
            TypeUses.Of(type).Select(u => u.Outermost()).Where(IsWayOut).Select(u => $"{type.Outermost().FullName} uses {u.FullName}")
                .Concat(type.Methods.Where(m => m.IsPInvokeImpl)
                    .Select(m => $"{type.Outermost().FullName} calls native {m.PInvokeInfo?.EntryPoint ?? m.Name}")))
        .Distinct().Order(StringComparer.Ordinal);

    /// <summary>Who calls what opens or reads a snapshot, outside of the folders that do the reading.</summary>
    public static IEnumerable<string> RawReads(IEnumerable<TypeDefinition> types) =>
        (from type in types
         where !ReadingFolders.Any(f => (type.Outermost().Namespace + ".").StartsWith(f + ".", StringComparison.Ordinal))
         from method in type.Methods
         where method.HasBody
         from called in method.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>()
         where ReadingCalls.Contains($"{called.DeclaringType.Name}.{called.Name}") && ReadingFolders.Any(f => (called.DeclaringType.Namespace + ".").StartsWith(f + ".", StringComparison.Ordinal))
         select $"{type.Outermost().FullName} calls {called.DeclaringType.Name}.{called.Name}").Distinct().Order(StringComparer.Ordinal);

    /// <summary>Calls below a namespace that could change what is watched: other methods than GET and HEAD, and whatever a client library writes with.</summary>
    public static IEnumerable<string> Writes(IEnumerable<TypeDefinition> types, string folder) =>
        (from type in types
         where (type.Outermost().Namespace + ".").StartsWith(folder + ".", StringComparison.Ordinal)
         from method in type.Methods
         where method.HasBody
         from called in method.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>()
         where IsWrite(called)
         select $"{type.Outermost().FullName} calls {called.DeclaringType.Name}.{called.Name}").Distinct().Order(StringComparer.Ordinal);

    // Of a client library only the connection is used: what it is asked for is written here, where it can be seen.
    private static bool IsWrite(MethodReference called) => called.DeclaringType.FullName switch
    {
        "System.Net.Http.HttpMethod" => called.Name is not ("get_Get" or "get_Head" or "get_Method" or "op_Equality" or "op_Inequality"),
        "System.Net.Http.HttpClient" => called.Name is not ("SendAsync" or "set_MaxResponseContentBufferSize"),
        "System.Net.WebSockets.ClientWebSocket" => true,
        _ => called.DeclaringType.FullName.StartsWith("k8s.", StringComparison.Ordinal) && called.Name.EndsWith("Async", StringComparison.Ordinal) && called.Name != "ProcessHttpRequestAsync",
    };

    private static readonly string[] ReadingFolders = ["Copilot.Engine.Snapshots", "Copilot.Engine.Signals"];

    private static readonly string[] ReadingCalls = ["Snapshot.Open", "SnapshotFile.Open", "SignalExtraction.Extract", "RecordIndex.Open", "SnapshotExport.ToItBench", "SnapshotArchive.Unpack"];

    private static bool IsWayOut(TypeReference type) =>
        type.FullName is "System.Diagnostics.Process" or "System.Diagnostics.ProcessStartInfo"
        || type.Namespace is "System.Net" or "System.IO.Pipes"
        || type.Namespace.StartsWith("System.Net.", StringComparison.Ordinal);

    private static bool IsVisible(TypeDefinition type) => type.IsPublic || (type.IsNestedPublic && IsVisible(type.DeclaringType));

    private static bool IsRecord(TypeDefinition type) => type.Methods.Any(m => m.Name is "<Clone>$" or "PrintMembers");

    private static bool IsSettable(PropertyDefinition property) =>
        property.SetMethod is { } set
        && !(set.ReturnType is RequiredModifierType { ModifierType.FullName: "System.Runtime.CompilerServices.IsExternalInit" });
}
