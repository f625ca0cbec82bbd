using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Playwright;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>What went wrong in the tabs of a browser context: console errors (a broken CSP is one), uncaught exceptions, foreign hosts.</summary>
internal static class BrowserTrouble
{
    private static readonly ConditionalWeakTable<IBrowserContext, ConcurrentQueue<string>> Found = [];

    extension(IBrowserContext context)
    {
        /// <summary>Everything noticed so far, oldest first.</summary>
        public IReadOnlyCollection<string> Trouble => Found.GetOrCreateValue(context);

        /// <summary>Fails the test if anything went wrong in any tab of this context.</summary>
        public void AssertNoTrouble() => Assert.Empty(context.Trouble);
    }

    internal static void Watch(IBrowserContext context, Uri home)
    {
        var found = Found.GetOrCreateValue(context);
        context.Console += (_, message) =>
        {
            if (message.Type == "error")
                found.Enqueue($"console: {message.Text} ({message.Location})");
        };
        context.WebError += (_, error) => found.Enqueue($"exception: {error.Error}");
        context.Request += (_, request) =>
        {
            if (Uri.TryCreate(request.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Authority != home.Authority)
                found.Enqueue($"request to another host: {url}");
        };
    }
}
