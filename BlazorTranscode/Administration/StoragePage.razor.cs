using System.Data.Common;
using System.Security.Claims;
using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace BlazorTranscode.Administration;

/// <summary>Whose the media store is, what in it no row knows, and what is to be deleted from it and when.</summary>
public sealed partial class StoragePage : IDisposable
{
    private const int PageSize = 25;
    private const string NotAllowed = "That was not possible: it has changed meanwhile, or you may not do this any more. Load the page again.";
    private static readonly TimeSpan New = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<UnknownObject> _selected = [];
    private ClaimsPrincipal _me = new();
    private ElementReference _unknownHead;
    private ElementReference _goingHead;
    private StoreListing? _listing;
    private List<PendingDeletion> _rows = [];
    private int _page;
    private int _goingPage;
    private int _total;
    private long _bytes;
    private bool _reading;
    private bool _asking;
    private string _note = "";
    private string? _problem;

    [Inject]
    private StoreAdministration Administration { get; set; } = default!;

    [Inject]
    private StoreOwnership Ownership { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private ILogger<StoragePage> Log { get; set; } = default!;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _me = (await Authentication).User;
        await ShowAsync(0);
    }

    private async Task ShowAsync(int page)
    {
        (_rows, _total, _bytes) = await Administration.DeletionsAsync(page * PageSize, PageSize, _stop.Token);
        _goingPage = page;
    }

    private Task ReadAsync() => DoAsync(async () =>
    {
        var listing = _listing = new();
        (_page, _reading, _note) = (0, true, "Looking through the store.");
        _selected.Clear();
        try
        {
            await Administration.ReadAsync(listing, () => _ = InvokeAsync(StateHasChanged), _stop.Token);
            _note = "The store has been looked through.";
        }
        finally
        {
            _reading = false;
        }
    });

    private void Toggle(UnknownObject item)
    {
        if (!_selected.Remove(item))
            _selected.Add(item);
    }

    private Task MoveSelectedAsync() => MoveAsync([.. _selected]);

    private Task MoveAllAsync() => MoveAsync([.. _listing!.Objects.Where(item => !IsNew(item))]);

    private Task MoveAsync(List<UnknownObject> objects) => DoAsync(async () =>
    {
        if (objects.Count == 0)
        {
            _note = "Nothing is selected that could be moved.";
            return;
        }

        if (await Administration.MoveToTrashAsync(_me, objects, _stop.Token) is not { } moved)
        {
            _problem = NotAllowed;
            return;
        }

        _listing = null;
        _selected.Clear();
        await ShowAsync(0);
        _note = $"{moved} {(moved == 1 ? "object was" : "objects were")} moved to the trash.";
        await _goingHead.FocusAsync();
    });

    private Task PutBackAsync(PendingDeletion row) => DoAsync(async () =>
    {
        var done = await Administration.PutBackAsync(_me, row, _stop.Token);
        (_note, _problem) = done ? ("It was put back. It stays in the store, unknown as before.", null) : ("", NotAllowed);
        await ShowAsync(0);
        await _goingHead.FocusAsync();
    });

    private async Task AdoptAsync()
    {
        if (_asking)
            return;
        _asking = true;
        // The box puts the focus on its “yes”, and Enter held too long must not adopt: so that one leaves it.
        var leave = await Dialogs.ShowMessageBoxAsync("Adopt this store?",
            "From now on it is this database's own. If another app uses it too, that one stops storing files until its administrator looks at it.",
            yesText: "Leave it", noText: "Adopt");
        _asking = false;
        if (leave != false)
            return;
        await DoAsync(async () =>
        {
            var done = await Administration.AdoptAsync(_me, _stop.Token);
            (_note, _problem) = done ? ("The store is this database's own now.", null) : ("", NotAllowed);
            await _unknownHead.FocusAsync();
        });
    }

    private async Task DoAsync(Func<Task> act)
    {
        _problem = null;
        try
        {
            await act();
        }
        catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException)
        {
            (_note, _problem) = ("", "The store or the database did not answer as it should. Try again in a moment; the log says more.");
            LogFailed(Log, e);
        }
    }

    private bool IsNew(UnknownObject item) => item.Modified > Time.GetUtcNow() - New;

    private string Due(DateTimeOffset moment) => (moment - Time.GetUtcNow()) switch
    {
        { TotalMinutes: < 60 } => "within the hour",
        { TotalHours: < 36 } left => $"in {Math.Round(left.TotalHours)} hours",
        var left => $"in {Math.Round(left.TotalDays)} days",
    };

    private string Summary(StoreListing listing)
    {
        var others = listing.OtherNames == 0 ? "" : $" {listing.OtherNames} have names that this app never gives; they are somebody else's and are left alone.";
        var most = listing.Unknown > listing.Objects.Count && !_reading ? $" The first {listing.Objects.Count} are listed." : "";
        return $"{listing.Looked} objects looked at{(_reading ? " so far" : "")}. {listing.Unknown} are unknown, {Measures.Size(listing.UnknownBytes)}.{most}{others}";
    }

    private static int Pages(int count) => (count + PageSize - 1) / PageSize;

    private static string Range(int page, int total) => $"{(page * PageSize) + 1} to {Math.Min((page + 1) * PageSize, total)} of {total}";

    private static string Say(DeletionReason reason) => reason switch
    {
        DeletionReason.FileDeleted => "File deleted",
        DeletionReason.UploadAbandoned => "Upload given up",
        DeletionReason.OutputOfAttempt => "Of a conversion, unless it succeeds",
        DeletionReason.MovedToTrash => "In the trash",
        _ => $"{reason}",
    };

    [LoggerMessage(LogLevel.Error, "What an administrator asked of the media store failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
