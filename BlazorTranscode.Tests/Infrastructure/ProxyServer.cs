using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>nginx or Caddy with TLS in front of an app, set up by the very lines of README.md.</summary>
/// <param name="kind">The language of the block in README.md: <c>nginx</c> or <c>caddy</c>.</param>
internal sealed partial class ProxyServer(string kind) : IDisposable
{
    /// <summary>The name that README.md uses; <see cref="Browser"/> finds it on this machine.</summary>
    public const string Host = "audio.example.org";

    private readonly TempFolder _folder = new();
    private readonly int _port = FreePort.Find();
    private Process? _process;

    /// <summary>What people type.</summary>
    public string Origin => $"https://{Host}:{_port}";

    public static string Recipe(string kind) =>
        Regex.Match(File.ReadAllText(Repository.At("README.md")), $@"```{kind}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    /// <param name="app">Where the app listens.</param>
    /// <param name="without">A line of the recipe that its operator has forgotten.</param>
    public async Task StartAsync(Uri app, string? without = null)
    {
        var recipe = Recipe(kind);
        Assert.NotEmpty(recipe);
        if (without is not null)
        {
            Assert.Contains(without, recipe, StringComparison.Ordinal);
            recipe = recipe.Replace(without, "", StringComparison.Ordinal);
        }
        MakeCertificate();
        await File.WriteAllTextAsync(_folder.File("config"), Complete(recipe.Replace("127.0.0.1:5080", $"127.0.0.1:{app.Port}", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        string[] arguments = kind == "nginx"
            ? ["-p", _folder.Path, "-e", _folder.File("log"), "-c", _folder.File("config")]
            : ["run", "--adapter", "caddyfile", "--config", _folder.File("config")];
        var start = new ProcessStartInfo(kind == "nginx" ? "/usr/sbin/nginx" : "caddy", arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["XDG_DATA_HOME"] = start.Environment["XDG_CONFIG_HOME"] = _folder.Path;
        _process = Process.Start(start)!;
        var errors = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await Eventually.TrueAsync(async () =>
        {
            if (_process.HasExited)
                Assert.Fail($"{kind} ended with exit code {_process.ExitCode}: {await errors}");
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", _port, TestContext.Current.CancellationToken);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        _process?.Dispose();
        _folder.Dispose();
    }

    /// <summary>What a machine of its own has around the recipe: Debian's frame for nginx, and for Caddy a certificate that it need not fetch.</summary>
    private string Complete(string recipe) => kind == "nginx"
        ? $$"""
          daemon off;
          user {{Environment.UserName}};
          pid {{_folder.File("pid")}};
          events {}
          http {
            access_log off;
            client_body_temp_path {{_folder.File("body")}};
            proxy_temp_path {{_folder.File("proxy")}};
            fastcgi_temp_path {{_folder.File("fastcgi")}};
            uwsgi_temp_path {{_folder.File("uwsgi")}};
            scgi_temp_path {{_folder.File("scgi")}};
            {{PathOfCertificate.Replace(recipe, match => _folder.File(match.Value.EndsWith("key", StringComparison.Ordinal) ? "key" : "certificate"))
                .Replace("listen 443", $"listen 127.0.0.1:{_port}", StringComparison.Ordinal)}}
          }
          """
        : $$"""
          {
            admin off
            auto_https disable_redirects
          }
          {{recipe.Replace($"{Host} {{", $"{Host}:{_port} {{\n  tls {_folder.File("certificate")} {_folder.File("key")}", StringComparison.Ordinal)}}
          """;

    private void MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(_folder.File("certificate"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.File("key"), key.ExportPkcs8PrivateKeyPem());
    }

    [GeneratedRegex(@"/etc/ssl/[\w/.]+")]
    private static partial Regex PathOfCertificate { get; }
}
