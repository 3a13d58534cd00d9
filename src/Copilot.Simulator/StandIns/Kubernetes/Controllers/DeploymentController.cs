using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Rolls Deployments out and back as the real controller does (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/).</summary>
internal sealed class DeploymentController(ControlContext context)
{
    public const string Revision = "deployment.kubernetes.io/revision";
    private const string History = "deployment.kubernetes.io/revision-history";
    private const string Desired = "deployment.kubernetes.io/desired-replicas";
    private const string Most = "deployment.kubernetes.io/max-replicas";
    private const string Component = "deployment-controller";

    private static readonly HashSet<string> OwnAnnotations = [Revision, History, Desired, Most, "kubectl.kubernetes.io/last-applied-configuration", "deprecated.deployment.rollback.to"];

    private readonly DeploymentStatus _status = new(context);

    public void Sync()
    {
        foreach (var deployment in context.Store.List(ResourceKinds.Deployments))
        {
            if (deployment.IsDeleting()) continue;
            Adopt(deployment);
            if (context.Recorded.IsUntouched(deployment)) _status.WriteRecorded(deployment, Sets(deployment), NewSet(deployment, Sets(deployment)) ?? Newest(deployment));
            else Sync(deployment);
        }
    }

    public static int MaxSurge(JsonObject deployment) => Bounds(deployment).Surge;

    public static int MaxUnavailable(JsonObject deployment) => Bounds(deployment).Unavailable;

    private void Sync(JsonObject deployment)
    {
        var isPaused = deployment.True("spec", "paused");
        var sets = Sets(deployment);
        var newest = NewSet(deployment, sets);
        var isRecreate = deployment.Text("spec", "strategy", "type") == "Recreate";
        if (newest is not null) Renumber(deployment, newest, sets);
        if (!isPaused && newest is null)
        {
            // Nothing new before all of the old is gone.
            if (isRecreate && !DrainOld(deployment, sets, null))
            {
                _status.Write(deployment, sets, null);
                return;
            }
            newest = CreateSet(deployment, sets);
        }
        sets = Sets(deployment);
        newest = newest is null ? null : sets.Find(s => s.Uid() == newest.Uid());
        if (isPaused || IsScaling(deployment, sets)) ScaleAll(deployment, sets, newest);
        else if (isRecreate) Recreate(deployment, sets, newest!);
        else Roll(deployment, sets, newest!);
        sets = Sets(deployment);
        newest = newest is null ? null : sets.Find(s => s.Uid() == newest.Uid());
        _status.Write(context.Store.Get(ResourceKinds.Deployments, deployment.Namespace(), deployment.Name())!, sets, newest);
        if (!isPaused && newest is not null && DeploymentStatus.IsComplete(deployment, sets, newest)) CleanUp(deployment, sets, newest);
    }

    private List<JsonObject> Sets(JsonObject deployment) => [.. context.Owned(ResourceKinds.ReplicaSets, deployment).Where(s => !s.IsDeleting()).OrderBy(s => s.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).ThenBy(s => s.Name(), StringComparer.Ordinal)];

    private static JsonObject? NewSet(JsonObject deployment, List<JsonObject> sets) => sets.Find(s => TemplateHash.Same(s.At("spec", "template"), deployment.At("spec", "template")));

    private JsonObject? Newest(JsonObject deployment) => Sets(deployment).MaxBy(RevisionOf);

