using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>A request for a resource, taken apart.</summary>
internal sealed record ApiRequest(HttpContext Http, ResourceKind Kind, string Namespace, string Name, string Subresource)
{
    public string Query(string name) => Http.Request.Query[name].ToString();

    public bool Flag(string name) => Query(name) is "true" or "1";

    public bool IsWatch => Flag("watch") && HttpMethods.IsGet(Http.Request.Method);

    public KubernetesAccount Account { get; init; } = KubernetesAccount.Administrator;

    public string Verb => Http.Request.Method switch
    {
        "GET" or "HEAD" => IsWatch ? "watch" : Name.Length > 0 ? "get" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => Name.Length > 0 ? "delete" : "deletecollection",
        _ => throw ApiErrorException.MethodNotAllowed(),
    };

    /// <summary>Who is noted as the writer: said, or else the program's name.</summary>
    public WriteOptions Writing => new(Query("fieldManager") is { Length: > 0 } said ? said : AgentName, Subresource, IsDryRun);

    public bool IsDryRun => Http.Request.Query["dryRun"].Count switch
    {
        0 => false,
        _ when Query("dryRun") is "" or "All" => Query("dryRun") == "All",
        _ => throw ApiErrorException.BadRequest($"dryRun: Unsupported value: \"{Query("dryRun")}\": supported values: \"All\""),
    };

    public int Number(string name)
    {
        if (Query(name) is not { Length: > 0 } text) return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw ApiErrorException.BadRequest($"invalid value for {name}: \"{text}\"");
    }

    private string AgentName
    {
        get
        {
            var agent = Http.Request.Headers.UserAgent.ToString();
            var name = agent.Split('/')[0];
            return name.Length is > 0 and <= 128 ? name : "unknown";
        }
    }

    /// <summary>Takes a path apart: <c>/api/v1/namespaces/shop/pods/web-1/log</c>.</summary>
    /// <returns>Null for a path that names no resource.</returns>
    public static ApiRequest? Parse(HttpContext http)
    {
        var parts = (http.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var from = parts is ["api", "v1", ..] ? 2 : parts is ["apis", _, _, ..] ? 3 : -1;
        if (from < 0 || parts.Length <= from) return null;
        var (group, version) = from == 2 ? ("", "v1") : (parts[1], parts[2]);
        var rest = parts[from..];
        var ns = "";
        if (rest is ["namespaces", var named, var plural, ..] && ResourceKinds.Find(group, version, plural) is { Namespaced: true }) (ns, rest) = (named, rest[2..]);
        if (rest.Length > 3 || ResourceKinds.Find(group, version, rest[0]) is not { } kind) return null;
        var name = rest.Length > 1 ? rest[1] : "";
        // A resource with namespaces is named only within one.
        if (kind.Namespaced && ns.Length == 0 && name.Length > 0) return null;
        return new(http, kind, ns, name, rest.Length > 2 ? rest[2] : "");
    }
}
