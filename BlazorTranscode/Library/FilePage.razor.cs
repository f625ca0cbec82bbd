using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Transcoding;
using Microsoft.AspNetCore.Components;

namespace BlazorTranscode.Library;

/// <summary>One file: how it stands, to be heard, to be downloaded.</summary>
public sealed partial class FilePage
{
    // What plays in the most browsers first; Safari knows no Ogg.
    private static readonly string[] BestToPlay = [Preset.M4a.Id, Preset.Mp3.Id, Preset.Opus.Id, Preset.Flac.Id, Preset.Wav.Id];

    private LibraryFile? _file;
    private ProgressPulse? _pulse;
    private LateBell? _late;
    private Guid _read;
    private Guid _measured;
    private bool _wasThere;

    [Inject] private LibraryStore Library { get; set; } = default!;
    [Inject] private RenditionLengths Lengths { get; set; } = default!;
    [Inject] private JobFeed Jobs { get; set; } = default!;
    [Inject] private MessageFeed Messages { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [Parameter]
    public Guid Id { get; set; }

    private double? Progress => _file is { Item: { State: FileState.Running } item } ? Jobs.ProgressOf(item.JobId) : null;

    private IEnumerable<LibraryFormat> Playable => _file!.Formats.OrderBy(format => Array.IndexOf(BestToPlay, format.PresetId));

    // The link in an alert leads from one file's page to another's: the same component with another id.
    protected override async Task OnParametersSetAsync()
    {
        if (_read != Id)
            await ReadAsync();
    }

    protected override async Task ReadAsync()
    {
        var id = Id;
        if (_read != id)
            (_read, _wasThere) = (id, false);
        var file = await Library.FindAsync(UserId, id, Stop);
        if (id != Id)
            return;
        _file = file;
        _wasThere |= file is not null;
        if (!_wasThere)
            Navigation.NotFound();
        _late?.SetFor(file is null ? [] : [file.Item]);
        if (RendererInfo.IsInteractive && file?.Formats.Any(format => format.Length == 0) == true)
            _ = MeasureAsync(file.Item);
    }

    // Nobody waits for it: the sizes come when the store has answered. Once for each job, or an object that is gone would be asked for at every ring.
    private async Task MeasureAsync(LibraryItem item)
    {
        if (_measured == item.JobId)
            return;
        _measured = item.JobId;
        try
        {
            if (await Lengths.FillInAsync(UserId, item.Id, Stop))
                Ring();
        }
        catch (OperationCanceledException) when (Stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
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
        else if (change.JobId == _file?.Item.JobId)
            _pulse?.Note();
    }

    private void BackToLibrary() => Navigation.NavigateTo("");
}
