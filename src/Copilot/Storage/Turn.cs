using System.Runtime.ExceptionServices;
using Copilot.Core.Receipts;

namespace Copilot.Storage;

/// <summary>Work that waits for its transaction.</summary>
internal abstract class Turn
{
    private readonly object _monitor = new();
    private ExceptionDispatchInfo? _fault;
    private bool _isWoken;
    private bool _hasEnded;

    public bool HasFailed => _fault is not null;

    /// <summary>The receipts that it appended; they count when the transaction is durable and the turn has not failed.</summary>
    public List<ReceiptRef> Made { get; protected set; } = [];

    public abstract void Do(ReceiptTransaction transaction);

    /// <summary>The first fault counts.</summary>
    public void Fail(Exception exception) => _fault ??= ExceptionDispatchInfo.Capture(exception);

    /// <summary>Its transaction has ended, however.</summary>
    public void End() => Wake(hasEnded: true);

    /// <summary>It is its turn to commit for those who wait.</summary>
    public void Lead() => Wake(hasEnded: false);

    /// <summary>Waits until somebody has done the work, or it has to be done here: then false.</summary>
    public bool Wait()
    {
        lock (_monitor)
        {
            while (!_isWoken) Monitor.Wait(_monitor);
            return _hasEnded;
        }
    }

    protected void ThrowIfFailed() => _fault?.Throw();

    private void Wake(bool hasEnded)
    {
        lock (_monitor)
        {
            (_isWoken, _hasEnded) = (true, hasEnded);
            Monitor.Pulse(_monitor);
        }
    }
}

/// <summary>Work with a result.</summary>
internal sealed class Turn<T>(Func<ReceiptTransaction, (List<ReceiptRef> Made, T Result)> work) : Turn
{
    private T? _result;

    public override void Do(ReceiptTransaction transaction)
    {
        (Made, _result) = work(transaction);
        transaction.Save();
    }

    /// <summary>Throws what the turn failed with.</summary>
    public T Result()
    {
        ThrowIfFailed();
        return _result!;
    }
}
