using System.Text.Json.Nodes;

namespace Copilot.Tests.Snapshots.Dumps;

internal static partial class DumpSamples
{
    /// <summary>Two things broken at once that have nothing to do with each other.</summary>
    public static void TwoCauses(KubectlDump dump)
    {
        ImagePull(dump);
        OutOfMemory(dump);
    }

    private static void MissingMount(KubectlDump dump)
    {
        var pod = dump.Of("shop", "orders").Rollout(Ago);
        DumpedDeployment.Waiting(pod, "ContainerCreating", "");
        pod["spec"]!["volumes"] = new JsonArray(KubectlDump.Json("""{"name":"settings","configMap":{"name":"orders-config","defaultMode":420} }"""));
        dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "FailedMount", "MountVolume.SetUp failed for volume \"settings\" : configmap \"orders-config\" not found", first: Ago, count: 19);
    }

    private static void MissingAccount(KubectlDump dump)
    {
        Short(dump, "orders");
        dump.Event("shop", "ReplicaSet", "orders-7c9d6f5b48", "FailedCreate", "Error creating: pods \"orders-7c9d6f5b48-\" is forbidden: error looking up service account shop/orders-runner: serviceaccount \"orders-runner\" not found", component: "replicaset-controller", first: Ago, count: 17);
    }

    private static void LimitRange(KubectlDump dump)
    {
        dump.Add("shop/limitranges", KubectlDump.Json($$$"""{"apiVersion":"v1","kind":"LimitRange","metadata":{{{KubectlDump.Meta("shop", "small", KubectlDump.Old)}}},"spec":{"limits":[{"type":"Container","max":{"memory":"512Mi"} }]} }"""));
        Short(dump, "stock");
        dump.Event("shop", "ReplicaSet", "stock-7c9d6f5b48", "FailedCreate", "Error creating: pods \"stock-7c9d6f5b48-vx2lt\" is forbidden: maximum memory usage per Container is 512Mi, but limit is 1Gi", component: "replicaset-controller", first: Ago, count: 17);
    }

    private static void InitContainer(KubectlDump dump)
    {
        foreach (var pod in dump.Of("shop", "orders").AllNotReady(Ago))
        {
            DumpedDeployment.Waiting(pod, "PodInitializing", "");
            var init = DumpedDeployment.StatusOf(pod).DeepClone().AsObject();
            init["name"] = "migrate";
            init["restartCount"] = 8;
            init["state"] = KubectlDump.Json("""{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 5m0s restarting failed container=migrate"} }""");
            init["lastState"] = KubectlDump.Json($$$"""{"terminated":{"exitCode":1,"reason":"Error","startedAt":"{{{KubectlDump.At(TimeSpan.FromMinutes(3))}}}","finishedAt":"{{{KubectlDump.At(TimeSpan.FromMinutes(3))}}}"} }""");
            pod["status"]!["initContainerStatuses"] = new JsonArray(init);
            dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "BackOff", $"Back-off restarting failed container migrate in pod {DumpedDeployment.NameOf(pod)}_shop(1)", first: Ago, count: 90);
        }
    }

    private static void Liveness(KubectlDump dump)
    {
        foreach (var pod in dump.Of("shop", "web").AllNotReady(Ago))
        {
            DumpedDeployment.CrashLoop(pod, 143, "Error");
            dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 404", first: Ago, count: 24);
            dump.Event("shop", "Pod", DumpedDeployment.NameOf(pod), "Killing", "Container app failed liveness probe, will be restarted", type: "Normal", first: Ago, count: 8);
            dump.Log("shop", DumpedDeployment.NameOf(pod), "listening on :8080", "GET /live 404", "terminated, shutting down");
        }
    }

    private static void NoRoom(KubectlDump dump)
    {
        Short(dump, "stock");
        Pending(dump, dump.Of("shop", "stock").Rollout(Ago), "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.");
    }

    private static void Daemons(KubectlDump dump)
    {
        dump.Add("kube-system/daemonsets", KubectlDump.Json($$$"""
            {"metadata":{{{KubectlDump.Meta("kube-system", "proxy", KubectlDump.Old)}}},"spec":{"template":{"metadata":{"labels":{"app":"proxy"} },"spec":{"containers":[{"name":"app","image":"proxy:1"}]} } },"status":{"desiredNumberScheduled":3,"numberReady":0} }
            """));
        foreach (var word in (string[])["x2k4z", "m9q7w", "t5v8r"])
        {
            var pod = dump.Of("kube-system", "coredns").Pod("7c9d6f5b48", Ago);
            dump.Of("kube-system", "coredns").NotReady(pod, Ago);
            dump.Object("kube-system/deployments", "coredns")["status"]!["readyReplicas"] = 2;
            pod["metadata"]!["name"] = $"proxy-{word}";
            pod["metadata"]!["labels"] = new JsonObject { ["app"] = "proxy" };
            pod["metadata"]!["ownerReferences"] = new JsonArray(KubectlDump.Json("""{"apiVersion":"apps/v1","kind":"DaemonSet","name":"proxy","controller":true}"""));
            DumpedDeployment.CrashLoop(pod, 2, "Error");
            dump.Log("kube-system", $"proxy-{word}", "panic: cannot open iptables: permission denied");
        }
    }

    /// <summary>One replica that is wanted and is not made.</summary>
    private static void Short(KubectlDump dump, string name) => dump.Object("shop/deployments", name)["spec"]!["replicas"] = 3;
}
