using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Copilot.Configuration;

/// <summary>Refuses settings that nobody reads and values out of range, at start: a mistyped key must not wait for three in the morning.</summary>
internal static class ConfigurationCheck
{
    /// <summary>All mistakes, each in a sentence that names the key.</summary>
    public static List<string> Mistakes(IConfigurationSection section, Type options)
    {
        var mistakes = new List<string>();
        if (!string.IsNullOrEmpty(section.Value)) mistakes.Add($"{section.Path} is \"{section.Value}\", and takes a section with {string.Join(", ", Settable(options).Select(p => p.Name))}.");
        Visit(section, options, mistakes);
        return mistakes;
    }

    /// <summary>Values that the options refuse.</summary>
    public static IEnumerable<string> Invalid(object options, string path)
    {
        foreach (var property in Settable(options.GetType()))
        {
            var value = property.GetValue(options);
            if (value is Array list)
            {
                foreach (var inner in list.Cast<object>().Where(item => IsSection(item.GetType())).SelectMany((item, i) => Invalid(item, $"{path}:{property.Name}:{i}"))) yield return inner;
                continue;
            }
            if (value is not null && IsSection(property.PropertyType))
            {
                foreach (var inner in Invalid(value, $"{path}:{property.Name}")) yield return inner;
                continue;
            }
            var results = new List<ValidationResult>();
            if (!Validator.TryValidateValue(value!, new ValidationContext(options) { MemberName = property.Name }, results, property.GetCustomAttributes<ValidationAttribute>()))
                yield return $"{path}:{property.Name} is {value}: {string.Join(" ", results.Select(r => r.ErrorMessage))}";
        }
    }

    private static void Visit(IConfigurationSection section, Type options, List<string> mistakes)
    {
        var known = Settable(options).ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (!known.TryGetValue(child.Key, out var property))
                mistakes.Add($"{child.Path} is no setting. Did you mean {section.Path}:{Words.Nearest(child.Key, known.Keys)}?");
            else if (property.PropertyType.GetElementType() is { } item)
                VisitList(child, item, mistakes);
            else if (IsSection(property.PropertyType) && !string.IsNullOrEmpty(child.Value))
                mistakes.Add($"{child.Path} is \"{child.Value}\", and takes a section with {string.Join(", ", Settable(property.PropertyType).Select(p => p.Name))}.");
            else if (IsSection(property.PropertyType))
                Visit(child, property.PropertyType, mistakes);
            else if (child.Value is null && child.GetChildren().FirstOrDefault() is null && property.PropertyType == typeof(string))
                continue; // an empty text, which a chained configuration does not tell from none
            else if (child.Value is null)
                mistakes.Add($"{child.Path} takes a value, not a section.");
            else if (!CanConvert(child.Value, property.PropertyType))
                mistakes.Add($"{child.Path} is \"{child.Value}\", which is no {property.PropertyType.Name}.");
        }
    }

    private static void VisitList(IConfigurationSection list, Type item, List<string> mistakes)
    {
        var members = string.Join(", ", Settable(item).Select(p => p.Name));
        // A list is a section whose keys are numbers.
        if (!string.IsNullOrEmpty(list.Value) || list.GetChildren().Any(c => !int.TryParse(c.Key, out _))) mistakes.Add($"{list.Path} takes a list{(IsSection(item) ? $", each with {members}" : $" of values, such as {list.Path}:0")}.");
        else if (!IsSection(item)) mistakes.AddRange(list.GetChildren().Where(c => string.IsNullOrEmpty(c.Value)).Select(c => $"{c.Path} takes a value that is not empty."));
        else
        {
            foreach (var section in list.GetChildren())
            {
                if (string.IsNullOrEmpty(section.Value)) Visit(section, item, mistakes);
                else mistakes.Add($"{section.Path} is \"{section.Value}\", and takes a section with {members}.");
            }
        }
    }

    private static IEnumerable<PropertyInfo> Settable(Type type) => type.GetProperties().Where(p => p.SetMethod is not null);

    private static bool IsSection(Type type) => type.IsClass && type != typeof(string);

    private static bool CanConvert(string value, Type type)
    {
        try
        {
            return System.ComponentModel.TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value) is not null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException)
        {
            return false;
        }
    }
}
