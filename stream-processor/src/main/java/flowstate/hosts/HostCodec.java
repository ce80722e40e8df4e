package flowstate.hosts;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Hosts and attempts as octets, for a store and for the way between two processors; the first is the version. */
public final class HostCodec {
    private static final int VERSION = 1;
    private static final Attempt.Outcome[] OUTCOMES = Attempt.Outcome.values();

    private HostCodec() {}

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
        }
        return bytes.toByteArray();
    }

    private static DataInputStream opened(byte[] bytes) {
        if (bytes.length == 0 || bytes[0] != VERSION) {
            throw new IllegalArgumentException("a stored host is of version " + (bytes.length == 0 ? "none" : bytes[0])
                    + ", expected " + VERSION + ": reset the application's state");
        }
        return new DataInputStream(new ByteArrayInputStream(bytes, 1, bytes.length - 1));
    }

    /** Attempts of one host, at least one. */
    public static byte[] encode(List<Attempt> attempts) {
        return written(out -> {
            for (Attempt a : attempts) {
                out.writeLong(a.timeNs());
                out.writeByte(a.outcome().ordinal() | (a.doubtful() ? 0x80 : 0));
                out.writeShort(a.weight());
                out.writeShort(a.port());
                putOctets(out, a.peer());
                out.writeUTF(a.capture());
            }
        });
    }

    /**
     * Reads attempts.
     *
     * @throws IllegalArgumentException if the octets are none
     */
    public static List<Attempt> attempts(byte[] bytes) {
        List<Attempt> attempts = new ArrayList<>(1);
        try (DataInputStream in = opened(bytes)) {
            do {
                attempts.add(takeAttempt(in));
            } while (in.available() > 0);
            return attempts;
        } catch (IOException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("no attempts: " + bytes.length + " octets", e);
        }
    }

    private static Attempt takeAttempt(DataInputStream in) throws IOException {
        long timeNs = in.readLong();
        int outcome = in.readUnsignedByte();
        int weight = in.readUnsignedShort();
        int port = in.readUnsignedShort();
        byte[] peer = takeOctets(in);
        boolean doubtful = (outcome & 0x80) != 0;
        return new Attempt(timeNs, OUTCOMES[outcome & 0x7f], weight, doubtful, peer, port, in.readUTF());
    }

    public static byte[] encode(HostWatch watch) {
        return written(out -> {
            out.writeLong(watch.ended);
            out.writeByte(watch.lanes.size());
            for (Lane lane : watch.lanes) {
                putLane(out, lane);
            }
        });
    }

    /**
     * Reads a host.
     *
     * @throws IllegalArgumentException if the octets are none
     */
    public static HostWatch watch(byte[] bytes) {
        try (DataInputStream in = opened(bytes)) {
            HostWatch watch = new HostWatch();
            watch.ended = in.readLong();
            int lanes = in.readUnsignedByte();
            for (int i = 0; i < lanes; i++) {
                watch.lanes.add(takeLane(in));
            }
            return watch;
        } catch (IOException e) {
            throw new IllegalArgumentException("a stored host is cut short at " + bytes.length + " octets", e);
        }
    }

    private static void putLane(DataOutputStream out, Lane lane) throws IOException {
        out.writeLong(lane.number);
        putPane(out, lane.latest);
        putPane(out, lane.before);
        putDistinct(out, lane.targets);
        putDistinct(out, lane.hosts);
        putDistinct(out, lane.ports);
        putOctets(out, lane.peer);
        out.writeUTF(lane.capture);
        out.writeBoolean(lane.lasts);
        out.writeLong(lane.beganNs);
        out.writeLong(lane.lastNs);
        out.writeLong(lane.count);
        out.writeLong(lane.doubtful);
    }

    private static Lane takeLane(DataInputStream in) throws IOException {
        Lane lane = new Lane(in.readLong());
        lane.latest = takePane(in);
        lane.before = takePane(in);
        lane.targets = takeDistinct(in);
        lane.hosts = takeDistinct(in);
        lane.ports = takeDistinct(in);
        lane.peer = takeOctets(in);
        lane.capture = in.readUTF();
        lane.lasts = in.readBoolean();
        lane.beganNs = in.readLong();
        lane.lastNs = in.readLong();
        lane.count = in.readLong();
        lane.doubtful = in.readLong();
        return lane;
    }

    private static void putPane(DataOutputStream out, Lane.Pane pane) throws IOException {
        out.writeLong(pane.failed);
        out.writeLong(pane.opened);
        out.writeLong(pane.firstNs);
        putDistinct(out, pane.targets);
    }

    private static Lane.Pane takePane(DataInputStream in) throws IOException {
        Lane.Pane pane = new Lane.Pane();
        pane.failed = in.readLong();
        pane.opened = in.readLong();
        pane.firstNs = in.readLong();
        pane.targets = takeDistinct(in);
        return pane;
    }

    private static void putDistinct(DataOutputStream out, Distinct d) throws IOException {
        int words = d.estimates ? d.words.length : d.exact;
        out.writeByte(d.estimates ? -1 : d.exact);
        for (int i = 0; i < words; i++) {
            out.writeLong(d.words[i]);
        }
    }

    private static Distinct takeDistinct(DataInputStream in) throws IOException {
        int exact = in.readByte();
        Distinct d = new Distinct();
        d.estimates = exact < 0;
        d.exact = Math.max(0, exact);
        d.words = new long[d.estimates ? Distinct.BITS / Long.SIZE : d.exact];
        for (int i = 0; i < d.words.length; i++) {
            d.words[i] = in.readLong();
        }
        return d;
    }

    private static void putOctets(DataOutputStream out, byte[] octets) throws IOException {
        out.writeByte(octets.length);
        out.write(octets);
    }

    private static byte[] takeOctets(DataInputStream in) throws IOException {
        byte[] octets = new byte[in.readUnsignedByte()];
        in.readFully(octets);
        return octets;
    }
}
