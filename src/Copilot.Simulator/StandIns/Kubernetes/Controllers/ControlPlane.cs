using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;
namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;
internal sealed class ControlPlane(ObjectWrites writes, PodLogs logs, KubernetesStandInOptions options) : IAsyncDisposable
{
    public void Start() { _ = writes; _ = logs; _ = options; }
    public void Freeze() { }
    public Task Settled(CancellationToken c) => Task.CompletedTask;
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
