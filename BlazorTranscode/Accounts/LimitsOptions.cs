using System.ComponentModel.DataAnnotations;
using BlazorTranscode.Data;

namespace BlazorTranscode.Accounts;

/// <summary>Settings under <c>Limits</c>: what one person, or one address, may do in a time. A request beyond it is answered with 429.</summary>
[Settings("Limits")]
internal sealed class LimitsOptions
{
    /// <summary>Requests of one person, or of one address that is not signed in, in the long run; ten times as many may come at once.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 300;

    /// <summary>Sign-ins, password changes and resets that one address may try; as many may come at once.</summary>
    [Range(1, 1_000_000)]
    public int SignInsPerMinute { get; set; } = 30;

    /// <summary>Accounts that one address may ask for; as many may come at once.</summary>
    [Range(1, 3_600)]
    public int RegistrationsPerHour { get; set; } = 20;

    /// <summary>Uploads that one person may begin or cancel; as many may come at once.</summary>
    [Range(1, 1_000_000)]
    public int UploadsPerMinute { get; set; } = 300;

    /// <summary>Cancellations, retries and deletions that one person may ask for; as many may come at once.</summary>
    [Range(1, 1_000_000)]
    public int JobActionsPerMinute { get; set; } = 120;

    /// <summary>Pages of one person that may be connected. Each costs about 0.5 MiB of memory, after many alerts 1.5 MiB.</summary>
    [Range(1, 100_000)]
    public int TabsPerPerson { get; set; } = 30;

    /// <summary>Connections of one address, beyond which further ones are closed. Does not hold for this machine and for known proxies.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsPerAddress { get; set; } = 1_000;
}
