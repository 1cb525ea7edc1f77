using System.Text;
using Custos.Capture.Import;

namespace Custos.Capture.Tests.Import;

/// <summary>What is measured of the whole process runs while nothing else does.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public static class AloneInTheProcess;

[Collection(nameof(AloneInTheProcess))]
public class MemoryTests
{
    [Fact]
    public async Task A_very_long_file_is_read_in_bounded_memory()
    {
        // 128 MB that exist only while they are read; a 5 GB file differs in nothing but patience.
        var line = Encoding.UTF8.GetBytes("2026-11-02 10:00:00\tanouk\tthe tide is at one and the wind is low tonight\n");
        const long count = 1_750_000;
        var length = count * line.Length;
        var report = new ReadingReport();
        var file = TranscriptFile.Open("long.weechatlog", length, () => new Repeating(line, length), new() { Venue = "v" }, mustSettle: true);
        using var stream = file.OpenAgain();
        var pass = file.NewPass(stream, null, 65_536, null, report);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long most = 0, read = 0;
        while (pass.Next())
        {
            if ((++read & 0x3FFFF) == 0)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        read.ShouldBe(count);
        most.ShouldBeLessThan(8 << 20);
        await Task.CompletedTask;
    }

    /// <summary>One line again and again, to a length.</summary>
    sealed class Repeating(byte[] line, long length) : Stream
    {
        long _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _at;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var done = 0;
            while (done < count && _at < length)
            {
                var place = (int)(_at % line.Length);
                var some = (int)Math.Min(Math.Min(line.Length - place, count - done), length - _at);
                line.AsSpan(place, some).CopyTo(buffer.AsSpan(offset + done));
                done += some;
                _at += some;
            }

            return done;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
