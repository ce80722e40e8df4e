package flowstate.capture.publish;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Records that the broker has not taken yet, on disk, first in, first out, up to a limit; they outlive the agent.
 *
 * <p>A folder of files {@code NUMBER.spool}, named by the number of their first record; numbers rise without gaps. A file
 * is {@code FLSPOOL2} and then records, big-endian: length of the rest (4 octets), CRC-32C of the rest (4), partition
 * (4, -1 if it was not known), segments (4), value. The file {@code acknowledged} is a {@link SpoolMark}. A file whose records
 * the broker has is deleted. Written data are forced to the disk once a second: a crash of the host may cost that much, the end of
 * the agent by {@code kill -9} only what was being written, which is found and cut off. Not thread-safe.
 */
final class Spool implements Closeable {
    private static final String SUFFIX = ".spool";
    private static final long FORCE_INTERVAL_NS = 1_000_000_000;
    private static final long LONGEST_FILE = 16L << 20;

    private final Path folder;
    private final long limitOctets;
    private final long fileOctets;
    private final boolean dropOldest;
    private final Consumer<String> notices;
    private final FileChannel lockChannel;
    private final SpoolMark mark;
    private final Deque<SpoolPart> parts = new ArrayDeque<>();
    private long octets;

    /** Numbers: of the next record that is appended, of the next that is read, of the first that is not acknowledged. */
    private long appended;

    private long read;
    private long acknowledged;

    /** Number of the last record that waits for its partition; -1 if there is none. */
    private long lastUnrouted = Outgoing.NOT_SPOOLED;

    private @Nullable FileChannel writer;
    private long forcedNs = System.nanoTime();
    private boolean unforced;
    private @Nullable DataInputStream reader;
    private @Nullable SpoolPart readerPart;
    private long droppedSegments;

    private Spool(Path folder, long limitOctets, boolean dropOldest, Consumer<String> notices) throws IOException {
        this.folder = folder;
        this.limitOctets = limitOctets;
        this.fileOctets = Math.max(1024, Math.min(LONGEST_FILE, limitOctets / 8));
        this.dropOldest = dropOldest;
        this.notices = notices;
        Files.createDirectories(folder);
        this.lockChannel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        this.mark = new SpoolMark(folder.resolve("acknowledged"));
    }

