namespace BlazorTranscode.Data;

/// <summary>The app must not start as things are. The message is a sentence for its operator: what is wrong and what to do.</summary>
internal sealed class StartRefusedException(string message, Exception? inner = null) : Exception(message, inner);
