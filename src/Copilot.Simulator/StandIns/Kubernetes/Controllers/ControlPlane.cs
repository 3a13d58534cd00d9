using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>
/// Runs all controllers, the scheduler and the kubelets one after the other, always in the same order, until nothing changes any more, and again at the next change or when
/// something is due. One pass holds the store, so that what a pass sees does not move under it.
/// </summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    // A pass that always changes something would hold everybody else up.
    private const int MostPasses = 100;
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly ControlContext _context;
    private readonly Action[] _controllers;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private TaskCompletionSource _settled = NewSignal();
    private TaskCompletionSource _asked = NewSignal();

    public ControlPlane(ObjectWrites writes, PodLogs logs, KubernetesStandInOptions options)
    {
        _context = new(writes, options);
        var collector = new GarbageCollector(_context);
        var history = new RevisionHistory(_context);
        var pods = new PodControl(_context);
        _controllers =
        [
            collector.Sync, new DeploymentController(_context).Sync, new ReplicaSetController(_context, pods).Sync, new StatefulSetController(_context, pods, history).Sync,
            new DaemonSetController(_context, pods, history).Sync, new JobController(_context, pods).Sync, new Scheduler(_context).Sync, new Kubelet(_context, logs).Sync, new EndpointsController(_context).Sync,
            new BudgetController(_context).Sync, collector.SyncNamespaces,
        ];
    }

    /// <summary>What is there now was recorded: it stays as it is until somebody changes it.</summary>
    public void Freeze() => _context.Recorded.Freeze();

    public void Start() => _running = Task.Run(Run);

    /// <summary>Lets the controllers look again, and waits until they have nothing left to do now.</summary>
    public async Task Settled(CancellationToken cancellation)
    {
        Task settled;
        lock (_context.Store.Gate)
        {
            settled = _settled.Task;
            _asked.TrySetResult();
        }
        await settled.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task Run()
    {
        try
        {
            while (true)
            {
                var woken = Wakers();
                if (!Pass())
                {
                    await Task.Delay(Breath, _stopping.Token);
                    continue;
                }
                using var slept = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                var sleep = _context.NextDue is { } due ? due - _context.Now : LongestSleep;
                var delay = Task.Delay(sleep < TimeSpan.Zero ? TimeSpan.Zero : sleep > LongestSleep ? LongestSleep : sleep, _context.Options.Clock, slept.Token);
                await Task.WhenAny(woken, delay);
                await slept.CancelAsync();
                _stopping.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Completes with the next change, or when somebody asks.</summary>
    private Task<Task> Wakers()
    {
        lock (_context.Store.Gate)
        {
            if (_asked.Task.IsCompleted) _asked = NewSignal();
            return Task.WhenAny(_asked.Task, _context.Store.NextChange);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Work(Action controller)
    {
        try
        {
            controller();
        }
        catch (ApiErrorException)
        {
            // What the server refuses is tried again with the next change, as a real controller would after its back-off.
        }
    }

    /// <returns>Whether nothing is left to do now.</returns>
    private bool Pass()
    {
        lock (_context.Store.Gate)
        {
            for (var i = 0; i < MostPasses; i++)
            {
                _stopping.Token.ThrowIfCancellationRequested();
                var before = _context.Store.Revision;
                _context.Begin();
                foreach (var controller in _controllers) Work(controller);
                if (_context.Store.Revision != before) continue;
                var told = _settled;
                _settled = NewSignal();
                told.TrySetResult();
                return true;
            }
        }
        return false;
    }
}
