using System.Text.Json.Nodes;
using Xunit;

namespace Copilot.Tests.Snapshots.Dumps;

/// <summary>Broken clusters as dumps, each with the object that is to blame.</summary>
internal static partial class DumpSamples
{
    private static readonly TimeSpan Ago = TimeSpan.FromMinutes(25);

    /// <summary>Name, the cause as <c>namespace/Kind/name</c>, its mechanism, and how the cluster got there.</summary>
    public static readonly IReadOnlyDictionary<string, (string Cause, string Mechanism, Action<KubectlDump> Break)> All = new Dictionary<string, (string, string, Action<KubectlDump>)>
    {
        ["image pull"] = ("shop/Deployment/orders", "bad-image", ImagePull),
        ["wrong command"] = ("shop/Deployment/orders", "bad-command", WrongCommand),
        ["start error"] = ("shop/Deployment/orders", "bad-command", StartError),
        ["application error"] = ("shop/Deployment/orders", "application-error", ApplicationError),
        ["out of memory"] = ("shop/Deployment/stock", "memory", OutOfMemory),
        ["node selector"] = ("shop/Deployment/orders", "scheduling", NodeSelector),
        ["cordoned node"] = ("cluster/Node/worker-2", "scheduling", Cordoned),
        ["missing ConfigMap"] = ("shop/Deployment/orders", "configuration-change", MissingConfigMap),
        ["missing claim"] = ("shop/Deployment/stock", "storage", MissingClaim),
        ["wrong selector"] = ("shop/Service/orders", "service-routing", WrongSelector),
        ["wrong selector with Endpoints"] = ("shop/Service/orders", "service-routing", WrongSelectorWithEndpoints),
        ["quota"] = ("shop/ResourceQuota/compute", "quota", Quota),
        ["readiness probe"] = ("shop/Deployment/web", "probe", Readiness),
        ["missing ConfigMap in a volume"] = ("shop/Deployment/orders", "configuration-change", MissingMount),
        ["missing ServiceAccount"] = ("shop/ServiceAccount/orders-runner", "admission", MissingAccount),
        ["limit range"] = ("shop/LimitRange/small", "quota", LimitRange),
        ["init container"] = ("shop/Deployment/orders", "init-container", InitContainer),
        ["liveness probe"] = ("shop/Deployment/web", "probe", Liveness),
        ["no room"] = ("shop/Deployment/stock", "scheduling", NoRoom),
        ["DaemonSet on every node"] = ("kube-system/DaemonSet/proxy", "application-error", Daemons),
        ["StatefulSet that kubectl leaves out"] = ("shop/StatefulSet/ledger", "memory", StatefulSet),
        ["pod without an owner"] = ("shop/Pod/console", "bad-image", BarePod),
        ["node not ready"] = ("cluster/Node/worker-2", "node", NodeNotReady),
    };

