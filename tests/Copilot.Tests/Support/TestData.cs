namespace Copilot.Tests.Support;

/// <summary>Where tests find the repository and the downloaded data sets, which lie beside it and need not be there.</summary>
internal static class TestData
{
    /// <summary>The folder that holds Copilot.sln.</summary>
    public static string RepositoryRoot { get; } = FindRoot(AppContext.BaseDirectory)
        ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Copilot.sln: run the tests from a checkout.");

    /// <summary>The data folder <c>../shared/data</c>, or null: then a test skips and says what it did not see.</summary>
    public static string? Shared { get; } = SharedBeside(RepositoryRoot);

    /// <summary>A file or folder of the shared data, or null when it is not there.</summary>
    public static string? Find(params string[] parts)
    {
        if (Shared is null) return null;
        var path = Path.Combine([Shared, .. parts]);
        return Path.Exists(path) ? path : null;
    }

    internal static string? FindRoot(string from)
    {
        var folder = new DirectoryInfo(from);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Copilot.sln"))) folder = folder.Parent;
        return folder?.FullName;
    }

    internal static string? SharedBeside(string root)
    {
        if (Directory.GetParent(root) is not { } parent) return null;
        var data = Path.Combine(parent.FullName, "shared", "data");
        return Directory.Exists(data) ? data : null;
    }
}
