using System.Net;
using System.Text;
using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Transcoding;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Flow;

/// <summary>
/// Three people use every route of the app with every verb and with each other's ids, all at once. The routes are read from the app, so
/// that one which is added later is tried as well.
/// </summary>
public sealed class IsolationTests : IAsyncLifetime
{
    private const int UploadLength = 3000, Sent = 1000;

    private static readonly HttpMethod[] Verbs =
        [HttpMethod.Get, HttpMethod.Head, HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete, HttpMethod.Options];

    private readonly TestApp _app = TestApp.Start();
    private Person[] _people = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _people = [await MoveInAsync("anna"), await MoveInAsync("ben"), await MoveInAsync("cleo")];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task EveryRouteVerbAndId_AskedByThreePeopleAtOnce_GivesAndChangesNothingOfAnother()
    {
        var routes = Routes().ToList();
        Assert.Contains(routes, route => route.RawText!.StartsWith("/files/", StringComparison.Ordinal));
        Assert.Contains(routes, route => route.RawText!.StartsWith("/uploads/", StringComparison.Ordinal));

        var asked = await Task.WhenAll(_people.Select(person => Task.Run(() => AskForEverythingAsync(person, routes), Stop)));

        Assert.All(asked, count => Assert.InRange(count, 500, int.MaxValue));
        await Task.WhenAll(_people.Select(AssertUntouchedAsync));
    }

    /// <summary>An account with a file that is ready, one that is being made, an upload that has begun and a message, all of them marked.</summary>
    private async Task<Person> MoveInAsync(string name)
    {
        var user = await _app.CreateUserAsync(name);
        var mark = $"canary-of-{name}";
        var ready = await _app.AddFileAsync(user, $"{mark} ready.wav", bytes: false);
        var running = await _app.AddFileAsync(user, $"{mark} running.wav", JobState.Running);
        await using var db = await _app.OpenDatabaseAsync();
        foreach (var rendition in await db.Renditions.Where(r => r.AudioFileId == ready.Id).ToListAsync(Stop))
            await _app.StoreAsync(rendition.StorageKey, Encoding.UTF8.GetBytes(mark));
        await _app.StoreAsync(ready.StorageKey, Encoding.UTF8.GetBytes(mark));
        var message = await _app.AddMessageAsync(user, ready, MessageKind.Ready, $"“{mark}” is ready.");
        var tus = new TusClient(user);
        var url = await tus.CreateAsync(UploadLength, $"{mark} upload.wav", "mp3");
        using (await tus.PatchAsync(url, 0, TusClient.Bytes(Sent)))
        {
        }

        var jobs = await db.TranscodeJobs.Where(job => job.OwnerId == user.Id).Select(job => job.Id).ToListAsync(Stop);
        var renditions = await db.Renditions.Where(r => r.AudioFileId == ready.Id).Select(r => r.Id).ToListAsync(Stop);
        return new(user, mark, ready, url, await _app.JobOfAsync(running),
            [ready.Id, running.Id, TusClient.IdOf(url), message.Id, .. jobs, .. renditions, Guid.Parse(user.Id)]);
    }

    private IEnumerable<RoutePattern> Routes() => _app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
        .Select(endpoint => endpoint.RoutePattern).DistinctBy(pattern => pattern.RawText);

    /// <returns>How many requests were made.</returns>
    private async Task<int> AskForEverythingAsync(Person person, List<RoutePattern> routes)
    {
        var others = _people.Where(other => other != person).ToList();
        var count = 0;
        foreach (var address in routes.SelectMany(route => AddressesOf(route, others)).Distinct())
        {
            foreach (var verb in Verbs)
            {
                await AskAsync(person, verb, address, others);
                count++;
            }
        }

        return count;
    }

    /// <summary>The route once for each id of the others, and for each format where it asks for one.</summary>
    private static IEnumerable<string> AddressesOf(RoutePattern route, List<Person> others)
    {
        if (route.Parameters.Count == 0)
            return [route.RawText!];
        return
            from id in others.SelectMany(other => other.Ids)
            from format in route.Parameters.Any(parameter => parameter.Name == "format") ? Formats : [""]
            select "/" + string.Join('/', route.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
            {
                RoutePatternLiteralPart literal => literal.Content,
                RoutePatternParameterPart { Name: "format" } => format,
                _ => id.ToString(),
            }))));
    }

    private static IEnumerable<string> Formats => [.. Preset.All.Select(preset => preset.Id).Take(2), "source"];

    private async Task AskAsync(Person person, HttpMethod verb, string address, List<Person> others)
    {
        using var request = new HttpRequestMessage(verb, new Uri(_app.Address, address));
        request.Headers.Add("Tus-Resumable", "1.0.0");
        request.Headers.Add("Origin", _app.Address.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Upload-Offset", $"{Sent}");
        if (verb == HttpMethod.Post || verb == HttpMethod.Put || verb == HttpMethod.Patch)
        {
            request.Content = new ByteArrayContent(TusClient.Bytes(Sent));
            request.Content.Headers.ContentType = new("application/offset+octet-stream");
        }

        using var answer = await person.User.Client.SendAsync(request, Stop);
        var text = $"{answer.Headers}{answer.Content.Headers}{await answer.Content.ReadAsStringAsync(Stop)}";
        foreach (var other in others)
        {
            Assert.False(
                text.Contains(other.Mark, StringComparison.OrdinalIgnoreCase) || text.Contains(other.User.Email, StringComparison.OrdinalIgnoreCase),
                $"{person.User.Email} asked {verb} {address} and found something of {other.User.Email}: {answer.StatusCode}\n{text}");
        }

        Assert.True(answer.StatusCode != HttpStatusCode.InternalServerError, $"{verb} {address}: {text}");
    }

    /// <summary>What others did has changed nothing of this person's, and it is all still theirs.</summary>
    private async Task AssertUntouchedAsync(Person person)
    {
        using (var head = await new TusClient(person.User).HeadAsync(person.Upload))
            Assert.Equal(Sent, TusClient.Offset(head));
        Assert.Equal(person.Mark, await person.User.Client.GetStringAsync(new Uri($"files/{person.Ready.Id}/mp3", UriKind.Relative), Stop));
        Assert.Contains(person.Mark, await person.User.Client.GetStringAsync(new Uri($"files/{person.Ready.Id}", UriKind.Relative), Stop));
        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal(2, await db.AudioFiles.CountAsync(file => file.OwnerId == person.User.Id, Stop));
        Assert.Null((await db.Messages.SingleAsync(message => message.OwnerId == person.User.Id, Stop)).ReadAt);
        Assert.Equal(JobState.Running, (await db.TranscodeJobs.SingleAsync(job => job.Id == person.Running, Stop)).State);
    }

    /// <param name="User">The account.</param>
    /// <param name="Mark">Stands in the name of everything that is theirs, and in its bytes.</param>
    /// <param name="Ready">A file with formats.</param>
    /// <param name="Upload">The address of an upload that has begun.</param>
    /// <param name="Running">A job under way.</param>
    /// <param name="Ids">Every id that something of theirs has.</param>
    private sealed record Person(TestUser User, string Mark, AudioFile Ready, string Upload, Guid Running, IReadOnlyList<Guid> Ids);
}
