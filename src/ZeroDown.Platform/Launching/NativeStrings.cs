using System.Runtime.InteropServices;
using System.Text;

namespace ZeroDown.Platform.Launching;

/// <summary>A null-terminated array of C strings, as argv and envp want it, in one block outside the managed heap.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    /// <exception cref="ArgumentException">A string contains a NUL: the kernel would see a shorter one.</exception>
    internal NativeStrings(IReadOnlyList<string> strings)
    {
        var bytes = 0;
        foreach (var text in strings)
        {
            bytes += text.Contains('\0') ? throw new ArgumentException($"a NUL character in \"{text.Replace("\0", "\\0")}\"") : Encoding.UTF8.GetByteCount(text) + 1;
        }

        var table = (strings.Count + 1) * sizeof(byte*);
        Pointer = (byte**)NativeMemory.Alloc((nuint)(table + bytes));
        var at = (byte*)Pointer + table;
        var end = at + bytes;
        for (var i = 0; i < strings.Count; i++)
        {
            Pointer[i] = at;
            at += Encoding.UTF8.GetBytes(strings[i], new Span<byte>(at, (int)(end - at)));
            *at++ = 0;
        }

        Pointer[strings.Count] = null;
    }

    internal byte** Pointer { get; private set; }

    public void Dispose()
    {
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
