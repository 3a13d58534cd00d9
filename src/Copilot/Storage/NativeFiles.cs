using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Copilot.Storage;

/// <summary>What the base library has no call for.</summary>
internal static class NativeFiles
{
    // linux/fcntl.h, linux/stat.h
    private const int FromWorkingFolder = -100;
    private const uint AskInode = 0x100;
    private const int StatBytes = 256, InodeAt = 32, DeviceAt = 136;
    private const int CloseOnExec = 0x80000;

    /// <summary>Which file stands at a path, whatever its name and content; null when there is none or it cannot be told.</summary>
    public static (ulong Device, ulong File)? Identity(string path)
    {
        if (!OperatingSystem.IsLinux()) return File.Exists(path) ? (0, (ulong)File.GetCreationTimeUtc(path).Ticks) : null;
        var found = new byte[StatBytes];
        if (statx(FromWorkingFolder, path, 0, AskInode, found) != 0) return null;
        return (BinaryPrimitives.ReadUInt64LittleEndian(found.AsSpan(DeviceAt)), BinaryPrimitives.ReadUInt64LittleEndian(found.AsSpan(InodeAt)));
    }

    /// <summary>Makes durable which names stand in a folder. What was written into a file and flushed is lost all the same when the power goes before its name is on the disk (fsync(2)).</summary>
    public static void SyncFolder(string folder)
    {
        // Windows keeps names in a journal of its own and has no such call.
        if (OperatingSystem.IsWindows()) return;
        using var handle = new SafeFileHandle(open(folder, OperatingSystem.IsLinux() ? CloseOnExec : 0), ownsHandle: true);
        if (handle.IsInvalid) throw new IOException($"the folder {folder} cannot be opened to be made durable: {Marshal.GetLastPInvokeErrorMessage()}");
        RandomAccess.FlushToDisk(handle);
    }

    // The base library opens files only.
    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string folder, int flags);

    // statx(2): of all calls that tell an inode the only one whose answer is laid out alike on all machines.
    [DllImport("libc")]
    private static extern int statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] found);
}
