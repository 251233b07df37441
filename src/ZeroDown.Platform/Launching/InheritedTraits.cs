using System.Globalization;
using System.Runtime.CompilerServices;

namespace ZeroDown.Platform.Launching;

/// <summary>What this process was before the runtime and the keeper changed it for their own good, so that workers get it as it was.</summary>
/// <param name="OpenFiles">Soft RLIMIT_NOFILE; null leaves it as it is.</param>
/// <param name="OomScoreAdjust">-1000 to 1000; null where there is no such thing.</param>
internal sealed record InheritedTraits(long? OpenFiles, int? OomScoreAdjust)
{
    private const string OomScoreFile = "/proc/self/oom_score_adj";

    /// <summary>Of this process, as it was started.</summary>
    /// <remarks>The JIT runtime raises the soft limit before Main, Native AOT leaves it alone (tried with .NET 10).</remarks>
    internal static InheritedTraits Read() => new(
        RuntimeFeature.IsDynamicCodeCompiled ? SystemLimits.OriginalOpenFilesSoft : SystemLimits.OpenFiles.Soft,
        int.TryParse(ProcFs.ReadText(OomScoreFile), CultureInfo.InvariantCulture, out var adjust) ? adjust : null);

    /// <summary>Makes the kernel prefer other victims. Needs CAP_SYS_RESOURCE; without it nothing changes.</summary>
    internal static void LowerOomScore(int adjust) => WriteOomScore(adjust);

    /// <summary>Raising the score again is always allowed. False if the kernel does not want to.</summary>
    internal bool RestoreOomScore() => OomScoreAdjust is not { } adjust || WriteOomScore(adjust);

    private static bool WriteOomScore(int adjust)
    {
        try
        {
            File.WriteAllText(OomScoreFile, adjust.ToString(CultureInfo.InvariantCulture));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
