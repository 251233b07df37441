using System.Text;
using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>Where the CLI that started us waits: one line, "ready" or "error …", and it is closed.</summary>
internal sealed class ReadyPipe(FdHandle? pipe)
{
    internal const string Ready = "ready";
    internal const string Error = "error ";

    private FdHandle? _pipe = pipe;

    internal void SayReady() => Say(Ready);

    internal void SayFailed(string line) => Say(Error + line.ReplaceLineEndings(" "));

    private void Say(string line)
    {
        if (_pipe is not null)
        {
            _ = FdBytes.Write(_pipe, Encoding.UTF8.GetBytes(line + "\n"));
            _pipe.Dispose();
            _pipe = null;
        }
    }
}
