using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Refuses pods beyond a ResourceQuota, as its admission plugin does; of the amounts pods, CPU and memory are counted.</summary>
internal static class QuotaAdmission
{
    public static void Check(ObjectStore store, ResourceKind kind, JsonObject pod)
    {
        foreach (var quota in store.List(ResourceKinds.Quotas, pod.Namespace()))
        {
            List<(string Name, decimal Asked, decimal Used, decimal Hard)> over = [];
            foreach (var (name, text) in Hard(quota))
            {
                if (Quantity.Parse(text) is not { } hard || Amount(name) is not { } amount) continue;
                var used = store.List(ResourceKinds.Pods, pod.Namespace()).Where(p => p.Text("status", "phase") is not ("Succeeded" or "Failed")).Sum(amount);
                if (amount(pod) is > 0 and var asked && used + asked > hard) over.Add((name, asked, used, hard));
            }
            if (over.Count == 0) continue;
            throw ApiErrorException.Forbidden(kind, pod.Name(), $"exceeded quota: {quota.Name()}, requested: {Join(over.Select(o => (o.Name, o.Asked)))}, used: {Join(over.Select(o => (o.Name, o.Used)))}, limited: {Join(over.Select(o => (o.Name, o.Hard)))}");
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Hard(JsonObject quota) =>
        (quota.At("spec", "hard") as JsonObject ?? []).Select(p => KeyValuePair.Create(p.Key, p.Value?.ToString() ?? "")).OrderBy(p => p.Key, StringComparer.Ordinal);

    private static Func<JsonObject, decimal>? Amount(string name) => name switch
    {
        "pods" or "count/pods" => _ => 1,
        "requests.cpu" or "cpu" => p => Quantity.Requested(p["spec"], "cpu"),
        "requests.memory" or "memory" => p => Quantity.Requested(p["spec"], "memory"),
        _ => null,
    };

    private static string Join(IEnumerable<(string Name, decimal Amount)> amounts) => string.Join(',', amounts.Select(a => $"{a.Name}={Written(a.Name, a.Amount)}"));

    private static string Written(string name, decimal amount)
    {
        if (name.EndsWith("memory", StringComparison.Ordinal) && amount % 1048576 == 0) return string.Create(CultureInfo.InvariantCulture, $"{amount / 1048576:0}Mi");
        return amount == decimal.Truncate(amount) ? amount.ToString("0", CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{amount * 1000:0}m");
    }
}
