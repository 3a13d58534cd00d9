using Copilot.Storage;
using MediatR;

namespace Copilot.UseCases;

/// <summary>The keys that the log was signed with.</summary>
internal sealed record ListKeys : IRequest<IReadOnlyList<ListedKey>>;

/// <param name="Key">As text, for a file that others verify with.</param>
/// <param name="Seq">The receipt that names it.</param>
/// <param name="IsCurrent">Whether checkpoints are signed with it now.</param>
internal sealed record ListedKey(string Key, long Seq, DateTimeOffset At, bool IsCurrent);

internal sealed class ListKeysHandler(CopilotStore store) : IRequestHandler<ListKeys, IReadOnlyList<ListedKey>>
{
    public Task<IReadOnlyList<ListedKey>> Handle(ListKeys request, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ListedKey>>(!store.Exists ? [] : store.Read(db =>
    {
        var keys = LogKeyring.Of(db).Keys;
        var seqs = keys.Select(k => k.Seq).ToList();
        var times = db.Receipts.Where(r => seqs.Contains(r.Seq)).ToDictionary(r => r.Seq, r => r.At);
        return keys.Select((k, i) => new ListedKey(k.Key.ToString(), k.Seq, times[k.Seq], i == keys.Count - 1)).ToList();
    }));
}

/// <summary>Passes the log on to a new key.</summary>
internal sealed record RotateKey : IRequest<ListedKey>;

internal sealed class RotateKeyHandler(CopilotStore store, ReceiptLog log, ListKeysHandler keys) : IRequestHandler<RotateKey, ListedKey>
{
    public async Task<ListedKey> Handle(RotateKey request, CancellationToken cancellationToken)
    {
        if (!store.Exists) throw new BadInputException($"There are no receipts in {store.Folder} yet, so there is no key to pass on from.");
        log.Rotate(Recording.Person);
        return (await keys.Handle(new(), cancellationToken))[^1];
    }
}
