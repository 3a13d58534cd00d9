namespace Copilot.Simulator;

/// <summary>
/// The only source of randomness: SplitMix64, so that a seed gives the same incident on every runtime.
/// <see cref="Fork"/> depends on the seed and the purpose alone, so one part's draws never move another's.
/// </summary>
internal sealed class Chance(ulong seed)
{
    private const string PodAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    private readonly ulong _origin = seed;
    private ulong _state = seed;

    public Chance Fork(string purpose)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in purpose) hash = (hash ^ c) * 1099511628211UL;
        return new Chance(Mix(_origin ^ hash));
    }

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15UL);

    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + (high - low) * Unit();

    public int Below(int count) => (int)(((UInt128)Next() * (ulong)count) >> 64);

    public int Between(int low, int high) => low + Below(high - low + 1);

    public bool Happens(double probability) => Unit() < probability;

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>A positive value with the given median; sigma 0.35 spans about a factor of two either way.</summary>
    public double LogNormal(double median, double sigma) => median * Math.Exp(sigma * Normal());

    public double Exponential(double mean) => -mean * Math.Log(1 - Unit());

    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        var list = items.ToList();
        for (var i = list.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }

        return list;
    }

    public string Hex16() => Next().ToString("x16");

    public string Hex32() => string.Concat(Hex16(), Hex16());

    public string Uid()
    {
        var hex = Hex32();
        return $"{hex[..8]}-{hex[8..12]}-4{hex[13..16]}-{"89ab"[Below(4)]}{hex[17..20]}-{hex[20..]}";
    }

    /// <summary>A suffix in the alphabet Kubernetes uses for generated names.</summary>
    public string Suffix(int length) => string.Create(length, this, static (span, chance) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = PodAlphabet[chance.Below(PodAlphabet.Length)];
    });

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
