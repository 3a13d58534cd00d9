using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>What says who one is and what Argo CD is connected with: one project and one cluster.</summary>
internal static class ArgoCdSettings
{
    public static Task Version(HttpContext context) => context.Json(new JsonObject
    {
        ["Version"] = "v2.14.11+stand-in",
        ["BuildDate"] = "2025-04-25T00:00:00Z",
        ["GitTreeState"] = "clean",
        ["GoVersion"] = "go1.23.8",
        ["Compiler"] = "gc",
        ["Platform"] = "linux/amd64",
    });

    public static Task User(HttpContext context, ArgoCdAccount? account) =>
        context.Json(account is null or { Name: "" } ? [] : new JsonObject { ["loggedIn"] = true, ["username"] = account.Name, ["iss"] = "argocd" });

    public static Task Projects(HttpContext context) => context.Json(List(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = "argocd" },
        ["spec"] = new JsonObject
        {
            ["sourceRepos"] = new JsonArray("*"),
            ["destinations"] = new JsonArray(new JsonObject { ["server"] = "*", ["namespace"] = "*" }),
            ["clusterResourceWhitelist"] = new JsonArray(new JsonObject { ["group"] = "*", ["kind"] = "*" }),
        },
        ["status"] = new JsonObject(),
    }));

    public static Task Clusters(HttpContext context) => context.Json(List(new JsonObject
    {
        ["server"] = "https://kubernetes.default.svc",
        ["name"] = "in-cluster",
        ["config"] = new JsonObject { ["tlsClientConfig"] = new JsonObject { ["insecure"] = false } },
        ["connectionState"] = new JsonObject { ["status"] = "Successful", ["message"] = "", ["attemptedAt"] = null },
    }));

    private static JsonObject List(JsonObject item) => new() { ["metadata"] = new JsonObject(), ["items"] = new JsonArray(item) };
}
