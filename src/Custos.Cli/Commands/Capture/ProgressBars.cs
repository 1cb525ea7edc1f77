using System.Globalization;
using Custos.Capture.Import;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Custos.Cli.Commands.Capture;

/// <summary>Bar, rate and time left on standard error, if someone is there to see them; gone when the work is done.</summary>
sealed class ProgressBars
{
    readonly ProgressContext? _context;
    ProgressTask? _task;

    ProgressBars(ProgressContext? context) => _context = context;

    internal static async Task ShowAsync(bool wanted, Func<ProgressBars, Task> work)
    {
        if (!wanted || System.Console.IsErrorRedirected)
        {
            await work(new(null));
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) });
        await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RateColumn(), new RemainingTimeColumn())
            .StartAsync(context => Task.Run(() => work(new(context))));
    }

    internal void Say(string what)
    {
        if (_context is not null)
            Begin(what).IsIndeterminate = true;
    }

    internal IProgress<ImportProgress> File(string name) => new Told(this, name);

    ProgressTask Begin(string what)
    {
        _task?.StopTask();
        return _task = _context!.AddTask(Markup.Escape(what));
    }

    sealed class Told(ProgressBars bars, string name) : IProgress<ImportProgress>
    {
        ImportPhase? _phase;
        ProgressTask? _task;

        public void Report(ImportProgress value)
        {
            if (bars._context is null)
                return;
            if (_phase != value.Phase)
            {
                _phase = value.Phase;
                var doing = value.Phase switch { ImportPhase.Looking => "looking through", ImportPhase.Keeping => "keeping", _ => "recording" };
                _task = bars.Begin($"{doing} {name}");
                _task.MaxValue = Math.Max(1, value.TotalBytes);
            }

            _task!.Value = value.Bytes;
        }
    }

    /// <summary>Megabytes a second.</summary>
    sealed class RateColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Speed is { } speed && !task.IsIndeterminate ? string.Create(CultureInfo.InvariantCulture, $"{speed / 1_000_000:N1} MB/s") : "");
    }
}
