using Copilot.Tests.Support;

namespace Copilot.Tests.Receipts;

/// <summary>Packages of npm: canonicalize, json-canonicalize and @sigstore/verify.</summary>
internal static class NpmPeer
{
    private static readonly Peer Node = new(
        ["node", Path.Combine(Peer.Folder, "npm", "receipts_peer.mjs")],
        "Node and the packages of tests/peers/npm/package-lock.json (test.sh installs them: npm ci --prefix tests/peers/npm)");

    internal sealed record Question(string Ask)
    {
        /// <summary>Doubles, eight bytes each, the least significant first.</summary>
        public byte[]? Bits { get; init; }

        /// <summary>A JSON text.</summary>
        public byte[]? Text { get; init; }

        public byte[]? Receipt { get; init; }

        public long? Index { get; init; }

        public long? Size { get; init; }

        public byte[]? Root { get; init; }

        public IReadOnlyList<byte[]>? Path { get; init; }

        public byte[]? Checkpoint { get; init; }

        public byte[]? Key { get; init; }

        public byte[]? KeyId { get; init; }
    }

    /// <summary>What each package wrote; null where it refused to.</summary>
    /// <param name="Sigstore">The writer inside @sigstore/core.</param>
    internal sealed record Written<T>(T Canonicalize, T JsonCanonicalize, T Sigstore);

    internal sealed record Answer(string? Fault, Written<IReadOnlyList<string?>>? Numbers, Written<string?>? Value);

    internal static Task<IReadOnlyList<Answer>> Ask(IEnumerable<Question> questions) => Node.Ask<Question, Answer>(questions);
}
