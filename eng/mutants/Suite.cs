using System.Diagnostics;
using System.Reflection;
using Xunit;
using Xunit.Runner.Common;
using Xunit.Sdk;
using Xunit.v3;

namespace Custos.Mutants;

/// <summary>How a test ended.</summary>
enum Ended
{
    Passed,
    Failed,
    NotInTime,
}

/// <summary>The tests of one assembly, called one by one in this process.</summary>
sealed class Suite
{
    readonly ITestFrameworkExecutor _executor;
    readonly ITestFrameworkExecutionOptions _options;
    readonly Dictionary<string, ITestCase> _cases = [];

    Suite(ITestFrameworkExecutor executor, ITestFrameworkExecutionOptions options) => (_executor, _options) = (executor, options);

    /// <summary>Names of tests, with their arguments, as the runner prints them.</summary>
    public IEnumerable<string> Tests => _cases.Keys;

    public static async Task<Suite> FindAsync(Assembly assembly)
    {
        var configuration = new TestAssemblyConfiguration { PreEnumerateTheories = true, StopOnFail = true, ParallelMode = ParallelMode.None, MaxParallelThreads = 1, SynchronousMessageReporting = true };
        TestContext.SetForInitialization(null, false, false);
        var framework = new XunitTestFramework();
        await using var _ = framework as IAsyncDisposable;
        var suite = new Suite(framework.GetExecutor(assembly), TestFrameworkOptions.ForExecution(configuration));
        await framework.GetDiscoverer(assembly).Find(
            found =>
            {
                // Two cases whose arguments print alike are told apart by their order.
                var name = found.TestCaseDisplayName.ReplaceLineEndings(" ").Replace('\t', ' ');
                for (var again = 2; !suite._cases.TryAdd(name, found); again++)
                    name = $"{found.TestCaseDisplayName.ReplaceLineEndings(" ").Replace('\t', ' ')} ({again})";
                return new(true);
            },
            TestFrameworkOptions.ForDiscovery(configuration));
        return suite;
    }

    /// <summary>Calls one test. One that does not end goes on behind the answer: the process is of no more use.</summary>
    public Ended Run(string test, TimeSpan limit, out TimeSpan took)
    {
        var sink = new Sink();
        var watch = Stopwatch.StartNew();
        var run = Task.Run(async () =>
        {
            TestContext.SetForInitialization(null, false, false);
            await _executor.RunTestCases([_cases[test]], sink, _options);
        });
        var inTime = run.ContinueWith(static _ => { }, TaskScheduler.Default).Wait(limit);
        took = watch.Elapsed;
        if (run.IsFaulted)
            Console.Error.WriteLine(run.Exception.Message);
        return !inTime ? Ended.NotInTime : run.IsFaulted || sink.Failed ? Ended.Failed : Ended.Passed;
    }

    sealed class Sink : IMessageSink
    {
        public bool Failed { get; private set; }

        public bool OnMessage(IMessageSinkMessage message)
        {
            Failed |= message is ITestFailed or IErrorMessage or ITestCleanupFailure or ITestCaseCleanupFailure or ITestClassCleanupFailure;
            return !Failed;
        }
    }
}
