using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;

namespace Copilot.Simulator.Clusters;

/// <summary>Installs an application on a cluster: namespaces, nodes, configuration, workloads with their Services, autoscalers and jobs.</summary>
internal sealed class Installation(World world, Chance chance)
{
    private readonly Dictionary<SimulatedService, Workload> _workloads = [];
    private readonly Dictionary<string, Workload> _byService = [];
    private readonly Ownership _ownership = new(chance.Fork("owners"));
    private readonly string _authority = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(chance.Fork("authority").Hex32() + chance.Fork("authority 2").Hex32()));
    private readonly string _labelKey = chance.Pick(["app", "app.kubernetes.io/name", "component"]);

    public string Monitoring { get; } = chance.Pick(["monitoring", "prometheus", "observability"]);

    public string ChaosNamespace { get; } = chance.Pick(["chaos-mesh", "chaos-testing", "chaos"]);

    public string ProbePath { get; } = chance.Pick(["/healthz", "/ready", "/health", "/actuator/health"]);

    public List<SimulatedNode> Nodes { get; } = [];

    /// <summary>Nodes that take the application's pods.</summary>
    public IReadOnlyList<SimulatedNode> Workers => [.. Nodes.Where(n => !n.IsControlPlane)];

    public ClusterObject Flags { get; private set; } = null!;

    public Dictionary<SimulatedService, ClusterObject> Configs { get; } = [];

    public Workload ClusterDns { get; private set; } = null!;

    public ClusterObject DnsConfig { get; private set; } = null!;

    /// <summary>Asked by the API server before every new pod of the application.</summary>
    public Workload Webhook { get; private set; } = null!;

    /// <summary>The scheduler's own pod, which the kubelet of the first node runs from a file.</summary>
    public ClusterObject ControlPlane { get; private set; } = null!;

    private readonly HashSet<string> _policies = [];

    public IEnumerable<Workload> Workloads => _workloads.Values;

    public IEnumerable<Workload> OfApplication => _workloads.Values.Where(w => w.Namespace == world.Application.Namespace);

    public Workload Of(SimulatedService service) => _workloads[service];

    public Workload? ByServiceName(string name) => _byService.GetValueOrDefault(name);

    private Application Application => world.Application;

    private long Now => world.Timeline.Now;

    /// <summary>Who installs, as managedFields names it.</summary>
    public string Manager => Application.Delivery switch
    {
        Delivery.ArgoCd => "argocd-controller",
        Delivery.Flux => "kustomize-controller",
        Delivery.Kubectl => "kubectl-client-side-apply",
        Delivery.Terraform => "Terraform",
        _ => "helm",
    };

    /// <summary>The cluster itself, long before.</summary>
    public void InstallCluster()
    {
        foreach (var ns in (string[])["default", "kube-system", Monitoring, ChaosNamespace]) Namespace(ns, "kubectl-create");
        var requested = Application.Workloads.Sum(s => s.Replicas * s.MemoryMi / 2.0);
        var cpu = Application.Workloads.Sum(s => s.Replicas * s.CpuMilli / 2.0);
        InstallNodes(Math.Max(chance.Between(3, 5), (int)Math.Ceiling(Math.Max(requested / 15432, cpu / 3920) / chance.Between(0.5, 0.75))));
    }

    /// <summary>What of the cluster runs pods that are watched.</summary>
    public void InstallSystem()
    {
        var dns = SystemService("coredns", 53, "dns", "registry.k8s.io/coredns/coredns:v1.11.1", 170);
        dns.Replicas = 2;
        DnsConfig = ConfigMap("coredns", "kube-system", "kubeadm", "Corefile", ConfigText.Corefile("cluster.local"));
        ClusterDns = InstallWorkload(dns, "kube-system", "kubeadm", serviceName: null);
        var name = chance.Pick(["pod-injector", "policy-agent", "sidecar-webhook"]);
        Webhook = InstallWorkload(SystemService(name, 8443, "http", $"ghcr.io/acme-platform/{name}:2.3.1", 128), Monitoring, "helm", serviceName: null);
        foreach (var part in (string[])["kube-apiserver", "kube-controller-manager", "kube-scheduler"])
        {
            var pod = StaticPod(part);
            if (part == "kube-scheduler") ControlPlane = pod;
        }

        foreach (var node in Nodes) world.Timeline.Start(() => Heartbeat(node));
    }

    /// <summary>A program that no request comes through.</summary>
    public static SimulatedService SystemService(string name, int port, string protocol, string image, int memory) => new()
    {
        Name = name,
        Role = ServiceRole.System,
        Language = Language.Native,
        Port = port,
        Protocol = protocol,
        Image = image,
        MemoryMi = memory,
    };

    private ClusterObject StaticPod(string part)
    {
        var node = Nodes[^1].Name;
        var pod = world.Cluster.Create(Now, "kubelet", "pods", "v1", "Pod",
            Cluster.Metadata($"{part}-{node}", "kube-system", new JsonObject { ["component"] = part, ["tier"] = "control-plane" }, new JsonObject { ["kubernetes.io/config.source"] = "file" }),
            ("spec", new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject { ["name"] = part, ["image"] = $"registry.k8s.io/{part}:v1.31.2", ["command"] = new JsonArray(part, "--leader-elect=true") }),
                ["nodeName"] = node,
                ["priorityClassName"] = "system-node-critical",
            }), ("status", StaticStatus(part, new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Moment.Iso(Now) } }, ready: true, restarts: 0)));
        return pod;
    }

    private JsonObject StaticStatus(string part, JsonObject state, bool ready, int restarts) => new()
    {
        ["phase"] = "Running",
        ["conditions"] = new JsonArray(Kubelet.Condition("Ready", ready, ready ? null : "ContainersNotReady", Now)),
        ["containerStatuses"] = new JsonArray(new JsonObject
        {
            ["name"] = part,
            ["ready"] = ready,
            ["started"] = ready,
            ["restartCount"] = restarts,
            ["lastState"] = restarts == 0 ? new JsonObject() : new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 1, ["reason"] = "Error", ["finishedAt"] = Moment.Iso(Now) } },
            ["state"] = state,
        }),
    };

    /// <summary>A static pod whose file was edited on the node: a flag that its program does not know.</summary>
    public void CrashControlPlane(string flag) => world.Timeline.Start(async () =>
    {
        var part = (string)ControlPlane.Latest["spec"]!["containers"]![0]!["name"]!;
        world.Cluster.Change(ControlPlane, Now, "kubelet", b => b["spec"]!["containers"]![0]!["command"] = new JsonArray(part, "--leader-elect=true", flag));
        ClusterEvent? said = null;
        var node = (string)ControlPlane.Latest["spec"]!["nodeName"]!;
        for (var (restarts, pause) = (1, 10L); ; restarts++, pause = Math.Min(pause * 2, 300))
        {
            world.Cluster.Change(ControlPlane, Now, "kubelet", b => b["status"] = StaticStatus(part, new JsonObject
            {
                ["waiting"] = new JsonObject { ["reason"] = "CrashLoopBackOff", ["message"] = $"back-off restarting failed container={part} pod={ControlPlane.Name}_kube-system" },
            }, ready: false, restarts), "status");
            var message = $"Back-off restarting failed container {part} in pod {ControlPlane.Name}_kube-system({ControlPlane.Uid})";
            for (var until = Now + pause * Moment.Second; Now < until; await world.Timeline.For(Moment.Milliseconds(chance.Between(11_000, 15_000))))
                said = said is null
                    ? world.Events.Record(Now, ControlPlane, "BackOff", message, "kubelet", warning: true, node, part)
                    : world.Events.Repeat(said, Now);
        }
    });

    /// <summary>A workload that comes later and that nobody calls.</summary>
    public Workload Add(SimulatedService service, string ns, string manager, Action<JsonObject> edit)
    {
        var spec = Spec(service);
        var body = new JsonObject { ["spec"] = spec };
        edit(body);
        body.Remove("spec");
        return InstallWorkload(service, ns, manager, serviceName: null, spec);
    }

    /// <summary>Causes and decoys are named alike: what a policy does must be read from its rules.</summary>
    public string PolicyName(SimulatedService service, Chance draw)
    {
        string name;
        do name = draw.Pick(["restrict-ingress", "baseline-policy", $"{service.Name}-policy", $"{service.Name}-ingress", $"allow-{service.Name}", $"{service.Name}-network"]);
        while (!_policies.Add(name));
        return name;
    }

    public void InstallApplication()
    {
        Namespace(Application.Namespace, Manager);
        foreach (var service in Application.Services.Where(s => s.Config is not null))
            Configs[service] = ConfigMap(service.Config!.ConfigMap, Application.Namespace, Manager, service.Config.FileName, ConfigText.Render(service.Config));
        foreach (var map in Application.Services.Select(s => s.EnvironmentMap).OfType<ConfigFile>())
            world.Cluster.Create(Now, Manager, "configmaps", "v1", "ConfigMap", Cluster.Metadata(map.ConfigMap, Application.Namespace, new JsonObject { ["app.kubernetes.io/managed-by"] = Manager }, Annotations()),
                ("data", new JsonObject(map.Settings.Select(s => KeyValuePair.Create(s.Path, (JsonNode?)s.Value)))));
        Flags = ConfigMap(Application.FlagsConfigMap, Application.Namespace, Manager, Application.FlagsFile, FlagsText(null));
        foreach (var service in Application.Services)
        {
            if (service.TlsSecret is { } tls) world.Secrets.Set(tls, "certificate");
            if (service.PasswordSecret is not { } secret) continue;
            world.Secrets.Set(secret, chance.Hex16());
            foreach (var d in service.Dependencies.Where(d => d.Target.Role == ServiceRole.Datastore)) world.Secrets.Accept(d.Target, service, world.Secrets.Value(secret));
        }

        if (Application.External is { } external)
            world.Cluster.Create(Now, Manager, "services", "v1", "Service", Cluster.Metadata(external.Name, Application.Namespace, Labels(external.Name), Annotations()),
                ("spec", new JsonObject { ["externalName"] = external.Image, ["sessionAffinity"] = "None", ["type"] = "ExternalName" }),
                ("status", new JsonObject { ["loadBalancer"] = new JsonObject() }));
        foreach (var service in Application.Workloads)
        {
            var workload = InstallWorkload(service, Application.Namespace, Manager, service.Name);
            if (service.Autoscaling is not null) world.Autoscaler.Install(workload, Manager, Labels(service.Name));
        }

        foreach (var job in Application.Jobs) world.Jobs.Install(job, Manager, Labels(job.Name));
    }

    public ClusterObject Namespace(string name, string manager)
    {
        var created = world.Cluster.Create(Now, manager, "namespaces", "v1", "Namespace",
            Cluster.Metadata(name, labels: new JsonObject { ["kubernetes.io/metadata.name"] = name }, annotations: name == Application.Namespace ? _ownership.OfNamespace() : null),
            ("spec", new JsonObject { ["finalizers"] = new JsonArray("kubernetes") }), ("status", new JsonObject { ["phase"] = "Active" }));
        world.Cluster.Create(Now, Controllers.Manager, "serviceaccounts", "v1", "ServiceAccount", Cluster.Metadata("default", name));
        world.Cluster.Create(Now, Controllers.Manager, "configmaps", "v1", "ConfigMap", Cluster.Metadata("kube-root-ca.crt", name),
            ("data", new JsonObject { ["ca.crt"] = "-----BEGIN CERTIFICATE-----\n" + _authority + "\n-----END CERTIFICATE-----\n" }));
        return created;
    }

    public string FlagsText(string? switchedOn) => ConfigText.Flags(
        Application.Services.Where(s => s.FlagKey is not null).Select(s => s.FlagKey!).Concat(Application.IdleFlags)
            .Order(StringComparer.Ordinal).Select(k => (k, k == switchedOn ? "on" : "off")));

    private JsonObject LabelsOf(SimulatedService service) => service.Role == ServiceRole.System ? SelectorOf(service.Name) : Labels(service.Name);

    public JsonObject Labels(string name) => new() { [_labelKey] = name, ["app.kubernetes.io/version"] = Application.Version };

    public JsonObject SelectorOf(string name) => new() { [_labelKey] = name };

    /// <summary>What each way of delivery writes on everything that it owns.</summary>
    public JsonObject Annotations() => Application.Delivery switch
    {
        Delivery.Helm => new JsonObject { ["meta.helm.sh/release-name"] = Application.Namespace, ["meta.helm.sh/release-namespace"] = Application.Namespace },
        Delivery.ArgoCd => new JsonObject { ["argocd.argoproj.io/instance"] = Application.Namespace },
        Delivery.Flux => new JsonObject { ["kustomize.toolkit.fluxcd.io/checksum"] = world.Application.Version },
        _ => [],
    };

    public ClusterObject ConfigMap(string name, string ns, string manager, string file, string text) => world.Cluster.Create(Now, manager, "configmaps", "v1", "ConfigMap",
        Cluster.Metadata(name, ns, new JsonObject { ["app.kubernetes.io/managed-by"] = manager }, ns == Application.Namespace ? Annotations() : null),
        ("data", new JsonObject { [file] = text }));

    /// <summary>The kubelets report every five minutes: a change of every node that means nothing.</summary>
    public async Task Heartbeat(SimulatedNode node)
    {
        await world.Timeline.For(chance.Between(0, 300) * Moment.Second);
        while (true)
        {
            if (node.Ready) world.Cluster.Change(node.Object, Now, "kubelet", b => b["status"] = NodeStatus(node, ready: true), "status");
            await world.Timeline.For(5 * Moment.Minute + Moment.Milliseconds(chance.Between(0, 2000)));
        }
    }

    public JsonObject NodeStatus(SimulatedNode node, bool ready)
    {
        return new JsonObject
        {
            ["allocatable"] = new JsonObject { ["cpu"] = $"{node.CpuMilli}m", ["memory"] = $"{node.MemoryMi}Mi", ["pods"] = "110" },
            ["conditions"] = new JsonArray(
                Known("MemoryPressure", "False", "KubeletHasSufficientMemory"), Known("DiskPressure", "False", "KubeletHasNoDiskPressure"),
                Known("PIDPressure", "False", "KubeletHasSufficientPID"), Known("Ready", "True", "KubeletReady")),
        };

        JsonObject Known(string type, string status, string reason) => new()
        {
            ["type"] = type,
            ["status"] = ready ? status : "Unknown",
            ["reason"] = ready ? reason : "NodeStatusUnknown",
            ["lastHeartbeatTime"] = Moment.Iso(Now),
        };
    }

    /// <summary>Printed once: it is on every span and log line of the pod.</summary>
    public string AttributesOf(SimulatedPod pod) => Recordings.PythonRepr.Dict(
        ($"k8s.{pod.Workload.Controller.Kind.ToLowerInvariant()}.name", pod.Workload.Controller.Name), ("k8s.namespace.name", pod.Workload.Namespace), ("k8s.node.name", pod.Node!.Name),
        ("k8s.pod.ip", pod.Ip), ("k8s.pod.name", pod.Name), ("k8s.pod.start_time", Moment.Iso(pod.CreatedAt)), ("service.name", pod.Service.Name),
        ("service.version", Application.Version));

    private void InstallNodes(int count)
    {
        var prefix = chance.Pick(["ip-10-2-", "worker-", "pool-a-"]);
        var names = new HashSet<string>();
        while (names.Count < count)
            names.Add(prefix switch
            {
                "worker-" => $"worker-{names.Count + 1}",
                "ip-10-2-" => $"ip-10-2-{chance.Between(2, 250)}-{chance.Between(2, 250)}",
                _ => prefix + chance.Suffix(5),
            });
        foreach (var name in names.Append(prefix == "worker-" ? "control-plane-1" : prefix + chance.Suffix(6)))
        {
            var control = Nodes.Count == count;
            var node = world.Cluster.Create(Now, "kubelet", "nodes", "v1", "Node", Cluster.Metadata(name, labels: new JsonObject
            {
                ["kubernetes.io/arch"] = "amd64",
                ["kubernetes.io/hostname"] = name,
                ["topology.kubernetes.io/zone"] = chance.Pick(Vocabulary.Zones),
                ["disktype"] = Nodes.Count == 0 ? "ssd" : "hdd",
            }), ("spec", control
                ? new JsonObject { ["taints"] = new JsonArray(new JsonObject { ["effect"] = "NoSchedule", ["key"] = "node-role.kubernetes.io/control-plane" }) }
                : new JsonObject { ["providerID"] = $"cluster:///{name}" }));
            Nodes.Add(new SimulatedNode(node)
            {
                IsControlPlane = control,
                HostIp = prefix == "ip-10-2-" && !control ? name["ip-".Length..].Replace('-', '.') : $"172.20.0.{Nodes.Count + 2}",
            });
        }
    }

    private Workload InstallWorkload(SimulatedService service, string ns, string manager, string? serviceName, JsonObject? spec = null)
    {
        var (plural, kind) = service.Stateful ? ("statefulsets", "StatefulSet") : ("deployments", "Deployment");
        var annotations = ns == Application.Namespace ? _ownership.OfWorkload(service.Name, Annotations()) : [];
        if (service.Stateful) Claim(service, ns, manager);
        spec ??= Spec(service);
        if (ns != Application.Namespace) spec["template"]!["spec"]!["priority"] = 2_000_000_000;
        var controller = world.Cluster.Create(Now, manager, plural, "apps/v1", kind, Cluster.Metadata(service.Name, ns, LabelsOf(service), annotations), ("spec", spec));
        var workload = _workloads[service] = new Workload(service, ns, controller);
        if (serviceName is not null)
        {
            var protocol = service.Protocol is "grpc" or "http" ? service.Protocol : "tcp";
            workload.ServiceObject = world.Cluster.Create(Now, manager, "services", "v1", "Service", Cluster.Metadata(serviceName, ns, Labels(service.Name), Annotations()),
                ("spec", new JsonObject
                {
                    ["clusterIP"] = $"10.96.{chance.Between(1, 250)}.{chance.Between(2, 250)}",
                    ["ports"] = new JsonArray(new JsonObject { ["name"] = protocol, ["port"] = service.Port, ["protocol"] = "TCP", ["targetPort"] = service.Port }),
                    ["selector"] = SelectorOf(service.Name),
                    ["sessionAffinity"] = "None",
                    ["type"] = "ClusterIP",
                }), ("status", new JsonObject { ["loadBalancer"] = new JsonObject() }));
            workload.Endpoints = world.Cluster.Create(Now, Controllers.Manager, "endpoints", "v1", "Endpoints", Cluster.Metadata(serviceName, ns, Labels(service.Name)), ("subsets", new JsonArray()));
            _byService[serviceName] = workload;
        }

        world.Controllers.Install(workload);
        return workload;
    }

    private void Claim(SimulatedService service, string ns, string manager) => world.Cluster.Create(Now, manager, "persistentvolumeclaims", "v1", "PersistentVolumeClaim",
        Cluster.Metadata($"data-{service.Name}-0", ns, Labels(service.Name)),
        ("spec", new JsonObject
        {
            ["accessModes"] = new JsonArray("ReadWriteOnce"),
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "8Gi" } },
            ["storageClassName"] = "standard",
            ["volumeName"] = $"pvc-{chance.Uid()}",
        }), ("status", new JsonObject { ["phase"] = "Bound", ["capacity"] = new JsonObject { ["storage"] = "8Gi" } }));

    private JsonObject Spec(SimulatedService service)
    {
        var container = new JsonObject
        {
            ["name"] = service.Name,
            ["image"] = service.Image,
            ["imagePullPolicy"] = "IfNotPresent",
            ["env"] = new JsonArray([.. service.Environment.Select(e => (JsonNode)new JsonObject { ["name"] = e.Path, ["value"] = e.Value })]),
            ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = service.Port, ["protocol"] = "TCP" }),
            ["resources"] = new JsonObject
            {
                ["limits"] = new JsonObject { ["cpu"] = $"{service.CpuMilli}m", ["memory"] = $"{service.MemoryMi}Mi" },
                ["requests"] = new JsonObject { ["cpu"] = $"{(service.Autoscaling is null ? service.CpuMilli / 2 : service.CpuMilli)}m", ["memory"] = $"{service.MemoryMi / 2}Mi" },
            },
        };
        if (service.HasSpans) container["readinessProbe"] = Probe(service.Port, ProbePath);
        if (service is { HasSpans: true, Liveness: true }) container["livenessProbe"] = Probe(service.Port, ProbePath);
        var pod = new JsonObject { ["containers"] = new JsonArray(container), ["dnsPolicy"] = "ClusterFirst", ["restartPolicy"] = "Always", ["serviceAccountName"] = "default" };
        if ((service.Config?.ConfigMap ?? (service == Application.FlagProvider ? Application.FlagsConfigMap : null)) is { } map)
            Mount(pod, container, "configuration", "/etc/" + service.Name, new JsonObject { ["configMap"] = new JsonObject { ["name"] = map } });
        if (service.TlsSecret is { } tls) Mount(pod, container, "tls", "/etc/tls", new JsonObject { ["secret"] = new JsonObject { ["secretName"] = tls } });
        if (service.Stateful)
            Mount(pod, container, "data", "/var/lib/data", new JsonObject { ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = $"data-{service.Name}-0" } });
        foreach (var key in service.EnvironmentMap?.Settings ?? [])
            container["env"]!.AsArray().Add((JsonNode)new JsonObject
            {
                ["name"] = key.Path,
                ["valueFrom"] = new JsonObject { ["configMapKeyRef"] = new JsonObject { ["name"] = service.EnvironmentMap!.ConfigMap, ["key"] = key.Path } },
            });
        if (service.Pinned) pod["nodeSelector"] = new JsonObject { ["disktype"] = "ssd" };
        if (service.PasswordSecret is { } password)
            container["env"]!.AsArray().Add((JsonNode)new JsonObject
            {
                ["name"] = "DB_PASSWORD",
                ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = password, ["key"] = "password" } },
            });
        var spec = new JsonObject
        {
            ["replicas"] = service.Replicas,
            ["revisionHistoryLimit"] = 10,
            ["selector"] = new JsonObject { ["matchLabels"] = SelectorOf(service.Name) },
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = LabelsOf(service) }, ["spec"] = pod },
        };
        if (service.Stateful)
        {
            spec["serviceName"] = service.Name;
            return spec;
        }

        spec["progressDeadlineSeconds"] = 600;
        spec["strategy"] = service.Recreate
            ? new JsonObject { ["type"] = "Recreate" }
            : new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxSurge"] = "25%", ["maxUnavailable"] = "25%" } };
        return spec;
    }

    public static JsonObject Probe(int port, string path) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = port, ["scheme"] = "HTTP" },
        ["periodSeconds"] = 10,
        ["timeoutSeconds"] = 1,
        ["failureThreshold"] = 3,
    };

    /// <summary>Adds a volume and its mount to a pod's spec.</summary>
    public static void Mount(JsonObject pod, JsonObject container, string name, string path, JsonObject source)
    {
        if (pod["volumes"] is not JsonArray volumes) pod["volumes"] = volumes = [];
        if (container["volumeMounts"] is not JsonArray mounts) container["volumeMounts"] = mounts = [];
        source["name"] = name;
        volumes.Add((JsonNode)source);
        mounts.Add((JsonNode)new JsonObject { ["name"] = name, ["mountPath"] = path });
    }
}
