using System.ComponentModel.DataAnnotations;
using System.Net;
using BlazorTranscode.Data;

namespace BlazorTranscode.Hosting;

/// <summary>Settings at the root: how the app is reached from outside.</summary>
[Settings("")]
internal sealed class HostingOptions : IValidatableObject
{
    /// <summary>
    /// The address that people type, such as <c>https://audio.example.org</c>. With https, cookies become <c>Secure</c> and browsers are told
    /// to stay on https. Empty means that only this machine or a plain local network uses the app.
    /// </summary>
    public string? PublicOrigin { get; set; }

    /// <summary>
    /// More host names to answer to, separated by semicolons; <c>*</c> for any. Always answered: localhost, the host of
    /// <see cref="PublicOrigin"/>, and the hosts that the app was told to listen on.
    /// </summary>
    public string AllowedHosts { get; set; } = "";

    /// <summary>
    /// With https, whether browsers shall use nothing but https for the hosts below that of <see cref="PublicOrigin"/> too, for a year: the
    /// neighbours of an app at a bare domain may speak plain http.
    /// </summary>
    public bool HstsIncludeSubDomains { get; set; }

    /// <summary>Which proxies may say who the visitor is and how they came.</summary>
    public ProxyOptions ForwardedHeaders { get; set; } = new();

    public bool IsHttps => PublicOrigin?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) == true;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(PublicOrigin) && !IsOrigin(PublicOrigin))
            yield return new($"PublicOrigin must be scheme and host only, such as https://audio.example.org, but is '{PublicOrigin}'.");
        foreach (var proxy in ForwardedHeaders.KnownProxies.Where(proxy => !IPAddress.TryParse(proxy, out _)))
            yield return new($"ForwardedHeaders:KnownProxies must hold IP addresses, but has '{proxy}'.");
        foreach (var network in ForwardedHeaders.KnownNetworks.Where(network => !IPNetwork.TryParse(network, out _)))
            yield return new($"ForwardedHeaders:KnownNetworks must hold networks such as 10.0.0.0/8, but has '{network}'.");
    }

    private static bool IsOrigin(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.GetLeftPart(UriPartial.Authority).Equals(value, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Settings under <c>ForwardedHeaders</c>. Empty means that nobody is believed.</summary>
internal sealed class ProxyOptions
{
    /// <summary>IP addresses of proxies in front of the app.</summary>
    public string[] KnownProxies { get; set; } = [];

    /// <summary>Networks that only proxies are in, such as <c>10.0.0.0/8</c>.</summary>
    public string[] KnownNetworks { get; set; } = [];
}
