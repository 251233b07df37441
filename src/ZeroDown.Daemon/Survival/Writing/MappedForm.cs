using System.Text.Json;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>A value that is written as another one.</summary>
internal sealed class MappedForm<T, TWritten>(Form<TWritten> written, Func<T, TWritten> map, Func<TWritten, T> back) : Form<T>
{
    public override void Write(Utf8JsonWriter to, T value, SpecTable specs) => written.Write(to, map(value), specs);

    public override T Read(ref Utf8JsonReader from, SpecTable specs) => back(written.Read(ref from, specs));
}
