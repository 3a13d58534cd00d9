using System.Text.Json.Nodes;

namespace Copilot.Tests.Snapshots.Dumps;

/// <summary>Clusters in which something other than the failing workload is to blame.</summary>
internal static partial class DumpSamples
{
    /// <summary>Name, the cause, its mechanism, and how the cluster got there.</summary>
    public static readonly IReadOnlyDictionary<string, (string Cause, string Mechanism, Action<KubectlDump> Break)> States = new Dictionary<string, (string, string, Action<KubectlDump>)>
    {
        ["webhook whose program is scaled to zero"] = ("policy/Deployment/gate", "admission", dump => Webhook(dump, 0, "no endpoints available for service \"gate\"")),
        ["webhook whose program crashes"] = ("policy/Deployment/gate", "admission", WebhookCrash),
        ["webhook with a wrong certificate"] = ("cluster/MutatingWebhookConfiguration/gate-rules", "admission", dump => Webhook(dump, 2, "tls: failed to verify certificate: x509: certificate signed by unknown authority")),
        ["webhook without a Service"] = ("cluster/MutatingWebhookConfiguration/gate-rules", "admission", WebhookWithoutService),
        ["webhook that refuses what it admitted before"] = ("cluster/MutatingWebhookConfiguration/gate-rules", "admission", dump => Denied(dump, rollout: false)),
        ["webhook that refuses a new template"] = ("shop/Deployment/orders", "admission", dump => Denied(dump, rollout: true)),
        ["scheduler that crashes"] = ("kube-system/Pod/kube-scheduler-cp-1", "control-plane", SchedulerCrash),
        ["scheduler that is not there"] = ("kube-system/Pod/kube-scheduler-cp-1", "control-plane", dump => { Plane(dump, "kube-apiserver", "kube-controller-manager"); Unheard(dump); }),
        ["controller manager that crashes"] = ("kube-system/Pod/kube-controller-manager-cp-1", "control-plane", ManagerCrash),
        ["cluster DNS that crashes"] = ("kube-system/Deployment/coredns", "application-error", DnsCrash),
        ["cluster DNS that is scaled to zero"] = ("kube-system/Deployment/coredns", "scaled-to-zero", DnsAway),
        ["claim of a class that does not exist"] = ("shop/PersistentVolumeClaim/stock-data", "storage", ClaimWithoutClass),
        ["init container that hangs"] = ("shop/Deployment/orders", "init-container", InitHangs),
        ["readiness gate"] = ("shop/Deployment/web", "probe", dump => NotReady(dump, "ReadinessGatesNotReady")),
        ["not ready, and the events are gone"] = ("shop/Deployment/web", "probe", dump => NotReady(dump, "ContainersNotReady")),
        ["registry that lets nobody in"] = ("shop/Deployment/orders", "credential", PullRefused),
        ["a program and who cannot do without it"] = ("shop/Deployment/orders", "application-error", WithDependents),
        ["preemption"] = ("shop/Deployment/batch", "scheduling", Preempted),
        ["namespace that ends"] = ("cluster/Namespace/shop", "admission", NamespaceEnds),
        ["quota, and the events are gone"] = ("shop/ResourceQuota/compute", "quota", QuotaWithoutEvents),
        ["priority class that does not exist"] = ("shop/Deployment/orders", "scheduling", NoPriorityClass),
        ["node under pressure"] = ("cluster/Node/worker-3", "node", Evicted),
    };

