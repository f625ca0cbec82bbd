using System.Text;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Bends genuine bodies in the ways that parsers and verifiers have been broken by, at random but repeatably.</summary>
internal sealed class BodyMutator(IReadOnlyList<byte[]> seeds, int seed)
{
    private static readonly byte[][] Morsels =
    [.. new[]
    {
        "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "1e999", "-0", "\0", "\n", "\r\n", "\t", " ", "\\u0000", "\\ud800", "\\ud83c\\udfb5", "\u00e9", "\u2028",
        "\ufeff", "/*x*/", "Type", "\"Type\":\"Notification\",", "\"Message\":{},", "\"Signature\":\"\",", "\"SignatureVersion\":\"1\",", "\"TopicArn\":\"arn:aws:sns:eu-central-1:111111111111:t\",",
        "\"\\u0054ype\":\"x\",", "SubscriptionConfirmation", "UnsubscribeConfirmation", "Notification", "../", "@evil.example", "https://", ".pem", "?", "#", "%00", "=", "==",
        "9999-12-31T23:59:59.999Z", new string('[', 50), new string('a', 2_000),
    }.Select(Encoding.UTF8.GetBytes), [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf]];

    private readonly Random _random = new(seed);

    /// <summary>The genuine body that the next is made of, and what was made.</summary>
    public (byte[] Genuine, byte[] Bent) Next()
    {
        var genuine = seeds[_random.Next(seeds.Count)];
        var bent = genuine.ToList();
        for (var changes = _random.Next(1, 4); changes > 0; changes--)
            Change(bent);
        return (genuine, [.. bent]);
    }

    private void Change(List<byte> body)
    {
        if (body.Count == 0)
            body.Add((byte)_random.Next(256));
        var at = _random.Next(body.Count);
        var length = Math.Min(_random.Next(1, 40), body.Count - at);
        switch (_random.Next(8))
        {
            case 0 or 1:
                body[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                body[at] = (byte)_random.Next(256);
                break;
            case 3:
                body.RemoveRange(at, length);
                break;
            case 4 or 5:
                body.InsertRange(at, Morsels[_random.Next(Morsels.Length)]);
                break;
            case 6:
                body.InsertRange(_random.Next(body.Count), body.GetRange(at, length));
                break;
            default:
                Swap(body);
                break;
        }
    }

    /// <summary>Puts a piece of another genuine body in the place of one of this: values and whole fields change places.</summary>
    private void Swap(List<byte> body)
    {
        var other = seeds[_random.Next(seeds.Count)];
        var from = _random.Next(other.Length);
        var to = Math.Min(other.Length, from + _random.Next(1, 400));
        var at = _random.Next(body.Count);
        body.RemoveRange(at, Math.Min(to - from, body.Count - at));
        body.InsertRange(at, other[from..to]);
    }
}
