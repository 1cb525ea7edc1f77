using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Custos.Fixtures;

/// <summary>A program that a test started: its output is read as it comes, and it ends with the test.</summary>
public sealed class ChildProgram : IAsyncDisposable
{
    // How long a test waits for what must come before it fails. Nothing is measured by it.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    const int InterruptSignal = 2, TerminateSignal = 15, StopSignal = 19;

    readonly Process _process;
    readonly Lock _gate = new();
    readonly StringBuilder _output = new();
    readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];
    readonly Task _out, _err;

    ChildProgram(Process process)
    {
        _process = process;
        _out = ReadAsync(process.StandardOutput);
        _err = ReadAsync(process.StandardError);
    }

    /// <summary>Starts a program.</summary>
    public static ChildProgram Start(string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, bool keepInput = false)
    {
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start");
        if (!keepInput)
            process.StandardInput.Close();
        return new(process);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it printed.</exception>
    public static async Task<string> RunAsync(string path, params string[] arguments)
    {
        await using var program = Start(path, arguments);
        var code = await program.EndAsync();
        return code == 0 ? program.Output : throw new InvalidOperationException($"{Path.GetFileName(path)} ended with {code}: {program.Output}");
    }

    /// <summary>True once it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>What it has printed so far, both streams.</summary>
    public string Output
    {
        get
        {
            lock (_gate)
                return _output.ToString();
        }
    }

    /// <summary>Waits until it has printed something.</summary>
    /// <exception cref="InvalidOperationException">It ended without.</exception>
    public async Task PrintsAsync(string text)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_output.ToString().Contains(text, StringComparison.Ordinal))
                return;
            _awaited.Add((text, seen));
        }

        var ended = Task.WhenAll(_out, _err);
        if (await Task.WhenAny(seen.Task, ended).WaitAsync(Patience) == ended && !seen.Task.IsCompleted)
            throw new InvalidOperationException($"the program ended without printing '{text}': {Output}");
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        await Task.WhenAll(_process.WaitForExitAsync(), _out, _err).WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>As Ctrl-C does (SIGINT).</summary>
    public void Interrupt() => Signal(InterruptSignal);

    /// <summary>Ends its input. Also what a program sees when the test's own process is gone.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>As a service manager does (SIGTERM).</summary>
    public void Terminate() => Signal(TerminateSignal);

    /// <summary>It is there and does nothing any more, as a machine that hangs (SIGSTOP).</summary>
    public void Freeze() => Signal(StopSignal);

    /// <summary>As a power cut does (SIGKILL).</summary>
    public void Kill() => _process.Kill();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await Task.WhenAll(_process.WaitForExitAsync(), _out, _err);
        _process.Dispose();
    }

    void Signal(int signal)
    {
        if (kill(_process.Id, signal) != 0)
            throw new InvalidOperationException($"signal {signal} could not be sent");
    }

    async Task ReadAsync(StreamReader reader)
    {
        var buffer = new char[4_096];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_gate)
            {
                _output.Append(buffer, 0, count);
                var output = _output.ToString();
                for (var i = _awaited.Count - 1; i >= 0; i--)
                {
                    if (!output.Contains(_awaited[i].Text, StringComparison.Ordinal))
                        continue;
                    _awaited[i].Seen.TrySetResult();
                    _awaited.RemoveAt(i);
                }
            }
        }
    }

#pragma warning disable SYSLIB1054, CA5392, IDE1006 // One call of libc, in tests only.
    [DllImport("libc")]
    static extern int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, CA5392, IDE1006
}
