namespace ZeroDown.Platform;

/// <summary>As whom we run.</summary>
public static class CurrentUser
{
    public static int Uid => (int)Interop.GetEUid();

    public static int Gid => (int)Interop.GetEGid();

    public static bool IsRoot => Uid == 0;

    public static string Name => Environment.UserName;
}
