using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Copilot.Engine.Snapshots.Archives;
using Xunit;

namespace Copilot.Tests.Snapshots;

public sealed class SnapshotArchiveTests : IDisposable
{
    private readonly ArchiveMaking _make = new();

    public void Dispose() => _make.Dispose();

    [Theory]
    [InlineData("x.tar.zst", true)]
    [InlineData("dir.d/X.TAR.GZ", true)]
    [InlineData("x.tgz", true)]
    [InlineData("x.tar", true)]
    [InlineData("x.zip", true)]
    [InlineData("x.zst", false)]
    [InlineData("x.gz", false)]
    [InlineData("zip", false)]
    [InlineData("x.zip.d", false)]
    public void IsArchive_Name_GoesByItsEnd(string path, bool expected) => Assert.Equal(expected, SnapshotArchive.IsArchive(path));

    [Theory]
    [InlineData("a.tar.zst")]
    [InlineData("a.tar.gz")]
    [InlineData("a.tgz")]
    [InlineData("a.tar")]
    [InlineData("a.zip")]
    public void Unpack_EachFormat_RoundTripsPrivately(string name)
    {
        var reports = new List<long>();
        var done = Assert.IsType<UnpackResult.Done>(_make.Unpack(_make.Archive(name, ArchiveMaking.Usual), progress: new Sink(reports.Add)));
        Assert.Equal((_make.Destination, 3, 5002L), (done.Directory, done.Files, done.Bytes));
        Assert.Empty(done.Skipped);
        Assert.Equal(ArchiveMaking.Usual.ToDictionary(f => f.Name, f => f.Text), _make.Unpacked());
        Assert.Equal(["case", "case.lock", "case.ok"], _make.InData());
        Assert.True(reports[^1] >= 5002);
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal("600", Mode(Path.Combine(_make.Destination, "Case/alerts/a.json")));
        Assert.Equal("700", Mode(Path.Combine(_make.Destination, "Case/alerts")));
        Assert.Equal("700", Mode(_make.Destination));
        Assert.Equal("600", Mode(_make.Destination + ".ok"));

        static string Mode(string path) => OperatingSystem.IsWindows() ? "" : Convert.ToString((int)File.GetUnixFileMode(path), 8);
    }

