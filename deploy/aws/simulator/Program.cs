using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Util;
using BlazorTranscode.Tests.FakeAws;

// Arguments: the port to listen on, the address of an S3 server (deploy/aws/swift), and the name of the bucket, which is made if it is missing.
var (port, address, bucket) = (int.Parse(args[0]), args[1], args[2]);
using var s3 = new AmazonS3Client("test:tester", "testing", new AmazonS3Config { ServiceURL = address, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
if (!await AmazonS3Util.DoesS3BucketExistV2Async(s3, bucket))
    await s3.PutBucketAsync(new PutBucketRequest { BucketName = bucket });

var work = new FfmpegWork(s3);
await using var aws = await AwsSimulator.StartAsync(port: port);
var topic = aws.CreateTopic();
topic.Queue = aws.Queue;
(aws.MediaConvert.Topic, aws.ElasticTranscoder.Topic) = (topic, topic);
(aws.MediaConvert.Work, aws.ElasticTranscoder.Work, aws.ElasticTranscoder.Bucket) = (work.DoAsync, work, bucket);
Console.WriteLine($"ready {aws.Origin} {topic.Arn} {aws.Queue.Url}");

// Until whoever started this is gone.
await Console.In.ReadToEndAsync();
