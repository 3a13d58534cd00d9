using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>What a pod refers to and is not there, in the kubelet's words.</summary>
internal static class Missing
{
    private static readonly ResourceKind Secrets = ResourceKinds.Find("", "v1", "secrets")!;

    public static string? OfVolumes(ObjectStore store, JsonObject pod)
    {
        foreach (var volume in pod.Items("spec", "volumes"))
        {
            var why = volume.At("configMap") is { } map ? Of(store, pod, ResourceKinds.ConfigMaps, map.Text("name"), map)
                : volume.At("secret") is { } secret ? Of(store, pod, Secrets, secret.Text("secretName"), secret) : null;
            if (why is not null) return $"MountVolume.SetUp failed for volume \"{volume.Text("name")}\" : {why}";
        }
        return null;
    }

    public static string? OfContainer(ObjectStore store, JsonObject pod, JsonObject container)
    {
        foreach (var source in container.Items("envFrom"))
        {
            if (source.At("configMapRef") is { } map && Of(store, pod, ResourceKinds.ConfigMaps, map.Text("name"), map) is { } why) return why;
            if (source.At("secretRef") is { } secret && Of(store, pod, Secrets, secret.Text("name"), secret) is { } other) return other;
        }
        foreach (var variable in container.Items("env"))
        {
            if (variable.At("valueFrom", "configMapKeyRef") is { } map && OfKey(store, pod, ResourceKinds.ConfigMaps, map) is { } why) return why;
            if (variable.At("valueFrom", "secretKeyRef") is { } secret && OfKey(store, pod, Secrets, secret) is { } other) return other;
        }
        return null;
    }

    private static string? OfKey(ObjectStore store, JsonObject pod, ResourceKind kind, JsonNode reference)
    {
        if (Of(store, pod, kind, reference.Text("name"), reference) is { } why) return why;
        if (reference.True("optional") || store.Get(kind, pod.Namespace(), reference.Text("name")).At("data", reference.Text("key")) is not null) return null;
        return $"couldn't find key {reference.Text("key")} in {kind.Kind} {pod.Namespace()}/{reference.Text("name")}";
    }

    private static string? Of(ObjectStore store, JsonObject pod, ResourceKind kind, string name, JsonNode reference) =>
        reference.True("optional") || store.Get(kind, pod.Namespace(), name) is not null ? null : $"{kind.Singular} \"{name}\" not found";
}
