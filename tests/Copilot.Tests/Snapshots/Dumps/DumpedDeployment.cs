using System.Text.Json.Nodes;

namespace Copilot.Tests.Snapshots.Dumps;

/// <summary>A Deployment of a dump with its ReplicaSets and pods, and ways in which pods fail, in the shapes that the API server reports.</summary>
internal sealed class DumpedDeployment(KubectlDump dump, string ns, string name, TimeSpan age)
{
    private static readonly string[] Hashes = ["7c9d6f5b48", "5f4b8c6d97", "6b7f9d8c54"];
    private static readonly string[] Words = ["x2k4z", "m9q7w", "t5v8r", "b6n3p", "h4j2s", "c7f9d"];

    public JsonObject Body { get; } = KubectlDump.Json($$$"""
        {"metadata":{{{KubectlDump.Meta(ns, name, age)}}},"spec":{"replicas":0,"selector":{"matchLabels":{"app":"{{{name}}}"}},"template":{{{Template(name, $"registry.example/{name}:1.4.2")}}},
         "strategy":{"type":"RollingUpdate"},"progressDeadlineSeconds":600},"status":{"observedGeneration":1,"replicas":0,"readyReplicas":0,"conditions":[
          {"type":"Available","status":"True","lastUpdateTime":"{{{KubectlDump.At(age)}}}","lastTransitionTime":"{{{KubectlDump.At(age)}}}","reason":"MinimumReplicasAvailable","message":"Deployment has minimum availability."}]}}
        """);

    private JsonObject Deployment => dump.Object($"{ns}/deployments", name);

    public List<JsonObject> Pods => [.. dump.In($"{ns}/pods").Where(p => (string?)p["metadata"]!["labels"]!["app"] == name)];

    private List<JsonObject> Sets => [.. dump.In($"{ns}/replicasets").Where(p => (string?)p["metadata"]!["ownerReferences"]![0]!["name"] == name)];

    public static string NameOf(JsonObject o) => (string)o["metadata"]!["name"]!;

    public static JsonObject StatusOf(JsonObject pod) => pod["status"]!["containerStatuses"]![0]!.AsObject();

    /// <summary>Another ReplicaSet, and the replicas of the Deployment raised by it.</summary>
    public string ReplicaSet(int replicas, TimeSpan made)
    {
        var hash = Hashes[Sets.Count];
        var set = KubectlDump.Json($$$"""
            {"metadata":{{{KubectlDump.Meta(ns, $"{name}-{hash}", made)}}},"spec":{"replicas":{{{replicas}}},"template":{{{Template(name, $"registry.example/{name}:1.4.2")}}}},"status":{"replicas":{{{replicas}}},"readyReplicas":{{{replicas}}}}}
            """);
        set["metadata"]!["ownerReferences"] = Owner("Deployment", name);
        set["metadata"]!["labels"] = new JsonObject { ["app"] = name, ["pod-template-hash"] = hash };
        dump.Add($"{ns}/replicasets", set);
        Deployment["spec"]!["replicas"] = (int)Deployment["spec"]!["replicas"]! + replicas;
        Deployment["status"]!["replicas"] = (int)Deployment["status"]!["replicas"]! + replicas;
        Deployment["status"]!["readyReplicas"] = (int)Deployment["status"]!["readyReplicas"]! + replicas;
        return hash;
    }

    /// <summary>A running pod.</summary>
    public JsonObject Pod(string hash, TimeSpan made)
    {
        var pod = $"{name}-{hash}-{Words[Pods.Count % Words.Length]}";
        var at = KubectlDump.At(made);
        var body = KubectlDump.Json($$$"""
            {"metadata":{{{KubectlDump.Meta(ns, pod, made)}}},"spec":{"containers":[{"name":"app","image":"registry.example/{{{name}}}:1.4.2","ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}]}],"nodeName":"worker-{{{1 + (Pods.Count % 3)}}}","serviceAccountName":"default"},
             "status":{"phase":"Running","podIP":"10.244.1.7","startTime":"{{{at}}}","qosClass":"Burstable","conditions":[
              {"type":"Initialized","status":"True","lastProbeTime":null,"lastTransitionTime":"{{{at}}}"},{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":"{{{at}}}"},
              {"type":"ContainersReady","status":"True","lastProbeTime":null,"lastTransitionTime":"{{{at}}}"},{"type":"PodScheduled","status":"True","lastProbeTime":null,"lastTransitionTime":"{{{at}}}"}],
              "containerStatuses":[{"name":"app","state":{"running":{"startedAt":"{{{at}}}"}},"lastState":{},"ready":true,"restartCount":0,"image":"registry.example/{{{name}}}:1.4.2","imageID":"","started":true}]}}
            """);
        body["metadata"]!["ownerReferences"] = Owner("ReplicaSet", $"{name}-{hash}");
        body["metadata"]!["labels"] = new JsonObject { ["app"] = name, ["pod-template-hash"] = hash };
        dump.Add($"{ns}/pods", body);
        return body;
    }

