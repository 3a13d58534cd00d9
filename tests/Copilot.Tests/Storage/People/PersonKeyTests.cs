using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using Copilot.Storage.People;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage.People;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class PersonKeyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string KeyFile => Path.Combine(_folder.FullName, "config", "copilot", "alice.key");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Make_NoFile_IsOwnersAloneAndReadsBackTheSame()
    {
        using var made = PersonKey.Make(KeyFile, "alice");
        using var read = PersonKey.Read(KeyFile, "alice");

        Assert.Equal(made.Public, read.Public);
        Assert.Equal("alice", made.Public.Name);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        Assert.Equal([KeyFile], Directory.GetFiles(Path.GetDirectoryName(KeyFile)!));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", File.ReadAllText(KeyFile));
    }

    [Fact]
    public void Make_FileIsThere_IsRefusedAndItStays()
    {
        PersonKey.Make(KeyFile, "alice").Dispose();
        var before = File.ReadAllBytes(KeyFile);

        var fault = Assert.Throws<FileFaultException>(() => PersonKey.Make(KeyFile, "alice"));

        Assert.Contains("is there already and is not overwritten", fault.Message);
        Assert.Equal(before, File.ReadAllBytes(KeyFile));
        Assert.Equal([KeyFile], Directory.GetFiles(Path.GetDirectoryName(KeyFile)!));
    }

    [Fact]
    public void Sign_Message_VerifiesWithThePublicKeyAndNoOther()
    {
        using var alice = PersonKey.Make(KeyFile, "alice");
        using var bob = PersonKey.Make(KeyFile + "2", "bob");
        var signature = alice.Sign("yes"u8);

        Assert.True(SigningKey.Verify(alice.Public.PublicKey.Span, "yes"u8, signature));
        Assert.False(SigningKey.Verify(alice.Public.PublicKey.Span, "no"u8, signature));
        Assert.False(SigningKey.Verify(bob.Public.PublicKey.Span, "yes"u8, signature));
        Assert.True(NoteKey.TryParse(alice.Public.ToString(), out _, out var fault), fault);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void Read_OpenToOthers_IsRefused(UnixFileMode others)
    {
        PersonKey.Make(KeyFile, "alice").Dispose();
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);

        Assert.Contains($"chmod 600 {KeyFile}", Assert.Throws<FileFaultException>(() => PersonKey.Read(KeyFile, "alice")).Message);
    }

    [Fact]
    public void Read_MissingOrGarbage_IsRefusedWithARemedy()
    {
        Assert.Contains("copilot identity enrol alice", Assert.Throws<FileFaultException>(() => PersonKey.Read(KeyFile, "alice")).Message);
        PersonKey.Make(KeyFile, "alice").Dispose();
        File.WriteAllText(KeyFile, "garbage");
        Assert.Contains("no Ed25519 key", Assert.Throws<FileFaultException>(() => PersonKey.Read(KeyFile, "alice")).Message);
    }

    [Fact]
    public void Make_FolderCannotBeMade_IsRefusedWithARemedy()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "config"), "");

        Assert.Contains("--key", Assert.Throws<FileFaultException>(() => PersonKey.Make(KeyFile, "alice")).Message);
    }

    [Fact]
    public void DefaultFile_OfAPerson_LiesWithTheSettingsOfTheUser() => Assert.EndsWith("/copilot/alice.key", PersonKey.DefaultFile("alice"));
}
