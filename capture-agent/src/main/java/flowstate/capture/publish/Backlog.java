package flowstate.capture.publish;

import flowstate.program.Program;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When an outbox goes through its spool: from when the broker falls behind until it has caught up, or for as long as
 * there are records of an earlier run; and what is said when the disk does not take them. Without a spool it never is
 * open. Used by the publishing thread.
 */
final class Backlog {
    private static final long DISK_PAUSE_NS = Duration.ofSeconds(1).toNanos();

    private final @Nullable Spool spool;
    private final Losses losses;
    private final Notices notices;
    private boolean open;
    private boolean untold;
    private boolean stuck;
    private long retryNs;
    private long dropsCounted;

    /** Is told what becomes of what is in the spool. */
    interface Losses {
        /** So many segments were given up. */
        void lost(long segments);

        /** So many segments are on disk only. */
        void spooled(long segments);
    }

    Backlog(@Nullable Spool spool, Losses losses, Notices notices) {
        this.spool = spool;
        this.losses = losses;
        this.notices = notices;
        this.open = spool != null && !spool.isEmpty();
        this.untold = open;
    }

    /** Where records are kept while no broker takes them, in words. */
    String place() {
        return spool == null ? "memory" : "the spool";
    }

    /** Whether everything goes through the spool at present. */
    boolean isOpen() {
        return open;
    }

    /** Whether a record of unknown partition may be given one: those before it have theirs. */
    boolean isRouted() {
        return spool == null || !spool.hasUnrouted();
    }

    /** From now on everything goes through the spool, what is not acknowledged first. */
    void begin(Iterable<Outgoing> unacknowledged) {
        if (spool == null || open) {
            return;
        }
        try {
            for (Outgoing each : unacknowledged) {
                if (each.number == Outgoing.NOT_SPOOLED && !spool.append(each)) {
                    break;
                }
            }
            while (spool.read() != null) {
                // they are in memory, too
            }
            open = true;
            untold = !spool.isEmpty();
        } catch (IOException e) {
            diskFails(e);
        }
    }

    private void diskFails(IOException e) {
        notices.say(
                "disk",
                "the spool cannot be written to (" + Program.reason(e)
                        + "): segments wait in memory, and are lost when that is full");
        stuck = true;
        retryNs = System.nanoTime() + DISK_PAUSE_NS;
    }

    /** Whether the disk has failed a moment ago. */
    boolean isStuck() {
        stuck &= System.nanoTime() - retryNs < 0;
        return stuck;
    }

    /** Appends a record; one for which there is no room is lost. Returns false if the disk does not take it now. */
    boolean append(Outgoing record) {
        if (spool == null) {
            return false;
        }
        try {
            if (!spool.append(record)) {
                losses.lost(record.segments);
                notices.say("spool-full", "the spool is full: new segments are lost");
            }
            untold = true;
            return true;
        } catch (IOException e) {
            diskFails(e);
            return false;
        }
    }

    /** The next record to be sent; null if there is none, which closes it: what comes next need not go through the disk. */
    @Nullable
    Outgoing next() {
        if (spool == null || !open) {
            return null;
        }
        try {
            Outgoing next = spool.read();
            open = next != null || !spool.isRead();
            return next;
        } catch (IOException e) {
            notices.say("disk", "the spool cannot be read: " + Program.reason(e));
            return null;
        }
    }

    /** @param number of the record up to which the broker has all, or {@link Outgoing#NOT_SPOOLED} */
    void settle(long number) {
        if (spool == null) {
            return;
        }
        try {
            if (number != Outgoing.NOT_SPOOLED) {
                spool.acknowledge(number);
            }
            spool.settle();
        } catch (IOException e) {
            notices.say("disk", "the spool cannot be written to: " + Program.reason(e));
        }
        count(spool);
        if (untold && !open && spool.isEmpty()) {
            untold = false;
            notices.say("spool-empty", "the broker has all that was in the spool");
        }
    }

    private void count(Spool counted) {
        long dropped = counted.droppedSegments() - dropsCounted;
        dropsCounted += dropped;
        losses.lost(dropped);
        losses.spooled(counted.unreadSegments());
        if (dropped > 0) {
            notices.say("spool-full", "the spool is full: its oldest segments are lost");
        }
    }

    /** Whether there is anything that the broker is not known to have. */
    boolean isEmpty() {
        return spool == null || spool.isEmpty();
    }

    void close() {
        if (spool == null) {
            return;
        }
        count(spool);
        try {
            spool.close();
        } catch (IOException e) {
            notices.say("disk", "the spool cannot be closed: " + Program.reason(e));
        }
    }
}
