using System.Net;
using BlazorTranscode.Accounts;
using BlazorTranscode.Administration;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Uploads;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Accounts;

/// <summary>Uploads and downloads that run while their person is shut out, signs out or changes the password.</summary>
public sealed class SessionRequestsTests
{
    private const int Half = 1_000_000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upload_OfAPersonWhoIsDisabled_IsBrokenOff_AndNothingOfItBecomesAFile()
    {
        await using var app = UploadTestApp.Start();
        var (boss, ann) = (await app.CreateUserAsync("boss", administrator: true), await app.CreateUserAsync("ann"));
        var (sending, content) = await BeginAsync(ann);

        await DisableAsync(app, boss, ann);

        await AssertBrokenOffAsync(sending, content);
        await using var db = await app.OpenDatabaseAsync();
        Assert.Empty(await db.AudioFiles.ToListAsync(Stop));
        Assert.Null((await db.Uploads.SingleAsync(Stop)).CompletedAt);
    }

    [Fact]
    public async Task Upload_OfASessionThatSignsOut_IsBrokenOff_AndThatOfAnotherGoesOn()
    {
        await using var app = UploadTestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        var phone = await app.SignInAgainAsync(ann);
        var (here, content) = await BeginAsync(ann);
        var (there, other) = await BeginAsync(phone);

        await ann.Client.PostFormAsync("account/manage", [], to: "account/logout");

        await AssertBrokenOffAsync(here, content);
        other.GoOn();
        Assert.Equal(HttpStatusCode.NoContent, (await there).StatusCode);
    }

    [Fact]
    public async Task Upload_OfTheSessionThatChangesThePassword_GoesOn_AndThoseOfOthersAreBrokenOff()
    {
        await using var app = UploadTestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        var phone = await app.SignInAgainAsync(ann);
        var (here, content) = await BeginAsync(ann);
        var (there, other) = await BeginAsync(phone);

        var changed = await ann.Client.PostFormAsync("account/manage", new()
        {
            ["_handler"] = "change-password", ["Input.Current"] = ann.Password, ["Input.Password"] = "two swans land on ice", ["Input.Repeat"] = "two swans land on ice",
        });
        Assert.Equal(HttpStatusCode.Found, changed.StatusCode);

        await AssertBrokenOffAsync(there, other);
        content.GoOn();
        Assert.Equal(HttpStatusCode.NoContent, (await here).StatusCode);
    }

    [Fact]
    public async Task Download_OfAPersonWhoIsDisabled_IsBrokenOff()
    {
        await using var app = TestApp.Start();
        var (boss, ann) = (await app.CreateUserAsync("boss", administrator: true), await app.CreateUserAsync("ann"));
        await using var bytes = await DownloadAsync(app, ann);

        await DisableAsync(app, boss, ann);

        await Assert.ThrowsAnyAsync<IOException>(() => bytes.CopyToAsync(Stream.Null, Stop));
    }

    /// <summary>What only the database tells is noticed within the minute, as for cookies and circuits.</summary>
    [Fact]
    public async Task Download_OfAPersonWhoseRowIsGone_IsBrokenOffWithinAMinute()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = TestApp.Start(services: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        var ann = await app.CreateUserAsync("ann");
        await using var bytes = await DownloadAsync(app, ann);
        await using var db = await app.OpenDatabaseAsync();
        await db.Users.Where(user => user.Id == ann.Id).ExecuteDeleteAsync(Stop);

        // Read slowly, so that it would not end by itself before the deadline.
        await Assert.ThrowsAnyAsync<IOException>(() => Eventually.TrueAsync(async () =>
        {
            clock.Advance(AccountsRegistration.StampCheck);
            return await bytes.ReadAsync(new byte[10_000], Stop) == 0;
        }));
    }

    [Fact]
    public async Task Upload_WholeWhenItsPersonIsDisabled_DoesNotBecomeAFile()
    {
        await using var app = UploadTestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        var client = new TusClient(ann);
        var url = await client.CreateAsync(1000);
        await using var db = await app.OpenDatabaseAsync();
        await db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.Disabled, true), Stop);

        await client.PatchAsync(url, 0, TusClient.Bytes(1000)).AssertRefusedAsync(HttpStatusCode.Forbidden);

        Assert.Empty(await db.AudioFiles.ToListAsync(Stop));
        await db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.Disabled, false), Stop);
        Assert.Equal(1000, await client.OffsetAsync(url)); // and it is finished by that
        Assert.Single(await db.AudioFiles.ToListAsync(Stop));
    }

    /// <summary>A download that has begun, of more than what the two ends of a connection hold between them.</summary>
    private static async Task<Stream> DownloadAsync(TestApp app, TestUser user)
    {
        var file = await app.AddFileAsync(user, "long.wav", bytes: false);
        await app.StoreAsync(file.StorageKey, new byte[64 << 20]);
        var answer = await user.Client.GetAsync($"files/{file.Id}/source", HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var bytes = await answer.Content.ReadAsStreamAsync(Stop);
        await bytes.ReadExactlyAsync(new byte[1000], Stop);
        return bytes;
    }

    /// <summary>An upload of which half has arrived.</summary>
    private static async Task<(Task<HttpResponseMessage> Sending, BrokenContent Content)> BeginAsync(TestUser user)
    {
        var client = new TusClient(user);
        var url = await client.CreateAsync(2 * Half);
        var content = new BrokenContent(TusClient.Bytes(2 * Half), Half);
        var sending = client.PatchAsync(url, 0, content);
        await Eventually.TrueAsync(async () => await client.OffsetAsync(url) > 0);
        return (sending, content);
    }

    /// <summary>
    /// The test sends the rest of the body and expects the connection to be closed. Without the rest, HttpClient waits for the body and does not
    /// notice that the server has closed the connection.
    /// </summary>
    private static async Task AssertBrokenOffAsync(Task<HttpResponseMessage> sending, BrokenContent content)
    {
        content.GoOn();
        await Assert.ThrowsAsync<HttpRequestException>(() => sending.WaitAsync(Eventually.Deadline, Stop));
    }

    private static async Task DisableAsync(TestApp app, TestUser boss, TestUser user)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var signIn = scope.ServiceProvider.GetRequiredService<SignInManager<AppUser>>();
        var actor = await signIn.CreateUserPrincipalAsync((await signIn.UserManager.FindByIdAsync(boss.Id))!);
        Assert.True(await app.Get<UserAdministration>().DisableAsync(actor, user.Id));
    }
}
