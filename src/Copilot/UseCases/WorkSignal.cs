namespace Copilot.UseCases;

/// <summary>Tells whoever runs the work that there is some: a hint that saves waiting. What is to be done stands in the database.</summary>
internal sealed class WorkSignal : IDisposable
{
    private readonly SemaphoreSlim _raised = new(0, 1);

    public void Raise()
    {
        try
        {
            _raised.Release();
        }
        catch (SemaphoreFullException)
        {
            // Raised already.
        }
    }

    public Task Wait(CancellationToken cancellation) => _raised.WaitAsync(cancellation);

    public void Dispose() => _raised.Dispose();
}
