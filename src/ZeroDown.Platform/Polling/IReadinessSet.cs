namespace ZeroDown.Platform;

/// <summary>The kernel's half of <see cref="FdPoller"/>: which descriptors, which interest, wait for any. All but Wait may be called from any thread.</summary>
/// <remarks>Bare numbers here: the registration keeps the descriptor open, also when its owner has disposed the handle meanwhile.</remarks>
internal interface IReadinessSet : IDisposable
{
    void Add(long id, int fd, FdInterest interest);

    void Change(long id, int fd, FdInterest interest);

    void Remove(long id, int fd);

    /// <summary>Waits without end for at least one; an interrupted wait may return none.</summary>
    void Wait(List<(long Id, FdEvents Events)> ready);
}