    /// <summary>What a healthy cluster shows as well.</summary>
    public static void Noise(KubectlDump dump)
    {
        var crashed = dump.Of("shop", "web").Pods[0];
        var container = DumpedDeployment.StatusOf(crashed);
        container["restartCount"] = 4;
        container["lastState"] = KubectlDump.Json($$$"""{"terminated":{"exitCode":137,"reason":"OOMKilled","startedAt":"{{{KubectlDump.At(TimeSpan.FromDays(4))}}}","finishedAt":"{{{KubectlDump.At(TimeSpan.FromDays(3))}}}"}}""");
        var job = KubectlDump.Json($$$"""{"metadata":{{{KubectlDump.Meta("shop", "report-29551230", TimeSpan.FromMinutes(50))}}},"spec":{"backoffLimit":6,"template":{"spec":{"containers":[{"name":"app","image":"registry.example/report:1"}] } } },"status":{"succeeded":1,"completionTime":"{{{KubectlDump.At(TimeSpan.FromMinutes(48))}}}"}}""");
        dump.Add("shop/jobs", job);
        var done = dump.Of("shop", "web").Pod("7c9d6f5b48", TimeSpan.FromMinutes(50));
        done["metadata"]!["name"] = "report-29551230-q8z4x";
        done["metadata"]!["labels"] = new JsonObject { ["job-name"] = "report-29551230", ["app"] = "report" };
        done["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject { ["kind"] = "Job", ["name"] = "report-29551230", ["controller"] = true });
        done["status"]!["phase"] = "Succeeded";
        foreach (var condition in done["status"]!["conditions"]!.AsArray().Where(c => (string?)c!["type"] is "Ready" or "ContainersReady"))
        {
            condition!["status"] = "False";
            condition["reason"] = "PodCompleted";
        }
        DumpedDeployment.StatusOf(done)["state"] = KubectlDump.Json($$$"""{"terminated":{"exitCode":0,"reason":"Completed","startedAt":"{{{KubectlDump.At(TimeSpan.FromMinutes(50))}}}","finishedAt":"{{{KubectlDump.At(TimeSpan.FromMinutes(48))}}}"}}""");
        DumpedDeployment.StatusOf(done)["ready"] = false;
        dump.Event("shop", "Pod", DumpedDeployment.NameOf(dump.Of("shop", "stock").Pods[1]), "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", count: 1, first: TimeSpan.FromMinutes(40), last: TimeSpan.FromMinutes(40));
        dump.Event("default", "Node", "worker-1", "Rebooted", "Node worker-1 has been rebooted, boot id: 1", first: TimeSpan.FromMinutes(55), last: TimeSpan.FromMinutes(55), count: 1);
        dump.Event("shop", "Job", "report-29551230", "Completed", "Job completed", type: "Normal", component: "job-controller", first: TimeSpan.FromMinutes(48), last: TimeSpan.FromMinutes(48), count: 1);
        dump.Log("shop", DumpedDeployment.NameOf(dump.Of("shop", "orders").Pods[0]), "WARN retrying after error: i/o timeout", "INFO recovered", "GET /orders 200");
        // Monitoring charts bring Services for control planes that run outside; nothing of theirs is broken.
        dump.Service("kube-system", "prometheus-kube-scheduler", new() { ["component"] = "kube-scheduler" });
    }

    private static void ImagePull(KubectlDump dump)
    {
        var orders = dump.Of("shop", "orders");
        var pod = orders.Rollout(Ago);
        var name = DumpedDeployment.NameOf(pod);
        const string Error = "failed to pull and unpack image \"registry.example/orders:1.4.3-typo\": failed to resolve reference \"registry.example/orders:1.4.3-typo\": registry.example/orders:1.4.3-typo: not found";
        pod["spec"]!["containers"]![0]!["image"] = "registry.example/orders:1.4.3-typo";
        DumpedDeployment.Waiting(pod, "ImagePullBackOff", "Back-off pulling image \"registry.example/orders:1.4.3-typo\"");
        dump.Event("shop", "Pod", name, "Failed", $"Failed to pull image \"registry.example/orders:1.4.3-typo\": rpc error: code = NotFound desc = {Error}", first: Ago);
        dump.Event("shop", "Pod", name, "BackOff", "Back-off pulling image \"registry.example/orders:1.4.3-typo\"", type: "Normal", first: Ago, count: 80);
        dump.Event("shop", "Pod", name, "Failed", "Error: ImagePullBackOff", first: Ago, count: 80);
        dump.Log("shop", name, $"Request log error: container \"app\" in pod \"{name}\" is waiting to start: trying and failing to pull image");
    }

    private static void WrongCommand(KubectlDump dump)
    {
        foreach (var pod in dump.Of("shop", "orders").AllNotReady(Ago))
        {
            DumpedDeployment.CrashLoop(pod, 127, "Error");
            dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "BackOff", $"Back-off restarting failed container app in pod {DumpedDeployment.NameOf(pod)}_shop(1)", first: Ago, count: 90);
            dump.Log("shop", DumpedDeployment.NameOf(pod), "/bin/sh: 1: ordres: not found");
        }
    }

