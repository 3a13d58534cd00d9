using Copilot.Core.Approvals;

namespace Copilot.Executor;

/// <summary>Asks for work, one thing at a time. Whatever is given keeps its name until it is over, so that an answer that was lost is given again.</summary>
internal sealed class Loop(OwnFolder own, Host host, Carrier carrier, Action<string> say)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    public async Task Run(CancellationToken stop)
    {
        say($"{own.Registration.Name} asks {own.Registration.Host.GetLeftPart(UriPartial.Authority)} for work");
        for (var pause = TimeSpan.Zero; !stop.IsCancellationRequested;)
        {
            try
            {
                var attempt = own.Journal.Attempt ?? own.Journal.Begin();
                var work = await host.Work(attempt, stop);
                pause = TimeSpan.Zero;
                if (work is null) continue;
                // What was begun is brought to its end, whoever wants to stop.
                if (work["dry_run"] is System.Text.Json.Nodes.JsonObject tried) await carrier.Try(tried, CancellationToken.None);
                else if (work["request"] is System.Text.Json.Nodes.JsonObject request)
                {
                    await carrier.Do(ApprovalJson.Read(System.Text.Encoding.UTF8.GetBytes(request.ToJsonString())), CancellationToken.None);
                    own.Journal.End();
                }
            }
            catch (Exception e) when (e is HttpRequestException or FormatException)
            {
                say($"cannot go on for now: {e.Message}");
                pause = pause == TimeSpan.Zero ? TimeSpan.FromMilliseconds(200) : pause * 2 < LongestPause ? pause * 2 : LongestPause;
                await Task.Delay(pause, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
        }
        say("ended");
    }
}
