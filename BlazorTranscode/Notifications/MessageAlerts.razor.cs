using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace BlazorTranscode.Notifications;

/// <summary>The unread messages of whoever is signed in, as alerts. Stands in the layout, so on every page and in every tab.</summary>
public sealed partial class MessageAlerts
{
    private const int MaxOnScreen = 3;

    private string? _userId;
    private string? _error;
    private ElementReference _section;

    [Inject] private NotificationService Notifications { get; set; } = default!;

    [CascadingParameter] private Task<AuthenticationState>? Authentication { get; set; }

    // The newest first, because that is what its owner waits for.
    private IEnumerable<Message> OnScreen => Notifications.Unread.Reverse().Take(MaxOnScreen);

    private int Waiting => Math.Max(0, Notifications.Unread.Count - MaxOnScreen);

    protected override async Task OnInitializedAsync()
    {
        if (Authentication is not null)
            _userId = (await Authentication).User.UserId;
        if (_userId is not null)
            await Notifications.LoadAsync(_userId, CancellationToken.None);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Not in OnInitialized: that runs for the prerendered page too, which nobody would ever unsubscribe.
        if (_userId is null)
            return;
        if (firstRender)
        {
            Notifications.Changed += Refresh;
            Notifications.Listen(_userId);
        }

        await Notifications.RecordShownAsync(OnScreen);
    }

    public void Dispose() => Notifications.Changed -= Refresh;

    private static Severity SeverityOf(Message message) => message.Kind switch
    {
        MessageKind.Failed => Severity.Error,
        MessageKind.ReadyWithWarning => Severity.Warning,
        _ => Severity.Success,
    };

    private Task CloseAsync(Message message) => TryAsync(() => Notifications.CloseAsync(message.Id, CancellationToken.None));

    private Task CloseAllAsync() => TryAsync(() => Notifications.CloseAllAsync(CancellationToken.None));

    private async Task TryAsync(Func<Task> change)
    {
        try
        {
            await change();
            _error = null;
            // The button that was pressed is gone. Without this a screen reader would start again at the top of the page.
            await _section.FocusAsync(preventScroll: true);
        }
        catch (Exception e) when (e is System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException or TimeoutException)
        {
            _error = "That could not be saved just now, so the message stays unread. Try again in a moment.";
        }
    }

    private void Refresh() => _ = RefreshAsync();

    private async Task RefreshAsync()
    {
        try
        {
            await InvokeAsync(StateHasChanged);
        }
        catch (ObjectDisposedException)
        {
            // The circuit ended between the change and the render.
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }
}
