using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Cli;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

public sealed class KeyRotationTests : IDisposable
{
    private static readonly ReceiptActor Alice = new(ActorKind.Human, "os:alice", "os-user");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string PrivateFile => SigningKey.PrivateFile(_folder.FullName);

    private async Task<string> Verify(params string[] arguments)
    {
        var (code, output, error) = await CliRun.Of(_folder.FullName, ["receipts", "verify", .. arguments]);
        Assert.True(code == 0, output + error);
        return output;
    }

    [Fact]
    public async Task Rotate_Twice_GoesOnAndEveryKeyStillVerifies()
    {
        var keys = new List<string>();
        using (var log = new TestLog(_folder.FullName))
        {
            for (var i = 0; i < 3; i++)
            {
                log.Append(2);
                log.Log.Checkpoint();
                keys.Add(log.Log.Key.ToString());
                if (i < 2) Assert.NotEqual(keys[^1], log.Log.Rotate(Alice).ToString());
            }
        }
        Assert.Equal(keys[2] + "\n", File.ReadAllText(SigningKey.PublicFile(_folder.FullName)));
        Assert.Contains("The log has had 3 keys", await Verify());

        var bundle = _folder.Combine("b.zip");
        await CliRun.Of(_folder.FullName, "receipts", "export", "--out", bundle);
        foreach (var key in keys)
        {
            File.WriteAllText(_folder.Combine("k.pub"), key);
            await Verify(bundle, "--key", _folder.Combine("k.pub"));
        }
        var other = new SigningKeyTestsKey().Text(_folder.Combine("other"), keys[0].Split('+')[0]);
        File.WriteAllText(_folder.Combine("k.pub"), other);
        Assert.Equal(1, (await CliRun.Of(_folder.FullName, "receipts", "verify", bundle, "--key", _folder.Combine("k.pub"))).Code);
    }

    /// <summary>The process ends between the database and the file: the next start puts the key in its place.</summary>
    [Fact]
    public async Task Open_RotationThatWasCutOff_IsFinished()
    {
        byte[] before;
        using (var log = new TestLog(_folder.FullName))
        {
            log.Append(1);
            before = File.ReadAllBytes(PrivateFile);
            log.Log.Rotate(Alice);
        }
        File.Move(PrivateFile, PrivateFile + ".next");
        File.WriteAllBytes(PrivateFile, before);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(PrivateFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        using (var log = new TestLog(_folder.FullName))
        {
            log.Append(1);
            log.Log.Checkpoint();
        }
        Assert.False(File.Exists(PrivateFile + ".next"));
        await Verify();
    }

    /// <summary>The process ends before the database: the key that was made is of no use, and the old one stays.</summary>
    [Fact]
    public async Task Open_RotationThatDidNotComeAbout_KeepsTheKey()
    {
        string key;
        using (var log = new TestLog(_folder.FullName))
        {
            log.Append(1);
            key = log.Log.Key.ToString();
        }
        using (SigningKey.ForRotation(_folder.FullName, key.Split('+')[0])) Assert.True(File.Exists(PrivateFile + ".next"));

        using (var log = new TestLog(_folder.FullName))
        {
            log.Append(1);
            log.Log.Checkpoint();
            Assert.Equal(key, log.Log.Key.ToString());
            log.Log.Rotate(Alice);
        }
        await Verify();
    }

    /// <summary>A process that had the log open goes on with the new key; what it signs is signed with that.</summary>
    [Fact]
    public async Task Checkpoint_AfterAnotherProcessRotated_IsSignedWithTheNewKey()
    {
        using (var first = new TestLog(_folder.FullName))
        using (var second = new TestLog(_folder.FullName))
        {
            first.Append(1);
            second.Append(1);
            second.Log.Checkpoint();
            var key = first.Log.Rotate(Alice);
            second.Append(1);
            second.Log.Checkpoint();
            Assert.Equal(key, second.Log.Key);
            second.Log.Rotate(Alice);
            first.Append(1);
            first.Log.Checkpoint();
        }
        await Verify();
    }

    private sealed class SigningKeyTestsKey
    {
        /// <summary>A key of the same name that is none of the log.</summary>
        public string Text(string folder, string name)
        {
            using var key = SigningKey.ForNewLog(folder, name);
            return key.Public.ToString();
        }
    }
}
