using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Who asks, and whether they may.</summary>
internal sealed class AccessControl(IReadOnlyDictionary<string, KubernetesAccount> tokens)
{
    // Everybody who is known may ask about themselves (the role system:basic-user).
    private static readonly KubernetesRule[] Basic =
    [
        new(["create"], ["authentication.k8s.io"], ["selfsubjectreviews"]),
        new(["create"], ["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
    ];

    /// <summary>kubectl sends no token over plain HTTP, so an address may say it as well: what comes to <c>/as/TOKEN/…</c> comes with that token.</summary>
    public static void ReadPath(Microsoft.AspNetCore.Http.HttpRequest request)
    {
        if ((request.Path.Value ?? "").Split('/', 4) is not ["", "as", { Length: > 0 } token, ..] parts) return;
        request.Headers.Authorization = $"Bearer {token}";
        request.Path = parts.Length > 3 ? "/" + parts[3] : "/";
    }

    /// <param name="authorization">The header; without one it is the administrator, as with a client certificate.</param>
    /// <exception cref="ApiErrorException">The token is not known.</exception>
    public KubernetesAccount Account(string authorization)
    {
        if (authorization.Length == 0) return KubernetesAccount.Administrator;
        var token = authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization[7..].Trim() : "";
        return tokens.GetValueOrDefault(token) ?? throw new ApiErrorException(401, "Unauthorized", "Unauthorized");
    }

    public static bool IsAllowed(KubernetesAccount account, string verb, string group, string resource, string ns, string name) =>
        Basic.Concat(account.Rules).Any(r => r.Allows(verb, group, resource, ns, name));

    /// <exception cref="ApiErrorException">They may not.</exception>
    public static void Demand(KubernetesAccount account, string verb, ResourceKind kind, string subresource, string ns, string name)
    {
        var resource = subresource.Length == 0 ? kind.Plural : $"{kind.Plural}/{subresource}";
        if (IsAllowed(account, verb, kind.Group, resource, ns, name)) return;
        var where = ns.Length > 0 ? $"in the namespace \"{ns}\"" : "at the cluster scope";
        throw ApiErrorException.Forbidden(kind, name, $"User \"{account.User}\" cannot {verb} resource \"{resource}\" in API group \"{kind.Group}\" {where}");
    }

    /// <summary>Answers a SelfSubjectAccessReview, SelfSubjectRulesReview or SelfSubjectReview.</summary>
    public static JsonObject Review(KubernetesAccount account, ResourceKind kind, JsonObject review)
    {
        review["apiVersion"] = kind.GroupVersion;
        review["kind"] = kind.Kind;
        review["metadata"] = new JsonObject { ["creationTimestamp"] = null };
        review["status"] = kind.Plural switch
        {
            "selfsubjectaccessreviews" => Access(account, review),
            "selfsubjectrulesreviews" => RulesOf(account, review.Text("spec", "namespace")),
            _ => new JsonObject { ["userInfo"] = new JsonObject { ["username"] = account.User, ["groups"] = Texts(account.Groups) } },
        };
        return review;
    }

    private static JsonObject Access(KubernetesAccount account, JsonObject review)
    {
        var asked = review.At("spec", "resourceAttributes");
        var path = review.At("spec", "nonResourceAttributes");
        if (asked is null == path is null)
            throw ApiErrorException.Invalid(ResourceKinds.Find("authorization.k8s.io", "v1", "selfsubjectaccessreviews")!, "", FieldFault.Invalid("spec.resourceAttributes", "null", "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        var resource = asked.Text("subresource") is { Length: > 0 } sub ? $"{asked.Text("resource")}/{sub}" : asked.Text("resource");
        var allowed = path is not null ? account == KubernetesAccount.Administrator || path.Text("verb") == "get" : IsAllowed(account, asked.Text("verb"), asked.Text("group"), resource, asked.Text("namespace"), asked.Text("name"));
        var status = new JsonObject { ["allowed"] = allowed };
        if (allowed) status["reason"] = $"RBAC: allowed for \"{account.User}\"";
        return status;
    }

    private static JsonObject RulesOf(KubernetesAccount account, string ns) => new()
    {
        ["resourceRules"] = new JsonArray([.. account.Rules.Concat(Basic).Where(r => r.Namespaces is null || r.Namespaces.Contains(ns)).Select(r =>
        {
            var rule = new JsonObject { ["verbs"] = Texts(r.Verbs), ["apiGroups"] = Texts(r.ApiGroups), ["resources"] = Texts(r.Resources) };
            if (r.ResourceNames is { } names) rule["resourceNames"] = Texts(names);
            return rule;
        })]),
        ["nonResourceRules"] = new JsonArray(new JsonObject
        {
            ["verbs"] = Texts(account == KubernetesAccount.Administrator ? ["*"] : ["get"]),
            ["nonResourceURLs"] = Texts(account == KubernetesAccount.Administrator ? ["*"] : ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"]),
        }),
        ["incomplete"] = false,
    };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
