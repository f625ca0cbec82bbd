using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace BlazorTranscode.Webhooks;

/// <summary>What SNS puts around a message. The two confirmations ask for something; only a notification brings news.</summary>
internal enum SnsType
{
    Notification = 1,
    SubscriptionConfirmation = 2,
    UnsubscribeConfirmation = 3,
}

/// <summary>
/// The signed fields of one SNS message, and what is needed to check the signature. Fields that are not signed (UnsubscribeURL,
/// MessageAttributes) are not even read. Source: "Parsing Amazon SNS message formats" in the SNS developer guide.
/// </summary>
internal sealed record SnsEnvelope(SnsType Type, string MessageId, string TopicArn, string Message, string Timestamp)
{
    private const int Known = 11;
    private const int MessageField = 3;

    private static readonly string[] Names =
        ["Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL", "Subject", "Token", "SubscribeURL"];

    // Longest values that are accepted, in characters; a message has the whole body.
    private static readonly int[] Limits = [40, 100, 256, int.MaxValue, 40, 4, 100_000, 512, 256, 1024, 2048];

    public required string SignatureVersion { get; init; }
    public required string Signature { get; init; }
    public required string SigningCertUrl { get; init; }
    public string? Subject { get; init; }
    public string? Token { get; init; }
    public string? SubscribeUrl { get; init; }

    /// <summary>
    /// Reads an envelope strictly: one JSON object in valid UTF-8, each field that counts at most once and a string, no control
    /// characters outside the message. The signed text separates fields by line breaks only, so a line break inside a field would let
    /// one signature fit two different messages.
    /// </summary>
    /// <returns>The refusal, or null and the envelope.</returns>
    public static Refusal? Read(ReadOnlySpan<byte> body, out SnsEnvelope? envelope)
    {
        envelope = null;
        var values = new string?[Known];
        try
        {
            if (!Utf8.IsValid(body) || !ReadFields(body, values))
                return Refusal.Malformed;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: half a surrogate pair
        {
            return Refusal.Malformed;
        }

        if (values.AsSpan(0, 8).Contains(null))
            return Refusal.Malformed;
        if (!Enum.TryParse<SnsType>(values[0], out var type) || type.ToString() != values[0])
            return Refusal.UnknownType;
        if (type != SnsType.Notification && (values[9] is null || values[10] is null))
            return Refusal.Malformed;
        envelope = new(type, values[1]!, values[2]!, values[3]!, values[4]!)
        {
            SignatureVersion = values[5]!, Signature = values[6]!, SigningCertUrl = values[7]!,
            Subject = values[8], Token = values[9], SubscribeUrl = values[10],
        };
        return null;
    }

    /// <summary>The bytes that are signed, built from the very values that are used afterwards.</summary>
    public byte[] SignedText()
    {
        var text = new StringBuilder(Message.Length + 512);
        Add("Message", Message);
        Add("MessageId", MessageId);
        if (Type == SnsType.Notification)
            Add("Subject", Subject);
        else
            Add("SubscribeURL", SubscribeUrl);
        Add("Timestamp", Timestamp);
        if (Type != SnsType.Notification)
            Add("Token", Token);
        Add("TopicArn", TopicArn);
        Add("Type", Type.ToString());
        return Encoding.UTF8.GetBytes(text.ToString());

        void Add(string name, string? value)
        {
            if (value is not null)
                text.Append(name).Append('\n').Append(value).Append('\n');
        }
    }

    private static bool ReadFields(ReadOnlySpan<byte> body, string?[] values)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 4 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        var seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = FieldOf(in reader);
            reader.Read();
            if (field < 0)
            {
                reader.Skip();
                continue;
            }

            if ((seen & (1 << field)) != 0)
                return false;
            seen |= 1 << field;
            // Some senders write an absent subject as null; nothing else may be anything but text.
            if (reader.TokenType == JsonTokenType.Null && Names[field] == "Subject")
                continue;
            if (reader.TokenType != JsonTokenType.String || reader.GetString() is not { } value || value.Length > Limits[field])
                return false;
            if (field != MessageField && value.AsSpan().ContainsAny(ControlCharacters))
                return false;
            values[field] = value;
        }

        return !reader.Read(); // what follows the object would throw, except white space
    }

    private static int FieldOf(in Utf8JsonReader reader)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (reader.ValueTextEquals(Names[i]))
                return i;
        }

        return -1;
    }

    private static readonly SearchValues<char> ControlCharacters =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7f, 0x21)).Select(c => (char)c)]);
}
