using System.Security.Claims;
using System.Text.Encodings.Web;
using Copilot.Core.Receipts;
using Copilot.UseCases;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Copilot.Web;

/// <summary>Who may call what: a bearer token (RFC 6750) with a scope. What names no scope is closed.</summary>
internal static class Scopes
{
    public const string Scheme = "Bearer";

    private const string ScopeClaim = "scope";

    public static IServiceCollection AddScopes(this IServiceCollection services)
    {
        // Only what a bearer token needs: AddAuthentication would also make keys for cookies, and keep them in the home folder.
        services.AddAuthenticationCore(authentication => authentication.AddScheme<BearerHandler>(Scheme, displayName: null)).AddWebEncoders().AddTransient<BearerHandler>();
        var authorization = services.AddAuthorizationBuilder();
        foreach (var scope in (string[])[.. TokenScope.All, TokenScope.Executor]) authorization.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().RequireAssertion(c => TokenScope.Holds(c.User.FindFirstValue(ScopeClaim) ?? "", scope)));
        authorization.SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireClaim(ScopeClaim, TokenScope.Full).Build());
        return services;
    }

    /// <summary>Opens an endpoint to tokens that hold the scope.</summary>
    public static T For<T>(this T endpoint, string scope)
        where T : IEndpointConventionBuilder => endpoint.RequireAuthorization(scope);

    /// <summary>The caller, as receipts name it.</summary>
    public static ReceiptActor Caller(this HttpContext context) => new(ActorKind.Service, $"api:{context.User.Identity?.Name}", "api-token");

    private sealed class BearerHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenBook tokens)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        private const string Prefix = "Bearer ";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var header = Request.Headers.Authorization.ToString();
            if (header.Length == 0) return Task.FromResult(AuthenticateResult.NoResult());
            if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || tokens.Find(header[Prefix.Length..].Trim()) is not { } known)
                return Task.FromResult(AuthenticateResult.Fail("unknown token"));
            var identity = new ClaimsIdentity([new(ClaimTypes.Name, known.Name), new(ScopeClaim, known.Scope)], Scopes.Scheme);
            return Task.FromResult(AuthenticateResult.Success(new(new(identity), Scopes.Scheme)));
        }

        protected override Task HandleChallengeAsync(AuthenticationProperties properties)
        {
            Response.Headers.WWWAuthenticate = "Bearer realm=\"copilot\"";
            return Problems.Write(Context, StatusCodes.Status401Unauthorized, "No token that is known.", "Send one in the header Authorization, after the word Bearer. \"copilot serve\" shows one at its first start; \"copilot serve token add NAME\" makes another.");
        }

        protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
            Problems.Write(Context, StatusCodes.Status403Forbidden, "The token does not open this.", $"The token {Context.User.Identity?.Name} has the scope {Context.User.FindFirstValue(ScopeClaim)}. Use one with a wider scope.");
    }
}