    /// <summary>States that look like trouble and are none.</summary>
    public static void StateNoise(KubectlDump dump)
    {
        Plane(dump, "kube-apiserver", "kube-controller-manager", "kube-scheduler");
        Configuration(dump);
        dump.Deployment("policy", "gate", 1);
        dump.Service("policy", "gate", new() { ["app"] = "gate" });
        // It was restarted, and one pod had to wait for it.
        dump.Event("shop", "ReplicaSet", "stock-7c9d6f5b48", "FailedCreate", Call("connect: connection refused"), component: "replicaset-controller", first: TimeSpan.FromMinutes(50), last: TimeSpan.FromMinutes(50), count: 1);
        Add(dump, "shop/horizontalpodautoscalers", "HorizontalPodAutoscaler", "web", """
            "spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":6},"status":{"currentReplicas":2,"desiredReplicas":2,"conditions":[
             {"type":"AbleToScale","status":"True","reason":"ReadyForNewScale"},{"type":"ScalingActive","status":"True","reason":"ValidMetricFound"},{"type":"ScalingLimited","status":"True","reason":"TooFewReplicas","message":"the desired replica count is less than the minimum replica count"}]}
            """);
        dump.Event("shop", "HorizontalPodAutoscaler", "web", "SuccessfulRescale", "New size: 2; reason: All metrics below target", type: "Normal", component: "horizontal-pod-autoscaler", count: 1);
        Add(dump, "shop/persistentvolumeclaims", "PersistentVolumeClaim", "later", """
            "spec":{"storageClassName":"local"},"status":{"phase":"Pending"}
            """);
        dump.Event("shop", "PersistentVolumeClaim", "later", "WaitForFirstConsumer", "waiting for first consumer to be created before binding", type: "Normal", component: "persistentvolume-controller", count: 40);
        Add(dump, "shop/poddisruptionbudgets", "PodDisruptionBudget", "web", """
            "spec":{"minAvailable":2},"status":{"disruptionsAllowed":0,"currentHealthy":2,"desiredHealthy":2,"expectedPods":2,"conditions":[{"type":"DisruptionAllowed","status":"False","reason":"InsufficientPods"}]}
            """);
        Add(dump, "shop/certificates", "Certificate", "web-tls", """
            "spec":{"secretName":"web-tls"},"status":{"conditions":[{"type":"Ready","status":"True","reason":"Ready"}]}
            """);
        dump.Event("shop", "Pod", DumpedDeployment.NameOf(dump.Of("shop", "web").Pods[0]), "Unhealthy", "Readiness probe failed: Get \"http://10.244.1.7:8080/ready\": context deadline exceeded", count: 1, first: TimeSpan.FromMinutes(45), last: TimeSpan.FromMinutes(45));
        var started = dump.Of("shop", "orders").Pods[0];
        var init = DumpedDeployment.StatusOf(started).DeepClone().AsObject();
        init["name"] = "migrate";
        init["state"] = KubectlDump.Json($$$"""{"terminated":{"exitCode":0,"reason":"Completed","startedAt":"{{{KubectlDump.At(KubectlDump.Old)}}}","finishedAt":"{{{KubectlDump.At(KubectlDump.Old)}}}"} }""");
        started["status"]!["initContainerStatuses"] = new JsonArray(init);
    }

    private static void Add(KubectlDump dump, string file, string kind, string name, string rest)
    {
        var ns = file.Contains('/', StringComparison.Ordinal) ? file.Split('/')[0] : "";
        dump.Add(file, KubectlDump.Json($$$"""{"apiVersion":"v1","kind":"{{{kind}}}","metadata":{{{KubectlDump.Meta(ns, name, KubectlDump.Old)}}},{{{rest}}}}"""));
    }

    private static void Configuration(KubectlDump dump) => Add(dump, "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", "gate-rules", """
        "webhooks":[{"name":"pods.gate.example.com","failurePolicy":"Fail","clientConfig":{"service":{"namespace":"policy","name":"gate","path":"/mutate","port":443}}}]
        """);

    private static string Call(string why) =>
        $"Error creating: Internal error occurred: failed calling webhook \"pods.gate.example.com\": failed to call webhook: Post \"https://gate.policy.svc:443/mutate?timeout=10s\": {why}";

    private static void Refused(KubectlDump dump, string text)
    {
        Short(dump, "orders");
        dump.Event("shop", "ReplicaSet", "orders-7c9d6f5b48", "FailedCreate", text, component: "replicaset-controller", first: Ago, count: 14);
    }

    private static void Webhook(KubectlDump dump, int replicas, string why)
    {
        Configuration(dump);
        dump.Deployment("policy", "gate", replicas);
        dump.Service("policy", "gate", new() { ["app"] = "gate" });
        Refused(dump, Call(why));
    }

    private static void WebhookCrash(KubectlDump dump)
    {
        Webhook(dump, 1, "dial tcp 10.96.4.4:443: connect: connection refused");
        foreach (var pod in dump.Of("policy", "gate").AllNotReady(Ago)) DumpedDeployment.CrashLoop(pod, 1, "Error");
    }

    private static void WebhookWithoutService(KubectlDump dump)
    {
        Configuration(dump);
        Refused(dump, Call("service \"gate\" not found"));
    }

    private static void Denied(KubectlDump dump, bool rollout)
    {
        Configuration(dump);
        Short(dump, "orders");
        var set = rollout ? $"orders-{dump.Of("shop", "orders").ReplicaSet(0, Ago)}" : "orders-7c9d6f5b48";
        dump.Event("shop", "ReplicaSet", set, "FailedCreate", "Error creating: admission webhook \"pods.gate.example.com\" denied the request: containers must not run as root", component: "replicaset-controller", first: Ago - TimeSpan.FromSeconds(5), count: 14);
    }

