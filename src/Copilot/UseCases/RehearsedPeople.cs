using Copilot.Configuration;
using Copilot.Storage;
using Copilot.Storage.People;

namespace Copilot.UseCases;

/// <summary>Three people on call with keys of their own, made once. Whoever sits at the keyboard is alice.</summary>
internal static class RehearsedPeople
{
    public static string Folder(DataFolder data) => Path.Combine(data.Path, "people");

    /// <returns>The file that says who they are.</returns>
    public static string Directory(string folder)
    {
        var file = Path.Combine(folder, "directory.yaml");
        if (File.Exists(file)) return file;
        string[] names = ["alice", "bob", "carol"];
        var keys = names.ToDictionary(n => n, n =>
        {
            using var key = File.Exists(KeyFile(folder, n)) ? PersonKey.Read(KeyFile(folder, n), n) : PersonKey.Make(KeyFile(folder, n), n);
            return key.Public.ToString();
        });
        OwnFiles.Replace(file, System.Text.Encoding.UTF8.GetBytes($"""
            directory: v1
            groups: [sre-oncall]
            people:
              alice: {"{"} name: Alice, groups: [sre-oncall], identities: ["{Recording.Person.Id}"], keys: ["{keys["alice"]}"] {"}"}
              bob: {"{"} name: Bob, groups: [sre-oncall], keys: ["{keys["bob"]}"] {"}"}
              carol: {"{"} name: Carol, groups: [sre-oncall], keys: ["{keys["carol"]}"] {"}"}

            """));
        return file;
    }

    public static Identification As(string folder, string person) => new Identification.AtKeyboard(KeyFile(folder, person));

    private static string KeyFile(string folder, string person) => Path.Combine(folder, $"{person}.key");
}
