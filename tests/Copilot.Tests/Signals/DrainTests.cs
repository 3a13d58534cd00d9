using Copilot.Engine.Signals.Logs;
using Xunit;

namespace Copilot.Tests.Signals;

public sealed class DrainTests
{
    [Theory]
    [InlineData("10:00:01 INFO cache of the shop loaded", "10:00:02 ERROR cache of the shop loaded", false)]
    [InlineData("10:00:01 [WARN] cache of the shop loaded", "10:00:02 [INFO] cache of the shop loaded", false)]
    [InlineData("10:00:01 main warning: cache of the shop loaded", "10:00:02 main error: cache of the shop loaded", false)]
    [InlineData("10:00:01 INFO cache of the shop loaded", "10:00:02 INFO cache of the bank loaded", true)]
    // So far behind it is a word like others.
    [InlineData("the page that a user saw had one info box", "the page that a user saw had one error box", true)]
    [InlineData("10:00:01 INFO c.s.ContactsServiceImpl#34 contacts of the user read", "10:00:02 INFO c.s.ContactsServiceImpl#37 contacts of the user read", false)]
    [InlineData("10:00:01 INFO [c.s.ContactsServiceImpl#34]: contacts of the user read", "10:00:02 INFO [c.s.ContactsServiceImpl#37]: contacts of the user read", false)]
    [InlineData("10:00:01 INFO main.go:45 contacts of the user read", "10:00:02 INFO main.go:77 contacts of the user read", false)]
    [InlineData("10:00:01 INFO /src/app/views.py:45 contacts of the user read", "10:00:02 INFO /src/app/views.py:46 contacts of the user read", false)]
    [InlineData("10:00:01 INFO main.go:45 contacts of the user read", "10:00:02 INFO main.go:45 contacts of the user written", true)]
    [InlineData("10:00:01 contacts read from cart:7070 in time", "10:00:02 contacts read from cart:7071 in time", true)]
    [InlineData("10:00:01 contacts read from cart.go:7070 in time", "10:00:02 contacts read from cart.go:7071 in time", false)]
    [InlineData("order #34 of the user stored", "order #37 of the user stored", true)]
    [InlineData("user alice logged in again", "user bob logged in again", true)]
    [InlineData("user alice logged in again", "user alice logged in", false)]
    [InlineData("user alice logged in again", "user bob bought three books", false)]
    [InlineData("carol took 12 ms", "carol took 7913 ms", true)]
    public void Add_TwoLines_AreOfOneTemplateWhereTheySayTheSame(string first, string second, bool same)
    {
        foreach (var (a, b) in new[] { (first, second), (second, first) })
        {
            var drain = new Drain();
            Assert.Equal(same, drain.Add(a) == drain.Add(b));
            Assert.Equal(same ? 1 : 2, drain.Count);
        }
    }

    [Theory]
    [InlineData("user alice logged in from 10.0.0.1", "user bob logged in from 10.0.0.2", "user <*> logged in from <*>")]
    [InlineData("read 5 books from cart:7070", "read 6 books from cart:7070", "read <*> books from <*>")]
    [InlineData("INFO main.go:45 took 5 ms", "INFO main.go:45 took 6 ms", "INFO main.go:45 took <*> ms")]
    public void Template_VariableWords_AreLeftOpen(string first, string second, string template)
    {
        var drain = new Drain();
        drain.Add(first);
        Assert.Equal(template, drain.Template(drain.Add(second)));
    }

    [Theory]
    [InlineData("10:00:01 INFO c.s.ContactsServiceImpl#34 contacts read", "c.s.ContactsServiceImpl#34")]
    [InlineData("10:00:01 INFO main.go:45 contacts read", "main.go:45")]
    [InlineData("10:00:01 contacts read from cart:7070", "")]
    [InlineData("10:00:01 contacts read at 10:45", "")]
    [InlineData("issue #34 of the list", "")]
    [InlineData("contacts read", "")]
    public void SiteOf_Line_IsThePlaceInTheCode(string line, string site)
    {
        var drain = new Drain();
        Assert.Equal(site, drain.SiteOf(drain.Add(line)));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" \t ", "")]
    [InlineData(" user\talice  logged in \r", "user alice logged in")]
    [InlineData("1 2 3", "<*> <*> <*>")]
    public void Template_SpacesOfAnyKind_PartWords(string line, string template)
    {
        var drain = new Drain();
        Assert.Equal(template, drain.Template(drain.Add(line)));
    }

    [Fact]
    public void Template_BehindManyWords_TheRestIsOneWord()
    {
        var drain = new Drain();
        var many = string.Join(' ', Enumerable.Repeat("word", 79));
        Assert.Equal($"{many} and  more", drain.Template(drain.Add($"{many}  and  more")));
        Assert.Equal($"{many} <*>", drain.Template(drain.Add($"{many} and 2 more")));
        Assert.Equal(1, drain.Count);
    }
}