    private static long RevisionOf(JsonObject body) => long.TryParse(body.Text("metadata", "annotations", Revision), CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    private void Adopt(JsonObject deployment)
    {
        foreach (var set in context.Store.List(ResourceKinds.ReplicaSets, deployment.Namespace()).Where(s => s.Controller() is null && !s.IsDeleting() && Selectors.Matches(deployment.At("spec", "selector"), s)))
            context.Change(ResourceKinds.ReplicaSets, set, s => s.Meta().EnsureList("ownerReferences").Add(ControlContext.OwnerReference(ResourceKinds.Deployments, deployment)));
    }

    /// <summary>A set that becomes the newest again gets the next number, and remembers the ones it had.</summary>
    private void Renumber(JsonObject deployment, JsonObject newest, List<JsonObject> sets)
    {
        var next = sets.Where(s => s.Uid() != newest.Uid()).Select(RevisionOf).DefaultIfEmpty(0).Max() + 1;
        var own = RevisionOf(newest);
        if (own < next)
        {
            context.Change(ResourceKinds.ReplicaSets, newest, s =>
            {
                var annotations = s.Meta().Ensure("annotations");
                if (own > 0) annotations[History] = annotations.Text(History) is { Length: > 0 } known ? $"{known},{own}" : $"{own}";
                annotations[Revision] = $"{next}";
                Copy(deployment, annotations);
            });
            own = next;
        }
        Number(deployment, own);
    }

    private void Number(JsonObject deployment, long revision) => context.Change(ResourceKinds.Deployments, deployment, d => d.Meta().Ensure("annotations")[Revision] = $"{revision}");

    private static void Copy(JsonObject deployment, JsonObject annotations)
    {
        foreach (var (name, value) in deployment.Texts("metadata", "annotations").Where(a => !OwnAnnotations.Contains(a.Key))) annotations[name] = value;
    }

    private JsonObject CreateSet(JsonObject deployment, List<JsonObject> sets)
    {
        var collisions = deployment.Int("status", "collisionCount");
        var hash = TemplateHash.Of(deployment.At("spec", "template"), collisions);
        while (context.Store.Get(ResourceKinds.ReplicaSets, deployment.Namespace(), $"{deployment.Name()}-{hash}") is not null) hash = TemplateHash.Of(deployment.At("spec", "template"), ++collisions);
        var template = deployment.At("spec", "template")!.DeepClone();
        ((JsonObject)template).Meta().Ensure("labels")[TemplateHash.Label] = hash;
        var selector = deployment.At("spec", "selector")!.DeepClone();
        ((JsonObject)selector).Ensure("matchLabels")[TemplateHash.Label] = hash;
        var revision = sets.Select(RevisionOf).DefaultIfEmpty(0).Max() + 1;
        var wanted = deployment.Int("spec", "replicas");
        var replicas = deployment.Text("spec", "strategy", "type") == "Recreate" ? wanted : Math.Min(wanted, Math.Max(0, wanted + MaxSurge(deployment) - sets.Sum(Replicas)));
        var annotations = new JsonObject { [Revision] = $"{revision}", [Desired] = $"{wanted}", [Most] = $"{wanted + MaxSurge(deployment)}" };
        Copy(deployment, annotations);
        var made = context.Create(ResourceKinds.ReplicaSets, new()
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{deployment.Name()}-{hash}",
                ["namespace"] = deployment.Namespace(),
                ["labels"] = template.At("metadata", "labels")!.DeepClone(),
                ["annotations"] = annotations,
                ["ownerReferences"] = new JsonArray(ControlContext.OwnerReference(ResourceKinds.Deployments, deployment)),
            },
            ["spec"] = new JsonObject { ["replicas"] = replicas, ["selector"] = selector, ["template"] = template },
        });
        if (replicas > 0) Tell(deployment, "up", made, 0, replicas);
        Number(deployment, revision);
        return made;
    }

    private static bool IsScaling(JsonObject deployment, List<JsonObject> sets) =>
        sets.Exists(s => Replicas(s) > 0 && s.Text("metadata", "annotations", Desired) is { Length: > 0 } desired && desired != $"{deployment.Int("spec", "replicas")}");

    /// <summary>Somebody scales: the newest set takes it all when it is alone, else each set gets its share.</summary>
    private void ScaleAll(JsonObject deployment, List<JsonObject> sets, JsonObject? newest)
    {
        var wanted = deployment.Int("spec", "replicas");
        var active = sets.Where(s => Replicas(s) > 0).ToList();
        if (active.Count <= 1)
        {
            if ((active.FirstOrDefault() ?? newest) is { } only) Scale(deployment, only, wanted);
            return;
        }
        if (newest is not null && Replicas(newest) == wanted && newest.Int("status", "availableReplicas") == wanted)
        {
            foreach (var old in active.Where(s => s.Uid() != newest.Uid())) Scale(deployment, old, 0);
            return;
        }
        var allowed = wanted > 0 ? wanted + MaxSurge(deployment) : 0;
        var left = allowed - active.Sum(Replicas);
        var total = Math.Max(1, active.Sum(Replicas));
        foreach (var set in active.OrderByDescending(Replicas).ThenBy(s => s.Name(), StringComparer.Ordinal).ToList())
        {
            var share = (int)Math.Round((double)Replicas(set) * (allowed - total) / total, MidpointRounding.AwayFromZero);
            share = left > 0 ? Math.Clamp(share, 0, left) : Math.Clamp(share, left, 0);
            if (set.Uid() == active.OrderByDescending(Replicas).ThenBy(s => s.Name(), StringComparer.Ordinal).Last().Uid()) share = left;
            left -= share;
            Scale(deployment, set, Math.Max(0, Replicas(set) + share));
        }
    }

    private void Recreate(JsonObject deployment, List<JsonObject> sets, JsonObject newest)
    {
        if (DrainOld(deployment, sets, newest)) Scale(deployment, newest, deployment.Int("spec", "replicas"));
    }

    /// <returns>Whether no old pod runs any more.</returns>
    private bool DrainOld(JsonObject deployment, List<JsonObject> sets, JsonObject? newest)
    {
        var old = sets.Where(s => s.Uid() != newest?.Uid()).ToList();
        foreach (var set in old) Scale(deployment, set, 0);
        return old.TrueForAll(s => context.PodsOf(s).TrueForAll(p => p.Text("status", "phase") is "Succeeded" or "Failed"));
    }

    private void Roll(JsonObject deployment, List<JsonObject> sets, JsonObject newest)
    {
        var wanted = deployment.Int("spec", "replicas");
        var total = sets.Sum(Replicas);
        if (Replicas(newest) > wanted) Scale(deployment, newest, wanted);
        else if (Replicas(newest) < wanted && total < wanted + MaxSurge(deployment)) Scale(deployment, newest, Replicas(newest) + Math.Min(wanted + MaxSurge(deployment) - total, wanted - Replicas(newest)));
        else if (newest.Text("metadata", "annotations", Desired) != $"{wanted}") Scale(deployment, newest, Replicas(newest));
        sets = Sets(deployment);
        newest = sets.Find(s => s.Uid() == newest.Uid())!;
        var old = sets.Where(s => s.Uid() != newest.Uid() && Replicas(s) > 0).ToList();
        var least = wanted - MaxUnavailable(deployment);
        var spare = sets.Sum(Replicas) - least - (Replicas(newest) - newest.Int("status", "availableReplicas"));
        if (old.Count == 0 || spare <= 0) return;
        foreach (var set in old)
        {
            // Pods that serve nobody go first.
            var broken = Math.Min(spare, Replicas(set) - set.Int("status", "availableReplicas"));
            if (broken <= 0) continue;
            Scale(deployment, set, Replicas(set) - broken);
            spare -= broken;
        }
        var free = sets.Sum(s => s.Int("status", "availableReplicas")) - least;
        foreach (var set in Sets(deployment).Where(s => s.Uid() != newest.Uid() && Replicas(s) > 0))
        {
            if (free <= 0) return;
            var fewer = Math.Min(free, Replicas(set));
            Scale(deployment, set, Replicas(set) - fewer);
            free -= fewer;
        }
    }

    private void Scale(JsonObject deployment, JsonObject set, int replicas)
    {
        var wanted = deployment.Int("spec", "replicas");
        var before = Replicas(set);
        context.Change(ResourceKinds.ReplicaSets, set, s =>
        {
            s.Ensure("spec")["replicas"] = replicas;
            var annotations = s.Meta().Ensure("annotations");
            annotations[Desired] = $"{wanted}";
            annotations[Most] = $"{wanted + MaxSurge(deployment)}";
        });
        if (before != replicas) Tell(deployment, replicas > before ? "up" : "down", set, before, replicas);
    }

    private void Tell(JsonObject deployment, string direction, JsonObject set, int from, int to) =>
        context.Record(ResourceKinds.Deployments, deployment, isWarning: false, "ScalingReplicaSet", $"Scaled {direction} replica set {set.Name()} from {from} to {to}", Component);

    private void CleanUp(JsonObject deployment, List<JsonObject> sets, JsonObject newest)
    {
        var limit = deployment.Number("spec", "revisionHistoryLimit") ?? 10;
        var old = sets.Where(s => s.Uid() != newest.Uid()).OrderBy(RevisionOf).ToList();
        foreach (var set in old.Take(Math.Max(0, old.Count - limit)).Where(s => Replicas(s) == 0 && s.Int("status", "replicas") == 0)) context.Writes.Delete(ResourceKinds.ReplicaSets, set.Namespace(), set.Name(), new());
    }

    private static int Replicas(JsonObject set) => set.Int("spec", "replicas");

    /// <summary>Shares of the replicas are rounded up for the surge and down for what may be missing; both none would never move.</summary>
    private static (int Surge, int Unavailable) Bounds(JsonObject deployment)
    {
        if (deployment.Text("spec", "strategy", "type") != "RollingUpdate") return (0, 0);
        var wanted = deployment.Int("spec", "replicas");
        var surge = IntOrShare(deployment.At("spec", "strategy", "rollingUpdate", "maxSurge"), wanted, up: true);
        var unavailable = IntOrShare(deployment.At("spec", "strategy", "rollingUpdate", "maxUnavailable"), wanted, up: false);
        return (surge, Math.Min(wanted, surge == 0 && unavailable == 0 ? 1 : unavailable));
    }

    /// <summary>A number, or a share such as <c>25%</c>.</summary>
    public static int IntOrShare(JsonNode? value, int total, bool up)
    {
        if (value is not JsonValue scalar || !scalar.TryGetValue(out string? text)) return value.Int();
        if (!text.EndsWith('%') || !int.TryParse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture, out var share)) return 0;
        return up ? ((total * share) + 99) / 100 : total * share / 100;
    }
}
