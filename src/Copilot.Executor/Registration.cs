namespace Copilot.Executor;

/// <summary>Registers an executor, once.</summary>
internal static class Registration
{
    public static async Task Make(string folder, string name, string host, string code, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(host, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) throw new ExecutorException($"{host} is no address. It is one such as http://127.0.0.1:7130.");
        // Whoever reads the wire has the token, and with it every approved plan.
        if (address.Scheme == "http" && !address.IsLoopback) throw new ExecutorException($"{host} is reached over the network without TLS. Put TLS in front of the copilot, and name it as https://.");
        var key = OwnFolder.MakeKey(folder, name);
        try
        {
            var (token, logKey) = await Host.Register(address, name, code, key.ToString(), cancellation);
            OwnFolder.Keep(folder, new(name, address, token, logKey));
        }
        catch (HttpRequestException e)
        {
            throw new ExecutorException($"The copilot at {host} cannot be reached ({e.Message.TrimEnd('.')}). Is \"copilot serve\" running there?", e);
        }
    }
}
