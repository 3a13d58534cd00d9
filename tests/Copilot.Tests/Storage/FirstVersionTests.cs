using System.IO.Compression;
using Copilot.Storage;
using Copilot.Tests.Cli;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

/// <summary>A data folder, a bundle and a proof as the first version wrote them: before tiles, values kept apart and changes of the key.</summary>
public sealed class FirstVersionTests : IDisposable
{
    private const string Head = "23:0664fa5372539f343d247b0f3c61da9708dc82a49518c7c72d22bbcf2847dcce";

    private readonly TempFolder _folder = new();

    public FirstVersionTests()
    {
        ZipFile.ExtractToDirectory(Path.Combine(TestData.RepositoryRoot, "tests", "Copilot.Tests", "Storage", "FirstVersion", "data-folder.zip"), _folder.FullName);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(SigningKey.PrivateFile(_folder.FullName), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Copy(SigningKey.PublicFile(_folder.FullName), PublicKey);
    }

    private string PublicKey => _folder.Combine("old.pub");

    public void Dispose() => _folder.Dispose();

    private async Task<string> Run(params string[] arguments)
    {
        var (code, output, error) = await CliRun.Of(_folder.FullName, ["receipts", .. arguments]);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {output}{error}");
        return output;
    }

    [Fact]
    public async Task Folder_OfTheFirstVersion_VerifiesGoesOnAndIsNotChanged()
    {
        byte[][] before;
        using (var log = new TestLog(_folder.FullName)) before = log.Store.Use(db => db.Receipts.OrderBy(r => r.Seq).Select(r => r.Bytes).ToArray());
        Assert.Contains($"head {Head}", await Run("verify", "--expect", Head));

        using (var log = new TestLog(_folder.FullName))
        {
            log.Append(600);
            log.Log.Checkpoint();
            Assert.Equal(before, log.Store.Use(db => db.Receipts.OrderBy(r => r.Seq).Take(23).Select(r => r.Bytes).ToArray()));
            Assert.Equal(2, log.Store.Use(db => db.Tiles.Count(t => t.Level == 0)));
        }
        await Run("keys", "rotate");
        await Run("prove", "5", "--out", _folder.Combine("5.proof"));
        await Run("verify", "--expect", Head);
        await Run("export", "--out", _folder.Combine("new.zip"));
        Assert.Contains("passes on to", await Run("verify", _folder.Combine("new.zip"), "--key", SigningKey.PublicFile(_folder.FullName), "--expect", Head));
        Assert.Contains("opens with the key that was given", await Run("verify", _folder.Combine("new.zip"), "--key", PublicKey));
    }

    [Fact]
    public async Task BundleAndProof_OfTheFirstVersion_StillVerify()
    {
        Assert.Contains("The 2 files are those that the manifest names", await Run("verify", _folder.Combine("bundle-1.zip"), "--key", PublicKey, "--expect", Head));
        Assert.Contains("receipt 5 of 23", await Run("verify", _folder.Combine("5.tlog-proof"), "--key", PublicKey));
    }
}
