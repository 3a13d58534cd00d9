using System.Diagnostics;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.UseCases;
using Spectre.Console;

namespace Copilot.Cli;

/// <summary>Where results and remarks go. Colours and progress only where a person looks on.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NowAndThen = TimeSpan.FromSeconds(20);

    private readonly bool _person = ReferenceEquals(error, System.Console.Error) && !System.Console.IsErrorRedirected;

    public void Line(string text) => output.WriteLine(text);

    public void Raw(string text) => output.Write(text);

    /// <summary>A remark beside the result.</summary>
    public void Note(string text) => error.WriteLine($"copilot: {text}");

    public void Show(InvestigationOutcome outcome, bool explain) => DiagnosisView.Write(Console(output), outcome.Diagnosis!, outcome.Took, explain ? outcome.Analysis : null);

    public void Show(Diagnosis diagnosis) => DiagnosisView.Write(Console(output), diagnosis, took: null, explained: null);

    public void Conclusion(Diagnosis diagnosis, TimeSpan took) => DiagnosisView.Conclusion(Console(output), diagnosis, took);

    public void Proposals(Diagnosis diagnosis) => DiagnosisView.Proposals(Console(output), diagnosis);

    /// <summary>A page of lines where results go.</summary>
    public Page Page() => new(Console(output));

    /// <summary>A heading of our own words, with a remark below it.</summary>
    public void Heading(string title, string remark)
    {
        var console = Console(output);
        console.WriteLine();
        console.MarkupLine($"[bold invert] {Markup.Escape(title)} [/]");
        if (remark.Length > 0) console.MarkupLine($"[dim]{Markup.Escape(remark)}[/]");
    }

    /// <summary>One diagnosis as an object, several as an array.</summary>
    public void Json(List<Diagnosis> diagnoses, bool array)
    {
        if (!array)
        {
            foreach (var diagnosis in diagnoses) output.Write(DiagnosisJson.Write(diagnosis));
            return;
        }
        output.Write("[\n" + string.Join(",\n", diagnoses.Select(d => DiagnosisJson.Write(d).TrimEnd())) + "\n]\n");
    }

    public void Table(string[] heads, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var head in heads) table.AddColumn(new TableColumn(head).NoWrap());
        foreach (var row in rows) table.AddRow(row.Select(c => (Spectre.Console.Rendering.IRenderable)new Text(PlainText.Clean(c))));
        Console(output).Write(table);
    }

    /// <summary>Runs work and shows how far it is once it takes longer than a second.</summary>
    public async Task WithProgress(string what, int items, Func<Action<long, long>?, Task> work)
    {
        if (!_person)
        {
            await work(null);
            return;
        }
        var (read, total) = (0L, 0L);
        await Shown(items > 1 ? $"{what} {items} snapshots" : what, work((r, t) => (read, total) = (r, t)), () => (Volatile.Read(ref read), Volatile.Read(ref total)));
    }

    /// <summary>A bar while it takes longer than a second.</summary>
    private async Task Shown(string what, Task task, Func<(long Done, long Total)> state)
    {
        await Task.WhenAny(task, Task.Delay(Patience));
        if (!task.IsCompleted)
        {
            await Console(error).Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async context =>
            {
                var bar = context.AddTask(what);
                while (!task.IsCompleted)
                {
                    var (done, total) = state();
                    (bar.MaxValue, bar.Value) = (Math.Max(1, total), done);
                    await Task.WhenAny(task, Task.Delay(100));
                }
            });
        }
        await task;
    }

    /// <summary>Runs work that takes minutes: a bar for a person, a line now and then for a log, both with the time left.</summary>
    public async Task WithTimeLeft(string what, Func<Action<long, long>?, Task> work)
    {
        var (done, total, begun, clock) = (0L, 0L, -1L, Stopwatch.StartNew());
        var task = work((d, t) =>
        {
            // What is there from before took no time now.
            Interlocked.CompareExchange(ref begun, d, -1);
            (done, total) = (d, t);
        });
        if (_person)
        {
            await Shown(what, task, () => (Volatile.Read(ref done), Volatile.Read(ref total)));
            return;
        }
        while (await Task.WhenAny(task, Task.Delay(NowAndThen)) != task)
        {
            var (d, t) = (Volatile.Read(ref done), Volatile.Read(ref total));
            var left = d > begun && begun >= 0 ? $", {Words(clock.Elapsed * ((double)(t - d) / (d - begun)))} left" : "";
            if (t > 0) Note($"{d} of {t} {what}{left}");
        }
        await task;
    }

    private static string Words(TimeSpan time) => time.TotalMinutes >= 2 ? $"{time.TotalMinutes:0} min" : $"{time.TotalSeconds:0} s";

    /// <summary>Something that was done, as one of many: shown where a person looks on.</summary>
    public void Passing(string text)
    {
        if (_person) error.Write($"\r{PlainText.Clean(text).PadRight(60)}");
    }

    /// <summary>Ends what <see cref="Passing"/> shows.</summary>
    public void Passed()
    {
        if (_person) error.Write("\r" + new string(' ', 60) + "\r");
    }

    /// <summary>A console on a writer: plain and unwrapped unless the writer is the person's terminal.</summary>
    internal static IAnsiConsole Console(TextWriter writer)
    {
        var terminal = (ReferenceEquals(writer, System.Console.Out) && !System.Console.IsOutputRedirected) || (ReferenceEquals(writer, System.Console.Error) && !System.Console.IsErrorRedirected);
        var colour = terminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        if (!terminal) console.Profile.Width = 100_000; // a pipe has no width: lines stay whole
        return console;
    }
}
