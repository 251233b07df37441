using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Survival;

/// <summary>Writes each step down before it is acted upon, and tells whoever else keeps the state. On the loop's thread.</summary>
/// <param name="record">What the next daemon reads.</param>
/// <param name="desk">Whose book goes with the state.</param>
/// <param name="alsoKept">Told about every step; must not block.</param>
/// <param name="log">When the record cannot be written, people must know that the next daemon would not know what this one does.</param>
internal sealed class Scribe(FleetRecord record, RequestDesk desk, Action<Remembered> alsoKept, DaemonLog log)
{
    private bool _failing;

    public void Write(StepResult step)
    {
        desk.Enter(step.Actions);
        var book = desk.Book;
        try
        {
            record.Save(step.State, book);
            if (_failing)
                log.StateRecordedAgain();
            _failing = false;
        }
        catch (SystemCallException problem)
        {
            // Going on without is the lesser evil: workers that crash now would otherwise stay down.
            if (!_failing)
                log.StateNotRecorded(problem.Message);
            _failing = true;
        }

        alsoKept(new Remembered(step.State, book));
    }
}
