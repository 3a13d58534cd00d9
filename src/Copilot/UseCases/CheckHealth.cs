using Copilot.Configuration;
using Copilot.Engine.Yaml;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Looks whether the copilot can work here.</summary>
internal sealed record CheckHealth : IRequest<IReadOnlyList<HealthCheck>>;

/// <param name="Remedy">What to do when it is not well; empty otherwise.</param>
internal sealed record HealthCheck(string Name, bool Well, string Detail, string Remedy);

internal sealed class CheckHealthHandler(DataFolder data, InvestigationOptions investigation, PolicyBook policies) : IRequestHandler<CheckHealth, IReadOnlyList<HealthCheck>>
{
    private const long LeastFree = 1L << 30;

    public Task<IReadOnlyList<HealthCheck>> Handle(CheckHealth request, CancellationToken cancellationToken)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return Task.FromResult<IReadOnlyList<HealthCheck>>(
        [
            new("runtime", true, $".NET {Environment.Version} on {System.Runtime.InteropServices.RuntimeInformation.OSDescription}", ""),
            new("settings", true, "appsettings.json and the environment hold no unknown key and no bad value", ""),
            Writable(),
            Space(),
            new("memory", memory >= 1L << 30, $"{memory >> 20} MiB for this process", memory >= 1L << 30 ? "" : "Large snapshots want 1 GiB; raise the limit of the container or machine."),
            Policy(),
            new("workers", true, $"{investigation.Workers} at a time", ""),
            new("sources", true, "recorded snapshots only: no live system is configured, so none can be touched", ""),
        ]);
    }

    private HealthCheck Policy()
    {
        try
        {
            if (policies.InForce() is not { Document: var policy } inForce) return new("policy", true, $"{policies.OfSettings().File} decides; nobody put a policy in force yet", "");
            return new("policy", true, $"{policy.Name} version {policy.Version} decides, put in force at {inForce.At:yyyy-MM-dd HH:mm} UTC", "");
        }
        catch (FileFaultException e)
        {
            return new("policy", false, "nothing can be decided", e.Message);
        }
    }

    private HealthCheck Writable()
    {
        if (data.TryCreate() is { } fault) return new("data folder", false, data.Path, fault);
        var probe = Path.Combine(data.Path, $".probe-{Environment.ProcessId}");
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return new("data folder", true, $"{data.Path} can be written", "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new("data folder", false, $"{data.Path} cannot be written ({e.Message})", "Mend its permissions, or name another one with --data DIR or COPILOT_DATA.");
        }
    }

    private HealthCheck Space()
    {
        try
        {
            var free = new DriveInfo(data.Path).AvailableFreeSpace;
            return new("disk", free >= LeastFree, $"{free >> 20} MiB free", free >= LeastFree ? "" : "Archives are unpacked there: free some space or name another folder with --data DIR.");
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return new("disk", false, $"free space is unknown ({e.Message})", "Check the data folder.");
        }
    }
}
