using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Executor;

/// <summary>What is about to be sent: known before it has any effect.</summary>
/// <param name="Back">Whether it takes the step back.</param>
/// <param name="ResourceVersion">Of the object that it was made for.</param>
internal sealed record Intent(string Request, string Grant, int Fence, int Step, bool Back, string ResourceVersion);

/// <summary>
/// What this executor began and said, line by line, durable before it goes on. After a crash it tells whether a change may be on its way, and what was signed last. A line that was cut short never counted.
/// </summary>
internal sealed class Journal : IDisposable
{
    private readonly FileStream _file;
    private readonly List<Intent> _intents = [];

    private Journal(FileStream file) => _file = file;

    /// <summary>The name of what was begun and is not over; null when nothing is.</summary>
    public string? Attempt { get; private set; }

    /// <summary><c>sha256:</c> and the hash of what was signed last; <c>none</c> before the first.</summary>
    public string Last { get; private set; } = "none";

    public static Journal Open(string path)
    {
        var file = OwnFile.Open(path, FileMode.OpenOrCreate, FileShare.Read);
        var journal = new Journal(file);
        var (bytes, good) = (new byte[file.Length], 0);
        file.ReadExactly(bytes);
        for (int at = 0, end; (end = Array.IndexOf(bytes, (byte)'\n', at)) >= 0; at = end + 1)
        {
            try
            {
                journal.Take(JsonNode.Parse(bytes.AsSpan(at, end - at))!.AsObject());
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or KeyNotFoundException)
            {
                file.Dispose();
                throw new ExecutorException($"{path} is damaged at byte {at}: it is not known what was begun. Look in the copilot how its requests stand, move the file away, and start again.", e);
            }
            good = end + 1;
        }
        file.SetLength(good);
        file.Position = good;
        return journal;
    }

    /// <summary>Gives what comes next a name.</summary>
    public string Begin()
    {
        var name = Guid.NewGuid().ToString("N");
        Write(new() { ["attempt"] = name });
        return name;
    }

    public void End() => Write(new() { ["ended"] = Attempt });

    public void Intend(Intent intent) => Write(new() { ["intent"] = JsonSerializer.SerializeToNode(intent) });

    /// <summary>What is signed about a step, before it is sent.</summary>
    public void Say(string request, int fence, int step, byte[] signed) =>
        Write(new() { ["said"] = new JsonObject { ["request"] = request, ["fence"] = fence, ["step"] = step, ["hash"] = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(signed)) } });

    /// <summary>Whether a change was sent, or was about to be, before this process began. What was said of it since need not have been heard.</summary>
    public bool WasSent(string request, int fence, int step, bool back) => _intents.Exists(i => i.Request == request && i.Fence == fence && i.Step == step && i.Back == back);

    /// <summary>Whether a grant was used under another fence: it is good once, whoever says otherwise.</summary>
    public bool WasUsed(string grant, int fence) => _intents.Exists(i => i.Grant == grant && i.Fence != fence && !i.Back);

    public void Dispose() => _file.Dispose();

    private void Write(JsonObject line)
    {
        _file.Write(Encoding.UTF8.GetBytes(line.ToJsonString() + "\n"));
        _file.Flush(flushToDisk: true);
        Take(line);
    }

    private void Take(JsonObject line)
    {
        if (line["attempt"] is { } attempt) Attempt = attempt.GetValue<string>();
        if (line.ContainsKey("ended")) Attempt = null;
        if (line["intent"] is { } intent) _intents.Add(intent.Deserialize<Intent>()!);
        if (line["said"] is { } said) Last = said["hash"]!.GetValue<string>();
    }
}
