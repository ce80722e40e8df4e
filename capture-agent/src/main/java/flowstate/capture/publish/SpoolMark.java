package flowstate.capture.publish;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How far the broker is known to have a {@link Spool}'s records: a file with the number of the first that it is not known
 * to have (8 octets, big-endian), and the CRC-32C of that (4). Not thread-safe.
 */
final class SpoolMark implements Closeable {
    private static final int OCTETS = 12;

    private final FileChannel channel;
    private long onDisk;

    SpoolMark(Path file) throws IOException {
        this.channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** The number; 0 if there is none, or it is not whole. */
    long read() throws IOException {
        ByteBuffer mark = ByteBuffer.allocate(OCTETS);
        if (channel.read(mark, 0) == OCTETS && mark.getInt(8) == SpoolRecords.crc(mark.array(), 0, 8)) {
            onDisk = mark.getLong(0);
        }
        return onDisk;
    }

    void write(long number) throws IOException {
        if (number != onDisk) {
            ByteBuffer mark = ByteBuffer.allocate(OCTETS).putLong(number);
            mark.putInt(SpoolRecords.crc(mark.array(), 0, 8)).flip();
            channel.write(mark, 0);
            onDisk = number;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
