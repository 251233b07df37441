using System.Text.Json;

namespace ZeroDown.Protocol;

/// <summary>A client's name for one command.</summary>
public static class CommandToken
{
    private const int Longest = 64;

    public static string New() => Guid.NewGuid().ToString("N");

    /// <exception cref="JsonException">It cannot be one.</exception>
    internal static void Check(string token)
    {
        if (token.Length is 0 or > Longest || !token.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
            throw new JsonException($"a token has 1 to {Longest} letters, digits and dashes");
    }
}