    /// <summary>Static pods of a control plane as kubeadm makes them.</summary>
    private static void Plane(KubectlDump dump, params string[] components)
    {
        foreach (var component in components)
        {
            var pod = dump.Of("shop", "web").Pods[0].DeepClone().AsObject();
            pod["metadata"] = KubectlDump.Json($$$"""{{{KubectlDump.Meta("kube-system", $"{component}-cp-1", KubectlDump.Old)}}}""");
            pod["metadata"]!["labels"] = new JsonObject { ["component"] = component, ["tier"] = "control-plane" };
            pod["metadata"]!["ownerReferences"] = new JsonArray(KubectlDump.Json("""{"apiVersion":"v1","kind":"Node","name":"cp-1","controller":true}"""));
            pod["spec"]!["nodeName"] = "cp-1";
            dump.Add("kube-system/pods", pod);
        }
    }

    private static JsonObject PlanePod(KubectlDump dump, string component) => dump.Object("kube-system/pods", $"{component}-cp-1");

    private static void Crashes(KubectlDump dump, string component)
    {
        var pod = PlanePod(dump, component);
        foreach (var condition in pod["status"]!["conditions"]!.AsArray().Where(c => (string?)c!["type"] is "Ready" or "ContainersReady"))
        {
            condition!["status"] = "False";
            condition["lastTransitionTime"] = KubectlDump.At(Ago + TimeSpan.FromMinutes(4));
        }
        DumpedDeployment.StatusOf(pod)["ready"] = false;
        DumpedDeployment.CrashLoop(pod, 1, "Error");
    }

    /// <summary>A pod that no scheduler has said anything about.</summary>
    private static void Unheard(KubectlDump dump)
    {
        var pod = dump.Of("shop", "orders").Rollout(Ago);
        pod["spec"]!.AsObject().Remove("nodeName");
        pod["status"] = KubectlDump.Json("""{"phase":"Pending","qosClass":"Burstable"}""");
    }

    private static void SchedulerCrash(KubectlDump dump)
    {
        Plane(dump, "kube-apiserver", "kube-controller-manager", "kube-scheduler");
        Crashes(dump, "kube-scheduler");
        Unheard(dump);
    }

    private static void ManagerCrash(KubectlDump dump)
    {
        Plane(dump, "kube-apiserver", "kube-controller-manager", "kube-scheduler");
        Crashes(dump, "kube-controller-manager");
        Short(dump, "orders");
    }

    private static void Dns(KubectlDump dump)
    {
        dump.Object("kube-system/deployments", "coredns")["metadata"]!["labels"] = new JsonObject { ["k8s-app"] = "kube-dns" };
        foreach (var app in (string[])["web", "orders"])
        {
            foreach (var pod in dump.Of("shop", app).AllNotReady(Ago))
            {
                DumpedDeployment.CrashLoop(pod, 1, "Error");
                dump.Log("shop", DumpedDeployment.NameOf(pod), "starting", $"FATAL dial tcp: lookup {(app == "web" ? "orders" : "stock")}.shop.svc.cluster.local: no such host");
            }
        }
    }

    private static void DnsCrash(KubectlDump dump)
    {
        Dns(dump);
        foreach (var pod in dump.Of("kube-system", "coredns").AllNotReady(Ago + TimeSpan.FromMinutes(2)))
        {
            DumpedDeployment.CrashLoop(pod, 1, "Error");
            dump.Log("kube-system", DumpedDeployment.NameOf(pod), "plugin/forward: no nameservers found");
        }
    }

    private static void DnsAway(KubectlDump dump)
    {
        Dns(dump);
        var coredns = dump.Object("kube-system/deployments", "coredns");
        coredns["spec"]!["replicas"] = 0;
        coredns["status"] = KubectlDump.Json("""{"observedGeneration":3}""");
        foreach (var pod in dump.Of("kube-system", "coredns").Pods) dump.Remove("kube-system/pods", pod);
    }

