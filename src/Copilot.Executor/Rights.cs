using System.Text;
using Copilot.Core.Actions;

namespace Copilot.Executor;

/// <summary>Something that credentials may do (RBAC, https://kubernetes.io/docs/reference/access-authn-authz/rbac/).</summary>
/// <param name="Group">The API group; empty for the core.</param>
internal sealed record Right(string Verb, string Group, string Resource)
{
    public override string ToString() => $"{Verb} {Resource}{(Group.Length > 0 ? $".{Group}" : "")}";
}

/// <summary>The least rights that each kind of action takes. None reads a secret, creates or deletes anything.</summary>
internal static class Rights
{
    private static readonly string[] Workloads = ["deployments", "statefulsets", "daemonsets"];

    /// <summary>Experiments of Chaos Mesh 2.</summary>
    private static readonly string[] Experiments = ["awschaos", "azurechaos", "blockchaos", "dnschaos", "gcpchaos", "httpchaos", "iochaos", "jvmchaos", "kernelchaos", "networkchaos", "physicalmachinechaos", "podchaos", "schedules", "stresschaos", "timechaos", "workflows"];

    private static readonly Dictionary<ActionKind, Right[]> OfKinds = new()
    {
        [ActionKind.RolloutUndo] = [.. GetPatch("apps", Workloads), new("list", "apps", "replicasets"), new("list", "apps", "controllerrevisions")],
        [ActionKind.RolloutRestart] = [.. GetPatch("apps", Workloads)],
        [ActionKind.Scale] = [.. GetPatch("apps", Workloads)],
        [ActionKind.ObjectRevert] = [.. GetPatch("apps", Workloads), .. GetPatch("", ["configmaps", "services", "resourcequotas"]), .. GetPatch("networking.k8s.io", ["networkpolicies"]), .. GetPatch("autoscaling", ["horizontalpodautoscalers"])],
        [ActionKind.NodeUncordon] = [.. GetPatch("", ["nodes"])],
        [ActionKind.ChaosPause] = [.. GetPatch("chaos-mesh.org", Experiments)],
        [ActionKind.FeatureFlagSet] = [.. GetPatch("", ["configmaps"])],
    };

    public static IReadOnlyList<Right> Of(IEnumerable<ActionKind> kinds) => [.. kinds.SelectMany(k => OfKinds[k]).Distinct()];

    /// <summary>Whether a right is of something that belongs to no namespace.</summary>
    public static bool IsOfCluster(Right right) => right.Resource == "nodes";

    /// <exception cref="ExecutorException">A kind is none, or is not carried out by an executor.</exception>
    public static string Manifests(string ns, IReadOnlyList<string> kinds)
    {
        if (!ShellWord.IsName(ns)) throw new ExecutorException($"\"{ns}\" is no name of a namespace.");
        var chosen = kinds.Count == 0 ? StepPatch.Kinds : [.. kinds.Select(k => StepPatch.Kinds.FirstOrDefault(s => s.Name == k) ?? throw new ExecutorException($"{k} is no kind that an executor carries out. They are {string.Join(", ", StepPatch.Kinds.Select(s => s.Name))}."))];
        var rights = Of(chosen);
        var text = new StringBuilder($"""
            # {string.Join(", ", chosen.Select(k => k.Name))}
            apiVersion: v1
            kind: ServiceAccount
            metadata: {"{"} name: copilot-executor, namespace: {ns} {"}"}

            """);
        Write("Role", "RoleBinding", $", namespace: {ns}", rights.Where(r => !IsOfCluster(r)));
        Write("ClusterRole", "ClusterRoleBinding", "", rights.Where(IsOfCluster));
        return text.ToString();

        void Write(string role, string binding, string where, IEnumerable<Right> rules)
        {
            var groups = rules.GroupBy(r => (r.Group, r.Resource)).Select(g => (g.Key.Group, Verbs: string.Join(", ", g.Select(r => r.Verb).Distinct()), g.Key.Resource)).GroupBy(r => (r.Group, r.Verbs)).ToList();
            if (groups.Count == 0) return;
            text.Append($$"""
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: {{role}}
                metadata: { name: copilot-executor{{where}} }
                rules:

                """);
            foreach (var group in groups) text.Append($"- {{ apiGroups: [\"{group.Key.Group}\"], resources: [{string.Join(", ", group.Select(r => r.Resource))}], verbs: [{group.Key.Verbs}] }}\n");
            text.Append($$"""
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: {{binding}}
                metadata: { name: copilot-executor{{where}} }
                roleRef: { apiGroup: rbac.authorization.k8s.io, kind: {{role}}, name: copilot-executor }
                subjects: [{ kind: ServiceAccount, name: copilot-executor, namespace: {{ns}} }]

                """);
        }
    }

    private static IEnumerable<Right> GetPatch(string group, IEnumerable<string> resources) => resources.SelectMany(r => (Right[])[new("get", group, r), new("patch", group, r)]);
}
