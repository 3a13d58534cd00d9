using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.UseCases;
using Spectre.Console;

namespace Copilot.Cli;

/// <summary>Where results and remarks go. Colours and progress only where a person looks on.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly bool _person = ReferenceEquals(error, System.Console.Error) && !System.Console.IsErrorRedirected;

    public void Line(string text) => output.WriteLine(text);

    public void Raw(string text) => output.Write(text);

    /// <summary>A remark beside the result.</summary>
    public void Note(string text) => error.WriteLine($"copilot: {text}");

    public void Show(InvestigationOutcome outcome, bool explain) => DiagnosisView.Write(Console(output), outcome.Diagnosis!, outcome.Took, explain ? outcome.Analysis : null);

    public void Show(Diagnosis diagnosis) => DiagnosisView.Write(Console(output), diagnosis, took: null, explained: null);

    public void Conclusion(Diagnosis diagnosis, TimeSpan took) => DiagnosisView.Conclusion(Console(output), diagnosis, took);

    public void Proposals(Diagnosis diagnosis) => DiagnosisView.Proposals(Console(output), diagnosis);

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
        var task = work((r, t) => (read, total) = (r, t));
        await Task.WhenAny(task, Task.Delay(Patience));
        if (!task.IsCompleted)
        {
            await Console(error).Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async context =>
            {
                var bar = context.AddTask(items > 1 ? $"{what} {items} snapshots" : what);
                while (!task.IsCompleted)
                {
                    bar.MaxValue = Math.Max(1, Volatile.Read(ref total));
                    bar.Value = Volatile.Read(ref read);
                    await Task.WhenAny(task, Task.Delay(100));
                }
            });
        }
        await task;
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
