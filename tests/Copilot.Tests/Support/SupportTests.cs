using Xunit;

namespace Copilot.Tests.Support;

public sealed class SupportTests
{
    [Fact]
    public void FindRoot_BelowTheSolution_IsItsFolder()
    {
        using var temp = new TempFolder();
        var deep = Directory.CreateDirectory(temp.Combine("repository", "tests", "bin")).FullName;
        Assert.Null(TestData.FindRoot(deep));
        File.WriteAllText(temp.Combine("repository", "Copilot.sln"), "");
        Assert.Equal(temp.Combine("repository"), TestData.FindRoot(deep));
    }

    [Fact]
    public void SharedBeside_FolderMissing_IsNull()
    {
        using var temp = new TempFolder();
        Assert.Null(TestData.SharedBeside(temp.Combine("repository")));
        var data = Directory.CreateDirectory(temp.Combine("shared", "data")).FullName;
        Assert.Equal(data, TestData.SharedBeside(temp.Combine("repository")));
    }

    [Theory]
    [InlineData(null, 10)]
    [InlineData("0", 10)]
    [InlineData("1", 1000)]
    [InlineData("true", 1000)]
    public void Choose_Setting_DecidesTheCount(string? setting, int expected) =>
        Assert.Equal(expected, TestCounts.Choose(TestCounts.IsFull(setting), reduced: 10, full: 1000));

    [Fact]
    public void TempFolder_Disposed_IsGoneWithItsContent()
    {
        string path;
        using (var temp = new TempFolder())
        {
            path = temp.FullName;
            File.WriteAllText(temp.Combine("a"), "");
        }
        Assert.False(Directory.Exists(path));
    }
}
