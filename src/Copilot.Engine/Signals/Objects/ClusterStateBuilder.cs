using System.Text;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Engine.Signals.Objects;

/// <summary>Turns the last observation of each object into typed values.</summary>
internal static class ClusterStateBuilder
{
    private const int LongestAnnotation = 256; // bytes

    public static ClusterState Build(IReadOnlyCollection<ObjectHistory> histories)
    {
        // Of an object that was deleted and made again, the newer one counts; pods keep theirs, they are named by their incarnation.
        var objects = histories.GroupBy(h => h.Entity).Select(g => g.MaxBy(h => h.LastSeen)!).OrderBy(h => h.Entity).ToList();
        var owners = objects.ToDictionary(h => h.Entity, h => Owner(h.Entity, h.Latest.Body));
        var endpoints = Endpoints(objects);
        return new(
            [.. objects.Where(o => Kinds.IsWorkload(o.Entity.Kind)).Select(o => Workload(o, owners))],
            [.. objects.Where(o => o.Entity.Kind == "Pod").Select(o => Pod(o, owners))],
            [.. objects.Where(o => o.Entity.Kind == "Service").Select(o => Service(o, owners, endpoints))],
            [.. objects.Where(o => o.Entity.Kind == "NetworkPolicy").Select(o => Policy(o, owners))],
            [.. objects.Where(o => o.Entity.Kind == "Node").Select(o => NodeOf(o, owners))],
            [.. objects.Where(o => o.Entity.Kind == "ResourceQuota").Select(o => QuotaOf(o, owners))],
            [.. objects.Where(o => o.Entity.Kind is "PersistentVolumeClaim" or "PersistentVolume" or "HorizontalPodAutoscaler" or "PodDisruptionBudget" or "Certificate")
                .Select(o => Status(o, owners))],
            [.. objects.Where(o => o.Entity.Kind is "ConfigMap" or "Secret" or "LimitRange" or "Ingress").Select(o => Header(o, owners))],
            [.. objects.Where(o => o.Entity.Kind == "Namespace").Select(o => Header(o, owners))])
        {
            Webhooks = [.. objects.Where(o => o.Entity.Kind is "ValidatingWebhookConfiguration" or "MutatingWebhookConfiguration").Select(o => Webhooks(o, owners))],
        };
    }

    private static ObjectHeader Header(ObjectHistory o, Dictionary<EntityRef, EntityRef?> owners)
    {
        var body = o.Latest.Body;
        return new(
            o.Entity, o.Uid, body.Time("metadata", "creationTimestamp"), new(o.FirstSeen, TimeSpan.Zero), new(o.LastSeen, TimeSpan.Zero),
            body.Map("metadata", "labels"), Annotations(body), body.Text("metadata", "generation"), body.Text("metadata", "resourceVersion"), owners.GetValueOrDefault(o.Entity), o.Latest.LastAddress)
        {
            Deleting = body.Time("metadata", "deletionTimestamp"),
        };
    }

    /// <summary>The short ones: long values are documents of tools, and the applied manifest may hold what no annotation should.</summary>
    private static Dictionary<string, string> Annotations(JsonElement body) => body.Map("metadata", "annotations")
        .Where(a => a.Key != "kubectl.kubernetes.io/last-applied-configuration" && Encoding.UTF8.GetByteCount(a.Value) <= LongestAnnotation).ToDictionary();

    private static EntityRef? Owner(EntityRef entity, JsonElement body)
    {
        var owner = body.Items("metadata", "ownerReferences").OrderByDescending(r => r.Bool("controller")).FirstOrDefault();
        return owner.ValueKind == JsonValueKind.Object ? new(owner.Text("kind") == "Node" ? "" : entity.Namespace, owner.Text("kind"), owner.Text("name")) : null;
    }

    private static EntityRef? TopOwner(EntityRef entity, Dictionary<EntityRef, EntityRef?> owners)
    {
        EntityRef? top = null;
        for (var (at, hops) = (entity, 0); hops < 5 && owners.GetValueOrDefault(at) is { } owner; hops++) top = at = owner;
        // A ReplicaSet that was not recorded hides its Deployment; its name still tells: the Deployment's name and the template's hash.
        if (top is { Kind: "ReplicaSet" } set && set.Name.LastIndexOf('-') is > 0 and var dash && !owners.ContainsKey(set)) return set with { Kind = "Deployment", Name = set.Name[..dash] };
        return top;
    }

    private static Workload Workload(ObjectHistory o, Dictionary<EntityRef, EntityRef?> owners)
    {
        var body = o.Latest.Body;
        var template = o.Entity.Kind == "CronJob" ? body.Get("spec", "jobTemplate", "spec", "template") : body.Get("spec", "template");
        int? desired = o.Entity.Kind == "DaemonSet" ? body.Int("status", "desiredNumberScheduled") : body.Int("spec", "replicas");
        int? ready = o.Entity.Kind == "DaemonSet" ? body.Int("status", "numberReady") : body.Get("status").ValueKind == JsonValueKind.Object ? body.Int("status", "readyReplicas") ?? 0 : null;
        return new(Header(o, owners), desired, ready, template.Map("metadata", "labels"), ContainersOf(template.Get("spec")), ReadsOf(o.Entity.Namespace, template.Get("spec")))
        {
            Conditions = Conditions(body),
            Mounts = MountsOf(o.Entity.Namespace, template.Get("spec")),
            Existing = body.Int("status", "replicas") ?? body.Int("status", "currentNumberScheduled"),
        };
    }

