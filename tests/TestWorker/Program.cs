// A worker for tests that does exactly what its arguments say, in their order, and tells it in plain words on stdout, so that a test
// waits for words and never for time. No framework and no packages: it starts fast and nothing but its own code touches the sockets.
//
//     TestWorker sleep 500 ready serve          boots for half a second, says READY=1, serves LISTEN_FDS, drains on SIGTERM
//     TestWorker never-ready                    lives and says nothing
//     TestWorker err "no database" exit 3       dies at once
//     TestWorker crash-after 200 serve          serves, and dies after 200 ms
//
// Steps.cs has the whole list.
//
//     TestWorker without-pidfds zd start        becomes that command, under a kernel that has no pidfds

using TestWorker;

if (args is ["without-pidfds", _, ..])
    return Sandbox.ExecWithoutPidFds(args[1..]);
return await Steps.RunAsync(args);
