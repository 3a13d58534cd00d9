using System.Text;

namespace Copilot.Tests.Evidence;

/// <summary>Secrets behind names: settings, command lines, objects of a cluster.</summary>
internal sealed partial class SecretCorpus
{
    private void Settings()
    {
        Named("AWS secret key, file", Some(40, Alphanumeric + "+/"), v => $"aws_secret_access_key = {v}");
        Named("AWS secret key, JSON", Some(40, Alphanumeric + "+/"), v => $"{{\"SecretAccessKey\": \"{v}\"}}");
        Named("AWS secret key, environment", Some(40, Alphanumeric + "+/"), v => $"AWS_SECRET_ACCESS_KEY={v}");
        Named("YAML", Password(), v => $"database:\n  host: db\n  password: {v}\n  port: 5432");
        Named("YAML, quoted words", $"{Some(8, Lower)} {Some(9, Lower)} {Some(8, Lower)}", v => $"passphrase: \"{v}\"");
        Named("JSON api_key", Some(32, Hexadecimal), v => $"{{\"api_key\":\"{v}\",\"region\":\"eu\"}}");
        Named("JSON, signs inside", $"{Password()}, {Password()};{Password()}", v => $"{{\"clientSecret\": \"{v}\", \"x\": 1}}");
        Named("JSON, escaped quote inside", Some(10, Alphanumeric), v => $"{{\"password\":\"ab\\\"{v}\",\"user\":\"shop\"}}");
        Named("JSON in JSON", Password(), v => $"{{\"msg\":\"config {{\\\"dbPassword\\\":\\\"{v}\\\",\\\"user\\\":\\\"shop\\\"}}\"}}");
        Named("JSON in JSON in JSON", Password(), v => $"\\\\\\\"password\\\\\\\":\\\\\\\"{v}\\\\\\\"");
        Named("JSON in TSV", Password(), v => $"\"{{\"\"password\"\": \"\"{v}\"\", \"\"user\"\": \"\"shop\"\"}}\"");
        Named("Python", Password(), v => $"{{'user': 'shop', 'db.password': '{v}'}}");
        Named("properties", Password(), v => $"spring.datasource.password={v}");
        Named("environment", Password(), v => $"DB_PASSWORD={v}");
        Named("environment, short", Password(), v => $"PGPASSWORD={v} psql -h db");
        Named("environment, numbered", Password(), v => $"MYSQL_PWD_2={v}");
        Named("environment of a place", Password(), v => $"DB_PASSWORD_PROD={v}");
        Named("Ruby", Password(), v => $"{{:password=>\"{v}\", :user=>\"shop\"}}");
        Named("Go struct", Password(), v => $"&{{User:shop Password:{v} Port:5432}}");
        Named("XML", Password(), v => $"<datasource><password>{v}</password></datasource>");
        Named("XML attribute", Password(), v => $"<add key=\"SmtpPassword\" value=\"{v}\" />");
        Named("letters only", Some(14, Lower), v => $"password={v}");
        Named("digits only", Some(10, Digits), v => $"pin_secret: {v}");
        Named("short", Some(5, Alphanumeric), v => $"password={v}");
        Named("spoken", Password(), v => $"login with password {v} failed");
        Named("spoken, quoted", Password(), v => $"Access denied, the password is \"{v}\"");
        Named("spoken token", Some(24, Alphanumeric), v => $"token {v} is not valid any more");
        Named("PagerDuty key by name", Some(32, Hexadecimal), v => $"pagerduty.routing_key_secret: {v}");
        Named("Twilio token by name", Some(32, Hexadecimal), v => $"TWILIO_AUTH_TOKEN={v}");
        Named("opaque alone", Some(48, Alphanumeric + "+/"), v => $"handshake blob {v} dropped");
    }

    private void Commands()
    {
        Named("option with sign", Password(), v => $"exec: migrate --password={v} --steps 3");
        Named("option with blank", Password(), v => $"exec: migrate --db-password {v} --steps 3");
        Named("option in a list", Password(), v => $"args: [\"--user\",\"shop\",\"--password\",\"{v}\"]");
        Named("option in a YAML list", Password(), v => $"args:\\n- --api-key\\n- {v}\\n- --verbose");
        Named("mysql", Some(14, Alphanumeric), v => $"sh -c mysql -uroot -p{v} -e 'select 1'");
        Named("mysqldump in a list", Some(14, Alphanumeric), v => $"[\"mysqldump\",\"-uroot\",\"-p{v}\",\"shop\"]");
        Named("redis-cli", Password(), v => $"redis-cli -h cache -a {v} ping");
        Named("sshpass", Password(), v => $"sshpass -p {v} ssh ops@host");
        Named("docker login", Password(), v => $"docker login -u ci -p {v} registry.example.com");
        Named("curl", Password(), v => $"curl -s -u deploy:{v} https://repo.example.com/x");
        Named("htpasswd", Password(), v => $"htpasswd -bc /etc/nginx/.htpasswd ops {v}");
    }

    private void Kubernetes()
    {
        Named("environment of a container", Password(), v => $"{{\"env\":[{{\"name\":\"DB_PASSWORD\",\"value\":\"{v}\"}},{{\"name\":\"PORT\",\"value\":\"8080\"}}]}}");
        Named("environment, value first", Password(), v => $"[{{\"value\":\"{v}\",\"name\":\"API_TOKEN\"}}]");
        Named("environment, printed by Go", Password(), v => $"EnvVar{{Name:STRIPE_SECRET,Value:{v},ValueFrom:nil,}}");
        Named("environment, YAML", Password(), v => $"- name: SMTP_PASSWORD\n  value: {v}\n- name: PORT");
        Named("data of a Secret", Convert.ToBase64String(Encoding.UTF8.GetBytes(Some(18, Lower))), v => $"{{\"apiVersion\":\"v1\",\"data\":{{\"connection\":\"{v}\"}},\"kind\":\"Secret\"}}");
        Named("docker config", Convert.ToBase64String(Encoding.UTF8.GetBytes($"ci:{Some(18, Alphanumeric)}")), v => $"{{\"auths\":{{\"registry.example.com\":{{\"auth\":\"{v}\"}}}}}}");
        Named("service account token", $"{Base64Url($"{{\"iss\":\"kubernetes/serviceaccount\",\"sub\":\"system:serviceaccount:shop:{Some(8, Lower)}\"}}")}.{Some(60, UrlSafe)}", v => $"users:\n- name: ci\n  user:\n    token: eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.{v}");
        Named("client key of a kubeconfig", Some(100, Alphanumeric), v => $"client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ{v}");
        Named("ConfigMap value", Password(), v => $"{{\"data\":{{\"app.properties\":\"server.port=8080\\ndb.password={v}\\nlog.level=info\"}},\"kind\":\"ConfigMap\"}}");
    }

    private void Named(string kind, string value, Func<string, string> around) => Add(kind, value, around(value));
}
