using Copilot.Tests.Support;

namespace Copilot.Tests.Storage;

/// <summary>A folder of runbooks for one test.</summary>
internal sealed class RunbookFolder : IDisposable
{
    /// <summary>A runbook without fault, for the mechanism alpha.</summary>
    public const string Good = """
        ---
        name: first
        description: For a test.
        mechanisms: [alpha]
        preconditions: [change-recorded]
        actions: [k8s.rollout.undo]
        risk: low
        rollback: Undo the undo.
        verification: [symptoms-gone]
        soak: 5m
        ---
        # First

        ## What it looks like

        Signs of trouble.

        ## Check first

        ```
        kubectl get pods
        ## no heading
        ```

        ## Do

        Undo.

        ## If it gets worse

        Call somebody.

        ## Afterwards

        Prevent it.
        """;

    public static readonly string[] Mechanisms = ["alpha", "beta", "gamma"];

    private readonly TempFolder _folder = new();

    public string Path => _folder.FullName;

    public string FileOf(string name) => System.IO.Path.Combine(Path, name, "SKILL.md");

    public RunbookFolder With(string name, string text) => With(name, System.Text.Encoding.UTF8.GetBytes(text));

    public RunbookFolder With(string name, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.Combine(Path, name));
        File.WriteAllBytes(FileOf(name), bytes);
        return this;
    }

    public void Dispose() => _folder.Dispose();
}
