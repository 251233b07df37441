using System.Runtime.InteropServices;
using LoadClient;

Arguments arguments;
try
{
    arguments = Arguments.Parse(args);
}
catch (Exception e) when (e is FormatException or UriFormatException)
{
    await Console.Error.WriteLineAsync($"{e.Message}\n\n{Arguments.Usage}");
    return 2;
}

using var interrupted = new CancellationTokenSource();
using var ctrlC = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    signal.Cancel = true;
    interrupted.Cancel();
});

await using var load = LoadRun.Start(arguments.Plan);
await Task.Delay(arguments.Duration, interrupted.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
var result = await load.StopAsync();
Console.WriteLine(arguments.Json ? ResultJson.Of(result) : result.ToString());
return result.Failed == 0 ? 0 : 1;
