// Each type breaks one rule and is expected by name in RuleTests; the others beside them are lawful.
#pragma warning disable IDE0161, CA1051, CA1052, CA5392, SYSLIB1054

using System.Runtime.InteropServices;

namespace BadFixture.Core.Analysis
{
    /// <summary>A package whose name begins like the base library's.</summary>
    public static class Hashes
    {
        public static ulong Go(byte[] data) => System.IO.Hashing.XxHash3.HashToUInt64(data);
    }
}

namespace BadFixture.Core.Signals
{
    public interface IExtra;

    public class OpenClass;

    public record OpenRecord(int Count);

    public abstract record Family
    {
        public sealed record Member(Func<int> Value) : Family;
    }

    public static class Outer
    {
        public class OpenNested;
    }

    public sealed record Mutable(int Fixed)
    {
        public int Field;

        public const int Constant = 1;

        public int Count { get; set; }

        public int Inward { get; private set; }

        public int Initial { get; init; }
    }

    public record struct MutableStruct(int Count);

    public readonly record struct FixedStruct(int Count);

    internal sealed record Private
    {
        public int Count { get; set; }
    }
}

namespace BadFixture.Engine.Snapshots
{
    public sealed class Shell
    {
        public MediatR.IRequest? Request { get; init; }

        public Serilog.ILogger? Log { get; init; }

        public static object Go() => new object[] { new Spectre.Console.Markup(""), new System.CommandLine.Command("x") };

        public static async Task Answer(Microsoft.AspNetCore.Http.HttpContext context)
        {
            await Task.Yield();
            context.Abort();
        }
    }

    /// <summary>The call is in an async lambda.</summary>
    public static class Starts
    {
        public static Func<Task<string>> Go() => async () =>
        {
            await Task.Yield();
            return System.Diagnostics.Process.GetCurrentProcess().ProcessName;
        };
    }

    /// <summary>One as a generic argument only, one as a property.</summary>
    public static class Talks
    {
        public static System.Net.Sockets.TcpClient? Client { get; }

        public static object Go() => new Lazy<System.Net.Http.HttpClient>();
    }

    public static class Pipe
    {
        public static object Go() => new System.IO.Pipes.NamedPipeClientStream("x");
    }

    public static class Native
    {
        [DllImport("libc", EntryPoint = "getpid")]
        private static extern int Pid();

        public static int Go() => Pid();
    }
}

namespace BadFixture.UseCases
{
    /// <summary>Opens a snapshot with no receipt of it.</summary>
    internal static class ReadsByItself
    {
        public static object Read(string path) => new[] { path }.Select(p => Copilot.Engine.Snapshots.Snapshot.Open(p)).First();
    }
}

namespace BadFixture.Sources.Kubernetes
{
    /// <summary>Writes to what it should only read.</summary>
    public static class Writer
    {
        public static object Go(System.Net.Http.HttpClient client) =>
            new object[] { client.DeleteAsync(new Uri("http://127.0.0.1:1/")), System.Net.Http.HttpMethod.Post, System.Net.Http.HttpMethod.Get, new System.Net.Http.HttpMethod("PUT") };
    }
}
