using Copilot.Simulator;
using Copilot.Tests.Simulator;
using Copilot.Tests.Snapshots.Dumps;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Snapshots;

/// <summary>Whatever happens to the bytes of a snapshot, an investigation of it ends with a diagnosis.</summary>
public sealed class DamagedSnapshotTests(SimulatedSnapshots simulated) : IDisposable, IClassFixture<SimulatedSnapshots>
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_DamagedDump_EndsWithADiagnosis()
    {
        var dump = new KubectlDump();
        DumpSamples.Noise(dump);
        foreach (var sample in DumpSamples.All.Keys.Where(k => k is "application error" or "quota" or "wrong selector with Endpoints" or "node not ready")) DumpSamples.All[sample].Break(dump);
        dump.Write(_folder.Combine("case"));
        Damage(_folder.Combine("case"), rounds: 150, hitsARound: 8, seed: 11);
    }

    [Fact]
    public void Run_DamagedRecording_EndsWithADiagnosis()
    {
        var source = simulated.Of(SimulatedFault.BadImage).Directory;
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories)) _folder.Write("case/" + Path.GetRelativePath(source, file), File.ReadAllBytes(file));
        Damage(_folder.Combine("case"), rounds: 12, hitsARound: 40, seed: 12);
    }

    /// <summary>Damages more and more; the damage of a round stays for the next.</summary>
    private static void Damage(string directory, int rounds, int hitsARound, int seed)
    {
        var random = new Random(seed);
        var files = Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var hit = 0; hit < hitsARound; hit++)
            {
                var file = files[random.Next(files.Length)];
                File.WriteAllBytes(file, Hit(File.ReadAllBytes(file), random));
            }
            var run = SnapshotContract.Run(SnapshotContract.Open(directory));
            Assert.All(run.Signals.Signals.Gaps, g => Assert.NotEqual("", g.Where));
        }
    }

    private static byte[] Hit(byte[] bytes, Random random)
    {
        if (bytes.Length == 0) return bytes;
        var at = random.Next(bytes.Length);
        var length = Math.Min(random.Next(1, 200), bytes.Length - at);
        switch (random.Next(7))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 1:
                bytes[at] = "\"\t\n\r{}[]:,\\\0'"u8[random.Next(13)];
                return bytes;
            case 2:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 3:
                return [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]];
            case 4:
                // Another number or word of the same length in the place of one.
                for (var i = at; i < at + length; i++) if (char.IsAsciiDigit((char)bytes[i])) bytes[i] = (byte)('0' + random.Next(10));
                return bytes;
            case 5:
                return [.. bytes[..at], .. "\\ud83d\\udc00"u8[..random.Next(13)], .. bytes[at..]];
            default:
                return random.Next(20) == 0 ? bytes[..at] : bytes;
        }
    }
}