    /// <summary>A rollout that hangs at its first new pod; the old pods go on.</summary>
    public JsonObject Rollout(TimeSpan ago)
    {
        var hash = ReplicaSet(1, ago);
        Deployment["spec"]!["replicas"] = (int)Deployment["spec"]!["replicas"]! - 1;
        Deployment["status"]!["updatedReplicas"] = 1;
        var pod = Pod(hash, ago);
        NotReady(pod, ago);
        return pod;
    }

    /// <summary>All pods, as they are when there is no older ReplicaSet to fall back on.</summary>
    public List<JsonObject> AllNotReady(TimeSpan ago)
    {
        foreach (var pod in Pods) NotReady(pod, ago);
        return Pods;
    }

    public void NotReady(JsonObject pod, TimeSpan ago, string reason = "ContainersNotReady")
    {
        foreach (var condition in pod["status"]!["conditions"]!.AsArray().Where(c => (string?)c!["type"] is "Ready" or "ContainersReady"))
        {
            condition!["status"] = "False";
            condition["reason"] = reason;
            condition["message"] = "containers with unready status: [app]";
            condition["lastTransitionTime"] = KubectlDump.At(ago);
        }
        var container = StatusOf(pod);
        if ((bool)container["ready"]!) Deployment["status"]!["readyReplicas"] = (int)Deployment["status"]!["readyReplicas"]! - 1;
        container["ready"] = false;
    }

    /// <summary>The kubelet does not get the container started; the pod has never run.</summary>
    public static void Waiting(JsonObject pod, string reason, string message)
    {
        pod["status"]!["phase"] = "Pending";
        var container = StatusOf(pod);
        container["started"] = false;
        container["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = reason, ["message"] = message } };
    }

    /// <summary>The container ends again and again.</summary>
    public static void CrashLoop(JsonObject pod, int exitCode, string reason, string? message = null, int restarts = 7)
    {
        var container = StatusOf(pod);
        container["started"] = false;
        container["restartCount"] = restarts;
        container["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "CrashLoopBackOff", ["message"] = $"back-off 5m0s restarting failed container=app pod={NameOf(pod)}_shop(0)" } };
        var ended = new JsonObject
        {
            ["exitCode"] = exitCode,
            ["reason"] = reason,
            ["startedAt"] = KubectlDump.At(TimeSpan.FromSeconds(130)),
            ["finishedAt"] = KubectlDump.At(TimeSpan.FromSeconds(125)),
            ["containerID"] = "containerd://abc",
        };
        if (message is not null) ended["message"] = message;
        container["lastState"] = new JsonObject { ["terminated"] = ended };
    }

    /// <summary>No node takes the pod.</summary>
    public static void Unscheduled(JsonObject pod, string message, TimeSpan ago)
    {
        pod["spec"]!.AsObject().Remove("nodeName");
        pod["status"] = KubectlDump.Json($$$"""{"phase":"Pending","qosClass":"Burstable","conditions":[{"type":"PodScheduled","status":"False","lastProbeTime":null,"lastTransitionTime":"{{{KubectlDump.At(ago)}}}","reason":"Unschedulable"}]}""");
        pod["status"]!["conditions"]![0]!["message"] = message;
    }

    private static JsonArray Owner(string kind, string name) =>
        [new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = kind, ["name"] = name, ["uid"] = KubectlDump.Uid(name), ["controller"] = true, ["blockOwnerDeletion"] = true }];

    private static string Template(string name, string image) =>
        $$$"""{"metadata":{"labels":{"app":"{{{name}}}"}},"spec":{"containers":[{"name":"app","image":"{{{image}}}","ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],"resources":{}}],"restartPolicy":"Always"}}""";
}
