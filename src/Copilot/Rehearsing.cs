using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Simulator.StandIns.Kubernetes;
using Copilot.Storage;
using Copilot.UseCases;
using MediatR;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Copilot;

/// <summary>
/// Plays the executor's half of an incident on stand-ins of its cluster: the copilot serves and may only read, an executor in a process of its own may write, and two people agree. Once the
/// step helps; once it makes things worse, and is taken back.
/// </summary>
internal static class Rehearsing
{
    private const double Hurry = 50;
    private const string Reader = "reader";
    private const string Writer = "writer";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static Task<bool> Run(IConfiguration settings, DataFolder data, string incident, string snapshot, Action<RehearsedScene> told, CancellationToken cancellation)
    {
        var people = RehearsedPeople.Folder(data);
        OwnFiles.MakeFolder(people);
        var kubeconfig = Path.Combine(people, "kubeconfig");
        var played = new ConfigurationBuilder().AddConfiguration(settings).AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{CopilotOptions.Section}:Kubernetes:Kubeconfig"] = kubeconfig,
            [$"{CopilotOptions.Section}:Kubernetes:Context"] = "",
            [$"{CopilotOptions.Section}:Approvals:Directory"] = RehearsedPeople.Directory(people),
            [$"{CopilotOptions.Section}:Approvals:LookSeconds"] = "1",
            [$"{CopilotOptions.Section}:Approvals:Notify"] = "",
        }).Build();
        var clock = new HurriedClock(TimeProvider.System);
        return Serving.During(played, data.Path, port: 0, services => services.AddTransient(p => new ApprovalBook(p.GetRequiredService<CopilotStore>(), p.GetRequiredService<ReceiptLog>(), p.GetRequiredService<Recording>(), clock)), async (app, _) =>
        {
            var mediator = app.Services.GetRequiredService<IMediator>();
            var name = await Admit(mediator, cancellation);
            try
            {
                var folder = Path.Combine(data.Path, "executors", name);
                var code = await mediator.Send(new AddExecutor(name), cancellation);
                await ChildProcess.Run(["register", name, "--host", app.Urls.First(), "--code", "-", "--folder", folder], code, cancellation);
                told(new($"The copilot serves at {app.Urls.First()}. {name}, a process of its own, was admitted with a code that is good once.", null, null));
                var stage = new Stage(mediator, app.Services.GetRequiredService<SnapshotSource>(), app.Services.GetRequiredService<ApprovalOptions>(), clock, name, folder, people, kubeconfig, incident, snapshot, told);
                return await stage.Play(worse: false, cancellation) && await stage.Play(worse: true, cancellation);
            }
            finally
            {
                await mediator.Send(new DismissExecutor(name), CancellationToken.None);
            }
        }, cancellation);
    }

    /// <summary>A name that none had before. What an earlier rehearsal left behind, cut off in its middle, is dismissed.</summary>
    private static async Task<string> Admit(IMediator mediator, CancellationToken cancellation)
    {
        var before = (await mediator.Send(new ListExecutors(), cancellation)).Executors;
        foreach (var left in before) await mediator.Send(new DismissExecutor(left.Name), cancellation);
        return before.Count == 0 ? "demo-executor" : string.Create(CultureInfo.InvariantCulture, $"demo-executor-{before.Count + 1}");
    }

    private sealed class Stage(IMediator mediator, SnapshotSource snapshots, ApprovalOptions options, HurriedClock clock, string executor, string folder, string people, string kubeconfig, string incident, string snapshot, Action<RehearsedScene> told)
    {
        /// <param name="worse">Whether what ran before the rollout does not run any more.</param>
        public async Task<bool> Play(bool worse, CancellationToken cancellation)
        {
            clock.Reset();
            await using var cluster = await KubernetesStandIn.Start(new()
            {
                Seed = KubernetesSeed.Recorded(snapshots.ToPlay(snapshot, cancellation), cancellation),
                Speed = Hurry,
                CrashingImage = _ => worse,
                Tokens = new Dictionary<string, KubernetesAccount>
                {
                    [Reader] = KubernetesAccount.Reader("copilot"),
                    // Of what "copilot-executor manifests" lists, that which this step takes.
                    [Writer] = new(executor, ["system:authenticated"], [new(["get", "patch"], ["apps"], ["deployments"]), new(["list"], ["apps"], ["replicasets"])]),
                },
            }, cancellation);
            await cluster.WriteKubeconfig(kubeconfig, Reader, cancellation: cancellation);
            await cluster.WriteKubeconfig($"{kubeconfig}-{Writer}", Writer, cancellation: cancellation);
            await using var child = ChildProcess.Start(["run", "--kubeconfig", $"{kubeconfig}-{Writer}", "--folder", folder, "--until-eof"]);
            await Until(async () => (await mediator.Send(new ListExecutors(), cancellation)).Executors.Any(e => e.Name == executor && e.State == ListedExecutor.Asking), cancellation);
            return await Play(worse, cluster, child, cancellation);
        }

        private async Task<bool> Play(bool worse, KubernetesStandIn cluster, ChildProcess child, CancellationToken cancellation)
        {
            var asked = (await mediator.Send(new RequestApproval(incident), cancellation)).Request;
            told(worse
                ? new($"The same step on a cluster where what ran before does not run any more. Asked for, tried and shown as before: {asked.Id}", null, null)
                : new($"asked for the step once more; {executor} tries it without effect first, and what people agree to shows what the API server would change", asked, null) { Lines = child.Said() });
            if (asked.Ask.Executor != executor || PlanReader.Read(asked.Ask.Plan) is not { Steps: [{ Kind: var kind, Target: var target }] } plan || kind != ActionKind.RolloutUndo) return false;
            foreach (var person in (string[])["bob", "carol"])
                told(new($"{person} approves", null, await mediator.Send(new VoteOnApproval(asked.Id, true, "", asked.Ask.PresentedDigest, RehearsedPeople.As(people, person)), cancellation)));

            var now = await UntilIn(asked.Id, cancellation, ApprovalState.Verifying, ApprovalState.RollbackPending);
            if (now.Execution is not { Steps: [var step] }) return false;
            told(new($"{executor} carries it out, which nobody has to watch", null, new ApprovalResult.Same(now, now.Because)) { Lines = [.. child.Said(), .. step.Says.Split('\n')] });
            return worse ? await TakenBack(now, cluster, target, child, cancellation) : await Verified(now, plan, cluster, cancellation);
        }

        private async Task<bool> Verified(ApprovalRequest request, Plan plan, KubernetesStandIn cluster, CancellationToken cancellation)
        {
            var now = await Until(request.Id, r => r.State != ApprovalState.Verifying || r.Observation?.HeldSince is not null, cancellation, () => clock.Hurry(TimeSpan.FromSeconds(10)));
            told(new("the copilot looks at what came of it", null, new ApprovalResult.Same(now, now.Because)) { Lines = Readings(now) });
            if (now.State == ApprovalState.Verifying)
            {
                told(new("bob says what the copilot cannot see here", null, await mediator.Send(new ReportApproval(request.Id, Deeds.ReportWorked, "error rate back to normal", RehearsedPeople.As(people, "bob")), cancellation)));
                clock.Hurry(plan.Verify.Max(v => v.Soak));
                now = await Until(request.Id, r => r.State != ApprovalState.Verifying, cancellation);
                told(new($"and again {plan.Verify.Max(v => v.Soak).TotalMinutes:0} minutes later (for which this demo set its clock on)", null, new ApprovalResult.Same(now, now.Because)) { Lines = Writes(cluster) });
            }
            return now.State == ApprovalState.Succeeded;
        }

        private async Task<bool> TakenBack(ApprovalRequest request, KubernetesStandIn cluster, ActionTarget target, ChildProcess child, CancellationToken cancellation)
        {
            var looked = await Until(request.Id, r => r.State != ApprovalState.Verifying || r.Observation?.Readings.Any(p => p.Outcome == ProbeReading.Fails) == true, cancellation);
            told(new($"the copilot looks at what came of it: {target.Name} is worse off than before", null, new ApprovalResult.Same(looked, looked.Because)) { Lines = Readings(looked) });
            if (looked.State == ApprovalState.Verifying) clock.Hurry(TimeSpan.FromSeconds(options.SettleSeconds));
            var now = await UntilIn(request.Id, cancellation, ApprovalState.RolledBack, ApprovalState.NeedsHuman, ApprovalState.Succeeded);
            told(new($"and again {options.SettleSeconds / 60} minutes later: it is taken back by the way that was approved with it, and the cluster is held to how it was", null, new ApprovalResult.Same(now, now.Because)) { Lines = [.. child.Said(), .. Writes(cluster)] });
            return now.State == ApprovalState.RolledBack;
        }

        private static IReadOnlyList<string> Readings(ApprovalRequest request) => [.. (request.Observation?.Readings ?? []).Select(r => $"{r.Outcome.Replace('_', ' ')}: {r.Check} {r.Subject}, {r.Says}")];

        /// <summary>What the cluster was asked to change, from its own record, and by whom.</summary>
        private static IReadOnlyList<string> Writes(KubernetesStandIn cluster)
        {
            var calls = cluster.Wire.Entries.ToList();
            return
            [
                $"the cluster's own record: {calls.Count(c => c.Target.StartsWith($"/as/{Reader}/", StringComparison.Ordinal))} calls of the copilot, {calls.Count(c => c.Target.StartsWith($"/as/{Reader}/", StringComparison.Ordinal) && c.Method != "GET")} of them to change something; of the executor's changed something:",
                .. calls.Where(c => c.Target.StartsWith($"/as/{Writer}/", StringComparison.Ordinal) && c.Method != "GET" && !c.Target.Contains("dryRun", StringComparison.Ordinal)).Select(c => $"{c.Method} {c.Target[$"/as/{Writer}".Length..]}"),
            ];
        }

        private Task<ApprovalRequest> UntilIn(string id, CancellationToken cancellation, params ApprovalState[] states) => Until(id, r => states.Contains(r.State) || r.State.IsFinal(), cancellation);

        private async Task<ApprovalRequest> Until(string id, Predicate<ApprovalRequest> holds, CancellationToken cancellation, Action? meanwhile = null)
        {
            ApprovalRequest? last = null;
            await Until(async () =>
            {
                last = (await mediator.Send(new ShowApproval(id), cancellation)).Request;
                if (holds(last)) return true;
                meanwhile?.Invoke();
                return false;
            }, cancellation);
            return last!;
        }

        private async Task Until(Func<Task<bool>> holds, CancellationToken cancellation)
        {
            for (var watch = Stopwatch.StartNew(); !await holds(); await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation))
                if (watch.Elapsed > Patience) throw new BadInputException($"The executor of the demo did not get on within {Patience.TotalSeconds:0} seconds. Its files are in {folder}.");
        }
    }

    /// <summary>The program of the executor, beside this one. It ends when this process does.</summary>
    private sealed class ChildProcess : IAsyncDisposable
    {
        private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(20);
        private readonly Process _process;
        private readonly ConcurrentQueue<string> _said = [];

        private ChildProcess(Process process)
        {
            _process = process;
            process.OutputDataReceived += (_, line) => Hear(line.Data);
            process.ErrorDataReceived += (_, line) => Hear(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public static ChildProcess Start(string[] arguments)
        {
            var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "copilot-executor.exe" : "copilot-executor");
            if (!File.Exists(program)) throw new BadInputException($"The executor is not at {program}. \"dotnet build src/Copilot\" builds it along.");
            return new(Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!);
        }

        public static async Task Run(string[] arguments, string input, CancellationToken cancellation)
        {
            await using var child = Start(arguments);
            await child._process.StandardInput.WriteLineAsync(input.AsMemory(), cancellation);
            await child._process.WaitForExitAsync(cancellation);
            if (child._process.ExitCode != 0) throw new BadInputException($"The executor could not be registered: {string.Join(" ", child.Said())}");
        }

        /// <summary>What it said since it was asked last.</summary>
        public List<string> Said()
        {
            var lines = new List<string>();
            while (_said.TryDequeue(out var line)) lines.Add(line);
            return lines;
        }

        public async ValueTask DisposeAsync()
        {
            _process.StandardInput.Close();
            try
            {
                await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(LongestEnd);
            }
            catch (TimeoutException)
            {
                _process.Kill();
            }
            _process.Dispose();
        }

        private void Hear(string? line)
        {
            if (line is not null) _said.Enqueue(line);
        }
    }
}
