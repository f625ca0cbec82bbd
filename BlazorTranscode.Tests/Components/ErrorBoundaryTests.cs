using BlazorTranscode.Components.Layout;
using BlazorTranscode.Notifications;
using Bunit;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using MudBlazor.Services;

namespace BlazorTranscode.Tests.Components;

public sealed class ErrorBoundaryTests : BunitContext
{
    public ErrorBoundaryTests()
    {
        Services.AddMudServices();
        AddAuthorization();
        SetRendererInfo(new("Server", isInteractive: true));
        JSInterop.Mode = JSRuntimeMode.Loose;
        ComponentFactories.AddStub<MessageAlerts>().AddStub<TopBar>().AddStub<MudPopoverProvider>();
    }

    [Fact]
    public void BrokenPage_SaysSo_AndMayBeTriedAgain()
    {
        Sometimes.Broken = true;
        var layout = Render<MainLayout>(p => p.Add(l => l.Body, builder =>
        {
            builder.OpenComponent<Sometimes>(0);
            builder.CloseComponent();
        }));
        Assert.Equal("Something went wrong on this page", layout.Find("h1").TextContent);

        Sometimes.Broken = false;
        layout.Find("button.mud-button-root").Click();

        Assert.Equal("Well", layout.Find("h1").TextContent);
    }

    private sealed class Sometimes : ComponentBase
    {
        public static bool Broken { get; set; }

        protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
        {
            if (Broken)
                throw new InvalidOperationException("Broken on purpose.");
            builder.AddMarkupContent(0, "<h1>Well</h1>");
        }
    }
}
