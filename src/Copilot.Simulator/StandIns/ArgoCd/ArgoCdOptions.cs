namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>What a token may do.</summary>
public enum ArgoCdRight
{
    /// <summary><c>role:readonly</c>.</summary>
    Read,

    /// <summary>Reading, and <c>sync</c>, which rollbacks need as well.</summary>
    Sync,

    /// <summary>The token was good once.</summary>
    Expired,
}

/// <summary>Whose token it is.</summary>
/// <param name="Name">The subject.</param>
/// <param name="Applications">The only ones that it may see; null for all.</param>
public sealed record ArgoCdAccount(string Name, ArgoCdRight Right, IReadOnlySet<string>? Applications = null);

/// <summary>How Argo CD is set up, and what goes wrong in it.</summary>
public sealed record ArgoCdOptions
{
    /// <summary>Accounts by their bearer tokens. With none, anybody may read (<c>users.anonymous.enabled</c>).</summary>
    public IReadOnlyDictionary<string, ArgoCdAccount> Tokens { get; init; } = new Dictionary<string, ArgoCdAccount>();

    /// <summary>Applications sync by themselves, so that a rollback is refused.</summary>
    public bool AutoSync { get; init; }

    /// <summary><c>resource-tree</c> is 500 with "error getting cached app resource tree: EOF".</summary>
    public bool TreeFails { get; init; }

    /// <summary>Where the manifests are said to be. A recording holds no Git.</summary>
    public string RepoUrl { get; init; } = "https://git.example.invalid/deployments.git";

    /// <summary>How long a sync or a rollback takes.</summary>
    public TimeSpan OperationTakes { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The time of operations; what was recorded keeps its own.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
