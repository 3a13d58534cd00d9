using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Simulator.Applications;

/// <summary>The texts found inside ConfigMaps: properties, YAML or JSON by file name, and the flag provider's file.</summary>
internal static class ConfigText
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    public static string Render(ConfigFile file)
    {
        if (file.FileName.EndsWith(".properties", StringComparison.Ordinal))
            return string.Concat(file.Settings.Select(s => $"{s.Path}={s.Value}\n"));
        var root = new JsonObject();
        foreach (var setting in file.Settings)
        {
            var parts = setting.Path.Split('.');
            var node = root;
            foreach (var part in parts[..^1])
            {
                if (node[part] is not JsonObject child) node[part] = child = [];
                node = child;
            }

            node[parts[^1]] = long.TryParse(setting.Value, out var number) ? number : setting.Value;
        }

        if (file.FileName.EndsWith(".json", StringComparison.Ordinal)) return Indent(root);
        var yaml = new StringBuilder();
        AppendYaml(yaml, root, 0);
        return yaml.ToString();
    }

    public static string Flags(IEnumerable<(string Key, string Variant)> flags)
    {
        var all = new JsonObject();
        foreach (var (key, variant) in flags)
            all[key] = new JsonObject
            {
                ["description"] = $"Switches {key}",
                ["state"] = "ENABLED",
                ["variants"] = new JsonObject { ["on"] = true, ["off"] = false },
                ["defaultVariant"] = variant,
            };
        return Indent(new JsonObject { ["flags"] = all });
    }

    public static string Indent(JsonNode node) => node.ToJsonString(Indented) + "\n";

    /// <summary>What the cluster's DNS is configured with.</summary>
    public static string Corefile(string zone) =>
        $".:53 {{\n    errors\n    health\n    ready\n    kubernetes {zone} in-addr.arpa ip6.arpa {{\n       pods insecure\n       ttl 30\n    }}\n    forward . /etc/resolv.conf\n    cache 30\n    reload\n}}\n";

    private static void AppendYaml(StringBuilder text, JsonObject node, int indent)
    {
        foreach (var (key, value) in node)
        {
            text.Append(' ', indent).Append(key).Append(':');
            if (value is JsonObject child)
            {
                text.Append('\n');
                AppendYaml(text, child, indent + 2);
            }
            else
            {
                text.Append(' ').Append(value).Append('\n');
            }
        }
    }
}
