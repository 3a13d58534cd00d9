using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Copilot.Core.Evidence;
using Copilot.Storage;
using MediatR;

namespace Copilot.UseCases;

/// <summary>What a token opens; each scope holds those it names.</summary>
internal static class TokenScope
{
    /// <summary><c>full</c>: everything; <c>read</c>: reading; <c>alerts</c>: sending alerts, and nothing else.</summary>
    public const string Full = "full", Read = "read", Alerts = "alerts";

    /// <summary>What an executor is given when it registers. No other token does for it, nor it for anything else.</summary>
    public const string Executor = "executor";

    /// <summary>Those that somebody can make a token of.</summary>
    public static readonly IReadOnlyList<string> All = [Full, Read, Alerts];

    public static bool Holds(string has, string needs) => has == needs || (has == Full && needs != Executor);
}

/// <summary>Makes a token. It is shown once and kept by its hash.</summary>
/// <param name="OnlyFirst">Only when there has never been one; else nothing is done.</param>
internal sealed record MakeToken(string Name, string Scope, bool OnlyFirst = false) : IRequest<string?>;

internal sealed class MakeTokenHandler(CopilotStore store, TimeProvider time) : IRequestHandler<MakeToken, string?>
{
    private const string Prefix = "copilot_";
    private const int Bytes = 32;

    public Task<string?> Handle(MakeToken request, CancellationToken cancellationToken) => Task.FromResult(store.Use(db =>
    {
        using var transaction = db.Database.BeginTransaction();
        if (request.OnlyFirst && db.Tokens.Any()) return null;
        if (db.Tokens.Any(t => t.Name == request.Name)) throw new BadInputException($"There is a token {request.Name} already, or was. Choose another name.");
        var token = Make(db, request.Name, request.Scope, time.GetUtcNow());
        db.SaveChanges();
        transaction.Commit();
        return token;
    }));

    /// <returns>The token, which is not kept.</returns>
    public static string Make(CopilotDb db, string name, string scope, DateTimeOffset now)
    {
        var token = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
        db.Tokens.Add(new() { Name = name, Hash = HashOf(token), Scope = scope, MadeAt = now });
        return token;
    }

    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}

internal sealed class MakeTokenCheck : IRequestCheck<MakeToken>
{
    private const int LongestName = 63;

    public string? Fault(MakeToken request) =>
        request.Name.Length is 0 or > LongestName || !request.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? $"\"{PlainText.Clean(request.Name)}\" is no name for a token. Use letters, digits, dots, dashes and underscores, at most {LongestName}."
            : !TokenScope.All.Contains(request.Scope) ? $"{PlainText.Clean(request.Scope)} is no scope. It is one of {string.Join(", ", TokenScope.All)}." : null;
}

internal sealed record ListTokens : IRequest<IReadOnlyList<ListedToken>>;

internal sealed record ListedToken(string Name, string Scope, DateTimeOffset MadeAt, DateTimeOffset? RevokedAt);

internal sealed class ListTokensHandler(CopilotStore store) : IRequestHandler<ListTokens, IReadOnlyList<ListedToken>>
{
    public Task<IReadOnlyList<ListedToken>> Handle(ListTokens request, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ListedToken>>(store.Read(db => db.Tokens.Where(t => t.Scope != TokenScope.Executor).OrderBy(t => t.MadeAt).Select(t => new ListedToken(t.Name, t.Scope, t.MadeAt, t.RevokedAt)).ToList()));
}

/// <summary>A token that opens nothing any more, from the next request on.</summary>
internal sealed record RevokeToken(string Name) : IRequest<Unit>;

internal sealed class RevokeTokenHandler(CopilotStore store, TimeProvider time) : IRequestHandler<RevokeToken, Unit>
{
    public Task<Unit> Handle(RevokeToken request, CancellationToken cancellationToken) => Task.FromResult(store.Use(db =>
    {
        var row = db.Tokens.FirstOrDefault(t => t.Name == request.Name && t.Scope != TokenScope.Executor) ?? throw new BadInputException($"There is no token {PlainText.Clean(request.Name)}. \"copilot serve token list\" shows all.");
        row.RevokedAt ??= time.GetUtcNow();
        db.SaveChanges();
        return Unit.Value;
    }));
}

/// <summary>Tells whose token it is.</summary>
internal sealed class TokenBook(CopilotStore store)
{
    /// <summary>Name and scope; null for a token that was never made or is revoked.</summary>
    public (string Name, string Scope)? Find(string token)
    {
        // Found by its hash: how long looking takes says nothing about the token.
        var hash = MakeTokenHandler.HashOf(token);
        return store.Read(db => db.Tokens.Where(t => t.Hash == hash && t.RevokedAt == null).Select(t => new { t.Name, t.Scope }).FirstOrDefault()) is { } row ? (row.Name, row.Scope) : null;
    }
}
