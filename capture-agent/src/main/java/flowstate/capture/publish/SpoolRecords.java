package flowstate.capture.publish;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** How records lie in the files of a {@link Spool}, whose documentation has the format. */
final class SpoolRecords {
    private static final byte[] MAGIC = "FLSPOOL2".getBytes(StandardCharsets.US_ASCII);
    static final int MAGIC_OCTETS = MAGIC.length;
    private static final int HEADER_OCTETS = 8;
    private static final int FIXED_OCTETS = 8;
    private static final int LONGEST_RECORD = 16 << 20;

    private SpoolRecords() {}

    /** What is there is no record. */
    static final class CorruptException extends IOException {
        private static final long serialVersionUID = 1;
    }

    static ByteBuffer magic() {
        return ByteBuffer.wrap(MAGIC);
    }

    static int octets(Outgoing record) {
        return HEADER_OCTETS + FIXED_OCTETS + record.value.length;
    }

    static ByteBuffer encode(Outgoing record) {
        ByteBuffer buffer = ByteBuffer.allocate(octets(record));
        int length = buffer.capacity() - HEADER_OCTETS;
        buffer.putInt(length).putInt(0).putInt(record.partition).putInt(record.segments);
        buffer.put(record.value);
        buffer.putInt(4, crc(buffer.array(), HEADER_OCTETS, length));
        return buffer.flip();
    }

    /** A file, at its first record. */
    static DataInputStream open(Path file) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        try {
            byte[] magic = new byte[MAGIC.length];
            in.readFully(magic);
            if (!Arrays.equals(magic, MAGIC)) {
                throw new CorruptException();
            }
            return in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** The next record; null at the end of the file. */
    static @Nullable Outgoing read(DataInputStream in) throws IOException {
        in.mark(1);
        if (in.read() < 0) {
            return null;
        }
        in.reset();
        int length = in.readInt();
        int crc = in.readInt();
        if (length < FIXED_OCTETS || length > LONGEST_RECORD) {
            throw new CorruptException();
        }
        byte[] rest = new byte[length];
        in.readFully(rest);
        ByteBuffer fields = ByteBuffer.wrap(rest);
        int partition = fields.getInt();
        int segments = fields.getInt();
        if (crc != crc(rest, 0, length)) {
            throw new CorruptException();
        }
        byte[] value = new byte[fields.remaining()];
        fields.get(value);
        return new Outgoing(partition, value, segments);
    }

    static int crc(byte[] octets, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(octets, from, length);
        return (int) crc.getValue();
    }
}
