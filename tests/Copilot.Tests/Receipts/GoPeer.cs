using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Receipts;

/// <summary>golang.org/x/mod/sumdb of Debian, in a program that is built once for all tests of a class.</summary>
public sealed class GoPeer : IAsyncLifetime
{
    private const string Installed = "Go and golang.org/x/mod (Debian: golang-go, golang-golang-x-mod-dev; test.sh installs them)";

    private readonly TempFolder _folder = new();

    internal sealed record Question(string Ask)
    {
        public byte[]? Note { get; init; }

        public string? Vkey { get; init; }

        public byte[]? Text { get; init; }

        public IReadOnlyList<string>? Skeys { get; init; }

        public string? Name { get; init; }

        public long? Seed { get; init; }

        public IReadOnlyList<byte[]>? Records { get; init; }

        public long? Size { get; init; }

        public long? Old { get; init; }

        public long? Index { get; init; }

        public byte[]? Root { get; init; }

        public byte[]? OldRoot { get; init; }

        public byte[]? Leaf { get; init; }

        public IReadOnlyList<byte[]>? Proof { get; init; }
    }

    /// <param name="Fault">What the library said against what it was asked; null when it held.</param>
    internal sealed record Answer(string? Fault, byte[]? Note, byte[]? Text, IReadOnlyList<string>? Keys, string? Skey, string? Vkey, byte[]? Root, IReadOnlyList<byte[]>? Proof)
    {
        public IEnumerable<string> ProofHex => (Proof ?? []).Select(Convert.ToHexStringLower);
    }

    public async ValueTask InitializeAsync() => await Peer.Run(
        Installed,
        new Dictionary<string, string>
        {
            // Debian's packages alone, whatever else the machine has; nothing is left in a home folder.
            ["GO111MODULE"] = "off",
            ["GOPATH"] = "/usr/share/gocode",
            ["GOCACHE"] = _folder.Combine("cache"),
            ["GOFLAGS"] = "",
            ["CGO_ENABLED"] = "0",
        },
        "go",
        "build",
        "-o",
        _folder.Combine("sumdb_peer"),
        Path.Combine(Peer.Folder, "sumdb_peer.go"));

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    internal Task<IReadOnlyList<Answer>> Ask(IEnumerable<Question> questions) => new Peer([_folder.Combine("sumdb_peer")], Installed).Ask<Question, Answer>(questions);
}
