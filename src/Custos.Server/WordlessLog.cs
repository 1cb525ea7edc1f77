using System.Globalization;

namespace Custos.Server;

/// <summary>The program's own log: what kind of thing went wrong where, never a message's arguments or an exception's text, which may hold words of a chat.</summary>
sealed class WordlessLog(TextWriter writer, TimeProvider time) : ILoggerProvider
{
    readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
        // The writer belongs to whoever gave it.
    }

    void Write(string line)
    {
        lock (_gate)
        {
            writer.WriteLine(line);
            writer.Flush();
        }
    }

    sealed class Category(WordlessLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;

            // The template is the code's own; its arguments are not.
            var template = (state as IReadOnlyList<KeyValuePair<string, object?>>)?.FirstOrDefault(pair => pair.Key == "{OriginalFormat}").Value as string ?? "";
            log.Write(string.Create(CultureInfo.InvariantCulture, $"{log.Now} {logLevel} {name} {eventId.Id} {template}"));
            for (var cause = exception; cause is not null; cause = cause.InnerException)
                log.Write($"  {cause.GetType().FullName}{Environment.NewLine}{cause.StackTrace}");
        }
    }

    string Now => time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
