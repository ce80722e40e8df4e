package flowstate.capture.source;

import flowstate.program.DaemonThreads;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes what is captured as pcapng, beside publishing: a file, and when that is too long or too old a new one. The first
 * is named as asked for, then {@code name.1}, {@code name.2} and so on; where files of earlier runs are there, the
 * numbers go on after theirs. Only the newest so many are kept. Only their owner may read them: they hold traffic.
 *
 * <p>Who captures never waits for the disk: a thread of its own writes what was gathered in memory. What there is no room
 * for, because the disk is slow, hangs or is full, is counted and said; a disk that has failed is tried again with a new
 * file.
 *
 * <p>Format: draft-ietf-opsawg-pcapng. Thread-safe: several interfaces write into one file.
 */
public final class PcapngFile implements Closeable {
    /** More than the longest packet, with all that may come with it. */
    private static final int PIECE_OCTETS = 1 << 19;

    /** In all 16 MiB wait for the disk at the most, as many as in the kernel's buffer. */
    private static final int MOST_PIECES = 32;

    private static final int INTERFACE_OCTETS = 32;
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long CLOSE_LIMIT_MS = 2_000;
    private static final int DLT_RAW = 12;
    private static final int LINKTYPE_RAW = 101;

    /**
     * When a new file begins.
     *
     * @param octets of a file at most; 0 for no limit
     * @param ageNs of a file at most, by the time of its packets; 0 for no limit
     * @param files that are kept, those of earlier runs included; 0 for all
     */
    public record Rotation(long octets, long ageNs, int files) {}

    /** Blocks of one file that are written together. */
    private static final class Piece {
        final ByteBuffer octets = ByteBuffer.allocate(PIECE_OCTETS).order(ByteOrder.BIG_ENDIAN);
        int packets;
        boolean beginsFile;
    }

    private final Path path;
    private final Rotation rotation;
    private final Consumer<String> notices;
    private final Thread thread;

    /** A device or a pipe is written to as it is, and has no successors. */
    private final boolean special;

    // guarded by this
    private final Deque<Piece> filled = new ArrayDeque<>();
    private final Deque<Piece> spare = new ArrayDeque<>();
    private int pieces;
    private @Nullable Piece current;
    private final int[] linkTypes = new int[64];
    private int interfaces;
    private long octets;
    private long startedNs;
    private long unwritten;
    private boolean behind;
    private boolean broken;
    private long retryNs;
    private boolean closing;

    // the writing thread's
    private final Deque<Path> files = new ArrayDeque<>();
    private long number;
    private @Nullable Path file;
    private @Nullable FileChannel channel;
    private long soundOctets;
    private long packetsInFile;

    /**
     * A new file.
     *
     * @param notices takes lines for a person: where it is written to if not there, and why packets are not
     * @throws IOException if it cannot be made
     */
    public PcapngFile(Path path, Rotation rotation, Consumer<String> notices) throws IOException {
        this.path = path;
        this.rotation = rotation;
        this.notices = notices;
        this.special = Files.exists(path) && !Files.isRegularFile(path);
        if (!special) {
            findEarlier();
        }
        start();
        if (!special && !path.equals(file)) {
            notices.accept(path + " is there already: packets are written to " + file);
        }
        beginFile(fresh());
        thread = DaemonThreads.start("write", this::work);
    }

    private Path numbered(long which) {
        return which == 0 ? path : path.resolveSibling(path.getFileName() + "." + which);
    }

    /** What is there is not written over: numbers go on. */
    private void findEarlier() throws IOException {
        String prefix = path.getFileName() + ".";
        Path folder = path.toAbsolutePath().getParent();
        try (Stream<Path> siblings = Files.list(folder == null ? path : folder)) {
            siblings.map(each -> String.valueOf(each.getFileName()))
                    .filter(name -> name.startsWith(prefix)
                            && name.substring(prefix.length()).matches("[1-9][0-9]{0,17}"))
                    .map(name -> Long.parseLong(name.substring(prefix.length())))
                    .sorted()
                    .forEach(which -> {
                        files.add(numbered(which));
                        number = which + 1;
                    });
        }
        if (Files.exists(path)) {
            files.addFirst(path);
            number = Math.max(1, number);
        }
    }

