using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>Installs an application: namespaces, nodes, configuration, workloads and their Services.</summary>
internal sealed class Installation
{
    private readonly Application _application;
    private readonly Cluster _cluster;
    private readonly Chance _chance;
    private readonly Dictionary<SimulatedService, Workload> _workloads = [];
    private readonly string _labelKey;
    private readonly Ownership _ownership;

    public Installation(Application application, Cluster cluster, Chance chance, long installedAt, long clusterSince)
    {
        (_application, _cluster, _chance) = (application, cluster, chance);
        _ownership = new Ownership(chance.Fork("owners")); // draws of its own: whoever owns it, the incident is the same
        _labelKey = chance.Pick(["app", "app.kubernetes.io/name", "component"]);
        Monitoring = chance.Pick(["monitoring", "prometheus", "observability"]);
        ChaosNamespace = chance.Pick(["chaos-mesh", "chaos-testing", "chaos"]);
        foreach (var ns in (string[])["default", "kube-system", Monitoring, ChaosNamespace]) Namespace(clusterSince, ns, "kubectl-create");
        InstallNodes(clusterSince);
        Namespace(installedAt, application.Namespace, "helm");
        InstallConfigMaps(installedAt);
        if (application.External is { } external) InstallExternal(external, installedAt);
        foreach (var service in application.Everything) InstallWorkload(service, installedAt + Moment.Milliseconds(chance.Between(100, 900)));
    }

    public string Monitoring { get; }

    public string ChaosNamespace { get; }

    public List<ClusterObject> Nodes { get; } = [];

    /// <summary>Nodes that are closed for new pods.</summary>
    public HashSet<ClusterObject> Closed { get; } = [];

    public ClusterObject Flags { get; private set; } = null!;

    public Dictionary<SimulatedService, ClusterObject> Configs { get; } = [];

    public IEnumerable<Workload> Workloads => _application.Everything.Select(s => _workloads[s]);

    public Workload Of(SimulatedService service) => _workloads[service];

    public ClusterObject Namespace(long at, string name, string manager)
    {
        var created = _cluster.Create(at, manager, "namespaces", "v1", "Namespace",
            Cluster.Metadata(name, labels: new JsonObject { ["kubernetes.io/metadata.name"] = name }, annotations: name == _application.Namespace ? _ownership.OfNamespace() : null),
            ("spec", new JsonObject { ["finalizers"] = new JsonArray("kubernetes") }), ("status", new JsonObject { ["phase"] = "Active" }));
        var later = at + Moment.Milliseconds(40);
        _cluster.Create(later, "kube-controller-manager", "serviceaccounts", "v1", "ServiceAccount", Cluster.Metadata("default", name));
        _cluster.Create(later, "kube-controller-manager", "configmaps", "v1", "ConfigMap", Cluster.Metadata("kube-root-ca.crt", name),
            ("data", new JsonObject { ["ca.crt"] = "-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVk\n-----END CERTIFICATE-----\n" }));
        return created;
    }

    public static string FlagsText(Application application, string? switchedOn) => ConfigText.Flags(
        application.Services.Where(s => s.FlagKey is not null).Select(s => s.FlagKey!).Concat(application.IdleFlags)
            .OrderBy(k => k, StringComparer.Ordinal).Select(k => (k, k == switchedOn ? "on" : "off")));

    private JsonObject Labels(string name) => new() { [_labelKey] = name, ["app.kubernetes.io/version"] = _application.Version };

    private JsonObject Selector(string name) => new() { [_labelKey] = name };

    public JsonObject SelectorOf(SimulatedService service) => Selector(service.Name);

    private static JsonObject Helm(string release) => new() { ["meta.helm.sh/release-name"] = release, ["meta.helm.sh/release-namespace"] = release };