    private static List<ContainerSpec> ContainersOf(JsonElement podSpec) =>
    [
        .. from list in new[] { "initContainers", "containers" }
           from c in podSpec.Items(list)
           select new ContainerSpec(
               c.Text("name"), list == "initContainers", c.Text("image"),
               [.. c.Items("ports").Select(p => new PortSpec(p.Text("name"), p.Int("containerPort")))],
               c.Items("env").Where(e => e.Get("value").ValueKind == JsonValueKind.String).GroupBy(e => e.Text("name")).ToDictionary(g => g.Key, g => g.First().Text("value"))),
    ];

    private static List<EntityRef> ReadsOf(string ns, JsonElement podSpec)
    {
        var reads = new SortedSet<EntityRef>();
        void Add(string kind, string name)
        {
            if (name.Length > 0) reads.Add(new(ns, kind, name));
        }
        foreach (var container in podSpec.Items("containers").Concat(podSpec.Items("initContainers")))
        {
            foreach (var env in container.Items("env"))
            {
                Add("ConfigMap", env.Text("valueFrom", "configMapKeyRef", "name"));
                Add("Secret", env.Text("valueFrom", "secretKeyRef", "name"));
            }
            foreach (var source in container.Items("envFrom"))
            {
                Add("ConfigMap", source.Text("configMapRef", "name"));
                Add("Secret", source.Text("secretRef", "name"));
            }
        }
        foreach (var volume in podSpec.Items("volumes"))
        {
            Add("ConfigMap", volume.Text("configMap", "name"));
            Add("Secret", volume.Text("secret", "secretName"));
            Add("PersistentVolumeClaim", volume.Text("persistentVolumeClaim", "claimName"));
            foreach (var source in volume.Items("projected", "sources"))
            {
                Add("ConfigMap", source.Text("configMap", "name"));
                Add("Secret", source.Text("secret", "name"));
            }
        }
        return [.. reads];
    }

    private static List<EntityRef> MountsOf(string ns, JsonElement podSpec) =>
    [
        .. podSpec.Items("volumes").Select(v => v.Text("secret", "secretName")).Concat(podSpec.Items("volumes").SelectMany(v => v.Items("projected", "sources")).Select(s => s.Text("secret", "name")))
            .Where(n => n.Length > 0).Distinct().Select(n => new EntityRef(ns, "Secret", n)),
    ];

    private static Pod Pod(ObjectHistory o, Dictionary<EntityRef, EntityRef?> owners)
    {
        var body = o.Latest.Body;
        return new(
            Header(o, owners), TopOwner(o.Entity, owners), body.Text("spec", "nodeName"), body.Text("status", "podIP"), body.Text("status", "phase"), body.Text("status", "reason"),
            Conditions(body),
            [.. body.Items("status", "initContainerStatuses").Select(c => ContainerState(c, init: true)), .. body.Items("status", "containerStatuses").Select(c => ContainerState(c, init: false))],
            ReadsOf(o.Entity.Namespace, body.Get("spec")));
    }

    private static ContainerState ContainerState(JsonElement c, bool init)
    {
        var terminated = c.Get("state", "terminated").ValueKind == JsonValueKind.Object ? c.Get("state", "terminated") : c.Get("lastState", "terminated");
        return new(
            c.Text("name"), init, c.Bool("ready"), c.Int("restartCount") ?? 0, c.Text("state", "waiting", "reason"), c.Text("state", "waiting", "message"),
            terminated.Text("reason"), terminated.Text("message"), terminated.Int("exitCode"), terminated.Time("finishedAt"))
        {
            RunningSince = c.Time("state", "running", "startedAt"),
        };
    }

    private static List<Condition> Conditions(JsonElement body) =>
        [.. body.Items("status", "conditions").Select(c => new Condition(c.Text("type"), c.Text("status"), c.Text("reason"), c.Text("message"), c.Time("lastTransitionTime")))];

    private static Dictionary<EntityRef, (int Ready, int Unready, RecordAddress Address)> Endpoints(List<ObjectHistory> objects)
    {
        var result = new Dictionary<EntityRef, (int, int, RecordAddress)>();
        foreach (var o in objects.Where(o => o.Entity.Kind == "Endpoints"))
        {
            var subsets = o.Latest.Body.Items("subsets").ToList();
            result[o.Entity with { Kind = "Service" }] = (subsets.Sum(s => s.Items("addresses").Count()), subsets.Sum(s => s.Items("notReadyAddresses").Count()), o.Latest.LastAddress);
        }
        foreach (var slices in objects.Where(o => o.Entity.Kind == "EndpointSlice").GroupBy(o => o.Entity with { Kind = "Service", Name = o.Latest.Body.Text("metadata", "labels", "kubernetes.io/service-name") }))
        {
            if (result.ContainsKey(slices.Key)) continue;
            var all = slices.SelectMany(s => s.Latest.Body.Items("endpoints")).ToList();
            var ready = all.Count(e => e.Get("conditions", "ready").ValueKind != JsonValueKind.False);
            result[slices.Key] = (ready, all.Count - ready, slices.First().Latest.LastAddress);
        }
        return result;
    }

