using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>A worker's settings on their way from the daemon to the trampoline, in a descriptor that the keeper passes on unread: an environment may be megabytes.</summary>
/// <remarks>
/// A list of fields, each a tag (1 byte), a length (4 bytes) and the value. The daemon may be newer than the trampoline: a tag that this one does not know fails the
/// launch, because a worker without a setting that it was given would be a different worker.
/// </remarks>
internal static class SettingsFile
{
    private enum Tag : byte
    {
        Program = 1,
        Arguments = 2,
        Environment = 3,
        PidVariables = 4,
        WorkingDirectory = 5,
        Fds = 6,
        Umask = 7,
        Nice = 8,
        UserId = 9,
        GroupId = 10,
        Groups = 11,
        Limits = 12,
    }

    internal static byte[] Encode(ExecSettings settings)
    {
        var file = new WireWriter();
        Put(file, Tag.Program, field => field.Text(settings.Program));
        Put(file, Tag.Arguments, field => field.Texts(settings.Arguments));
        Put(file, Tag.Environment, field => field.Texts(settings.Environment));
        Put(file, Tag.PidVariables, field => field.Texts(settings.PidVariables));
        Put(file, Tag.WorkingDirectory, field => field.Text(settings.WorkingDirectory));
        Put(file, Tag.Fds, field => PutNumbers(field, settings.Fds));
        PutNumber(file, Tag.Umask, settings.Umask);
        PutNumber(file, Tag.Nice, settings.Nice);
        PutNumber(file, Tag.UserId, (int?)settings.UserId);
        PutNumber(file, Tag.GroupId, (int?)settings.GroupId);
        if (settings.Groups is { } groups)
        {
            Put(file, Tag.Groups, field => PutNumbers(field, [.. groups.Select(group => (int)group)]));
        }

        Put(file, Tag.Limits, field => PutLimits(field, settings.Limits));
        return file.Written.ToArray();
    }

    /// <exception cref="InvalidDataException">Broken, or written by a newer daemon.</exception>
    internal static ExecSettings Decode(ReadOnlySpan<byte> file)
    {
        var settings = new ExecSettings { Program = "", Arguments = [], Environment = [], PidVariables = [], WorkingDirectory = "/", Fds = [] };
        var fields = new WireReader(file);
        while (!fields.IsAtEnd)
        {
            var tag = (Tag)fields.U8();
            var field = new WireReader(fields.Bytes());
            settings = tag switch
            {
                Tag.Program => settings with { Program = field.Text() },
                Tag.Arguments => settings with { Arguments = field.Texts() },
                Tag.Environment => settings with { Environment = field.Texts() },
                Tag.PidVariables => settings with { PidVariables = field.Texts() },
                Tag.WorkingDirectory => settings with { WorkingDirectory = field.Text() },
                Tag.Fds => settings with { Fds = TakeNumbers(ref field) },
                Tag.Umask => settings with { Umask = field.I32() },
                Tag.Nice => settings with { Nice = field.I32() },
                Tag.UserId => settings with { UserId = (uint)field.I32() },
                Tag.GroupId => settings with { GroupId = (uint)field.I32() },
                Tag.Groups => settings with { Groups = Array.ConvertAll(TakeNumbers(ref field), group => (uint)group) },
                Tag.Limits => settings with { Limits = TakeLimits(ref field) },
                _ => throw new InvalidDataException($"the daemon asks for a setting (number {(byte)tag}) that this keeper does not know; update the keeper"),
            };
        }

        return settings;
    }

    private static void Put(WireWriter file, Tag tag, Action<WireWriter> write)
    {
        var field = new WireWriter();
        write(field);
        file.U8((byte)tag).Bytes(field.Written.Span);
    }

    private static void PutNumber(WireWriter file, Tag tag, int? value)
    {
        if (value is { } number)
        {
            Put(file, tag, field => field.I32(number));
        }
    }

    private static void PutNumbers(WireWriter field, IReadOnlyList<int> numbers)
    {
        field.I32(numbers.Count);
        foreach (var number in numbers)
        {
            field.I32(number);
        }
    }

    private static int[] TakeNumbers(ref WireReader field)
    {
        var numbers = new int[field.Count(sizeof(int))];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = field.I32();
        }

        return numbers;
    }

    private static void PutLimits(WireWriter field, IReadOnlyList<ProcessLimit> limits)
    {
        field.I32(limits.Count);
        foreach (var limit in limits)
        {
            field.U8((byte)limit.Resource).U64(limit.Soft).U64(limit.Hard);
        }
    }

    private static ProcessLimit[] TakeLimits(ref WireReader field)
    {
        var limits = new ProcessLimit[field.Count(17)];
        for (var i = 0; i < limits.Length; i++)
        {
            limits[i] = new ProcessLimit((LimitedResource)field.U8(), field.U64(), field.U64());
        }

        return limits;
    }
}