    private void InstallNodes(long at)
    {
        var prefix = _chance.Pick(["ip-10-2-", "worker-", "pool-a-"]);
        for (var i = 0; i < _chance.Between(3, 5); i++)
        {
            var name = prefix switch
            {
                "worker-" => $"worker-{i + 1}",
                "ip-10-2-" => $"ip-10-2-{_chance.Between(2, 250)}-{_chance.Between(2, 250)}",
                _ => prefix + _chance.Suffix(5),
            };
            var zone = _chance.Pick(Vocabulary.Zones);
            var node = _cluster.Create(at + i * Moment.Second, "kubelet", "nodes", "v1", "Node",
                Cluster.Metadata(name,
                    labels: new JsonObject
                    {
                        ["kubernetes.io/arch"] = "amd64",
                        ["kubernetes.io/hostname"] = name,
                        ["topology.kubernetes.io/zone"] = zone,
                    }),
                ("spec", new JsonObject { ["podCIDR"] = $"10.244.{i}.0/24" }));
            Nodes.Add(node);
        }
    }

    /// <summary>The kubelet reports every five minutes: a change of every node that means nothing.</summary>
    public void Heartbeats(long from, long until)
    {
        foreach (var node in Nodes)
            for (var next = from + _chance.Between(0, 300) * Moment.Second; next < until;)
            {
                var at = next;
                _cluster.Change(node, at, "kubelet", b => b["status"] = NodeStatus(at), "status");
                next += 5 * Moment.Minute + Moment.Milliseconds(_chance.Between(0, 2000));
            }
    }

    private static JsonObject NodeStatus(long at) => new()
    {
        ["allocatable"] = new JsonObject { ["cpu"] = "3920m", ["memory"] = "15432Mi", ["pods"] = "110" },
        ["conditions"] = new JsonArray(
            Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", at),
            Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", at),
            Condition("PIDPressure", "False", "KubeletHasSufficientPID", at), Condition("Ready", "True", "KubeletReady", at)),
    };

    private static JsonObject Condition(string type, string status, string reason, long at) =>
        new() { ["type"] = type, ["status"] = status, ["reason"] = reason, ["lastHeartbeatTime"] = Moment.Iso(at) };

    private void InstallConfigMaps(long at)
    {
        foreach (var service in _application.Services.Where(s => s.Config is not null))
            Configs[service] = ConfigMap(at, service.Config!.ConfigMap, service.Config.FileName, ConfigText.Render(service.Config));
        Flags = ConfigMap(at, _application.FlagsConfigMap, _application.FlagsFile, FlagsText(_application, null));
    }

    private ClusterObject ConfigMap(long at, string name, string file, string text) => _cluster.Create(at, "helm", "configmaps", "v1", "ConfigMap",
        Cluster.Metadata(name, _application.Namespace, new JsonObject { ["app.kubernetes.io/managed-by"] = "Helm" }, Helm(_application.Namespace)),
        ("data", new JsonObject { [file] = text }));

    private void InstallExternal(SimulatedService external, long at) => _cluster.Create(at, "helm", "services", "v1", "Service",
        Cluster.Metadata(external.Name, _application.Namespace, Labels(external.Name), Helm(_application.Namespace)),
        ("spec", new JsonObject { ["externalName"] = external.Image, ["sessionAffinity"] = "None", ["type"] = "ExternalName" }),
        ("status", new JsonObject { ["loadBalancer"] = new JsonObject() }));

    private static void MountSecret(JsonObject pod, JsonObject container, string secret)
    {
        if (pod["volumes"] is not JsonArray volumes) pod["volumes"] = volumes = [];
        if (container["volumeMounts"] is not JsonArray mounts) container["volumeMounts"] = mounts = [];
        volumes.Add((JsonNode)new JsonObject { ["name"] = "tls", ["secret"] = new JsonObject { ["secretName"] = secret } });
        mounts.Add((JsonNode)new JsonObject { ["name"] = "tls", ["mountPath"] = "/etc/tls", ["readOnly"] = true });
    }