    [Theory]
    [InlineData("a.tar.zst")]
    [InlineData("a.tar.gz")]
    public void Unpack_SeveralFrames_ReadToTheEnd(string name)
    {
        var tar = ArchiveMaking.Tar(ArchiveMaking.Usual);
        var frames = tar.Chunk(1000).SelectMany(part => ArchiveMaking.Compress(name, part)).ToArray();
        Assert.Equal(3, _make.Done(_make.File(name, frames)).Files);
        Assert.Equal(ArchiveMaking.Usual.ToDictionary(f => f.Name, f => f.Text), _make.Unpacked());
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    [InlineData("a/../../x")]
    [InlineData("a/..")]
    [InlineData("C:x")]
    [InlineData("C:\\x")]
    [InlineData("..\\x")]
    [InlineData("a\u0007/x")]
    [InlineData("a\n/x")]
    public void Unpack_UnsafeName_SkippedAndTheRestKept(string name)
    {
        byte[] tar = [.. ArchiveMaking.RawEntry(name, '0', "evil"u8.ToArray()), .. ArchiveMaking.Tar(("./good//b", "good"))];
        foreach (var archive in new[] { _make.File("a.tar", tar), _make.Archive("a.zip", (name, "evil"), ("./good//b", "good")) })
        {
            var line = Assert.Single(_make.Done(archive).Skipped);
            Assert.DoesNotContain(line, char.IsControl);
            Assert.Equal(["good/b"], _make.Unpacked().Keys);
            Assert.Empty(_make.Anywhere("x"));
        }
    }

    [Fact]
    public void Unpack_NulInName_Skipped()
    {
        Assert.Contains("control character", Assert.Single(_make.Done(_make.Archive("a.zip", ("a\0b", "evil"), ("good", ""))).Skipped));
        Assert.Equal(["good"], _make.Unpacked().Keys);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    public void Unpack_PaxPathLeadsOut_Skipped(string path)
    {
        byte[] tar = [.. ArchiveMaking.Pax("path", path), .. ArchiveMaking.RawEntry("innocent", '0', "evil"u8.ToArray()), .. ArchiveMaking.Tar(("good", "good"))];
        Assert.StartsWith(path, Assert.Single(_make.Done(_make.File("a.tar", tar)).Skipped));
        Assert.Equal(["good"], _make.Unpacked().Keys);
        Assert.Empty(_make.Anywhere("x"));
    }

    [Fact]
    public void Unpack_GnuLongName_Judged()
    {
        var path = string.Concat(Enumerable.Repeat("long/", 5)) + new string('n', 120);
        byte[] Named(string name) => [.. ArchiveMaking.RawEntry("././@LongLink", 'L', Encoding.UTF8.GetBytes(name + "\0")), .. ArchiveMaking.RawEntry("short", '0', "text"u8.ToArray())];
        byte[] tar = [.. Named("../" + path), .. Named(path), .. new byte[1024]];
        Assert.Single(_make.Done(_make.File("a.tar", tar)).Skipped);
        Assert.Equal([path], _make.Unpacked().Keys);
    }

    [Fact]
    public void Unpack_LinksAndDevices_SkippedByName()
    {
        var done = _make.Done(_make.TarOf(
            "a.tar.zst",
            ArchiveMaking.LinkEntry(TarEntryType.SymbolicLink, "sym", "/etc/passwd"),
            ArchiveMaking.LinkEntry(TarEntryType.HardLink, "hard", "good"),
            new PaxTarEntry(TarEntryType.Fifo, "pipe"),
            new PaxTarEntry(TarEntryType.CharacterDevice, "dev"),
            ArchiveMaking.FileEntry("good", "good")));
        Assert.Equal(["sym", "hard", "pipe", "dev"], done.Skipped.Select(s => s.Split(':')[0]));
        Assert.Equal(["good"], _make.Unpacked().Keys);
    }

    [Fact]
    public void Unpack_WriteThroughLink_StaysInside()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_make.Data, "outside")).FullName;
        var done = _make.Done(_make.TarOf("a.tar", ArchiveMaking.LinkEntry(TarEntryType.SymbolicLink, "d", outside), ArchiveMaking.FileEntry("d/x", "text")));
        Assert.Single(done.Skipped);
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.Equal("text", _make.Unpacked()["d/x"]);
    }

    [Fact]
    public void Unpack_ZipSymlink_Skipped()
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            var link = zip.CreateEntry("link");
            link.ExternalAttributes = unchecked((int)0xA1FF0000);
            using (var target = link.Open()) target.Write("/etc"u8);
            zip.CreateEntry("link/x").Open().Dispose();
        }
        Assert.Contains("symbolic link", Assert.Single(_make.Done(_make.File("a.zip", bytes.ToArray())).Skipped));
        Assert.Equal(["link/x"], _make.Unpacked().Keys);
    }

    [Fact]
    public void Unpack_EncryptedZipEntry_Skipped()
    {
        var zip = ArchiveMaking.Zip(("secret", "text"), ("good", "good"));
        zip[6] |= 1; // the flag in the first local header, and below in the list
        zip[zip.AsSpan().IndexOf("PK\x01\x02"u8) + 8] |= 1;
        Assert.Contains("encrypted", Assert.Single(_make.Done(_make.File("a.zip", zip)).Skipped));
        Assert.Equal(["good"], _make.Unpacked().Keys);
    }

    [Fact]
    public void Unpack_SparseFile_NotTakenForItsListOfPieces()
    {
        byte[] tar = [.. ArchiveMaking.Pax("GNU.sparse.major", "1"), .. ArchiveMaking.RawEntry("sparse", '0', "1\n0\n"u8.ToArray()), .. ArchiveMaking.Tar(("good", ""))];
        Assert.Contains("sparse", Assert.Single(_make.Done(_make.File("a.tar", tar)).Skipped));
        Assert.Equal(["good"], _make.Unpacked().Keys);
    }

    [Fact]
    public void Unpack_OldSparseFile_RefusedAsUnsupported() =>
        Assert.Contains("--sparse", _make.Refused(_make.File("a.tar", [.. ArchiveMaking.RawEntry("sparse", 'S', "x"u8.ToArray()), .. new byte[1024]])));

    [Fact]
    public void Unpack_SecondArchiveBehindTheFirst_Named()
    {
        byte[] twice = [.. ArchiveMaking.Tar(("a", "")), .. ArchiveMaking.Tar(("b", ""))];
        Assert.Contains("second archive", Assert.Single(_make.Done(_make.File("a.tgz", ArchiveMaking.Compress("a.tgz", twice))).Skipped));
    }

    [Theory]
    [InlineData("a.tar")]
    [InlineData("a.zip")]
    public void Unpack_NameTwice_FirstKept(string name)
    {
        var done = _make.Done(_make.Archive(name, ("f", "one"), ("./f", "two"), ("f/below", "three")));
        Assert.Equal(2, done.Skipped.Count);
        Assert.Equal(new Dictionary<string, string> { ["f"] = "one" }, _make.Unpacked());
    }

    [Theory]
    [InlineData("a.tar.zst")]
    [InlineData("a.tar.gz")]
    [InlineData("a.zip")]
    public void Unpack_Bomb_RefusedByRatio(string name)
    {
        var zeros = new string('\0', 70 << 20);
        Assert.Contains("MaxRatio", _make.Refused(_make.Archive(name, ("zeros", zeros))));
    }

    [Theory]
    [InlineData("a.tar.gz")]
    [InlineData("a.zip")]
    public void Unpack_BeyondALimit_RefusedByItsName(string name)
    {
        var archive = _make.Archive(name, ("a/b/c", new string('x', 3000)), ("d", new string('y', 3000)));
        Assert.Contains("MaxEntries", _make.Refused(archive, new() { MaxEntries = 1 }));
        Assert.Contains("MaxBytes", _make.Refused(archive, new() { MaxBytes = 5000 }));
        Assert.Contains("MaxFileBytes", _make.Refused(archive, new() { MaxFileBytes = 2999 }));
        Assert.Contains("MaxDepth", _make.Refused(archive, new() { MaxDepth = 2 }));
        Assert.Contains("MaxPathLength", _make.Refused(archive, new() { MaxPathLength = 4 }));
        Assert.IsType<UnpackResult.Done>(_make.Unpack(archive, new() { MaxEntries = 3, MaxFileBytes = 3000, MaxDepth = 3, MaxPathLength = 5 }));
    }

    [Fact]
    public void Unpack_HugeHeader_RefusedBeforeItFillsMemory()
    {
        var header = ArchiveMaking.RawEntry("pax", 'x', new byte[2 << 20], size: 1 << 30);
        Assert.Contains("header", _make.Refused(_make.File("a.tar", [.. header])));
    }

    [Fact]
    public void Unpack_ZipWithLongList_RefusedBeforeItFillsMemory()
    {
        var names = Enumerable.Range(0, 12_000).Select(i => ($"{i:d5}{new string('n', 100)}", "")).ToArray();
        Assert.Contains("MaxEntries", _make.Refused(_make.File("a.zip", ArchiveMaking.Zip(names)), new() { MaxEntries = 1 }));
    }

    [Fact]
    public void Unpack_ZipLiesAboutSize_RefusedAsDamaged()
    {
        var zip = ArchiveMaking.Zip(("f", new string('x', 5000)));
        BitConverter.TryWriteBytes(zip.AsSpan(zip.AsSpan().IndexOf("PK\x01\x02"u8) + 24), 10);
        Assert.Contains("damaged", _make.Refused(_make.File("a.zip", zip)));
    }

    [Theory]
    [InlineData("a.tar.zst", "zstd -t")]
    [InlineData("a.tar.gz", "gzip -t")]
    [InlineData("a.tar", "tar -tf")]
    [InlineData("a.zip", "unzip -t")]
    public void Unpack_CutAnywhere_Refused(string name, string test)
    {
        // Noise, so that the cuts fall into data of every kind.
        var noise = Convert.ToBase64String(Enumerable.Range(0, 3000).Select(i => (byte)(i * i >> 3)).ToArray());
        var whole = File.ReadAllBytes(_make.Archive(name, ("a", noise), ("b/c", noise)));
        // A plain tar ends with padding that may be missing.
        var end = name == "a.tar" ? whole.Length - 1025 : whole.Length - 1;
        for (var length = end; length >= 600; length -= length > end - 40 ? 1 : 97)
        {
            var message = _make.Refused(_make.File(name, whole[..length]));
            Assert.Contains("cut short or damaged", message);
            Assert.Contains(test, message);
        }
        for (var length = 0; length < 600; length += 7) _make.Refused(_make.File(name, whole[..length]));
        Assert.Equal(2, _make.Done(_make.File(name, whole)).Files);
    }

    [Theory]
    [InlineData("a.tar.zst")]
    [InlineData("a.tar.gz")]
    [InlineData("a.tar")]
    [InlineData("a.zip")]
    public void Unpack_BytesChanged_NeverThrowsNorEscapes(string name)
    {
        var whole = File.ReadAllBytes(_make.Archive(name, ArchiveMaking.Usual));
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var bytes = (byte[])whole.Clone();
            for (var i = 0; i <= round % 4; i++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _make.Unpack(_make.File(name, bytes));
            Assert.All(_make.InData(), entry => Assert.Contains(entry, new[] { "case", "case.lock", "case.ok" }));
        }
    }

    [Fact]
    public void Unpack_NameAndContentDisagree_RefusedWithTheRightName()
    {
        Assert.Contains("Rename it so that it ends in .zip", _make.Refused(_make.File("a.tar.gz", ArchiveMaking.Zip(ArchiveMaking.Usual))));
        Assert.Contains("Rename it so that it ends in .tar.zst", _make.Refused(_make.File("a.zip", ArchiveMaking.Compress("x.tar.zst", ArchiveMaking.Tar(ArchiveMaking.Usual)))));
        Assert.Contains("not gzip data", _make.Refused(_make.File("a.tgz", "<html>404</html>"u8.ToArray())));
        Assert.Contains("not a tar archive", _make.Refused(_make.File("a.tar", new byte[600].Select(_ => (byte)'x').ToArray())));
    }

    [Theory]
    [InlineData("a.tar.zst")]
    [InlineData("a.tar.gz")]
    [InlineData("a.tar")]
    [InlineData("a.zip")]
    public void Unpack_NothingInside_Refused(string name)
    {
        Assert.Contains("no files", _make.Refused(_make.Archive(name)));
        Assert.Contains("0 bytes", _make.Refused(_make.File(name, [])));
    }

    [Fact]
    public void Unpack_OnlyUnusableEntries_RefusedWithTheReason() => Assert.Contains("leads out", _make.Refused(_make.Archive("a.tar", ("../x", "evil"))));

    [Fact]
    public void Unpack_NotAFile_Refused()
    {
        Assert.Contains("does not exist", _make.Refused(Path.Combine(_make.Data, "absent.zip")));
        Assert.Contains("ends in none", _make.Refused(_make.File("a.rar", [1])));
        var folder = Directory.CreateDirectory(_make.Data + "/dir.zip").FullName;
        Assert.Contains("is a directory", Assert.IsType<UnpackResult.Refused>(_make.Unpack(folder)).Message);
    }

    [Fact]
    public void Unpack_DataFolderCannotBeMade_Refused()
    {
        var archive = _make.Archive("a.zip", ArchiveMaking.Usual);
        var message = Assert.IsType<UnpackResult.Refused>(SnapshotArchive.Unpack(archive, archive + "/sub/case", new UnpackLimits(), null, default)).Message;
        Assert.Contains("cannot be written", message);
        Assert.Contains("is a file", Assert.IsType<UnpackResult.Refused>(SnapshotArchive.Unpack(archive, archive, new UnpackLimits(), null, default)).Message);
    }
}
