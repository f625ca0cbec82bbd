using BlazorTranscode.Transcoding;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Transcoding;

public sealed class EngineGateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly EngineGate _gate;

    public EngineGateTests() => _gate = new(_time, "not asked yet");

    [Fact]
    public void AtFirst_AnAnswerOpensIt()
    {
        Assert.False(_gate.TryEnter());
        Assert.True(_gate.Prove(EngineProof.Answer));
        Assert.Null(_gate.Reason);
        Assert.True(_gate.TryEnter() && _gate.TryEnter());
    }

    [Fact]
    public void AfterARefusedOrder_OneJobTries_AndOnlyAnOrderThatIsTakenOpensIt()
    {
        _gate.Prove(EngineProof.Answer);
        _gate.Close("no iam:PassRole", EngineProof.Order);
        Assert.False(_gate.Admits);

        Assert.False(_gate.Prove(EngineProof.Answer));
        Assert.Equal("no iam:PassRole", _gate.Reason);
        Assert.True(_gate.TryEnter());
        Assert.False(_gate.TryEnter());
        _gate.Close("still none", EngineProof.Answer); // a question that failed asks for no less
        Assert.False(_gate.Prove(EngineProof.Answer));
        Assert.True(_gate.TryEnter());
        Assert.False(_gate.Prove(EngineProof.Work)); // an older job
        Assert.True(_gate.Prove(EngineProof.Order));
    }

    [Fact]
    public void AfterWorkThatFailed_AnOrderThatIsTakenIsNotEnough()
    {
        _gate.Prove(EngineProof.Answer);
        _gate.Close("may not write", EngineProof.Work);
        _gate.Prove(EngineProof.Answer);
        Assert.True(_gate.TryEnter());

        Assert.False(_gate.Prove(EngineProof.Order));
        Assert.False(_gate.Admits);
        Assert.True(_gate.Prove(EngineProof.Work));
    }

    [Fact]
    public void WhatTries_AndEndsWithoutAWord_LetsAnotherTry()
    {
        _gate.Prove(EngineProof.Answer);
        _gate.Close("no", EngineProof.Order);
        _gate.Prove(EngineProof.Answer);
        Assert.True(_gate.TryEnter());
        _gate.Leave();
        Assert.True(_gate.TryEnter());
        Assert.False(_gate.Admits);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.True(_gate.TryEnter());
    }
}
