using BlazorTranscode.Webhooks;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace BlazorTranscode.Administration;

/// <summary>What the webhook took and refused, and the way of one message to its reader.</summary>
public sealed partial class DeliveriesPage : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private MudTable<Delivery> _table = default!;
    private List<(string TopicArn, TopicSubscription? State)> _subscriptions = [];
    private List<DeliveryPath> _asked = [];
    private DeliveryOutcome? _outcome;
    private DeliveryPath? _path;
    private string _text = "";
    private long _open;

    [Inject]
    private DeliveryLog Log { get; set; } = default!;

    [Inject]
    private RefusedDeliveries Refused { get; set; } = default!;

    [Inject]
    private DeliveryClock Clock { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _subscriptions = await Log.SubscriptionsAsync(_stop.Token);
        _asked = await Log.FoundByAskingAsync(_stop.Token);
    }

    private async Task<TableData<Delivery>> LoadAsync(TableState state, CancellationToken cancellationToken)
    {
        var (rows, total) = await Log.ListAsync(_text, _outcome, state.Page * state.PageSize, state.PageSize, cancellationToken);
        return new() { Items = rows, TotalItems = total };
    }

    private async Task RefreshAsync()
    {
        await OnInitializedAsync();
        await _table.ReloadServerData();
    }

    private Task SearchAsync(string text)
    {
        _text = text;
        return _table.ReloadServerData();
    }

    private Task ChooseAsync(DeliveryOutcome? outcome)
    {
        _outcome = outcome;
        return _table.ReloadServerData();
    }

    private async Task ToggleAsync(Delivery delivery)
    {
        (_open, _path) = (_open == delivery.Id ? 0 : delivery.Id, null);
        if (_open > 0 && delivery.JobId is { } jobId)
            _path = await Log.PathAsync(jobId, _stop.Token);
    }

    private string Age(DateTimeOffset moment) => (Time.GetUtcNow() - moment) switch
    {
        { TotalMinutes: < 2 } age => $"{Math.Max(0, (int)age.TotalSeconds)} s",
        { TotalHours: < 2 } age => $"{(int)age.TotalMinutes} min",
        { TotalDays: < 2 } age => $"{(int)age.TotalHours} h",
        var age => $"{(int)age.TotalDays} days",
    };

    private static string Say(DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Waiting => "Waits for its job",
        DeliveryOutcome.Applied => "Applied",
        DeliveryOutcome.NothingNew => "Said nothing new",
        DeliveryOutcome.OtherJob => "Not of a job of ours",
        DeliveryOutcome.NotUnderstood => "Not understood",
        DeliveryOutcome.Confirmed => "Subscription confirmed",
        DeliveryOutcome.ConfirmationRefused => "Confirmation refused by SNS",
        DeliveryOutcome.Unsubscribed => "Subscription ended",
        _ => $"{outcome}",
    };
}
