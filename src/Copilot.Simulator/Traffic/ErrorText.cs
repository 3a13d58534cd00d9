using Copilot.Simulator.Applications;

namespace Copilot.Simulator.Traffic;

/// <summary>How clients of each language word the same failure.</summary>
internal static class ErrorText
{
    public static string Describe(Language language, Obstacle obstacle, string protocol, double waitedMs, int pool)
    {
        var (host, port) = (obstacle.Host, obstacle.Port);
        return (obstacle.Kind, language) switch
        {
            (ObstacleKind.Unauthorized, _) => $"{host}:{port}: " + protocol switch
            {
                "postgresql" => "FATAL: password authentication failed for user \"app\" (SQLSTATE 28P01)",
                "mysql" => "Error 1045 (28000): Access denied for user 'app' (using password: YES)",
                _ => "NOAUTH Authentication required.",
            },
            (ObstacleKind.TooManyConnections, _) => $"{host}:{port}: " + protocol switch
            {
                "postgresql" => "FATAL: sorry, too many clients already (SQLSTATE 53300)",
                "mysql" => "Error 1040 (08004): Too many connections",
                _ => "ERR max number of clients reached",
            },
            (ObstacleKind.NoSpace, _) => $"{host}:{port}: " + (protocol == "mysql"
                ? "Error 1114 (HY000): The table 'records' is full" : "ERROR: could not extend file \"base/16384/24601\": No space left on device (SQLSTATE 53100)"),
            (ObstacleKind.PoolExhausted, Language.Java) => $"java.sql.SQLTransientConnectionException: pool - Connection is not available, request timed out after {waitedMs:0}ms (pool size {pool}, all in use)",
            (ObstacleKind.PoolExhausted, _) => $"timed out waiting for a free connection to {host}:{port} (pool size {pool}, all in use)",
            (ObstacleKind.Reset, Language.Go) => $"rpc error: code = Unavailable desc = error reading from server: read tcp {host}:{port}: connection reset by peer",
            (ObstacleKind.Reset, Language.Java) => $"java.io.IOException: Connection reset by peer: {host}:{port}",
            (ObstacleKind.Reset, Language.Python) => $"ConnectionResetError: [Errno 104] Connection reset by peer ({host}:{port})",
            (ObstacleKind.Reset, Language.DotNet) => $"System.IO.IOException: Unable to read data from the transport connection: Connection reset by peer ({host}:{port})",
            (ObstacleKind.Reset, Language.Node) => $"Error: read ECONNRESET {host}:{port}",
            (ObstacleKind.Reset, _) => $"upstream connect error or disconnect/reset before headers. reset reason: connection termination ({host}:{port})",
            (ObstacleKind.BadCertificate, Language.Go) => $"tls: failed to verify certificate: x509: certificate has expired or is not yet valid ({host}:{port})",
            (ObstacleKind.BadCertificate, Language.Java) =>
                $"javax.net.ssl.SSLHandshakeException: PKIX path validation failed: CertificateExpiredException: NotAfter is in the past ({host}:{port})",
            (ObstacleKind.BadCertificate, Language.Python) =>
                $"ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired ({host}:{port})",
            (ObstacleKind.BadCertificate, Language.DotNet) =>
                $"System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: NotTimeValid ({host}:{port})",
            (ObstacleKind.BadCertificate, Language.Node) => $"Error: certificate has expired, code CERT_HAS_EXPIRED ({host}:{port})",
            (ObstacleKind.BadCertificate, _) => $"upstream connect error or disconnect/reset before headers. TLS error: CERTIFICATE_VERIFY_FAILED: certificate has expired ({host}:{port})",
            (ObstacleKind.Refused, Language.Go) =>
                $"rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial tcp {host}:{port}: connect: connection refused\"",
            (ObstacleKind.Refused, Language.Java) => $"java.net.ConnectException: Connection refused: {host}:{port}",
            (ObstacleKind.Refused, Language.Python) => $"ConnectionRefusedError: [Errno 111] Connect call failed ('{host}', {port})",
            (ObstacleKind.Refused, Language.DotNet) => $"System.Net.Http.HttpRequestException: Connection refused ({host}:{port})",
            (ObstacleKind.Refused, Language.Node) => $"Error: connect ECONNREFUSED {host}:{port}",
            (ObstacleKind.Refused, _) =>
                $"upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: 111 ({host}:{port})",
            (ObstacleKind.UnknownHost, Language.Go) => $"dial tcp: lookup {host} on 10.96.0.10:53: no such host ({host}:{port})",
            (ObstacleKind.UnknownHost, Language.Java) => $"java.net.UnknownHostException: {host}: Name or service not known ({host}:{port})",
            (ObstacleKind.UnknownHost, Language.Python) => $"socket.gaierror: [Errno -2] Name or service not known: {host}:{port}",
            (ObstacleKind.UnknownHost, Language.DotNet) => $"System.Net.Http.HttpRequestException: Name or service not known ({host}:{port})",
            (ObstacleKind.UnknownHost, _) => $"Error: getaddrinfo ENOTFOUND {host} ({host}:{port})",
            (_, Language.Go) => $"dial tcp {host}:{port}: i/o timeout after {waitedMs:0}ms",
            (_, Language.Java) => $"java.net.SocketTimeoutException: Connect timed out after {waitedMs:0} ms: {host}:{port}",
            (_, Language.Python) => $"TimeoutError: [Errno 110] connection to {host}:{port} timed out",
            (_, Language.DotNet) => $"System.Net.Http.HttpRequestException: Connection timed out ({host}:{port})",
            (_, Language.Node) => $"Error: connect ETIMEDOUT {host}:{port}",
            _ => $"upstream request timeout ({host}:{port})",
        };
    }

    public static string Deadline(Language language, string host, int port, double timeoutMs) => language switch
    {
        Language.Go => $"rpc error: code = DeadlineExceeded desc = context deadline exceeded calling {host}:{port} (timeout {timeoutMs:0}ms)",
        Language.Java => $"io.grpc.StatusRuntimeException: DEADLINE_EXCEEDED: deadline exceeded after {timeoutMs / 1000:0.000}s, peer {host}:{port}",
        Language.Python => $"ReadTimeout: {host}:{port} read timed out (timeout={timeoutMs / 1000:0.000})",
        Language.DotNet => $"System.Threading.Tasks.TaskCanceledException: the request to {host}:{port} was canceled due to the configured timeout of {timeoutMs / 1000:0.000} seconds",
        Language.Node => $"Error: timeout of {timeoutMs:0}ms exceeded ({host}:{port})",
        _ => $"upstream request timeout ({host}:{port})",
    };

    public static (string Text, int Number) Severity(Language language, LogLevel level) => (level, language) switch
    {
        (LogLevel.None, _) or (_, Language.Proxy) or (_, Language.Native) => ("", 0),
        (LogLevel.Information, Language.DotNet) => ("Information", 9),
        (LogLevel.Information, Language.Node) => ("info", 9),
        (LogLevel.Information, _) => ("INFO", 9),
        (LogLevel.Warning, Language.DotNet) => ("Warning", 13),
        (LogLevel.Warning, Language.Node) => ("warn", 13),
        (LogLevel.Warning, Language.Python) => ("WARNING", 13),
        (LogLevel.Warning, _) => ("WARN", 13),
        (_, Language.DotNet) => ("Error", 17),
        (_, Language.Node) => ("error", 17),
        _ => ("ERROR", 17),
    };
}
