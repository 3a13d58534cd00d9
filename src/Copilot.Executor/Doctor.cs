using System.Text.Json.Nodes;
using Copilot.Core.Actions;

namespace Copilot.Executor;

/// <summary>Tells what is ready for work, and which rights are too many.</summary>
internal static class Doctor
{
    /// <summary>Everybody who is known to the cluster may do these.</summary>
    private static readonly HashSet<Right> Everybodys =
        [new("create", "authorization.k8s.io", "selfsubjectaccessreviews"), new("create", "authorization.k8s.io", "selfsubjectrulesreviews"), new("create", "authentication.k8s.io", "selfsubjectreviews")];

    /// <returns>0 when it can work and may do no more than it takes.</returns>
    public static async Task<int> Run(string folder, string kubeconfig, string context, IReadOnlyList<string> namespaces, TextWriter output, CancellationToken cancellation)
    {
        var good = true;
        try
        {
            using var own = OwnFolder.Open(folder);
            Line("good", $"registered as {own.Registration.Name} with {own.Registration.Host}");
        }
        catch (ExecutorException e)
        {
            good = Line("bad", e.Message);
        }
        Cluster cluster;
        try
        {
            cluster = Cluster.Open(kubeconfig, context);
        }
        catch (ExecutorException e)
        {
            Line("bad", e.Message);
            return 1;
        }
        using (cluster)
        {
            foreach (var ns in namespaces.Count > 0 ? namespaces : [cluster.Namespace])
            {
                try
                {
                    good &= Report(ns, [.. (await cluster.MayDo(ns, cancellation)).SelectMany(Read)]);
                }
                catch (NotSeenException e)
                {
                    good = Line("bad", $"{ns}: {e.Message}");
                }
            }
        }
        return good ? 0 : 1;

        bool Report(string ns, List<Right> may)
        {
            var all = true;
            foreach (var kind in StepPatch.Kinds)
            {
                var missing = Rights.Of([kind]).Where(r => !may.Exists(m => Holds(m, r))).ToList();
                Line(missing.Count == 0 ? "good" : "none", missing.Count == 0 ? $"{ns}: {kind.Name}" : $"{ns}: {kind.Name} takes {string.Join(", ", missing.Take(3))}{(missing.Count > 3 ? $" and {missing.Count - 3} more" : "")}");
            }
            var needed = Rights.Of(StepPatch.Kinds);
            foreach (var more in may.Where(m => !needed.Contains(m) && !Everybodys.Contains(m)).Distinct().OrderBy(m => m.ToString(), StringComparer.Ordinal)) all = Line("more", $"{ns}: may {more}, which no kind of action takes");
            return all;
        }

        bool Line(string how, string says)
        {
            output.WriteLine($"{how,-5} {says}");
            return how is "good" or "none";
        }
    }

    private static bool Holds(Right may, Right needed) => Is(may.Verb, needed.Verb) && Is(may.Group, needed.Group) && Is(may.Resource, needed.Resource);

    private static bool Is(string may, string needed) => may == "*" || may == needed;

    private static IEnumerable<Right> Read(JsonObject rule) =>
        from verb in Texts(rule, "verbs") from resource in Texts(rule, "resources") from apiGroup in Texts(rule, "apiGroups").DefaultIfEmpty("") select new Right(verb, apiGroup, resource);

    private static IEnumerable<string> Texts(JsonObject rule, string member) => (rule[member] as JsonArray ?? []).Select(t => t!.GetValue<string>());
}
