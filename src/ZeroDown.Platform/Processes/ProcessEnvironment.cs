using System.Buffers;
using System.Text;

namespace ZeroDown.Platform;

/// <summary>The environment that a process was started with. Linux; elsewhere nothing is known.</summary>
internal static class ProcessEnvironment
{
    /// <summary>A worker may have as large an environment as it likes.</summary>
    private const int Longest = 1024 * 1024;

    private const int Piece = 16 * 1024;

    /// <summary>It has this variable with this value. False also where we may not look.</summary>
    internal static bool Has(int pid, string name, string value)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        using var file = FdHandle.TryOpen($"/proc/{pid}/environ", Constants.O_RDONLY);
        if (file is null)
        {
            return false;
        }

        // The end of one variable before it, but for the first.
        var wanted = Encoding.UTF8.GetBytes($"\0{name}={value}\0");
        var buffer = ArrayPool<byte>.Shared.Rent(Piece + wanted.Length);
        try
        {
            buffer[0] = 0;
            for (int kept = 1, total = 0; total < Longest;)
            {
                var read = FdBytes.Read(file, buffer.AsSpan(kept, Piece));
                if (read <= 0)
                {
                    return false;
                }

                var length = kept + read;
                if (buffer.AsSpan(0, length).IndexOf(wanted) >= 0)
                {
                    return true;
                }

                total += read;
                kept = Math.Min(length, wanted.Length - 1);
                buffer.AsSpan(length - kept, kept).CopyTo(buffer);
            }

            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
