using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SigningKeyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string File => SigningKey.PrivateFile(_folder.FullName);

    public SigningKeyTests()
    {
        using var log = new TestLog(_folder.FullName);
        log.Append(1);
        log.Log.Checkpoint();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void PublicFile_OfANewLog_IsTheKeyThatItsFirstReceiptNames()
    {
        var text = System.IO.File.ReadAllText(SigningKey.PublicFile(_folder.FullName));

        Assert.True(NoteKey.TryParse(text.TrimEnd('\n'), out var key, out var fault), fault);
        Assert.Equal(key, new CopilotStore(_folder.FullName).Use(db => LogKeyring.Of(db).Current));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void Log_KeyIsMissing_IsRefused()
    {
        System.IO.File.Delete(File);

        Refused("is missing, but the log copilot.local/", "from a copy");
        Assert.False(System.IO.File.Exists(File));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void Log_KeyIsOpenToOthers_IsRefused(UnixFileMode others)
    {
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);

        Refused("by others than its owner", $"chmod 600 {File}");
    }

    [Fact]
    public void Log_KeyCannotBeRead_IsRefused()
    {
        Assert.SkipWhen(Environment.UserName == "root", "root may read every file: an unreadable key was not tried");
        System.IO.File.SetUnixFileMode(File, UnixFileMode.None);

        Refused("cannot be read", "as the owner");
    }

    [Fact]
    public void Log_KeyOfAnotherLog_IsRefused()
    {
        using var other = new TempFolder();
        using (var log = new TestLog(other.FullName)) log.Append(1);
        System.IO.File.Copy(SigningKey.PrivateFile(other.FullName), File, overwrite: true);

        Refused("is not the key of the log copilot.local/", "Put the right key back");
    }

    [Fact]
    public void Log_KeyIsGarbage_IsRefused()
    {
        System.IO.File.WriteAllText(File, "garbage");

        Refused("no Ed25519 key", "from a copy");
    }

    [Fact]
    public void Log_PublicFileIsGone_IsMadeAgain()
    {
        var file = SigningKey.PublicFile(_folder.FullName);
        var before = System.IO.File.ReadAllText(file);
        System.IO.File.Delete(file);

        using var log = new TestLog(_folder.FullName);

        Assert.Equal(before, $"{log.Log.Key}\n");
        Assert.Equal(before, System.IO.File.ReadAllText(file));
    }

    private void Refused(params string[] words)
    {
        using var log = new TestLog(_folder.FullName);
        var fault = Assert.Throws<FileFaultException>(() => log.Append(1));
        Assert.All(words, w => Assert.Contains(w, fault.Message));
        Assert.Equal(2, log.Store.Use(db => db.Receipts.Count()));
    }
}
