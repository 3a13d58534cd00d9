using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>Who asks, and what they may see and do, as Argo CD's server decides it.</summary>
internal sealed class ArgoCdAccess(ArgoCdOptions options, IReadOnlyDictionary<string, ApplicationState> applications)
{
    private static readonly ArgoCdAccount Anonymous = new("", ArgoCdRight.Read);

    /// <summary>Null when nobody is logged in and somebody has to be.</summary>
    /// <exception cref="RefusedRequestException">401: the token is not good.</exception>
    public ArgoCdAccount? Known(HttpContext context)
    {
        if (context.Request.Headers.Authorization.ToString() is not { Length: > 0 } header) return options.Tokens.Count == 0 ? Anonymous : null;
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : "";
        if (!options.Tokens.TryGetValue(token, out var account))
            return options.Tokens.Count == 0 ? Anonymous : throw ArgoCdErrors.Of(401, "invalid session: token is malformed: token contains an invalid number of segments");
        return account.Right == ArgoCdRight.Expired ? throw ArgoCdErrors.Of(401, "invalid session: token has invalid claims: token is expired") : account;
    }

    /// <exception cref="RefusedRequestException">401.</exception>
    public ArgoCdAccount Account(HttpContext context) => Known(context) ?? throw ArgoCdErrors.NoSession;

    public IEnumerable<ApplicationState> Visible(ArgoCdAccount account) => applications.Values.Where(a => MaySee(account, a)).OrderBy(a => a.Application.Name, StringComparer.Ordinal);

    /// <summary>
    /// The application of the path. Without <c>project</c> an unknown one and one that may not be seen are both 403; who names a project that may be seen gets 404.
    /// </summary>
    public ApplicationState Application(HttpContext context, ArgoCdAccount account, string? project, string? ns)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        var found = applications.GetValueOrDefault(name);
        var mayAsk = account.Applications is null || account.Applications.Contains(name);
        if (project is not null && !mayAsk) throw ArgoCdErrors.Denied;
        if (found is not null && ns is null or "argocd" && MaySee(account, found) && (project is null || project == found.Project)) return found;
        throw project is null ? ArgoCdErrors.Denied : ArgoCdErrors.Of(404, $"applications.argoproj.io \"{name}\" not found");
    }

    /// <exception cref="RefusedRequestException">403, which names the right that is missing.</exception>
    public static void MustHave(ArgoCdAccount account, string action, ApplicationState application)
    {
        if (account.Right == ArgoCdRight.Sync && action == "sync") return;
        var subject = account.Name.Length > 0 ? $", sub: {account.Name}" : "";
        throw ArgoCdErrors.Of(403, $"permission denied: applications, {action}, {application.Project}/{application.Application.Name}{subject}");
    }

    private static bool MaySee(ArgoCdAccount account, ApplicationState application) => account.Applications is null || account.Applications.Contains(application.Application.Name);
}
