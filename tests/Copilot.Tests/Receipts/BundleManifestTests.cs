using System.Security.Cryptography;
using System.Text;
using Copilot.Core.Receipts;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class BundleManifestTests
{
    private readonly SampleLog _log = SampleLog.Full();
    private readonly Dictionary<string, string> _files;
    private readonly ReceiptVerification _report;
    private readonly BundleManifest _manifest;

    public BundleManifestTests()
    {
        _files = new() { [BundleManifest.ReceiptsFile] = Hash(_log.Lines.SelectMany(l => l.Append((byte)'\n'))), [BundleManifest.CheckpointFile] = Hash(_log.Checkpoint(14)) };
        _report = _log.Verify(_log.Lines, _log.Checkpoint(14));
        _manifest = new(SampleLog.Name, 14, _log.Head(14).Root, _log.Key.ToString(), _files);
    }

    private static string Hash(IEnumerable<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData([.. bytes]));

    private bool Holds(BundleManifest manifest, IReadOnlyDictionary<string, string>? files = null) =>
        manifest.Check(files ?? _files, _report).All(c => c.Outcome == CheckOutcome.Held);

    [Fact]
    public void Manifest_WrittenAndRead_IsTheSameAndHolds()
    {
        Assert.True(BundleManifest.TryParse(_manifest.ToBytes(), out var read, out _));
        Assert.Equal(_manifest.ToBytes(), read!.ToBytes());
        Assert.True(Holds(read));
    }

    [Fact]
    public void Manifest_AnyBitFlipped_IsReported()
    {
        var bytes = _manifest.ToBytes();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(BundleManifest.TryParse(bytes, out var read, out _) && Holds(read!), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void Check_FilesOtherThanNamed_AreReported()
    {
        Assert.False(Holds(_manifest, new Dictionary<string, string>(_files) { ["more"] = Hash([]) }));
        Assert.False(Holds(_manifest, new Dictionary<string, string>(_files) { [BundleManifest.CheckpointFile] = Hash([]) }));
        Assert.False(Holds(_manifest, _files.Where(f => f.Key != BundleManifest.CheckpointFile).ToDictionary()));
    }

    [Fact]
    public void Check_ValuesOfAnotherLog_AreReported()
    {
        Assert.False(Holds(_manifest with { Size = 10 }));
        Assert.False(Holds(_manifest with { Root = _log.Head(10).Root }));
        Assert.False(Holds(_manifest with { Log = "other" }));
        Assert.False(Holds(_manifest with { Key = new SampleLog(2).Key.ToString() }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"files\":{}}")]
    public void TryParse_OtherText_IsRefused(string text) => Assert.False(BundleManifest.TryParse(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void TryParse_Garbage_NeverThrows() => Gen.Select(Gen.Int[0, 500], Gen.Byte.Array[0, 10]).Sample((at, bytes) =>
    {
        var good = _manifest.ToBytes();
        at = Math.Min(at, good.Length);
        if (BundleManifest.TryParse((byte[])[.. good[..at], .. bytes, .. good[at..]], out var read, out _)) Assert.True(bytes.Length == 0 || !Holds(read!));
    }, iter: 5000);
}
