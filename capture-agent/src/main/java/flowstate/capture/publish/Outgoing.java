package flowstate.capture.publish;

/** One encoded record of flowstate.segments on its way out. */
final class Outgoing {
    /** Stands for a record that is not in the spool. */
    static final long NOT_SPOOLED = -1;

    /** Stands for the partition of a record that was made before the number of partitions was known. */
    static final int UNROUTED = -1;

    final int partition;
    final byte[] value;
    final int segments;

    /** Its number in the spool; the publishing thread's. */
    long number = NOT_SPOOLED;

    /** When it was given to the producer, by the JVM's clock; the publishing thread's. */
    long sentNs;

    /** Whether the broker has it; guarded by the outbox. */
    boolean acknowledged;

    Outgoing(int partition, byte[] value, int segments) {
        this.partition = partition;
        this.value = value;
        this.segments = segments;
    }

    /** What it costs to keep, about. */
    int octets() {
        return value.length + 100;
    }
}
