using BlazorTranscode.Data;
using BlazorTranscode.Library;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace BlazorTranscode.Tests.Library;

public sealed class HoldBannerTests : BunitContext
{
    private readonly ScriptedTranscoder _engine = new(null!) { Unavailable = "/usr/bin/ffmpeg is missing." };
    private readonly JobHold _hold;
    private readonly BunitAuthorizationContext _person;

    public HoldBannerTests()
    {
        _hold = LibrarySamples.HoldOf(_engine);
        Services.AddSingleton(_hold);
        Services.AddMudServices();
        _person = AddAuthorization().SetAuthorized("anna");
        SetRendererInfo(new("Server", isInteractive: true));
    }

    [Fact]
    public void Administrator_ReadsWhatIsWrong_UntilItIsNot()
    {
        _person.SetRoles(CurrentUser.Administrator);
        _hold.Look();
        var shown = Render<HoldBanner>();
        Assert.Contains("/usr/bin/ffmpeg is missing.", shown.Markup, StringComparison.Ordinal);

        _engine.Unavailable = null;
        Assert.True(_hold.Look());
        Assert.False(_hold.Look());

        shown.WaitForAssertion(() => Assert.Equal("", shown.Markup.Trim()));
    }

    [Fact]
    public void AnybodyElse_ReadsNothingOfIt() => Assert.Equal("", Render<HoldBanner>().Markup.Trim());
}
