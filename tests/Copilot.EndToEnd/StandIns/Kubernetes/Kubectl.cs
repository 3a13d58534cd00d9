using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Copilot.Simulator.StandIns.Kubernetes;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Kubernetes;

/// <summary>The real kubectl with a home of its own, and what was said to it and by it.</summary>
internal sealed partial class Kubectl : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("copilot-kubectl-");
    private readonly StringBuilder _transcript = new();

    private Kubectl()
    {
    }

    /// <summary>Where manifests and dumps may lie.</summary>
    public string Home => _home.FullName;

    public static async Task<Kubectl> For(KubernetesStandIn standIn, string? token = null)
    {
        var kubectl = new Kubectl();
        await standIn.WriteKubeconfig(Path.Combine(kubectl.Home, "config"), token, cancellation: TestContext.Current.CancellationToken);
        return kubectl;
    }

    /// <param name="kubeconfig">As somebody wrote it.</param>
    public static Kubectl With(string kubeconfig)
    {
        var kubectl = new Kubectl();
        File.Copy(kubeconfig, Path.Combine(kubectl.Home, "config"));
        return kubectl;
    }

    public void Write(string file, string content) => File.WriteAllText(Path.Combine(Home, file), content);

    /// <summary>Runs it and keeps what it said.</summary>
    public Task<(int Code, string Output, string Error)> Run(string arguments) => Run("kubectl", arguments);

    /// <summary>Runs a script that calls it.</summary>
    public Task<(int Code, string Output, string Error)> Bash(string script) => Run("bash", script);

    private async Task<(int Code, string Output, string Error)> Run(string program, string arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _transcript.Append("$ ").Append(program).Append(' ').Append(arguments).Append('\n').Append(await output).Append(await error);
        if (process.ExitCode != 0) _transcript.Append("exit code ").Append(process.ExitCode).Append('\n');
        _transcript.Append('\n');
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Compares all that was said with the approved transcript.</summary>
    public void Check(string name, [System.Runtime.CompilerServices.CallerFilePath] string caller = "") => Approved.Check(name, Normal(_transcript.ToString().Replace(Home, "~", StringComparison.Ordinal)), caller);

    public void Dispose() => _home.Delete(recursive: true);

    /// <summary>Replaces what differs from run to run: times, ages, uids, addresses, drawn names and the widths that follow from them.</summary>
    private static string Normal(string text)
    {
        text = Uid().Replace(text, "UID");
        text = LogLine().Replace(text, "");
        text = Stamp().Replace(text, "TIME");
        text = LongTime().Replace(text, "TIME");
        text = Container().Replace(text, "containerd://ID");
        text = PodName().Replace(text, "-HASH-POD");
        text = SetName().Replace(text, "-HASH");
        text = DrawnName().Replace(text, "$1-DRAWN");
        text = Address().Replace(text, "IP");
        text = Node().Replace(text, "node-N");
        text = Version().Replace(text, "resourceVersion: \"N\"");
        text = Age().Replace(text, "AGE");
        text = DiffFile().Replace(text, "$1 FILE");
        text = DiffFolder().Replace(text, "/tmp/$1-N");
        text = Rule().Replace(text, "---");
        return Spaces().Replace(text, "  ");
    }

    private Process Start(string program, string arguments)
    {
        var start = new ProcessStartInfo(program, arguments.Split(' ')) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Home };
        start.Environment["KUBECONFIG"] = Path.Combine(Home, "config");
        start.Environment["HOME"] = Home;
        start.Environment["KUBECACHEDIR"] = Path.Combine(Home, "cache");
        start.Environment["KUBECTL_EXTERNAL_DIFF"] = "diff -U1";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("kubectl is not on the PATH. Install it: https://kubernetes.io/docs/tasks/tools/ (Debian: apt-get install kubectl from pkgs.k8s.io).", e);
        }
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"""?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| [+-]\d{4})""?", RegexOptions.ExplicitCapture)]
    private static partial Regex Stamp();

    [GeneratedRegex(@"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")]
    private static partial Regex LongTime();

    [GeneratedRegex("containerd://[0-9a-f]{64}")]
    private static partial Regex Container();

    [GeneratedRegex("-[bcdf2456789]*[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9])")]
    private static partial Regex PodName();

    [GeneratedRegex("(?<=web|=)-?(?=\\w*[2456789])[bcdfghjklmnpqrstvwxz2456789]{8,10}\\b")]
    private static partial Regex SetName();

    [GeneratedRegex("\\b(\\w+)-(?=[a-z0-9]*[0-9])[bcdfghjklmnpqrstvwxz2456789]{5}\\b")]
    private static partial Regex DrawnName();

    [GeneratedRegex(@"10\.\d+\.\d+\.\d+")]
    private static partial Regex Address();

    [GeneratedRegex(@"node-\d\b")]
    private static partial Regex Node();

    [GeneratedRegex("resourceVersion: \"\\d+\"")]
    private static partial Regex Version();

    [GeneratedRegex(@"(?<![\w.])\d{1,2}[smhd](\d{1,2}[smhd])?(?![\w.])", RegexOptions.ExplicitCapture)]
    private static partial Regex Age();

    [GeneratedRegex(@"^(---|\+\+\+) .*$", RegexOptions.Multiline)]
    private static partial Regex DiffFile();

    [GeneratedRegex(@"/tmp/(LIVE|MERGED)-\d+")]
    private static partial Regex DiffFolder();

    /// <summary>kubectl's own log of discovery that failed: how often it tries is not the server's.</summary>
    [GeneratedRegex(@"^E\d{4} .*\n", RegexOptions.Multiline)]
    private static partial Regex LogLine();

    [GeneratedRegex("-{4,}")]
    private static partial Regex Rule();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();
}
