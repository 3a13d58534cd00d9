using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>
/// Writes receipts, for one thread at a time. Where the log and its streams end is kept from one transaction to the next, and trusted only while SQLite says that nobody else wrote. When the files
/// do not stand in their places any more, those that do are opened.
/// </summary>
internal sealed class ReceiptWriter(CopilotStore store, TimeProvider clock) : IDisposable
{
    private readonly ChainTails _tails = new();
    private readonly ReceiptSealer _sealer = new(clock);
    private WriterConnection? _connection;
    private long? _version;

    /// <summary>Holds the database open.</summary>
    public void Open() => _connection ??= store.OpenWriter();

    /// <param name="seen">How many receipts this process has seen: a log that has fewer was exchanged.</param>
    public ReceiptTransaction Begin(long seen)
    {
        if (_connection is { IsInPlace: false }) Dispose();
        Open();
        var connection = _connection!;
        var transaction = connection.Begin();
        try
        {
            // Trusted again when this transaction is durable.
            var (version, known) = (connection.Version(), _version);
            _version = null;
            if (version != known) _tails.Forget(connection.Size());
            if (_tails.Size < seen) throw new FileFaultException($"{store.Database} has {_tails.Size} receipts, but this process has seen {seen}: it was replaced while in use. Put the newest whole copy of it back.");
            return new(connection, transaction, _tails, _sealer, () => _version = version);
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        (_connection, _version) = (null, null);
    }
}