    private static void ClaimWithoutClass(KubectlDump dump)
    {
        foreach (var pod in dump.Of("shop", "stock").AllNotReady(Ago))
        {
            Pending(dump, pod, "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
            pod["spec"]!["volumes"] = new JsonArray(KubectlDump.Json("""{"name":"data","persistentVolumeClaim":{"claimName":"stock-data"} }"""));
        }
        Add(dump, "shop/persistentvolumeclaims", "PersistentVolumeClaim", "stock-data", """
            "spec":{"storageClassName":"fast-ssd","accessModes":["ReadWriteOnce"]},"status":{"phase":"Pending"}
            """);
        dump.Event("shop", "PersistentVolumeClaim", "stock-data", "ProvisioningFailed", "storageclass.storage.k8s.io \"fast-ssd\" not found", component: "persistentvolume-controller", first: Ago, count: 90);
    }

    private static void InitHangs(KubectlDump dump)
    {
        var pod = dump.Of("shop", "orders").Rollout(Ago);
        DumpedDeployment.Waiting(pod, "PodInitializing", "");
        var init = DumpedDeployment.StatusOf(pod).DeepClone().AsObject();
        init["name"] = "wait-for-schema";
        init["state"] = KubectlDump.Json($$$"""{"running":{"startedAt":"{{{KubectlDump.At(Ago)}}}"} }""");
        pod["status"]!["initContainerStatuses"] = new JsonArray(init);
    }

    private static void NotReady(KubectlDump dump, string reason)
    {
        foreach (var pod in dump.Of("shop", "web").Pods)
        {
            dump.Of("shop", "web").NotReady(pod, TimeSpan.FromHours(3), reason);
            if (reason != "ReadinessGatesNotReady") continue;
            DumpedDeployment.StatusOf(pod)["ready"] = true;
            foreach (var ready in pod["status"]!["conditions"]!.AsArray().Where(c => (string?)c!["type"] is "Ready"))
                ready!["message"] = "corresponding condition of pod readiness gate \"target-health.example.com/web\" does not exist.";
        }
    }

    private static void PullRefused(KubectlDump dump)
    {
        var orders = dump.Of("shop", "orders");
        var pod = orders.Pods[1];
        orders.NotReady(pod, Ago);
        DumpedDeployment.Waiting(pod, "ImagePullBackOff", "Back-off pulling image \"registry.example/orders:1.4.2\"");
        dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (registry-login); attempting to pull the image may not succeed.", first: Ago, count: 30);
        dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "Failed", "Failed to pull image \"registry.example/orders:1.4.2\": failed to authorize: failed to fetch anonymous token: unexpected status from GET request: 401 Unauthorized", first: Ago);
    }

    private static void WithDependents(KubectlDump dump)
    {
        ApplicationError(dump);
        dump.Object("shop/deployments", "web")["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] = new JsonArray(KubectlDump.Json("""{"name":"ORDERS_URL","value":"http://orders:80"}"""));
        foreach (var pod in dump.Of("shop", "web").AllNotReady(Ago - TimeSpan.FromMinutes(1)))
            dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", first: Ago - TimeSpan.FromMinutes(1), count: 150);
    }

    private static void Preempted(KubectlDump dump)
    {
        dump.Deployment("shop", "batch", 1, Ago);
        var taker = (string)dump.Of("shop", "batch").Pods[0]["metadata"]!["uid"]!;
        var orders = dump.Of("shop", "orders");
        var pod = orders.Pods[1];
        orders.NotReady(pod, Ago);
        Pending(dump, pod, "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.");
        dump.Event("shop", "Pod", "orders-7c9d6f5b48-zzz9k", "Preempted", $"Preempted by pod {taker} on node worker-2", type: "Normal", component: "default-scheduler", first: Ago, last: Ago, count: 1);
    }

    private static void NamespaceEnds(KubectlDump dump)
    {
        Add(dump, "namespaces", "Namespace", "shop", """
            "spec":{"finalizers":["kubernetes"]},"status":{"phase":"Terminating"}
            """);
        Refused(dump, "Error creating: pods \"orders-7c9d6f5b48-qz8xk\" is forbidden: unable to create new content in namespace shop because it is being terminated");
    }

    private static void QuotaWithoutEvents(KubectlDump dump)
    {
        Quota(dump);
        foreach (var e in dump.In("shop/events").Where(e => (string?)e["reason"] == "FailedCreate").ToList()) dump.Remove("shop/events", e);
    }

    private static void NoPriorityClass(KubectlDump dump) => Refused(dump, "Error creating: pods \"orders-7c9d6f5b48-\" is forbidden: no PriorityClass with name urgent was found");

    private static void Evicted(KubectlDump dump)
    {
        foreach (var condition in dump.Nodes["worker-3"]["status"]!["conditions"]!.AsArray().Where(c => (string?)c!["type"] == "MemoryPressure"))
        {
            condition!["status"] = "True";
            condition["reason"] = "KubeletHasInsufficientMemory";
            condition["lastTransitionTime"] = KubectlDump.At(Ago);
        }
        var stock = dump.Of("shop", "stock");
        var evicted = stock.Pods[1];
        evicted["spec"]!["nodeName"] = "worker-3";
        stock.NotReady(evicted, Ago);
        evicted["status"]!["phase"] = "Failed";
        evicted["status"]!["reason"] = "Evicted";
        dump.Event("shop", "Pod", DumpedDeployment.NameOf(evicted), "Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 61Mi. Container app was using 900Mi, request is 64Mi.", first: Ago, last: Ago, count: 1);
        Pending(dump, stock.Pod("7c9d6f5b48", Ago), "0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }, 2 Insufficient memory. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
    }
}
