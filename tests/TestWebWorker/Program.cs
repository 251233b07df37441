// A web worker that is built in whatever way the arguments say, because programs are built in all of them:
//   builder=full|slim|empty|generic|none       which host builder; none is a console program that only waits for its signal
//   zd=true                                    calls UseZeroDown()
//   listen=any|loopback|localhost|unix|handle|systemd   endpoints in code, at port= or path=
//   https=true, http2=true                     on every endpoint that has no settings of its own
//   shutdown=500                               HostOptions.ShutdownTimeout in ms
//   elsewhere=5001                             where a version listens that listens on the wrong port; see Ways.cs
// Everything else (--urls, --Kestrel:…) goes to the builder's own configuration.

using TestWebWorker;

var options = WorkerOptions.Parse(args);
Console.WriteLine($"start pid: {Environment.ProcessId}");
await Ways.BootAsync(options.Elsewhere);
switch (options.Builder)
{
    case "none":
        await Programs.RunConsoleAsync();
        break;
    case "generic":
        await Programs.RunGenericAsync(options);
        break;
    default:
        await Programs.RunWebApplicationAsync(options);
        break;
}

Console.WriteLine("ended by itself");
