package flowstate.capture.publish;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One file of a {@link Spool}, and what it holds. */
final class SpoolPart {
    final Path path;

    /** Number of its first record. */
    final long first;

    long records;
    long octets;
    long unreadSegments;

    /** Number of its last record that waits for its partition, when it was inspected; -1 if there is none. */
    long lastUnrouted = Outgoing.NOT_SPOOLED;

    SpoolPart(Path path, long first) {
        this.path = path;
        this.first = first;
    }

    /** Number of the first record behind it. */
    long end() {
        return first + records;
    }

    /**
     * What a file of an earlier run holds up to the first octet that is not as it should be, where it is cut.
     *
     * @param acknowledged number of the first record that the broker is not known to have
     * @return null if it holds nothing
     */
    static @Nullable SpoolPart inspect(Path file, String suffix, long acknowledged, Consumer<String> notices)
            throws IOException {
        String name = file.getFileName().toString();
        SpoolPart part;
        try {
            part = new SpoolPart(file, Long.parseLong(name.substring(0, name.length() - suffix.length())));
        } catch (NumberFormatException e) {
            return null;
        }
        part.octets = part.readAll(acknowledged);
        long length = Files.size(file);
        if (part.octets < length) {
            notices.accept("spool " + file + ": the last " + (length - part.octets)
                    + " octets are no whole record, as after a crash: cut off, what came before is kept");
            if (part.octets <= SpoolRecords.MAGIC_OCTETS) {
                return null;
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(part.octets);
            }
        }
        return part;
    }

    /** Counts its records; returns how many octets are whole ones. */
    private long readAll(long acknowledged) throws IOException {
        long good = 0;
        try (DataInputStream in = SpoolRecords.open(path)) {
            good = SpoolRecords.MAGIC_OCTETS;
            while (true) {
                Outgoing record = SpoolRecords.read(in);
                if (record == null) {
                    break;
                }
                if (end() >= acknowledged) {
                    unreadSegments += record.segments;
                }
                if (record.partition == Outgoing.UNROUTED) {
                    lastUnrouted = end();
                }
                records++;
                good += SpoolRecords.octets(record);
            }
        } catch (SpoolRecords.CorruptException | EOFException e) {
            // what is not whole is the caller's matter
        }
        return good;
    }
}
