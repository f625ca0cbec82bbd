using System.Text;
using BlazorTranscode.Aws;

namespace BlazorTranscode.Tests.Aws;

/// <summary>
/// The examples that AWS publishes: its signature version 4 test suite, the ListUsers request of the IAM user guide, and S3's chapter on
/// signing. Each signature was also computed by a second program that shares nothing with ours.
/// </summary>
public sealed class SignatureV4Tests
{
    private const string Key = "AKIDEXAMPLE";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private const string Date = "20150830T123600Z";

    [Theory]
    [InlineData("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    public void Authorization_TheTestSuite_HasThePublishedSignature(string method, string query, string signature)
    {
        Dictionary<string, string> headers = new() { ["host"] = "example.amazonaws.com", ["x-amz-date"] = Date };

        Assert.Equal(
            $"AWS4-HMAC-SHA256 Credential={Key}/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}",
            Sign(method, "/", query, headers, "", "service"));
    }

    [Fact]
    public void Authorization_TheTestSuitesForm_HasThePublishedSignature()
    {
        Dictionary<string, string> headers = new()
        {
            ["Content-Type"] = "application/x-www-form-urlencoded", ["Host"] = "example.amazonaws.com", ["X-Amz-Date"] = Date,
        };

        Assert.EndsWith(
            "SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            Sign("POST", "/", "", headers, "Param1=value1", "service"), StringComparison.Ordinal);
    }

    [Fact]
    public void Authorization_ListUsersOfTheIamGuide_HasThePublishedSignature()
    {
        Dictionary<string, string> headers = new()
        {
            ["content-type"] = "application/x-www-form-urlencoded; charset=utf-8", ["host"] = "iam.amazonaws.com", ["x-amz-date"] = Date,
        };

        Assert.EndsWith(
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            Sign("GET", "/", "Action=ListUsers&Version=2010-05-08", headers, "", "iam"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    [InlineData("lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    public void Authorization_TheExamplesOfS3_HaveThePublishedSignature(string query, string signature)
    {
        Dictionary<string, string> headers = new()
        {
            ["host"] = "examplebucket.s3.amazonaws.com", ["x-amz-content-sha256"] = SignatureV4.Hash([]), ["x-amz-date"] = "20130524T000000Z",
        };

        var authorization = SignatureV4.Authorization(
            "GET", "/", query, headers, SignatureV4.Hash([]), new("20130524", "us-east-1", "s3"), "20130524T000000Z",
            "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

        Assert.EndsWith($"Signature={signature}", authorization, StringComparison.Ordinal);
    }

    [Fact]
    public void Authorization_SpacesAroundAndInsideAValue_CountOnce()
    {
        Dictionary<string, string> plain = new() { ["host"] = "h", ["x-amz-date"] = Date, ["my-header"] = "a b c" };
        Dictionary<string, string> padded = new(plain) { ["my-header"] = "  a   b  c " };

        Assert.Equal(Sign("GET", "/", "", plain, "", "service"), Sign("GET", "/", "", padded, "", "service"));
    }

    private static string Sign(string method, string path, string query, Dictionary<string, string> headers, string body, string service) =>
        SignatureV4.Authorization(
            method, path, query, headers, SignatureV4.Hash(Encoding.UTF8.GetBytes(body)), new("20150830", "us-east-1", service), Date, Key, Secret);
}
