using System.CommandLine;
using System.Runtime.InteropServices;
using Copilot.Core.Actions;
using Copilot.Core.Evidence;

namespace Copilot.Executor;

/// <summary>The verbs of the executor.</summary>
internal static class Program
{
    private static readonly Option<string> Folder = new("--folder") { Description = "The executor's own files: key, token, journal (default: $XDG_DATA_HOME/copilot-executor)", HelpName = "DIR", Recursive = true, DefaultValueFactory = _ => OwnFolder.Default };
    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { Description = "The kubeconfig with the executor's own credentials (default: KUBECONFIG)", HelpName = "FILE", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("KUBECONFIG") ?? "" };
    private static readonly Option<string> Context = new("--context") { Description = "Its context (default: the current one)", HelpName = "NAME", DefaultValueFactory = _ => "" };

    public static Task<int> Main(string[] args)
    {
        var root = new RootCommand("Carries out what people approved in the copilot: once, and nothing else.") { Folder };
        root.Add(Register());
        root.Add(Run());
        root.Add(Doctor());
        root.Add(Manifests());
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2), EnableDefaultExceptionHandler = false });
    }

    private static Command Register()
    {
        var host = new Option<string>("--host") { Required = true, HelpName = "URL", Description = "Where the copilot serves, such as http://127.0.0.1:7130" };
        var code = new Option<string>("--code") { Required = true, HelpName = "CODE", Description = "What \"copilot executors add NAME\" showed; - reads it from standard input" };
        var name = new Argument<string>("NAME") { Description = "As it was added there" };
        var command = new Command("register", "Make this executor's key and register it with the copilot, once.") { name, host, code };
        command.SetAction((parsed, cancellation) => Guarded(async () =>
        {
            var secret = parsed.GetValue(code) == "-" ? await Console.In.ReadLineAsync(cancellation) ?? "" : parsed.GetValue(code)!;
            await Registration.Make(parsed.GetValue(Folder)!, parsed.GetValue(name)!, parsed.GetValue(host)!, secret.Trim(), cancellation);
            Console.WriteLine($"Registered as {parsed.GetValue(name)}. \"copilot-executor run\" asks for work.");
            return 0;
        }));
        return command;
    }

    private static Command Run()
    {
        var untilEof = new Option<bool>("--until-eof") { Description = "Stop as well when standard input ends, so that it does not outlive the program that started it" };
        var command = new Command("run", "Ask the copilot for approved work and carry it out, until told to stop.") { Kubeconfig, Context, untilEof };
        command.SetAction((parsed, cancellation) => Guarded(async () =>
        {
            using var own = OwnFolder.Open(parsed.GetValue(Folder)!);
            using var cluster = Cluster.Open(parsed.GetValue(Kubeconfig)!, parsed.GetValue(Context)!);
            using var host = new Host(own.Registration);
            using var stop = new CancellationTokenSource();
            using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, s =>
            {
                // The step that is on its way is brought to its end.
                s.Cancel = true;
                stop.Cancel();
            });
            using var interrupted = cancellation.Register(stop.Cancel);
            if (parsed.GetValue(untilEof)) StopAtEof(stop);
            await new Loop(own, host, new Carrier(own, host, new(own.Journal, cluster, Say), Say), Say).Run(stop.Token);
            return 0;
        }));
        return command;
    }

    private static Command Doctor()
    {
        var ns = new Option<string[]>("--namespace") { HelpName = "NAME", Description = "Look at the rights in this namespace (default: that of the context, else default)", DefaultValueFactory = _ => [] };
        var command = new Command("doctor", "Show what the credentials can do, and warn when it is more than the kinds of action take.") { Kubeconfig, Context, ns };
        command.SetAction((parsed, cancellation) => Guarded(() => Copilot.Executor.Doctor.Run(parsed.GetValue(Folder)!, parsed.GetValue(Kubeconfig)!, parsed.GetValue(Context)!, parsed.GetValue(ns)!, Console.Out, cancellation)));
        return command;
    }

    private static Command Manifests()
    {
        var ns = new Option<string>("--namespace") { Required = true, HelpName = "NAME", Description = "Where it may work" };
        var kinds = new Option<string[]>("--kind") { HelpName = "KIND", Description = $"Only for these kinds of action (default: all of {string.Join(", ", StepPatch.Kinds.Select(k => k.Name))})", DefaultValueFactory = _ => [] };
        var command = new Command("manifests", "Print the account and the least rights that the kinds of action take, for kubectl apply.") { ns, kinds };
        command.SetAction(parsed => Guarded(() =>
        {
            Console.Write(Rights.Manifests(parsed.GetValue(ns)!, parsed.GetValue(kinds)!));
            return Task.FromResult(0);
        }));
        return command;
    }

    private static void StopAtEof(CancellationTokenSource stop)
    {
        // A thread, as reading standard input cannot be cancelled.
        var reader = new Thread(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
                // Whatever is said to it means nothing.
            }
            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has ended already.
            }
        });
        reader.IsBackground = true;
        reader.Start();
    }

    private static void Say(string line) => Console.WriteLine($"{DateTimeOffset.UtcNow:HH:mm:ss} {PlainText.Clean(line)}");

    // Whatever is wrong with files, host or cluster comes in a sentence.
    private static async Task<int> Guarded(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (ExecutorException e)
        {
            await Console.Error.WriteLineAsync(PlainText.Clean(e.Message));
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
    }
}
