namespace Copilot.Storage;

/// <summary>
/// Lets callers who wait at the same time share one transaction, so that the disk is waited for once (group commit; DeWitt et al., SIGMOD 1984). Who comes first commits for those
/// who wait, then the next one leads: there is no thread that could die.
/// </summary>
/// <param name="gate">Is held while turns are taken and done.</param>
/// <param name="commit">Does turns in their order in one transaction, and fails those that do not succeed. When it throws, none is durable.</param>
/// <param name="afterwards">What is due when the turns have ended and somebody else leads.</param>
internal sealed class GroupCommit(Lock gate, Action<IReadOnlyList<Turn>> commit, Action afterwards)
{
    private const int MostTurns = 256;

    private readonly List<Turn> _queue = [];
    private bool _isLed;

    /// <summary>Comes back when the turn has ended, however.</summary>
    public void Await(Turn turn)
    {
        bool leads;
        lock (_queue)
        {
            _queue.Add(turn);
            (leads, _isLed) = (!_isLed, true);
        }
        if (leads || !turn.Wait()) Lead();
    }

    /// <summary>Commits for all who wait, and hands the lead on whatever happens: without a leader everybody would wait for ever.</summary>
    private void Lead()
    {
        try
        {
            lock (gate) CommitWaiting();
        }
        finally
        {
            lock (_queue)
            {
                // Whoever waits first leads next: nobody commits for others for ever, and none of those who come late gets ahead.
                if (_queue.Count > 0) _queue[0].Lead();
                else _isLed = false;
            }
        }
        afterwards();
    }

    private void CommitWaiting()
    {
        List<Turn> turns;
        lock (_queue)
        {
            turns = [.. _queue.Take(MostTurns)];
            _queue.RemoveRange(0, turns.Count);
        }
        try
        {
            commit(turns);
        }
        catch (Exception e)
        {
            foreach (var turn in turns) turn.Fail(e);
        }
        foreach (var turn in turns) turn.End();
    }
}
