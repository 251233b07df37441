namespace LoadClient;

/// <summary>Which worker an answer came from, as its body says (<c>pid=12</c>, <c>"pid": 12</c>, <c>pid: 12</c>; likewise <c>generation</c>).</summary>
public readonly record struct WorkerSeen(int Pid, int Generation)
{
    public override string ToString() => Generation < 0 ? $"pid {Pid}" : $"pid {Pid}@g{Generation}";

    /// <summary>Null when the body names no pid.</summary>
    internal static WorkerSeen? In(ReadOnlySpan<byte> body) =>
        NumberAfter(body, "pid"u8) is var pid and >= 0 ? new WorkerSeen(pid, NumberAfter(body, "generation"u8)) : null;

    private static int NumberAfter(ReadOnlySpan<byte> body, ReadOnlySpan<byte> word)
    {
        for (var at = body.IndexOf(word); at >= 0; at = body.IndexOf(word))
        {
            body = body[(at + word.Length)..];
            var digits = body.TrimStart("\":= "u8);
            var number = 0;
            var length = 0;
            while (length < digits.Length && length < 9 && digits[length] is >= (byte)'0' and <= (byte)'9')
                number = number * 10 + (digits[length++] - '0');
            if (length > 0)
                return number;
        }

        return -1;
    }
}
