namespace Copilot.Tests.Support;

/// <summary>A private folder that is gone after the test.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("copilot-test-");

    public string FullName => _folder.FullName;

    /// <summary>A path inside the folder.</summary>
    public string Combine(params string[] parts) => Path.Combine([FullName, .. parts]);

    public void Dispose()
    {
        // A test may have removed it itself.
        if (Directory.Exists(FullName)) _folder.Delete(recursive: true);
    }
}
