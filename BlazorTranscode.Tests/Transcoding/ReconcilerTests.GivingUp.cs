using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Transcoding;

/// <summary>What is not believed without a look, and what is given up at an engine.</summary>
public sealed partial class ReconcilerTests
{
    [Fact]
    public async Task AJobThatItsEngineCallsDone_WithoutItsFiles_IsFollowedByAnotherAttempt()
    {
        await SubmitAsync("anna");
        Engine.Answer = job => Done(job);
        _time.Advance(BlazorTranscode.Transcoding.Reconciler.FirstCheck + StartUp);

        await Reconciler().ReconcileAsync(Token);

        var job = await JobAsync();
        Assert.Equal((1, null), (job.Failures, job.EngineJobId));
        await using var db = await _app.OpenDatabaseAsync();
        Assert.Empty(db.Messages);
        Assert.Empty(db.Renditions);
    }

    [Fact]
    public async Task AJobThatIsDone_WhileTheStoreDoesNotAnswer_WaitsUntilItDoes()
    {
        await SubmitAsync("anna");
        Engine.Answer = job => Done(job);
        await StoreOutputsAsync();
        ((StoreProxy)_app.Get<IMediaStore>()).Fault = call => call is nameof(IMediaStore.OpenAsync) ? new StorageUnavailableException("away") : null;
        _time.Advance(BlazorTranscode.Transcoding.Reconciler.Deadline + StartUp);
        await Reconciler().ReconcileAsync(Token);
        Assert.Equal((JobState.Submitted, 0), ((await JobAsync()).State, (await JobAsync()).Failures));

        ((StoreProxy)_app.Get<IMediaStore>()).Fault = _ => null;
        _time.SetUtcNow((await JobAsync()).NextCheckAt!.Value);
        await Reconciler().ReconcileAsync(Token);

        Assert.Equal(JobState.Succeeded, (await JobAsync()).State);
    }

    [Theory]
    [InlineData("scripted")]
    [InlineData("another")]
    public async Task AJobThatIsGivenUpAfterADay_IsAlsoCancelledThere(string engine)
    {
        await SubmitAsync("anna", engine);
        _time.Advance(TimeSpan.FromHours(25));

        await Reconciler().ReconcileAsync(Token);

        Assert.Equal(JobState.Failed, (await JobAsync()).State);
        Assert.Equal(engine == "scripted" ? 1 : 0, await Reconciler().CancelAsync(Token));
        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal(engine == "scripted" ? 0 : 1, await db.EngineCancellations.CountAsync(Token));
    }

    [Fact]
    public async Task ACancelledJob_IsToldToItsEngineUntilThatHasAnswered_AlsoWhenItsFileIsDeleted()
    {
        await SubmitAsync("anna");
        var job = await JobAsync();
        Engine.CancelFault = new HttpRequestException("unreachable");

        Assert.True(await _app.Get<JobQueue>().CancelAsync("anna", job.Id, Token)); // and does not wait for it
        await using (var db = await _app.OpenDatabaseAsync())
            await db.AudioFiles.ExecuteDeleteAsync(Token);
        _time.Advance(StartUp);
        Assert.Equal(1, await Reconciler().CancelAsync(Token));
        Assert.Equal(0, await Reconciler().CancelAsync(Token)); // not at once again
        Engine.CancelFault = null;
        _time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(1, await Reconciler().CancelAsync(Token));

        Assert.Equal([job.Id, job.Id], Engine.CancelledJobs);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await Reconciler().CancelAsync(Token));
    }

    [Fact]
    public async Task Start_WithAnotherEngine_ConvertsWhatTheFormerOneHasAgain()
    {
        await SubmitAsync("anna", "another");

        await _app.Get<LeftJobs>().TakeBackAtStartAsync(Token);

        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal("another", (await db.EngineCancellations.SingleAsync(Token)).Engine);
        await ActivatorUtilities.CreateInstance<JobSweep>(_app.Services).SweepAsync(Token);
        await Eventually.TrueAsync(async () => (await JobAsync()).State == JobState.Succeeded);
        Assert.Equal((3, "scripted"), ((await JobAsync()).Attempt, (await JobAsync()).Engine));
    }
}
