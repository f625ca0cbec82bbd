using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>A clock of ours that is wrong is no fault of the sender: what is genuine is put off and taken when the clock is right.</summary>
public sealed class WrongClockTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _amazon = new(Now);
    private readonly FakeTimeProvider _ours = new(Now);

    [Theory]
    [InlineData(-15, 15)]
    [InlineData(90, 90)]
    [InlineData(-60 * 24 * 60, 60 * 24 * 60)] // two months slow, so that the certificate is not valid yet either
    public async Task Clock_ThatIsWrong_PutsOffWhatIsGenuine_AndIsNamed(int minutes, int difference)
    {
        await using var webhook = await StartAsync();
        var job = await webhook.AddRemoteJobAsync();
        var message = webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE"));
        _ours.AdjustTime(Now.AddMinutes(minutes));

        Assert.Equal(ServiceUnavailable, await webhook.PostAsync(message));
        Assert.Equal(1, webhook.Refused(Refusal.OutsideWindow));
        var words = $"differs by {difference} min from Amazon's";
        Assert.Contains(words, webhook.App.Get<DeliveryClock>().Problem, StringComparison.Ordinal);
        var health = await webhook.Aws.Http.GetAsync(new Uri(webhook.App.Address, Health.ReadyPath), TestContext.Current.CancellationToken);
        Assert.Contains(words, await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        _ours.AdjustTime(Now.AddMinutes(1));
        Assert.Equal(OK, await webhook.PostAsync(message));
        Assert.Null(webhook.App.Get<DeliveryClock>().Problem);
        Assert.Single(await webhook.MessagesAsync(job.Id));
    }

    [Fact]
    public async Task Clock_ThatIsWrong_DoesNotMakeAForgedMessageAGenuineOne()
    {
        await using var webhook = await StartAsync();
        var message = webhook.Topic.Notification("hello");
        message["Message"] = "other";
        _ours.AdjustTime(Now.AddMinutes(-15));

        Assert.Equal(Forbidden, await webhook.PostAsync(message));
        Assert.Null(webhook.App.Get<DeliveryClock>().Problem);
    }

    private Task<WebhookApp> StartAsync() => WebhookApp.StartAsync(time: _amazon, services: services => services.AddSingleton<TimeProvider>(_ours));
}
