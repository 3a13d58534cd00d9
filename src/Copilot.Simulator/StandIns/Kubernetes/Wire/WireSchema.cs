using System.Globalization;

namespace Copilot.Simulator.StandIns.Kubernetes.Wire;

/// <summary>One field of a message.</summary>
/// <param name="Type">One of <c>s i b d y</c>, or the name of a message.</param>
internal sealed record WireField(int Number, string Name, string Type, bool IsList, bool IsMap)
{
    // Fields of Go structs that are embedded: on the wire they are messages, in JSON their fields stand in their holder.
    private static readonly HashSet<string> Embedded = ["volumeSource", "localObjectReference", "handler", "ephemeralContainerCommon", "persistentVolumeSource", "rule"];

    public bool IsEmbedded => Type.Length > 1 && Embedded.Contains(Name);
}

/// <summary>The fields of all messages of the API, read from the table beside this file.</summary>
internal static class WireSchema
{
    private static readonly Lazy<Dictionary<string, WireField[]>> Table = new(Load);

    // Go packages are not called as API groups are.
    private static readonly Dictionary<string, string> Packages = new()
    {
        [""] = "core",
        ["networking.k8s.io"] = "networking",
        ["discovery.k8s.io"] = "discovery",
        ["events.k8s.io"] = "events",
        ["storage.k8s.io"] = "storage",
        ["rbac.authorization.k8s.io"] = "rbac",
        ["coordination.k8s.io"] = "coordination",
        ["scheduling.k8s.io"] = "scheduling",
        ["admissionregistration.k8s.io"] = "admissionregistration",
        ["authorization.k8s.io"] = "authorization",
        ["authentication.k8s.io"] = "authentication",
    };

    /// <summary>The message of a kind; null when it is not in the table.</summary>
    public static string? MessageOf(string apiVersion, string kind)
    {
        if (kind == "DeleteOptions") return "meta.v1.DeleteOptions";
        var slash = apiVersion.IndexOf('/');
        var (group, version) = slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
        var name = $"{Packages.GetValueOrDefault(group, group)}.{version}.{kind}";
        return Table.Value.ContainsKey(name) ? name : null;
    }

    public static WireField[]? Fields(string message) => Table.Value.GetValueOrDefault(message);

    private static Dictionary<string, WireField[]> Load()
    {
        using var stream = typeof(WireSchema).Assembly.GetManifestResourceStream("kubernetes-messages.txt") ?? throw new InvalidOperationException("The table of messages is not in the assembly.");
        using var reader = new StreamReader(stream);
        Dictionary<string, WireField[]> table = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            table[parts[0]] = [.. parts.Skip(1).Select(Field)];
        }
        return table;
    }

    private static WireField Field(string text)
    {
        var parts = text.Split(':');
        return new(int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], parts[2].TrimStart('*', '%'), parts[2][0] == '*', parts[2][0] == '%');
    }
}
