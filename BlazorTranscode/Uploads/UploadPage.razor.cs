using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace BlazorTranscode.Uploads;

/// <summary>Choose the formats, then the files. The files never pass the circuit: uploads/page.js sends them over HTTP.</summary>
public sealed partial class UploadPage
{
    /// <summary>Files that are taken in one go; more of them freeze a browser.</summary>
    private const int MaxFiles = 20;

    /// <summary>
    /// What the file picker offers. iOS shows only files whose extension is named, because it does not count all of them as audio; a
    /// recording may also come in a video's container.
    /// </summary>
    private const string Accepted =
        "audio/*,.mp3,.wav,.m4a,.m4b,.aac,.ogg,.oga,.opus,.flac,.aiff,.aif,.aifc,.wma,.caf,.amr,.mka,.mp4,.mov,.webm,.mkv,.3gp";

    [Inject] private ITranscoder Transcoder { get; set; } = default!;

    [Inject] private UploadRoom Room { get; set; } = default!;

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = default!;

    private HashSet<string> _chosen = [Preset.Mp3.Id, Preset.Flac.Id];
    private ElementReference _formats;
    private ElementReference _zone;
    private IJSObjectReference? _module;
    private PersonalUse? _use;

    // A box that is clicked before the remembered choice is there would be set back by it.
    private bool _ready;

    protected override async Task OnInitializedAsync()
    {
        if ((await Authentication).User.UserId is { } ownerId)
            _use = await Room.OfAsync(ownerId, CancellationToken.None);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./uploads/page.js");
        var remembered = (await _module.InvokeAsync<string[]>("remembered")).Where(id => Preset.Find(id) is { } preset && Transcoder.Refuses(preset) is null).ToHashSet();
        if (remembered.Count > 0)
            _chosen = remembered;
        StateHasChanged(); // before the first file can be dropped, because the script reads the boxes
        await _module.InvokeVoidAsync("attach", _zone, _formats, new { Options.Value.MaxBytes, MaxText = Measures.Size(Options.Value.MaxBytes), MaxFiles });
        _ready = true;
        StateHasChanged();
    }

    // The script reads the boxes themselves, so that a choice counts at once and without a circuit. This only keeps them as they were clicked.
    private void Choose(string id, bool wanted)
    {
        if (wanted)
            _chosen.Add(id);
        else
            _chosen.Remove(id);
    }

    private static string Words(TimeSpan time) => time >= TimeSpan.FromHours(2) ? $"{time.TotalHours:0} hours" : $"{time.TotalMinutes:0} minutes";

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone, and the module with it.
        }
    }
}
