package flowstate.topology;

import flowstate.hosts.Attempt;
import flowstate.hosts.Attempt.Outcome;
import flowstate.hosts.HostCodec;
import flowstate.hosts.HostKey;
import flowstate.hosts.HostKey.Watch;
import flowstate.schema.ConnectionKey;
import flowstate.tcp.AnomalyKind;
import flowstate.tcp.Connection;
import flowstate.tcp.EventKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;

/**
 * Tells how attempts to open connections came out, to those who watch hosts: each that failed once, and of those that
 * succeeded every 16th, which stands for all. What a batch says of one host is one record. So a connection costs two small
 * records at the most, and most cost none.
 */
final class AttemptOutlet {
    /** Successes matter only in proportion. */
    private static final int ONE_OF = 16;

    /** Held at most: a batch may end very many, and so may a clock that goes on. A record is some 60 kB then. */
    private static final int MOST = 1_000;

    private final BiConsumer<byte[], byte[]> sink;
    private final boolean separateCaptures;
    private final int partition;

    /** By the keys of the hosts that are to hear of them. */
    private final Map<Bytes, List<Attempt>> held = new LinkedHashMap<>();

    private int count;
    private long session;

    /**
     * An outlet of one task.
     *
     * @param separateCaptures whether captures are judged each by itself
     * @param partition of the input
     * @param sink takes key and value
     */
    AttemptOutlet(boolean separateCaptures, int partition, BiConsumer<byte[], byte[]> sink) {
        this.sink = sink;
        this.separateCaptures = separateCaptures;
        this.partition = partition;
    }

    /** The session of the agent whose batch is at hand. */
    void session(long session) {
        this.session = separateCaptures ? session : 0;
    }

    void lifecycle(ConnectionKey key, Connection c, EventKind kind) {
        boolean toldBefore = c.found(AnomalyKind.ATTEMPT_TIMEOUT) + c.found(AnomalyKind.HALF_OPEN) > 0;
        switch (kind) {
            case REJECTED -> tell(key, c, Outcome.REFUSED, 1);
            case RESET -> {
                if (!c.wasEstablished() && !toldBefore) {
                    tell(key, c, Outcome.REFUSED, 1);
                }
            }
            case ESTABLISHED -> {
                boolean stands = Math.floorMod(Utils.murmur2(key.toBytes()) + (int) c.startedNs(), ONE_OF) == 0;
                if (c.originator().synSeen() && stands) {
                    tell(key, c, Outcome.OPENED, ONE_OF);
                }
            }
            case ENDED -> {
                if (c.isOpening() && !toldBefore) {
                    tell(key, c, Outcome.UNANSWERED, 1);
                }
            }
            case OPENING, HALF_CLOSED, CLOSING, CLOSED, TIMED_OUT, RESUMED, PERIODIC -> {
                // says nothing of how the attempt came out, or says again
            }
        }
    }

    void anomaly(ConnectionKey key, Connection c, AnomalyKind kind, long count) {
        boolean first = count == 1
                && c.found(kind == AnomalyKind.HALF_OPEN ? AnomalyKind.ATTEMPT_TIMEOUT : AnomalyKind.HALF_OPEN) == 0;
        if (first && (kind == AnomalyKind.ATTEMPT_TIMEOUT || kind == AnomalyKind.HALF_OPEN)) {
            tell(key, c, Outcome.UNANSWERED, 1);
        }
    }

    private void tell(ConnectionKey key, Connection c, Outcome outcome, int weight) {
        boolean low = c.originatorIsLow();
        byte[] originator = low ? key.lowAddress() : key.highAddress();
        byte[] responder = low ? key.highAddress() : key.lowAddress();
        int port = low ? key.highPort() : key.lowPort();
        boolean doubtful = c.captureLossSuspected();
        if (outcome != Outcome.REFUSED) {
            hold(
                    new HostKey(Watch.SYN_FLOOD, session, responder, port, key.scope()),
                    new Attempt(c.startedNs(), outcome, weight, doubtful, originator, port, c.capture()));
        }
        hold(
                new HostKey(Watch.PORT_SCAN, session, originator, 0, key.scope()),
                new Attempt(c.startedNs(), outcome, weight, doubtful, responder, port, c.capture()));
    }

    private void hold(HostKey host, Attempt attempt) {
        held.computeIfAbsent(Bytes.wrap(host.toBytes()), first -> new ArrayList<>(1))
                .add(attempt);
        if (++count == MOST) {
            handOn();
        }
    }

    /** Hands on what is held, as must be done at the end of all that is told at once. */
    void handOn() {
        held.forEach((host, attempts) -> sink.accept(host.get(), HostCodec.encode(attempts)));
        held.clear();
        count = 0;
    }

    /** A capture has ended in this partition: to all who may have heard of it. */
    void endOfCapture() {
        if (separateCaptures) {
            sink.accept(EndOfCapture.key(session), EndOfCapture.value(partition));
        }
    }
}