    private static void StartError(KubectlDump dump)
    {
        foreach (var pod in dump.Of("shop", "orders").AllNotReady(Ago))
        {
            const string Error = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"ordres\": executable file not found in $PATH: unknown";
            DumpedDeployment.CrashLoop(pod, 128, "StartError", Error);
            dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "Failed", $"Error: {Error}", first: Ago, count: 9);
            dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "BackOff", $"Back-off restarting failed container app in pod {DumpedDeployment.NameOf(pod)}_shop(1)", first: Ago, count: 90);
            dump.Log("shop", DumpedDeployment.NameOf(pod));
        }
    }

    private static void ApplicationError(KubectlDump dump)
    {
        foreach (var pod in dump.Of("shop", "orders").AllNotReady(Ago))
        {
            DumpedDeployment.CrashLoop(pod, 1, "Error");
            dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "BackOff", $"Back-off restarting failed container app in pod {DumpedDeployment.NameOf(pod)}_shop(1)", first: Ago, count: 90);
            dump.Log("shop", DumpedDeployment.NameOf(pod), "INFO starting orders 1.4.2", "WARN cache is not found, starting cold", "FATAL required environment variable PAYMENT_URL is not set: invalid configuration");
        }
    }

    private static void OutOfMemory(KubectlDump dump)
    {
        foreach (var pod in dump.Of("shop", "stock").AllNotReady(Ago))
        {
            pod["spec"]!["containers"]![0]!["resources"] = KubectlDump.Json("""{"limits":{"memory":"20Mi"}}""");
            DumpedDeployment.CrashLoop(pod, 137, "OOMKilled");
            dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "BackOff", $"Back-off restarting failed container app in pod {DumpedDeployment.NameOf(pod)}_shop(1)", first: Ago, count: 90);
            dump.Log("shop", DumpedDeployment.NameOf(pod), "loading index");
        }
    }

    private static void NodeSelector(KubectlDump dump)
    {
        const string Message = "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.";
        var pod = dump.Of("shop", "orders").Rollout(Ago);
        pod["spec"]!["nodeSelector"] = new JsonObject { ["disk"] = "nvme" };
        Pending(dump, pod, Message);
    }

    private static void Cordoned(KubectlDump dump)
    {
        const string Message = "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.";
        dump.Nodes["worker-2"]["spec"]!["unschedulable"] = true;
        dump.Nodes["worker-2"]["spec"]!["taints"] = new JsonArray(KubectlDump.Json($$$"""{"key":"node.kubernetes.io/unschedulable","effect":"NoSchedule","timeAdded":"{{{KubectlDump.At(Ago)}}}"}"""));
        foreach (var app in (string[])["orders", "stock"])
        {
            var pod = dump.Of("shop", app).Pods[1];
            dump.Of("shop", app).NotReady(pod, Ago);
            Pending(dump, pod, Message);
        }
    }

    private static void MissingConfigMap(KubectlDump dump)
    {
        var pod = dump.Of("shop", "orders").Rollout(Ago);
        DumpedDeployment.Waiting(pod, "CreateContainerConfigError", "configmap \"orders-config\" not found");
        dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "Failed", "Error: configmap \"orders-config\" not found", first: Ago, count: 110);
        dump.Log("shop", DumpedDeployment.NameOf(pod), $"Request log error: container \"app\" in pod \"{DumpedDeployment.NameOf(pod)}\" is waiting to start: CreateContainerConfigError");
        dump.Add("shop/configmaps", KubectlDump.Json($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{{{KubectlDump.Meta("shop", "orders-settings", KubectlDump.Old)}}},"data":{"pool":"8"}}"""));
    }

    private static void MissingClaim(KubectlDump dump)
    {
        var stock = dump.Of("shop", "stock");
        foreach (var pod in stock.AllNotReady(Ago)) Pending(dump, pod, "0/3 nodes are available: persistentvolumeclaim \"stock-data\" not found. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
        dump.Add("shop/persistentvolumeclaims", KubectlDump.Json($$$"""{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{{{KubectlDump.Meta("shop", "web-data", KubectlDump.Old)}}},"spec":{"accessModes":["ReadWriteOnce"]},"status":{"phase":"Bound"}}"""));
    }

    private static void WrongSelector(KubectlDump dump) => dump.Object("shop/services", "orders")["spec"]!["selector"] = new JsonObject { ["app"] = "order" };

    private static void WrongSelectorWithEndpoints(KubectlDump dump)
    {
        WrongSelector(dump);
        foreach (var app in (string[])["web", "orders", "stock"])
        {
            var endpoints = KubectlDump.Json($$$"""{"apiVersion":"v1","kind":"Endpoints","metadata":{{{KubectlDump.Meta("shop", app, KubectlDump.Old)}}}}""");
            if (app != "orders") endpoints["subsets"] = new JsonArray(KubectlDump.Json("""{"addresses":[{"ip":"10.244.1.7"},{"ip":"10.244.2.7"}],"ports":[{"name":"http","port":8080}]}"""));
            dump.Add("shop/endpoints", endpoints);
        }
    }

    private static void Quota(KubectlDump dump)
    {
        dump.Add("shop/resourcequotas", KubectlDump.Json($$$"""{"apiVersion":"v1","kind":"ResourceQuota","metadata":{{{KubectlDump.Meta("shop", "compute", KubectlDump.Old)}}},"spec":{"hard":{"pods":"6"}},"status":{"hard":{"pods":"6"},"used":{"pods":"6"} } }"""));
        var stock = dump.Of("shop", "stock");
        var deployment = dump.Object("shop/deployments", "stock");
        deployment["spec"]!["replicas"] = 4;
        deployment["status"]!["unavailableReplicas"] = 2;
        deployment["status"]!["conditions"]!.AsArray().Add(KubectlDump.Json($$$"""{"type":"ReplicaFailure","status":"True","lastUpdateTime":"{{{KubectlDump.At(Ago)}}}","lastTransitionTime":"{{{KubectlDump.At(Ago)}}}","reason":"FailedCreate","message":"pods \"stock-7c9d6f5b48-vx2lt\" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=6, limited: pods=6"}"""));
        Assert.NotEmpty(stock.Pods);
        dump.Event("shop", "ReplicaSet", "stock-7c9d6f5b48", "FailedCreate", "Error creating: pods \"stock-7c9d6f5b48-vx2lt\" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=6, limited: pods=6", component: "replicaset-controller", first: Ago, count: 12);
        dump.Event("shop", "ReplicaSet", "stock-7c9d6f5b48", "FailedCreate", "(combined from similar events): Error creating: pods \"stock-7c9d6f5b48-5kq2d\" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=6, limited: pods=6", component: "replicaset-controller", first: Ago, count: 7);
    }

    private static void Readiness(KubectlDump dump)
    {
        var pod = dump.Of("shop", "web").Rollout(Ago);
        DumpedDeployment.StatusOf(pod)["started"] = true;
        dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "Unhealthy", "Readiness probe failed: Get \"http://10.244.1.7:8081/ready\": dial tcp 10.244.1.7:8081: connect: connection refused", first: Ago, count: 150);
    }

    private static void NodeNotReady(KubectlDump dump)
    {
        var ago = TimeSpan.FromMinutes(4);
        foreach (var condition in dump.Nodes["worker-2"]["status"]!["conditions"]!.AsArray())
        {
            condition!["status"] = "Unknown";
            condition["reason"] = "NodeStatusUnknown";
            condition["message"] = "Kubelet stopped posting node status.";
            condition["lastTransitionTime"] = KubectlDump.At(ago);
            condition["lastHeartbeatTime"] = KubectlDump.At(ago + TimeSpan.FromSeconds(50));
        }
        foreach (var file in (string[])["shop", "kube-system"])
        {
            foreach (var pod in dump.In($"{file}/pods").Where(p => (string?)p["spec"]!["nodeName"] == "worker-2").ToList())
            {
                dump.Of(file, (string)pod["metadata"]!["labels"]!["app"]!).NotReady(pod, ago, "NodeNotReady");
                dump.Event(file, "Pod", DumpedDeployment.NameOf(pod), "NodeNotReady", "Node is not ready", component: "node-controller", first: ago, last: ago, count: 1);
            }
        }
        dump.Event("default", "Node", "worker-2", "NodeNotReady", "Node worker-2 status is now: NodeNotReady", type: "Normal", component: "node-controller", first: ago, last: ago, count: 1);
    }

    private static void StatefulSet(KubectlDump dump)
    {
        var pod = Stray(dump, "ledger-0");
        pod["metadata"]!["ownerReferences"] = new JsonArray(KubectlDump.Json("""{"apiVersion":"apps/v1","kind":"StatefulSet","name":"ledger","controller":true}"""));
        DumpedDeployment.CrashLoop(pod, 137, "OOMKilled");
        dump.Event("shop", "Pod", "ledger-0", "BackOff", "Back-off restarting failed container app in pod ledger-0_shop(1)", first: Ago, count: 90);
    }

    private static void BarePod(KubectlDump dump)
    {
        var pod = Stray(dump, "console");
        DumpedDeployment.Waiting(pod, "ErrImagePull", "rpc error: code = NotFound desc = registry.example/console:9: not found");
        dump.Event("shop", "Pod", "console", "Failed", "Failed to pull image \"registry.example/console:9\": rpc error: code = NotFound desc = registry.example/console:9: not found", first: Ago);
    }

    private static JsonObject Stray(KubectlDump dump, string name)
    {
        var pod = dump.Of("shop", "web").Pod("7c9d6f5b48", Ago);
        dump.Of("shop", "web").NotReady(pod, Ago);
        dump.Object("shop/deployments", "web")["status"]!["readyReplicas"] = 2;
        pod["metadata"]!["name"] = name;
        pod["metadata"]!["labels"] = new JsonObject { ["app"] = name };
        pod["metadata"]!.AsObject().Remove("ownerReferences");
        return pod;
    }

    private static void Pending(KubectlDump dump, JsonObject pod, string message)
    {
        DumpedDeployment.Unscheduled(pod, message, Ago);
        dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "FailedScheduling", message, component: "default-scheduler", first: Ago, count: 6);
        dump.Log("shop", DumpedDeployment.NameOf(pod), $"Request log error: container \"app\" in pod \"{DumpedDeployment.NameOf(pod)}\" is waiting to start: ContainerCreating");
    }
}
