namespace ZeroDown.Simulation;

/// <summary>
/// Chance from a seed, the same on every machine and runtime (SplitMix64). <see cref="System.Random"/> promises no such thing
/// between versions, and a seed in a comment must replay for years.
/// </summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E37_79B9_7F4A_7C15UL;
        return Mix(_state);
    }

    /// <summary>0 … <paramref name="limit"/> - 1.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public int Between(int least, int most) => least + Below(most - least + 1);

    public bool Once(int outOf) => Below(outOf) == 0;

    public T Of<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>A number that depends on nothing but its arguments, so that leaving one thing out of a story changes nothing else in it.</summary>
    public static int Fixed(ulong seed, long one, long other, int limit) =>
        (int)(Mix(Mix(seed ^ (ulong)one) + (ulong)other) % (ulong)limit);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EBUL;
        return value ^ (value >> 31);
    }
}
