using Copilot.Configuration;
using Microsoft.Extensions.Hosting;

namespace Copilot.Work;

/// <summary>Running investigations may go on for a while after the process was asked to stop; then this token ends them.</summary>
internal sealed class Stopping : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _asked;

    public Stopping(IHostApplicationLifetime lifetime, ServeOptions options) =>
        _asked = lifetime.ApplicationStopping.Register(() => _source.CancelAfter(TimeSpan.FromSeconds(options.ShutdownSeconds)));

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _asked.Dispose();
        _source.Dispose();
    }
}