    /**
     * Opens the spool of an earlier run, or a new one.
     *
     * @param limitOctets of all files together
     * @param dropOldest whether the oldest records give way when it is full; else new ones are not taken
     * @param notices takes a line for a person when something of an earlier run is lost
     * @throws IOException with one line for a person
     */
    static Spool open(Path folder, long limitOctets, boolean dropOldest, Consumer<String> notices) throws IOException {
        try {
            Spool spool = new Spool(folder, limitOctets, dropOldest, notices);
            try {
                spool.lock();
                spool.recover();
            } catch (IOException e) {
                spool.close();
                throw e;
            }
            return spool;
        } catch (SpoolInUseException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(
                    "cannot use the spool " + folder + " (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                            + "): choose a folder that can be written to with --spool-dir, or none with --spool-limit 0",
                    e);
        }
    }

    private static final class SpoolInUseException extends IOException {
        private static final long serialVersionUID = 1;

        SpoolInUseException(Path folder) {
            super("the spool " + folder + " is in use by another agent: give each its own --spool-dir");
        }
    }

    private void lock() throws IOException {
        FileLock lock;
        try {
            lock = lockChannel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new SpoolInUseException(folder);
        }
    }

    private void recover() throws IOException {
        acknowledged = mark.read();
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.filter(path -> path.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            SpoolPart part = SpoolPart.inspect(file, SUFFIX, acknowledged, notices);
            if (part == null || part.end() <= acknowledged) {
                Files.delete(file);
            } else {
                parts.add(part);
                octets += part.octets;
                lastUnrouted = Math.max(lastUnrouted, part.lastUnrouted);
            }
        }
        SpoolPart first = parts.peekFirst();
        SpoolPart last = parts.peekLast();
        if (first != null) {
            acknowledged = Math.max(acknowledged, first.first);
        }
        appended = last == null ? acknowledged : last.end();
        read = acknowledged;
        if (first != null) {
            openReader(first);
        }
    }

    /**
     * Adds a record at the end and numbers it.
     *
     * @return false if it was not taken because the spool is full
     * @throws IOException if the disk does not take it: nothing has been added, it can be tried again
     */
    boolean append(Outgoing record) throws IOException {
        int total = SpoolRecords.octets(record);
        if (octets + total > limitOctets) {
            if (!dropOldest) {
                return false;
            }
            while (octets + total > limitOctets && !parts.isEmpty()) {
                dropFirst();
            }
        }
        SpoolPart last = parts.peekLast();
        if (writer == null || last == null || last.octets + total > fileOctets) {
            last = startFile();
        }
        write(last, SpoolRecords.encode(record));
        record.number = appended++;
        if (record.partition == Outgoing.UNROUTED) {
            lastUnrouted = record.number;
        }
        last.records++;
        last.octets += total;
        last.unreadSegments += record.segments;
        octets += total;
        return true;
    }

    private void write(SpoolPart last, ByteBuffer buffer) throws IOException {
        FileChannel channel = Objects.requireNonNull(writer);
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            // no room on the disk, as a rule: half a record must not stay
            channel.truncate(last.octets);
            channel.position(last.octets);
            throw e;
        }
        unforced = true;
        force(false);
    }

    private void force(boolean now) throws IOException {
        if (unforced && writer != null && (now || System.nanoTime() - forcedNs > FORCE_INTERVAL_NS)) {
            writer.force(false);
            unforced = false;
            forcedNs = System.nanoTime();
        }
    }

    private SpoolPart startFile() throws IOException {
        endFile();
        Path path = folder.resolve(String.format("%019d%s", appended, SUFFIX));
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            ByteBuffer magic = SpoolRecords.magic();
            while (magic.hasRemaining()) {
                channel.write(magic);
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        writer = channel;
        SpoolPart part = new SpoolPart(path, appended);
        part.octets = SpoolRecords.MAGIC_OCTETS;
        octets += SpoolRecords.MAGIC_OCTETS;
        parts.add(part);
        return part;
    }

    private void endFile() throws IOException {
        if (writer != null) {
            force(true);
            writer.close();
            writer = null;
        }
    }

    /** Gives up the oldest file; what has been read of it is on its way. */
    private void dropFirst() throws IOException {
        SpoolPart first = parts.getFirst();
        droppedSegments += first.unreadSegments;
        read = Math.max(read, first.end());
        remove(first);
    }

    private void remove(SpoolPart first) throws IOException {
        if (parts.peekLast() == first) {
            endFile();
        }
        if (readerPart == first) {
            closeReader();
        }
        parts.removeFirst();
        octets -= first.octets;
        Files.deleteIfExists(first.path);
    }

    /** The next record that was not read before; null if there is none. */
    @Nullable
    Outgoing read() throws IOException {
        while (read < appended) {
            SpoolPart part = readerPart;
            if (part == null || read >= part.end()) {
                closeReader();
                part = partOf(read);
                openReader(part);
            }
            long number = read++;
            try {
                Outgoing record = SpoolRecords.read(Objects.requireNonNull(reader));
                if (record != null) {
                    record.number = number;
                    part.unreadSegments -= record.segments;
                    return record;
                }
            } catch (SpoolRecords.CorruptException e) {
                notices.accept("spool " + part.path + ": damaged on disk; the rest of that file is lost");
            }
            droppedSegments += part.unreadSegments;
            part.unreadSegments = 0;
            read = part.end();
        }
        return null;
    }

    private SpoolPart partOf(long number) {
        for (SpoolPart part : parts) {
            if (number < part.end()) {
                return part;
            }
        }
        throw new IllegalStateException("record " + number + " is in no file of the spool " + folder);
    }

    private void openReader(SpoolPart part) throws IOException {
        DataInputStream in = SpoolRecords.open(part.path);
        for (long number = part.first; number < read; number++) {
            SpoolRecords.read(in);
        }
        reader = in;
        readerPart = part;
        read = Math.max(read, part.first);
    }

    private void closeReader() throws IOException {
        if (reader != null) {
            reader.close();
            reader = null;
        }
        readerPart = null;
    }

    /** Whether all that was appended has been read. */
    boolean isRead() {
        return read == appended;
    }

    /** Whether there are records to be read whose partition is not known. */
    boolean hasUnrouted() {
        return read <= lastUnrouted;
    }

    /**
     * The broker has this record, and all before it. Nothing is forgotten as long as there are later ones without a
     * partition: their numbers come from those before, and must be the same if they are sent again.
     */
    void acknowledge(long number) throws IOException {
        if (number < lastUnrouted) {
            return;
        }
        acknowledged = Math.max(acknowledged, number + 1);
        read = Math.max(read, acknowledged);
        while (!parts.isEmpty() && parts.getFirst().end() <= acknowledged) {
            remove(parts.getFirst());
        }
    }

    /** Whether the broker has all that was ever appended, or it was given up. */
    boolean isEmpty() {
        return parts.isEmpty();
    }

    /** Segments in records that were not read yet. */
    long unreadSegments() {
        return parts.stream().mapToLong(part -> part.unreadSegments).sum();
    }

    /** Segments that were given up, oldest first, since it was opened. */
    long droppedSegments() {
        return droppedSegments;
    }

    /** Makes what has been done so far outlast the end of the process, and after a while that of the host. */
    void settle() throws IOException {
        force(false);
        mark.write(acknowledged);
    }

    @Override
    public void close() throws IOException {
        try (lockChannel;
                mark) {
            settle();
            endFile();
            closeReader();
        }
    }
}
