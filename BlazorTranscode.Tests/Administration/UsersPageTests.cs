using System.Net;
using System.Security.Claims;
using BlazorTranscode.Administration;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace BlazorTranscode.Tests.Administration;

public sealed class UsersPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_ForAnybodyElse_IsClosed()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");

        var answer = await ann.Client.GetAsync(new Uri("administration", UriKind.Relative), Cancel);

        Assert.StartsWith("/account/access-denied", answer.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_MakesAnAccountWhoseLinkSetsThePassword()
    {
        await using var app = TestApp.Start();
        var (context, page) = await OpenAsync(app);
        await using var _ = context;

        await Assertions.Expect(page.Locator(".tabs .active")).ToHaveTextAsync("Users");
        await page.GetByLabel("E-mail address").FillAsync("bob@example.org");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add and make a link" }).DblClickAsync();

        var link = await page.Locator("code.link").TextContentAsync();
        await Row(page, "bob@example.org").WaitForAsync();
        await Assertions.Expect(page.Locator("main [role=alert]")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("form.add")).Not.ToContainTextAsync("Required");
        var (client, _) = app.CreateBrowserlessClient();
        await client.PostFormAsync(new Uri(link!).PathAndQuery, new() { ["Input.Password"] = "new words for bob", ["Input.Repeat"] = "new words for bob" });
        var answer = await client.PostFormAsync("account/login", new() { ["Input.Email"] = "bob@example.org", ["Input.Password"] = "new words for bob" });
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        context.AssertNoTrouble();
    }

    [Fact]
    public async Task Buttons_DisableEnableAndUnlock()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        await using var db = await app.OpenDatabaseAsync();
        await db.Users.Where(user => user.Id == ann.Id).ExecuteUpdateAsync(set => set.SetProperty(user => user.LockoutEnd, DateTimeOffset.MaxValue), Cancel);
        var (context, page) = await OpenAsync(app);
        await using var _ = context;
        var row = Row(page, ann.Email);
        Task<AppUser> StoredAsync() => db.Users.AsNoTracking().SingleAsync(user => user.Id == ann.Id, Cancel);

        await row.GetByRole(AriaRole.Button, new() { Name = "Unlock" }).ClickAsync();
        await row.GetByText("Locked for a few minutes").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Null((await StoredAsync()).LockoutEnd);

        await row.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await row.GetByText("Disabled").WaitForAsync();
        Assert.True((await StoredAsync()).Disabled);

        await row.GetByRole(AriaRole.Button, new() { Name = "Enable" }).ClickAsync();
        await row.GetByText("Disabled").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.False((await StoredAsync()).Disabled);
        Assert.Equal(0, await Row(page, "boss@example.org").GetByRole(AriaRole.Button, new() { Name = "Disable" }).CountAsync());
        context.AssertNoTrouble();
    }

    [Fact]
    public async Task Act_ByOneWhoIsNoAdministratorAnyMore_DoesNothing()
    {
        await using var app = TestApp.Start();
        var boss = await app.CreateUserAsync("boss", administrator: true);
        var ann = await app.CreateUserAsync("ann");
        var administration = app.Get<UserAdministration>();
        var stale = await PrincipalAsync(app, boss);
        await using var db = await app.OpenDatabaseAsync();
        await db.UserRoles.ExecuteDeleteAsync(Cancel);

        Assert.False(await administration.DisableAsync(stale, ann.Id));
        Assert.False(await administration.ReopenAsync(stale, ann.Id));
        Assert.Null(await administration.MakeResetLinkAsync(stale, ann.Id, app.Address.ToString()));
        Assert.Null((await administration.AddAsync(stale, "eve@example.org")).Id);
    }

    [Fact]
    public async Task Disable_Oneself_IsRefused()
    {
        await using var app = TestApp.Start();
        var boss = await app.CreateUserAsync("boss", administrator: true);

        Assert.False(await app.Get<UserAdministration>().DisableAsync(await PrincipalAsync(app, boss), boss.Id));
    }

    [Fact]
    public async Task List_FindsAndPages()
    {
        await using var app = TestApp.Start();
        await using (var db = await app.OpenDatabaseAsync())
        {
            db.Users.AddRange(Enumerable.Range(0, 7).Select(n => new AppUser { Email = $"p{n}@example.org", NormalizedEmail = $"P{n}@EXAMPLE.ORG" }));
            await db.SaveChangesAsync(Cancel);
        }
        var administration = app.Get<UserAdministration>();

        var second = await administration.ListAsync(null, 5, 5, Cancel);
        var found = await administration.ListAsync(" p3@ ", 0, 5, Cancel);

        Assert.Equal(7, second.Total);
        Assert.Equal(["p5@example.org", "p6@example.org"], second.Rows.Select(row => row.Email));
        Assert.Equal("p3@example.org", Assert.Single(found.Rows).Email);
    }

    [Fact]
    public async Task List_ShowsWhatEachPersonUses()
    {
        await using var app = TestApp.Start(services: services => services.AddSingleton<ITranscoder, ScriptedTranscoder>());
        var ann = await app.CreateUserAsync("ann");
        await using (var db = await app.OpenDatabaseAsync())
            await db.AddJobAsync(ann.Id, JobState.Failed);
        var (context, page) = await OpenAsync(app);
        await using var _ = context;

        await Assertions.Expect(Row(page, ann.Email)).ToContainTextAsync("1.2 KiB");
        await Assertions.Expect(Row(page, "boss@example.org")).ToContainTextAsync("0 bytes");
        context.AssertNoTrouble();
    }

    private static async Task<(IBrowserContext Context, IPage Page)> OpenAsync(TestApp app)
    {
        var boss = await app.CreateUserAsync("boss", administrator: true);
        var context = await Browser.NewContextAsync(app.Address);
        await context.SignInAsync(boss);
        return (context, await context.OpenLiveAsync("administration"));
    }

    private static ILocator Row(IPage page, string email) => page.GetByRole(AriaRole.Row).Filter(new() { HasText = email });

    internal static async Task<ClaimsPrincipal> PrincipalAsync(TestApp app, TestUser user)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var signIn = scope.ServiceProvider.GetRequiredService<SignInManager<AppUser>>();
        return await signIn.CreateUserPrincipalAsync((await signIn.UserManager.FindByIdAsync(user.Id))!);
    }
}
