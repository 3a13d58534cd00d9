using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>What happens to one container from the pull of its image on.</summary>
internal sealed class ContainerLife(ControlContext context, PodLogs logs, JsonObject pod, JsonObject container, ContainerState state)
{
    private static readonly TimeSpan PullTakes = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReadyAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CrashesAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CompletesAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BackOffShows = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(5);

    private string Name => container.Text("name");

    private string Image => container.Text("image");

    public void Advance()
    {
        switch (state.Stage)
        {
            case ContainerStage.Creating or ContainerStage.Misconfigured when context.IsDue(state.Since, PullTakes):
                Pull();
                break;
            case ContainerStage.PullFailed when context.IsDue(state.Since, BackOffShows):
                To(ContainerStage.PullBackOff, $"Back-off pulling image \"{Image}\": ErrImagePull: {state.Message}");
                Record(isWarning: false, "BackOff", $"Back-off pulling image \"{Image}\"");
                Record(isWarning: true, "Failed", "Error: ImagePullBackOff");
                break;
            case ContainerStage.PullBackOff when context.IsDue(state.Since, BackOff(state.Failures)):
                Pull();
                break;
            case ContainerStage.Running:
                Run();
                break;
            case ContainerStage.CrashBackOff when context.IsDue(state.Since, BackOff(state.Restarts)):
                Restart();
                break;
        }
    }

    private void Pull()
    {
        if (Missing.OfContainer(context.Store, pod, container) is { } why)
        {
            if (state.Stage != ContainerStage.Misconfigured || state.Message != why) Record(isWarning: true, "Failed", $"Error: {why}");
            To(ContainerStage.Misconfigured, why);
            context.IsDue(context.Now, PullTakes);
            return;
        }
        Record(isWarning: false, "Pulling", $"Pulling image \"{Image}\"");
        if (!context.Options.BadImage(Image))
        {
            Record(isWarning: false, "Pulled", $"Successfully pulled image \"{Image}\" in 1s (1s including waiting). Image size: 73728000 bytes.");
            Start();
            return;
        }
        state.Failures++;
        var full = FullName(Image);
        To(ContainerStage.PullFailed, $"failed to pull and unpack image \"{full}\": failed to resolve reference \"{full}\": {full}: not found");
        Record(isWarning: true, "Failed", $"Failed to pull image \"{Image}\": {state.Message}");
        Record(isWarning: true, "Failed", "Error: ErrImagePull");
    }

    private void Start()
    {
        (state.StartedAt, state.IsReady, state.Id) = (context.Now, false, Id());
        To(ContainerStage.Running, "");
        Record(isWarning: false, "Created", $"Created container: {Name}");
        Record(isWarning: false, "Started", $"Started container {Name}");
        logs.Append(pod.Uid(), Name, context.Now, $"{Name}: started from image {Image}");
    }

    private void Run()
    {
        if (context.Options.CrashingImage(Image))
        {
            if (context.IsDue(state.StartedAt, CrashesAfter)) End(1, "Error", $"{Name}: fatal error, giving up");
            return;
        }
        if (pod.Text("spec", "restartPolicy") != "Always" && context.IsDue(state.StartedAt, CompletesAfter))
        {
            End(0, "Completed", $"{Name}: done");
            return;
        }
        var delay = ReadyAfter + TimeSpan.FromSeconds(container.Int("readinessProbe", "initialDelaySeconds"));
        if (!state.IsReady && context.IsDue(state.StartedAt, delay)) state.IsReady = true;
    }

    private void End(int code, string reason, string lastWords)
    {
        logs.Append(pod.Uid(), Name, context.Now, lastWords);
        (state.IsReady, state.Ended) = (false, new()
        {
            ["containerID"] = state.Id,
            ["exitCode"] = code,
            ["finishedAt"] = context.Now.Stamp(),
            ["reason"] = reason,
            ["startedAt"] = state.StartedAt.Stamp(),
        });
        var policy = pod.Text("spec", "restartPolicy");
        if (code == 0 && policy != "Always") To(ContainerStage.Completed, "");
        else if (policy == "Never") To(ContainerStage.Failed, "");
        else if (state.Restarts == 0) Restart();
        else
        {
            var wait = (int)BackOff(state.Restarts).TotalSeconds;
            To(ContainerStage.CrashBackOff, string.Create(CultureInfo.InvariantCulture, $"back-off {Written(wait)} restarting failed container={Name} pod={pod.Name()}_{pod.Namespace()}({pod.Uid()})"));
            Record(isWarning: true, "BackOff", $"Back-off restarting failed container {Name} in pod {pod.Name()}_{pod.Namespace()}({pod.Uid()})");
        }
    }

    private void Restart()
    {
        state.Restarts++;
        logs.Restart(pod.Uid(), Name);
        Record(isWarning: false, "Pulled", $"Container image \"{Image}\" already present on machine");
        Start();
    }

    private void To(ContainerStage stage, string message)
    {
        if (state.Stage == stage && state.Message == message) return;
        (state.Stage, state.Message, state.Since) = (stage, message, context.Now);
    }

    private void Record(bool isWarning, string reason, string message) =>
        context.Record(ResourceKinds.Pods, pod, isWarning, reason, message, "kubelet", pod.Text("spec", "nodeName"), $"spec.containers{{{Name}}}");

    /// <summary>10 s, doubled each time, five minutes at most.</summary>
    private static TimeSpan BackOff(int times) => TimeSpan.FromSeconds(Math.Min(LongestBackOff.TotalSeconds, 10 * Math.Pow(2, Math.Clamp(times - 1, 0, 10))));

    private static string Written(int seconds) => seconds < 60 ? $"{seconds}s" : $"{seconds / 60}m{seconds % 60}s";

    private string Id() => $"containerd://{Digest($"{pod.Uid()}/{Name}/{state.Restarts}")}";

    public static string ImageId(string image)
    {
        var full = FullName(image);
        return full.Contains('@') ? full : $"{full[..full.LastIndexOf(':')]}@sha256:{Digest(full)}";
    }

    private static string Digest(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>As the runtime names it: with its registry and tag.</summary>
    public static string FullName(string image)
    {
        var first = image.Split('/')[0];
        if (!image.Contains('/')) image = "docker.io/library/" + image;
        else if (!first.Contains('.') && !first.Contains(':') && first != "localhost") image = "docker.io/" + image;
        return image[image.LastIndexOf('/')..].Contains(':') || image.Contains('@') ? image : image + ":latest";
    }
}
