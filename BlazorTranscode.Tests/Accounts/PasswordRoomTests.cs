using System.Net;
using BlazorTranscode.Accounts;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Accounts;

public sealed class PasswordRoomTests
{
    private const string Sentence = "Too many sign-ins at once. Try again in a moment.";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_RunsOnThreadsOfItsOwn_AFewAtOnce()
    {
        using var room = new PasswordRoom();
        var (now, most) = (0, 0);
        var work = Enumerable.Range(0, PasswordRoom.AtOnce + PasswordRoom.Waiting).Select(_ => room.RunAsync(() =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            Thread.Yield();
            Interlocked.Decrement(ref now);
            return Thread.CurrentThread.IsThreadPoolThread;
        }, isKnown: false, Stop));
        Assert.All(await Task.WhenAll(work), isOnThePool => Assert.False(isOnThePool));
        Assert.InRange(most, 1, PasswordRoom.AtOnce);
    }

    /// <summary>Strangers fill the room: the next of them is refused at once, while pages and known browsers go on.</summary>
    [Fact]
    public async Task Strangers_WhoFillTheRoom_KeepNobodyWaiting()
    {
        await using var app = TestApp.Start(new() { ["Accounts:Registration"] = "Open" });
        var ann = await app.CreateUserAsync("ann");
        using var gate = new ManualResetEventSlim();
        var room = app.Get<PasswordRoom>();
        var work = Enumerable.Range(0, PasswordRoom.AtOnce + PasswordRoom.Waiting).Select(_ => room.RunAsync(() =>
        {
            gate.Wait(Stop);
            return 0;
        }, isKnown: false, Stop)).ToList();
        try
        {
            var stranger = await SignInAsync(app.CreateBrowserlessClient().Client, "eve@example.org", "not the password");
            Assert.Equal(HttpStatusCode.TooManyRequests, stranger.StatusCode);
            Assert.Contains(Sentence, await stranger.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
            var registration = await app.CreateBrowserlessClient().Client.PostFormAsync("account/register", new()
            {
                ["Input.Email"] = "eve@example.org", ["Input.Password"] = TestUsers.Password, ["Input.Repeat"] = TestUsers.Password,
            });
            Assert.Equal(HttpStatusCode.TooManyRequests, registration.StatusCode);
            Assert.Contains(Sentence, await registration.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

            Assert.Equal(HttpStatusCode.OK, (await ann.Client.GetAsync("", Stop)).StatusCode);
            await ann.Client.PostFormAsync("account/manage", [], to: "account/logout");
            Assert.Equal(HttpStatusCode.Found, (await SignInAsync(ann.Client, ann.Email, ann.Password)).StatusCode);
        }
        finally
        {
            gate.Set();
            await Task.WhenAll(work);
        }
    }

    private static Task<HttpResponseMessage> SignInAsync(HttpClient client, string email, string password) =>
        client.PostFormAsync("account/login", new() { ["Input.Email"] = email, ["Input.Password"] = password });
}
