using Copilot.Core.Approvals.People;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;

namespace Copilot.Storage.People;

/// <summary>Reads the directory of people (docs/people.md). What is not exactly right is refused with a <see cref="FileFaultException"/> that lists all faults of the file.</summary>
internal static class DirectoryLoader
{
    public static PeopleDirectory Load(string path) => Parse(path, StrictYaml.ReadBytes(path));

    /// <param name="file">The name that faults cite.</param>
    public static PeopleDirectory Parse(string file, ReadOnlySpan<byte> bytes)
    {
        var reader = new YamlReader(file);
        var root = reader.Map(StrictYaml.Parse(file, bytes), "the directory", "directory", "groups", "people", "services");
        reader.OneOf(root?.Need("directory"), "directory", "v1");
        var groups = new GroupReader(reader, root?.Need("groups"));
        var accounts = new AccountReader(reader);
        var people = new PersonReader(reader, groups, accounts).Read(root?.Need("people"));
        var services = Services(reader, accounts, root?.Find("services"));
        groups.RefuseDeserted();
        foreach (var service in services.Where(s => people.Any(p => p.Id == s.Id)))
            reader.Fault(((YamlMap)root!.Find("services")!).Entries.First(e => e.Key.Text == service.Id).Key, $"{service.Id} is a person as well", "Name one of the two otherwise.");
        reader.ThrowIfFaulty();
        return new(file, PolicyLoader.DigestOf(bytes), people) { Groups = groups.Names, Services = services };
    }

    private static List<Service> Services(YamlReader reader, AccountReader accounts, YamlValue? value)
    {
        var services = new List<Service>();
        foreach (var (key, said) in reader.Entries(value, "services"))
        {
            var id = reader.Identifier(key, "service");
            var fields = reader.Map(said, $"the service {key.Text}, which is no person and holds no role,", "identities");
            services.Add(new(id ?? "", accounts.Identities(key.Text, fields?.Need("identities"))));
        }
        return services;
    }
}