    private void InstallWorkload(SimulatedService service, long at)
    {
        var ns = _application.Namespace;
        var portName = service.Protocol is "grpc" or "http" ? service.Protocol : "tcp";
        var port = new JsonObject { ["name"] = portName, ["port"] = service.Port, ["protocol"] = "TCP", ["targetPort"] = service.Port };
        var serviceObject = _cluster.Create(at, "helm", "services", "v1", "Service",
            Cluster.Metadata(service.Name, ns, Labels(service.Name), Helm(ns)),
            ("spec", new JsonObject
            {
                ["clusterIP"] = $"10.96.{_chance.Between(1, 250)}.{_chance.Between(2, 250)}",
                ["ports"] = new JsonArray(port),
                ["selector"] = Selector(service.Name),
                ["sessionAffinity"] = "None",
                ["type"] = "ClusterIP",
            }), ("status", new JsonObject { ["loadBalancer"] = new JsonObject() }));
        var endpoints = _cluster.Create(at + Moment.Milliseconds(30), "kube-controller-manager", "endpoints", "v1", "Endpoints",
            Cluster.Metadata(service.Name, ns, Labels(service.Name)), ("subsets", new JsonArray()));
        var deployment = _cluster.Create(at + Moment.Milliseconds(60), "helm", "deployments", "apps/v1", "Deployment",
            Cluster.Metadata(service.Name, ns, Labels(service.Name), _ownership.OfWorkload(service.Name, Helm(ns))), ("spec", DeploymentSpec(service)));
        _workloads[service] = new Workload(service, deployment, serviceObject, endpoints);
    }

    private JsonObject DeploymentSpec(SimulatedService service)
    {
        var replicas = service.Role is ServiceRole.Inner && !service.Recreate && _chance.Happens(0.12) ? 2 : 1;
        var container = new JsonObject
        {
            ["name"] = service.Name,
            ["image"] = service.Image,
            ["imagePullPolicy"] = "IfNotPresent",
            ["env"] = new JsonArray([.. service.Environment.Select(e => (JsonNode)new JsonObject { ["name"] = e.Path, ["value"] = e.Value })]),
            ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = service.Port, ["protocol"] = "TCP" }),
            ["resources"] = new JsonObject
            {
                ["limits"] = new JsonObject { ["cpu"] = "500m", ["memory"] = $"{service.MemoryMi}Mi" },
                ["requests"] = new JsonObject { ["cpu"] = "50m", ["memory"] = $"{service.MemoryMi / 2}Mi" },
            },
        };
        var pod = new JsonObject
        {
            ["containers"] = new JsonArray(container),
            ["dnsPolicy"] = "ClusterFirst",
            ["restartPolicy"] = "Always",
            ["serviceAccountName"] = "default"
        };
        var map = service.Config?.ConfigMap ?? (service == _application.FlagProvider ? _application.FlagsConfigMap : null);
        if (map is not null)
        {
            container["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "configuration", ["mountPath"] = "/etc/" + service.Name });
            pod["volumes"] = new JsonArray(new JsonObject { ["name"] = "configuration", ["configMap"] = new JsonObject { ["name"] = map } });
        }

        if (service.TlsSecret is { } tls) MountSecret(pod, container, tls);
        if (service.PasswordSecret is { } password)
            container["env"]!.AsArray().Add((JsonNode)new JsonObject
            {
                ["name"] = "DB_PASSWORD",
                ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = password, ["key"] = "password" } },
            });
        return new JsonObject
        {
            ["replicas"] = replicas,
            ["progressDeadlineSeconds"] = 600,
            ["revisionHistoryLimit"] = 10,
            ["selector"] = new JsonObject { ["matchLabels"] = Selector(service.Name) },
            ["strategy"] = service.Recreate
                ? new JsonObject { ["type"] = "Recreate" }
                : new JsonObject
                {
                    ["type"] = "RollingUpdate",
                    ["rollingUpdate"] = new JsonObject { ["maxSurge"] = "25%", ["maxUnavailable"] = "25%" }
                },
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = Labels(service.Name) }, ["spec"] = pod },
        };
    }
}
