using System.Text.Json;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>One row of <c>zd jlist</c>, in pm2's shape.</summary>
public sealed record ListedWorker(string Name, int PmId, int Pid, string Status, int Restarts)
{
    internal static ListedWorker From(JsonElement row)
    {
        var details = row.GetProperty("pm2_env");
        return new ListedWorker(
            row.GetProperty("name").GetString()!,
            row.GetProperty("pm_id").GetInt32(),
            row.GetProperty("pid").GetInt32(),
            details.GetProperty("status").GetString()!,
            details.GetProperty("restart_time").GetInt32());
    }
}
