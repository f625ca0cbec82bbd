using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>One app, run as people run it, for the tests of a class that only ask it things.</summary>
public sealed class SharedApp : IAsyncDisposable
{
    internal TestApp App { get; } = TestApp.Start(new()
    {
        ["environment"] = "Production", ["Sns:TopicArns:0"] = "arn:aws:sns:us-east-1:123456789012:jobs",
    });

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
