using BlazorTranscode.Messages;
using BlazorTranscode.Transcoding;
using Microsoft.AspNetCore.Components;

namespace BlazorTranscode.Library;

/// <summary>All files of the signed-in person, live.</summary>
public sealed partial class LibraryPage
{
    private const int PageSize = 50;

    private LibraryList _list = LibraryList.Empty;
    private ElementReference _heading;
    private ProgressPulse? _pulse;
    private LateBell? _late;
    private int _take = PageSize;
    private string? _searched;
    private string? _shown;
    private string? _typed;
    private Guid? _deleted;

    // What was typed goes ahead of the address, which follows a round trip later; letters are not taken back when it arrives.
    private readonly Queue<string?> _ahead = new();

    [Inject] private LibraryStore Library { get; set; } = default!;
    [Inject] private JobFeed Jobs { get; set; } = default!;
    [Inject] private MessageFeed Messages { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    /// <summary>Part of a name; in the address, so that reload and back keep it.</summary>
    [SupplyParameterFromQuery(Name = "search")]
    private string? Search { get; set; }

    private string CountInWords => _list.Items.Count < _list.Total ? $"{_list.Items.Count} of {_list.Total} files" : _list.Total == 1 ? "1 file" : $"{_list.Total} files";

    protected override void OnInitialized() => _typed = Search;

    protected override async Task OnParametersSetAsync()
    {
        if (_searched == Search)
            return;
        if (_ahead.Contains(Search))
        {
            while (_ahead.Dequeue() != Search)
            {
            }
        }
        else
        {
            // Back, reload or a link, not what was typed.
            _typed = Search;
            _ahead.Clear();
        }

        _take = PageSize;
        await ReadAsync();
    }

    protected override async Task ReadAsync()
    {
        var (search, take) = (Search, _take);
        _searched = search;
        var list = await Library.ListAsync(UserId, search, take, Stop);
        // Somebody who types on is not shown what they asked for before.
        if ((search, take) != (Search, _take))
            return;
        (_list, _shown) = (list, search);
        _late?.SetFor(list.Items);
    }

    protected override IReadOnlyList<IDisposable> Subscribe()
    {
        (_pulse, _late) = (new(Time, Refresh), new(Time, Ring));
        return [_pulse, _late, Jobs.Subscribe(UserId, Heard), Messages.Subscribe(UserId, RingAt)];
    }

    private void Heard(JobChange change)
    {
        if (change.Progress is null)
            Ring();
        else
            _pulse?.Note();
    }

    private double? ProgressOf(LibraryItem item) => item.State == FileState.Running ? Jobs.ProgressOf(item.JobId) : null;

    private void Typed(string? text)
    {
        _typed = string.IsNullOrEmpty(text) ? null : text;
        _ahead.Enqueue(_typed);
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("search", _typed), replace: true);
    }

    private Task MoreAsync()
    {
        _take += PageSize;
        return ReadAsync();
    }

    // The button that had the focus goes with its row. Not before that: the closing dialog gives it the focus back.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_deleted is not { } deleted || _list.Items.Any(item => item.Id == deleted))
            return;
        _deleted = null;
        await _heading.FocusAsync();
    }
}