    private static KubeService Service(ObjectHistory o, Dictionary<EntityRef, EntityRef?> owners, Dictionary<EntityRef, (int Ready, int Unready, RecordAddress Address)> endpoints)
    {
        var body = o.Latest.Body;
        var known = endpoints.TryGetValue(o.Entity, out var e);
        return new(
            Header(o, owners), body.Text("spec", "type"), body.Text("spec", "externalName"), body.Map("spec", "selector"),
            [.. body.Items("spec", "ports").Select(p => (Port(p, "port"), p.Get("targetPort").ValueKind == JsonValueKind.Undefined ? Port(p, "port") : Port(p, "targetPort")))],
            known ? e.Ready : null, known ? e.Unready : null, known ? e.Address : null);
    }

    private static PortSpec Port(JsonElement p, string field)
    {
        var number = p.Int(field);
        return number is null ? new(p.Text(field), null) : new(field == "port" ? p.Text("name") : "", number);
    }

    private static LabelSelector? Selector(JsonElement selector) => selector.ValueKind != JsonValueKind.Object
        ? null
        : new(selector.Map("matchLabels"), [.. selector.Items("matchExpressions").Select(e => (e.Text("key"), e.Text("operator"), (IReadOnlyList<string>)[.. e.Items("values").Select(v => v.ToString())]))]);

    private static NetworkPolicy Policy(ObjectHistory o, Dictionary<EntityRef, EntityRef?> owners)
    {
        var spec = o.Latest.Body.Get("spec");
        var types = spec.Items("policyTypes").Select(t => t.ToString()).ToList();
        var egress = types.Contains("Egress") || (types.Count == 0 && spec.Get("egress").ValueKind == JsonValueKind.Array);
        return new(
            Header(o, owners), Selector(spec.Get("podSelector")) ?? LabelSelector.Everything, types.Count == 0 || types.Contains("Ingress"), egress,
            Rules(spec, "ingress", "from"), Rules(spec, "egress", "to"));
    }

    private static List<PolicyRule> Rules(JsonElement spec, string direction, string peers) =>
    [
        .. spec.Items(direction).Select(rule => new PolicyRule(
            [.. rule.Items(peers).Select(p => new PolicyPeer(Selector(p.Get("podSelector")), Selector(p.Get("namespaceSelector"))))],
            [.. rule.Items("ports").Select(p => Port(p, "port"))])),
    ];

    private static Node NodeOf(ObjectHistory o, Dictionary<EntityRef, EntityRef?> owners) =>
        new(Header(o, owners), o.Latest.Body.Bool("spec", "unschedulable"), Conditions(o.Latest.Body),
            [.. o.Latest.Body.Items("spec", "taints").Select(t => (t.Text("key"), t.Text("value"), t.Text("effect")))]);

    private static Quota QuotaOf(ObjectHistory o, Dictionary<EntityRef, EntityRef?> owners)
    {
        var used = o.Latest.Body.Map("status", "used");
        var hard = o.Latest.Body.Map("status", "hard") is { Count: > 0 } status ? status : o.Latest.Body.Map("spec", "hard");
        return new(Header(o, owners), hard.ToDictionary(h => h.Key, h => (used.GetValueOrDefault(h.Key, ""), h.Value)));
    }

    private static StatusObject Status(ObjectHistory o, Dictionary<EntityRef, EntityRef?> owners)
    {
        var body = o.Latest.Body;
        var target = body.Get("spec", "scaleTargetRef");
        var scaled = target.ValueKind == JsonValueKind.Object ? new EntityRef(o.Entity.Namespace, target.Text("kind"), target.Text("name")) : null;
        var secret = body.Text("spec", "secretName") is { Length: > 0 } name && o.Entity.Kind == "Certificate" ? new EntityRef(o.Entity.Namespace, "Secret", name) : null;
        return new(Header(o, owners), body.Text("status", "phase"), Conditions(body), scaled ?? secret)
        {
            Replicas = scaled is null ? null : new(body.Int("spec", "minReplicas") ?? 1, body.Int("spec", "maxReplicas"), body.Int("status", "currentReplicas"), body.Int("status", "desiredReplicas")),
        };
    }

    private static WebhookConfiguration Webhooks(ObjectHistory o, Dictionary<EntityRef, EntityRef?> owners) => new(
        Header(o, owners),
        [
            .. from w in o.Latest.Body.Items("webhooks")
               let service = w.Get("clientConfig", "service")
               select new AdmissionWebhook(w.Text("name"), service.ValueKind == JsonValueKind.Object ? new(service.Text("namespace"), "Service", service.Text("name")) : null),
        ]);
}
