namespace BlazorTranscode.Library;

/// <summary>One format of a sound to be played.</summary>
/// <param name="Address">Of ours; it leads to the bytes, wherever they lie at the moment.</param>
/// <param name="ContentType">By which a browser knows whether it can play it.</param>
public sealed record PlayerSource(string Address, string ContentType);
