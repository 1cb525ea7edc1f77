// C2SP tlog-witness over HTTP: add-checkpoint, and the last cosigned checkpoint for monitors. TLS is a reverse proxy's.
using System.CommandLine;
using System.Globalization;
using System.Net;
using Custos.Evidence;
using Custos.Evidence.Ed25519;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Custos.Cli.Commands.Evidence;

/// <summary><c>custos witness serve</c>: answers logs until Ctrl-C.</summary>
static class WitnessServeCommand
{
    internal static Command Create()
    {
        var folder = WitnessCommand.Folder();
        var listen = new Option<string>("--listen") { Description = "Address and port; port 0 takes a free one. TLS is for a reverse proxy in front.", DefaultValueFactory = _ => "127.0.0.1:7381" };
        var command = new Command("serve", "Serve the witness until Ctrl-C. Every cosignature is on disk before it is answered. Exit: 0 stopped, 1 could not serve or could not write, 2 wrong use.") { folder, listen };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(listen), cancellation));
        return command;
    }

    static async Task<int> RunAsync(string folder, string listen, CancellationToken cancellation)
    {
        if (!IPEndPoint.TryParse(listen, out var endpoint))
            return Workbench.Fail(Workbench.Usage, $"'{listen}' is not an address with a port, such as 127.0.0.1:7381. Nothing was started.");
        try
        {
            using var witness = WitnessFolder.Open(folder, TimeProvider.System);
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            EvidenceLogException? broken = null;
            await using var web = Make(endpoint);
            web.MapPost("/add-checkpoint", async context =>
            {
                try
                {
                    await SendAsync(context, await ReadAsync(context) is { } body ? await witness.AddCheckpointAsync(body, context.RequestAborted) : new(400, null, []));
                }
                catch (EvidenceLogException e)
                {
                    // Nothing is known of what reached the disk: the next start finds out.
                    broken ??= e;
                    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    await stopping.CancelAsync();
                }
            });
            web.MapGet("/{hash}/checkpoint", (HttpContext context, string hash) => SendAsync(context, witness.Checkpoint(hash)));
            await web.StartAsync(cancellation);
            System.Console.WriteLine($"{witness.Key}");
            foreach (var (origin, size) in witness.Logs)
                System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"knows {origin}, cosigned up to size {size}"));
            System.Console.WriteLine($"serves {web.Urls.First()} until Ctrl-C");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, stopping.Token);
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C, or a write that failed.
            }

            await web.StopAsync(CancellationToken.None);
            return broken is null ? Workbench.Done : Workbench.Fail(Workbench.CouldNotFinish, broken.Message);
        }
        catch (FormatException e)
        {
            return Workbench.Fail(Workbench.Usage, e.Message);
        }
        catch (Exception e) when (e is EvidenceLogException or IOException or UnauthorizedAccessException)
        {
            return Workbench.Fail(Workbench.CouldNotFinish, e.Message);
        }
    }

    static WebApplication Make(IPEndPoint endpoint)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(endpoint);
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MaxConcurrentConnections = 100;
        });
        builder.Services.AddRoutingCore();
        return builder.Build();
    }

    /// <summary>The body, or null once it is longer than is read.</summary>
    static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (body.Length + read > Witness.MaxBytes)
                return null;
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    static async Task SendAsync(HttpContext context, WitnessAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = answer.Body.Length;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}
