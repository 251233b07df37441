using System.IO.Hashing;
using System.Text;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon;

/// <summary>What a client calls one of its commands, and what tells that command from every other.</summary>
/// <param name="Token">The client's word.</param>
/// <param name="Content">A checksum of the command as it was sent.</param>
internal sealed record CommandName(string Token, string Content)
{
    /// <returns>Null when the client gave it no name.</returns>
    public static CommandName? Of(string method, DaemonCommand command)
    {
        if (command.Token is not { } token)
            return null;
        var content = new XxHash128();
        content.Append(Encoding.UTF8.GetBytes(method));
        content.Append(command.Wording.Span);
        return new CommandName(token, Convert.ToHexStringLower(content.GetCurrentHash()));
    }
}
