using System.Net;
using System.Net.Sockets;

namespace BlazorTranscode.Data;

/// <summary>The network that a request comes from: one IPv4 address, or the /64 of an IPv6 address, of which a visitor may use every address.</summary>
internal static class VisitorNetwork
{
    private const int Ipv6Bytes = 8;

    /// <summary>The network as text; "unknown" without an address, as for a Unix socket.</summary>
    public static string Of(IPAddress? address)
    {
        if (address is null)
            return "unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Ipv6Bytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    /// <summary>Whether the address belongs to this machine or to a private network (RFC 1918, RFC 4193, link-local), as a proxy's usually does.</summary>
    public static bool IsPrivate(IPAddress? address)
    {
        if (address is null)
            return true;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal)
            return true;
        return address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() switch
        {
            [10, ..] or [192, 168, ..] or [169, 254, ..] => true,
            [172, var second, ..] => second is >= 16 and < 32,
            _ => false,
        };
    }
}