    private void start() throws IOException {
        soundOctets = 0;
        packetsInFile = 0;
        if (special) {
            file = path;
            channel = FileChannel.open(path, StandardOpenOption.WRITE);
            return;
        }
        while (channel == null) {
            Path next = numbered(number);
            try {
                channel = FileChannel.open(
                        next, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), forItsOwner(next));
                file = next;
                files.add(next);
            } catch (FileAlreadyExistsException e) {
                // somebody else's
            }
            number++;
        }
        while (rotation.files() > 0 && files.size() > rotation.files()) {
            Files.deleteIfExists(files.remove());
        }
    }

    private static FileAttribute<?>[] forItsOwner(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    /** Adds a packet, without waiting. */
    public synchronized void write(RawPacket packet) {
        if (closing || broken && System.nanoTime() - retryNs < 0) {
            unwritten++;
            return;
        }
        boolean anew = broken || isFull(packet.timeNs);
        int padded = (packet.capturedLength + 3) & ~3;
        int length = 32 + padded;
        Piece into = current;
        if (into == null || anew || into.octets.remaining() < length + INTERFACE_OCTETS) {
            into = fresh();
            if (into == null) {
                unwritten++;
                if (!behind) {
                    behind = true;
                    notices.accept(path + ": the disk does not keep up: packets are not written to it; they are still"
                            + " published");
                }
                return;
            }
            behind = false;
            seal();
            current = into;
            if (anew) {
                broken = false;
                into.beginsFile = true;
                beginFile(into);
            }
        }
        if (octets == 0) {
            startedNs = packet.timeNs;
        }
        ByteBuffer out = into.octets;
        int at = interfaceOf(packet.linkType, out);
        out.putInt(6).putInt(length).putInt(at);
        out.putInt((int) (packet.timeNs >>> 32)).putInt((int) packet.timeNs);
        out.putInt(packet.capturedLength).putInt(packet.originalLength);
        out.put(out.position(), packet.buffer, packet.offset, packet.capturedLength);
        out.position(out.position() + packet.capturedLength);
        for (int i = packet.capturedLength; i < padded; i++) {
            out.put((byte) 0);
        }
        out.putInt(length);
        octets += length;
        into.packets++;
    }

    private boolean isFull(long timeNs) {
        // a clock that was set back would keep a file open for as long as that takes to make up
        return !special
                && octets > 0
                && (rotation.octets() > 0 && octets >= rotation.octets()
                        || rotation.ageNs() > 0 && Math.abs(timeNs - startedNs) >= rotation.ageNs());
    }

    /** A piece to be filled; null if all that may be wait for the disk. */
    private synchronized @Nullable Piece fresh() {
        Piece piece = spare.poll();
        if (piece == null && pieces < MOST_PIECES) {
            pieces++;
            piece = new Piece();
        }
        return piece;
    }

    private synchronized void beginFile(@Nullable Piece first) {
        if (first != null) {
            current = first;
            octets = 0;
            interfaces = 0;
            first.octets
                    .putInt(0x0a0d0d0a)
                    .putInt(28)
                    .putInt(0x1a2b3c4d)
                    .putShort((short) 1)
                    .putShort((short) 0);
            first.octets.putLong(-1).putInt(28);
        }
    }

    private synchronized void seal() {
        if (current != null) {
            filled.add(current);
            current = null;
            notifyAll();
        }
    }

    /** The number of the interface block with this link type, which is written when there is none yet. */
    private int interfaceOf(int dataLink, ByteBuffer out) {
        int linkType = dataLink == DLT_RAW ? LINKTYPE_RAW : dataLink;
        for (int i = 0; i < interfaces; i++) {
            if (linkTypes[i] == linkType) {
                return i;
            }
        }
        if (interfaces == linkTypes.length) {
            return 0;
        }
        linkTypes[interfaces] = linkType;
        // if_tsresol 9: nanoseconds
        out.putInt(1).putInt(INTERFACE_OCTETS);
        out.putShort((short) linkType).putShort((short) 0).putInt(0);
        out.putShort((short) 9).putShort((short) 1).put((byte) 9).put((byte) 0).putShort((short) 0);
        out.putInt(0).putInt(INTERFACE_OCTETS);
        return interfaces++;
    }

    /** Lets readers soon see what was written. */
    public synchronized void settle() {
        seal();
    }

    /** Packets that are in no file, for want of a disk that took them. */
    public synchronized long unwritten() {
        return unwritten;
    }

    private void work() {
        try {
            for (Piece piece = next(); piece != null; piece = next()) {
                put(piece);
                piece.octets.clear();
                piece.packets = 0;
                piece.beginsFile = false;
                synchronized (this) {
                    spare.add(piece);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeChannel();
        }
    }

    private synchronized @Nullable Piece next() throws InterruptedException {
        while (filled.isEmpty() && !closing) {
            wait();
        }
        return filled.poll();
    }

    private void put(Piece piece) {
        try {
            if (piece.beginsFile) {
                closeChannel();
                start();
            }
            FileChannel to = channel;
            if (to != null) {
                piece.octets.flip();
                while (piece.octets.hasRemaining()) {
                    to.write(piece.octets);
                }
                soundOctets += piece.octets.limit();
                packetsInFile += piece.packets;
                return;
            }
        } catch (IOException e) {
            cut();
            synchronized (this) {
                broken = true;
                retryNs = System.nanoTime() + RETRY_NS;
            }
            notices.accept(path + ": packets are not written to it (" + e.getMessage()
                    + "); they are still published, and a new file is begun when the disk takes it");
        }
        synchronized (this) {
            unwritten += piece.packets;
        }
    }

    /** What is on disk of a file that could not be written on ends with a whole packet. */
    private void cut() {
        Path failed = file;
        try {
            if (channel != null && !special) {
                channel.truncate(soundOctets);
            }
            closeChannel();
            if (failed != null && !special && packetsInFile == 0) {
                Files.deleteIfExists(failed);
                files.remove(failed);
                number--;
            }
        } catch (IOException e) {
            closeChannel();
        }
    }

    private void closeChannel() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // all that it could say has been said by what was written
        }
        channel = null;
        file = null;
    }

    /** Ends when all is written; a disk that hangs is not waited for for long. */
    @Override
    public void close() {
        synchronized (this) {
            seal();
            closing = true;
            notifyAll();
        }
        try {
            thread.join(CLOSE_LIMIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            filled.forEach(piece -> unwritten += piece.packets);
            filled.clear();
            if (unwritten > 0) {
                notices.accept(unwritten + " packets are not in " + path);
            }
        }
    }
}
