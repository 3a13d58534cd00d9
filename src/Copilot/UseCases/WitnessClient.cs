using System.Globalization;
using System.Net;
using System.Text;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;

namespace Copilot.UseCases;

/// <summary>What a witness answered.</summary>
internal abstract record WitnessAnswer
{
    /// <param name="Line">Its signature line, with its newline.</param>
    /// <param name="At">When it signed, by its clock.</param>
    public sealed record Cosigned(string Line, DateTimeOffset At) : WitnessAnswer;

    /// <param name="Size">Of the last checkpoint that it cosigned.</param>
    public sealed record Conflict(long Size) : WitnessAnswer;

    /// <param name="Says">Why, and what to do.</param>
    public sealed record Refused(string Says) : WitnessAnswer;

    /// <summary>The proof does not hold for what the witness cosigned before.</summary>
    public sealed record Inconsistent : WitnessAnswer;
}

/// <summary>Submits checkpoints to a witness (C2SP tlog-witness).</summary>
internal sealed class WitnessClient : IDisposable
{
    private const int MostAnswerBytes = 64 << 10;
    private const int MostShown = 200;

    private readonly HttpClient _http;

    /// <param name="timeout">For one request, from connecting to the last byte.</param>
    public WitnessClient(TimeSpan timeout)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, ConnectTimeout = timeout };
        _http = new(handler) { Timeout = timeout, MaxResponseContentBufferSize = MostAnswerBytes };
    }

    /// <param name="prefix">The witness's submission prefix.</param>
    /// <param name="key">The witness's: a line of another key counts for nothing.</param>
    public async Task<WitnessAnswer> Submit(Uri prefix, WitnessKey key, AddCheckpoint request, CancellationToken cancellation)
    {
        try
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(request.Format()));
            using var response = await _http.PostAsync(new Uri($"{prefix.AbsoluteUri.TrimEnd('/')}/{Witness.AddCheckpointPath}"), content, cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => Cosigned(key, request, body),
                HttpStatusCode.Conflict => ReadSize(body) is { } size ? new WitnessAnswer.Conflict(size) : new WitnessAnswer.Refused("answered 409 without the size that it knows: it is no witness, or a faulty one."),
                HttpStatusCode.UnprocessableEntity => new WitnessAnswer.Inconsistent(),
                HttpStatusCode.Forbidden => new WitnessAnswer.Refused("knows another key of this log. Give its owner the current keys/receipts.pub."),
                HttpStatusCode.NotFound => new WitnessAnswer.Refused("does not know this log, or is no witness. Give its owner keys/receipts.pub, and check the address."),
                var status => new WitnessAnswer.Refused($"answered {(int)status}: {Shown(body)}"),
            };
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new WitnessAnswer.Refused($"cannot be reached ({PlainText.Clean((e.InnerException ?? e).Message).TrimEnd('.')}). Check the address, and whether it runs.");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new WitnessAnswer.Refused($"did not answer within {_http.Timeout.TotalSeconds:0} seconds. Try again later.");
        }
    }

    public void Dispose() => _http.Dispose();

    private static WitnessAnswer Cosigned(WitnessKey key, AddCheckpoint request, byte[] body)
    {
        // Read as the specification advises: behind the text that was submitted, without the signatures that stand there already.
        byte[] note = [.. Encoding.UTF8.GetBytes(request.Note.Text + "\n"), .. body];
        if (!SignedNote.TryParse(note, out var read, out var fault) || read!.Text != request.Note.Text) return new WitnessAnswer.Refused($"answered with what is no signature line ({(fault.Length == 0 ? "there is more" : fault)}).");
        return key.CosignedAt(read, Storage.SigningKey.Verify) is { } at
            ? new WitnessAnswer.Cosigned(SignedNote.Line(read.Signatures.First(s => s.Name == key.Name && s.KeyId == key.Id)), at)
            : new WitnessAnswer.Refused($"did not sign with the key {key}. Ask its owner for its public key, witness.pub.");
    }

    private static long? ReadSize(byte[] body)
    {
        var text = Encoding.Latin1.GetString(body);
        return text.EndsWith('\n') && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var size) && string.Create(CultureInfo.InvariantCulture, $"{size}\n") == text ? size : null;
    }

    private static string Shown(byte[] body)
    {
        var text = PlainText.Clean(Encoding.UTF8.GetString(body));
        return text.Length == 0 ? "nothing" : text.Length > MostShown ? text[..MostShown] + "..." : text;
    }
}
