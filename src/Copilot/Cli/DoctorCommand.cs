using System.CommandLine;
using System.Text.Json;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot doctor</c></summary>
internal static class DoctorCommand
{
    public static Command Create(CommandLine cli)
    {
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("doctor", "Check whether the copilot can work here, and say how to mend what is not well.") { json };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var checks = await mediator.Send(new CheckHealth(), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(checks.Select(c => new { name = c.Name, well = c.Well, detail = c.Detail, remedy = c.Remedy })));
            else
                foreach (var check in checks) output.WriteLine($"{(check.Well ? "ok  " : "FAIL")}  {check.Name,-12} {check.Detail}{(check.Remedy.Length > 0 ? $". {check.Remedy}" : "")}");
            return checks.All(c => c.Well) ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }
}
