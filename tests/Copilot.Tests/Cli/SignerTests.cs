using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Receipts;
using Copilot.Tests.Support;
using NSec.Cryptography;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>A command signs checkpoints; here it is OpenSSL with a key that this process does not read.</summary>
public sealed class SignerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly NoteKey _key;

    public SignerTests()
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519, new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        File.WriteAllBytes(_folder.Combine("secret.pem"), key.Export(KeyBlobFormat.PkixPrivateKeyText));
        _key = new("copilot.example/signed", key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    /// <summary>OpenSSL wants a file: Ed25519 reads the message twice.</summary>
    private string OpenSsl() => Script($"cat > \"$1/message\" && openssl pkeyutl -sign -inkey '{_folder.Combine("secret.pem")}' -rawin -in \"$1/message\" | base64 -w 0");

    private string Script(string text)
    {
        var file = _folder.Combine($"signer {Guid.NewGuid():N}");
        File.WriteAllText(file, text);
        return $"sh '{file}' \"{_folder.FullName}\"";
    }

    private Task<(int Code, string Output, string Error)> Run(string signer, params string[] args) => Run(signer, $"{_key}", 120, args);

    private Task<(int Code, string Output, string Error)> Run(string signer, string key, int seconds, params string[] args) =>
        CliRun.With(Data, new() { ["Copilot:Receipts:Signer"] = signer, ["Copilot:Receipts:SignerKey"] = key, ["Copilot:Receipts:SignerSeconds"] = $"{seconds}" }, args);

    private void Fill(string signer)
    {
        using var log = new ReceiptLog(new(Data), TimeProvider.System, Serilog.Core.Logger.None, new(new(["sh", "-c", signer], TimeSpan.FromSeconds(120)), _key));
        log.Append([Storage.TestLog.Draft(1)]);
    }

    [Fact]
    public async Task Checkpoint_SignedByOpenSsl_VerifiesWithThePublicKeyAlone()
    {
        Fill(OpenSsl());

        var (code, output, error) = await Run(OpenSsl(), "receipts", "checkpoint", "--out", _folder.Combine("checkpoint"));
        Assert.True(code == 0, output + error);
        Assert.True(SignedNote.TryParse(await File.ReadAllTextAsync(_folder.Combine("checkpoint"), TestContext.Current.CancellationToken), out var note, out _));
        Assert.True(note!.IsSignedBy(_key, SampleLog.Verify));
        Assert.Equal($"{_key}\n", await File.ReadAllTextAsync(SigningKey.PublicFile(Data), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(SigningKey.PrivateFile(Data)));
        (code, output, _) = await Run(OpenSsl(), "receipts", "verify");
        Assert.Equal(0, code);
        Assert.EndsWith("all checks held\n", output.ReplaceLineEndings("\n"));
        (code, _, error) = await Run(OpenSsl(), "receipts", "keys", "rotate");
        Assert.NotEqual(0, code);
        Assert.Contains("is not changed from here", error);
    }

    [Theory]
    [InlineData("echo no slot >&2; exit 3", 120, "ended with 3: no slot")]
    [InlineData("echo hello", 120, "wrote no signature")]
    [InlineData("head -c 64 /dev/zero | base64 -w 0", 120, "signed with another key than the one whose id is ")]
    [InlineData("yes", 2, "took longer than 2 seconds")]
    [InlineData("sleep 30", 2, "took longer than 2 seconds")]
    public async Task Checkpoint_SignerThatFails_IsToldAndKeepsTheReceipts(string script, int seconds, string words)
    {
        Fill(OpenSsl());

        var (code, _, error) = await Run(Script(script), $"{_key}", seconds, "receipts", "checkpoint");
        Assert.NotEqual(0, code);
        Assert.Contains(words, error);
        Assert.Equal(2, new CopilotStore(Data).Use(db => db.Receipts.Count()));
        Assert.Equal(0, (await Run(OpenSsl(), "receipts", "checkpoint")).Code);
    }

    [Fact]
    public async Task Log_SignerIsMissingOrOfAnotherKey_IsRefused()
    {
        Fill(OpenSsl());
        using var other = TestTree.KeyOf(8);

        var (code, _, error) = await Run("/nowhere/signer", "receipts", "checkpoint");
        Assert.NotEqual(0, code);
        Assert.Contains("/nowhere/signer, cannot be started", error);
        (code, _, error) = await Run(OpenSsl(), $"{new NoteKey("copilot.example/signed", other.PublicKey.Export(KeyBlobFormat.RawPublicKey))}", 120, "receipts", "checkpoint");
        Assert.NotEqual(0, code);
        Assert.Contains($"whose id is {_key.Id:x8}, and the one in Copilot:Receipts:SignerKey is of copilot.example/signed", error);
        (code, _, error) = await CliRun.Of(Data, "receipts", "checkpoint");
        Assert.NotEqual(0, code);
        Assert.Contains("If a command signs the log, name it in Copilot:Receipts:Signer", error);
    }
}
