using BlazorTranscode.Library;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Library;

public sealed class ProgressPulseTests
{
    [Fact]
    public void AThousandNotesInASecond_AreFourBeats()
    {
        var (time, beats) = (new FakeTimeProvider(), 0);
        using var pulse = new ProgressPulse(time, () => beats++);

        for (var i = 0; i < 1000; i++)
        {
            pulse.Note();
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(beats, 3, 4);
    }

    [Fact]
    public void TheLastNote_IsHeard_AndThenThereIsSilence()
    {
        var (time, beats) = (new FakeTimeProvider(), 0);
        using var pulse = new ProgressPulse(time, () => beats++);

        pulse.Note();
        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, beats);
    }
}
