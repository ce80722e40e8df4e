package flowstate.traffic;

import flowstate.tcp.Segment;
import flowstate.trace.TraceSegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Predicate;

/**
 * The way between two endpoints, with a tap on it, in simulated time. Delivers in order unless a {@link Fault} says
 * otherwise.
 */
final class Link {
    /** What happens to one packet. */
    enum Harm {
        NONE,
        LOST_BEFORE_TAP,
        LOST_AFTER_TAP,
        /** It arrives, but the tap misses it. */
        NOT_CAPTURED,
        /** The tap and the receiver get it twice. */
        DUPLICATED,
        /** It is overtaken on the wire, before the tap. */
        DELAYED,
        /** The tap notes it after others that came later, with the time at which it came. */
        CAPTURED_LATE
    }

    /**
     * Something that happens to one packet.
     *
     * @param which the packets in question, as their sender sends them
     * @param skip how many of them go unharmed before
     */
    record Fault(Predicate<Packet> which, int skip, Harm harm) {}

    /**
     * What the tap saw.
     *
     * @param passedNs when it passed, since the start
     * @param notedNs when the tap noted it: the order of the capture
     */
    record Sighting(long passedNs, long notedNs, Packet packet) {
        TraceSegment segment() {
            return new TraceSegment(
                    packet.fromClient(),
                    packet.flags(),
                    packet.start(),
                    packet.payload(),
                    packet.ack(),
                    packet.window(),
                    packet.options(),
                    TraceSegment.DEFAULT_AGENT,
                    Segment.CHECKSUM_GOOD,
                    passedNs - notedNs);
        }
    }

    private record Event(long atNs, long order, Runnable what) {}

    private static final long DELAY_NS = 25_000_000;
    private static final long COPY_NS = 300_000;
    private static final long LATE_NS = 15_000_000;

    private static final class Pending {
        private final Fault fault;
        private int skip;

        Pending(Fault fault) {
            this.fault = fault;
            this.skip = fault.skip;
        }
    }

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atNs).thenComparingLong(Event::order));
    private final List<Pending> faults = new ArrayList<>();
    private final List<Sighting> sightings = new ArrayList<>();
    private final long latencyNs;
    private final long clientToTapNs;
    private long nowNs;
    private long order;

    final Endpoint client;
    final Endpoint server;

    /** Which of the packets the tap can see at all. */
    Predicate<Packet> tapSees = packet -> true;
    /** Which packets get through to the receiver; the others are lost behind the tap. */
    Predicate<Packet> arrives = packet -> true;

    /**
     * A quiet wire.
     *
     * @param latencyNs from end to end
     * @param clientToTapNs of it, from the client to the tap
     */
    Link(long latencyNs, long clientToTapNs, int windowScale) {
        this.latencyNs = latencyNs;
        this.clientToTapNs = clientToTapNs;
        this.client = new Endpoint(this, true, windowScale);
        this.server = new Endpoint(this, false, windowScale);
    }

    /** How long the server must wait for its packets to pass the tap after the client's of now. */
    long serverSecondNs() {
        return Math.max(0, 2 * clientToTapNs - latencyNs);
    }

    void harm(Fault fault) {
        faults.add(new Pending(fault));
    }

    long nowNs() {
        return nowNs;
    }

    /** What the tap saw, in the order of passing. */
    List<Sighting> sightings() {
        return sightings;
    }

    void in(long delayNs, Runnable what) {
        events.add(new Event(nowNs + delayNs, order++, what));
    }

    /** Lets everything happen, until nothing more does or the time is over. */
    void run(long untilNs) {
        for (Event next = events.peek(); next != null && next.atNs <= untilNs; next = events.peek()) {
            events.remove();
            nowNs = next.atNs;
            next.what.run();
        }
        nowNs = untilNs;
    }

    /** Sends a packet on its way. */
    void send(Packet packet) {
        long toTapNs = packet.fromClient() ? clientToTapNs : latencyNs - clientToTapNs;
        switch (harm(packet)) {
            case LOST_BEFORE_TAP -> {}
            case LOST_AFTER_TAP -> in(toTapNs, () -> note(packet, 0));
            case NOT_CAPTURED -> in(latencyNs, () -> deliver(packet));
            case DUPLICATED -> {
                in(toTapNs, () -> pass(packet, toTapNs, 0));
                in(toTapNs + COPY_NS, () -> pass(packet, toTapNs, 0));
            }
            case DELAYED -> in(toTapNs + DELAY_NS, () -> pass(packet, toTapNs, 0));
            case CAPTURED_LATE -> in(toTapNs, () -> pass(packet, toTapNs, LATE_NS));
            case NONE -> in(toTapNs, () -> pass(packet, toTapNs, 0));
        }
    }

    private void pass(Packet packet, long cameNs, long lateNs) {
        note(packet, lateNs);
        in(latencyNs - cameNs, () -> deliver(packet));
    }

    private void note(Packet packet, long lateNs) {
        if (tapSees.test(packet)) {
            sightings.add(new Sighting(nowNs, nowNs + lateNs, packet));
        }
    }

    private void deliver(Packet packet) {
        if (arrives.test(packet)) {
            (packet.fromClient() ? server : client).receive(packet);
        }
    }

    private Harm harm(Packet packet) {
        for (Iterator<Pending> i = faults.iterator(); i.hasNext(); ) {
            Pending pending = i.next();
            if (pending.fault.which.test(packet) && pending.skip-- == 0) {
                i.remove();
                return pending.fault.harm;
            }
        }
        return Harm.NONE;
    }
}
