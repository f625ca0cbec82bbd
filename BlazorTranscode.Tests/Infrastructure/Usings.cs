// bUnit has a TestContext too; the one meant here is xUnit's.
global using TestContext = Xunit.TestContext;
