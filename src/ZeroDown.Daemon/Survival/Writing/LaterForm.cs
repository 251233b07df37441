using System.Text.Json;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>A form that is only there when it is used: for a type that holds another of its kind.</summary>
internal sealed class LaterForm<T>(Func<Form<T>> form) : Form<T>
{
    public override void Write(Utf8JsonWriter to, T value, SpecTable specs) => form().Write(to, value, specs);

    public override T Read(ref Utf8JsonReader from, SpecTable specs) => form().Read(ref from, specs);
}
