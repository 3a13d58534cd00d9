using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Copilot.Storage;

/// <summary>What files are asked that the base library has no call for.</summary>
internal static class NativeFiles
{
    // linux/fcntl.h, linux/stat.h
    private const int FromWorkingFolder = -100;
    private const uint AskInode = 0x100;
    private const int StatBytes = 256, InodeAt = 32, DeviceAt = 136;

    /// <summary>Which file stands at a path, whatever its name and content; null when there is none or it cannot be told.</summary>
    public static (ulong Device, ulong File)? Identity(string path)
    {
        if (!OperatingSystem.IsLinux()) return File.Exists(path) ? (0, (ulong)File.GetCreationTimeUtc(path).Ticks) : null;
        var found = new byte[StatBytes];
        if (statx(FromWorkingFolder, path, 0, AskInode, found) != 0) return null;
        return (BinaryPrimitives.ReadUInt64LittleEndian(found.AsSpan(DeviceAt)), BinaryPrimitives.ReadUInt64LittleEndian(found.AsSpan(InodeAt)));
    }

    // statx(2): of all calls that tell an inode the only one whose answer is laid out alike on all machines.
    [DllImport("libc")]
    private static extern int statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] found);
}
