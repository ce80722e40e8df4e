package flowstate.trace;

import flowstate.tcp.Flags;
import flowstate.tcp.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One segment as a trace writes it: numbers relative to the initial sequence numbers, which a {@link TraceRun} sets.
 *
 * @param fromClient whether C, the intended originator, sends it
 * @param flags see {@link Flags}
 * @param start sequence number relative to the sender's initial one: the SYN has 0, the first octet 1
 * @param payload octets, 0..65535
 * @param ack acknowledgement number relative to the peer's initial one; 0 without {@link Flags#ACK}
 * @param window window field as sent, 0..65535
 * @param options as sent
 * @param agent which agent saw it
 * @param notes what the agent notes of it but for options, see {@link Segment#notes}
 * @param offNs how far its capture time is off, nanoseconds; 0 where it tells the truth
 */
public record TraceSegment(
        boolean fromClient,
        int flags,
        long start,
        int payload,
        long ack,
        int window,
        Options options,
        String agent,
        int notes,
        long offNs) {

    /** The agent of a segment that names none. */
    public static final String DEFAULT_AGENT = "a";

    /** The window of a segment that states none. */
    public static final int DEFAULT_WINDOW = 65535;

    private static final int IPV4_AND_TCP_HEADERS = 40;

    /**
     * TCP options; numbers are -1 where the option is absent.
     *
     * @param timestampEcho -1 exactly if {@code timestampValue} is
     * @param sack blocks as pairs of numbers relative to the peer's initial one; start, then end
     * @param fastOpen cookie length, 0 for a request
     * @param bad with an option whose length contradicts its kind
     */
    public record Options(
            int mss,
            boolean sackPermitted,
            int windowScale,
            long timestampValue,
            long timestampEcho,
            List<Long> sack,
            int fastOpen,
            boolean bad) {
        static final Options NONE = new Options(-1, false, -1, -1, -1, List.of(), -1, false);

        public Options {
            sack = List.copyOf(sack);
        }

        /** Octets in the header, padded to a multiple of four. */
        int length() {
            int length = (mss < 0 ? 0 : 4)
                    + (sackPermitted ? 2 : 0)
                    + (windowScale < 0 ? 0 : 3)
                    + (timestampValue < 0 ? 0 : 10)
                    + (sack.isEmpty() ? 0 : 2 + 4 * sack.size())
                    + (fastOpen < 0 ? 0 : 2 + fastOpen)
                    + (bad ? 2 : 0);
            return (length + 3) / 4 * 4;
        }

        @Override
        public String toString() {
            List<String> parts = new ArrayList<>();
            if (mss >= 0) {
                parts.add("mss " + mss);
            }
            if (sackPermitted) {
                parts.add("sackOK");
            }
            if (windowScale >= 0) {
                parts.add("wscale " + windowScale);
            }
            if (timestampValue >= 0) {
                parts.add("TS val " + timestampValue + " ecr " + timestampEcho);
            }
            if (!sack.isEmpty()) {
                StringBuilder blocks = new StringBuilder("sack");
                for (int i = 0; i < sack.size(); i += 2) {
                    blocks.append(' ').append(sack.get(i)).append(':').append(sack.get(i + 1));
                }
                parts.add(blocks.toString());
            }
            if (fastOpen >= 0) {
                parts.add("tfo " + fastOpen);
            }
            if (bad) {
                parts.add("bad");
            }
            return parts.stream().collect(Collectors.joining(",", "<", ">"));
        }
    }

    /** The segment as the model sees it in a run, when it comes {@code atNs} after the start. */
    public Segment segment(TraceRun run, long atNs) {
        return segment(run, atNs, 0);
    }

    /** The same, by a clock that is ahead by so many nanoseconds. */
    public Segment segment(TraceRun run, long atNs, long aheadNs) {
        int ownIsn = fromClient ? run.clientIsn() : run.serverIsn();
        int peerIsn = fromClient ? run.serverIsn() : run.clientIsn();
        boolean hasAck = (flags & Flags.ACK) != 0;
        return new Segment(
                run.startNs() + atNs + aheadNs + offNs,
                run.startNs() + atNs + aheadNs,
                fromClient == run.clientIsLow(),
                ownIsn + (int) start,
                hasAck ? peerIsn + (int) ack : 0,
                flags,
                window,
                payload,
                IPV4_AND_TCP_HEADERS + options.length() + payload,
                options.mss(),
                options.windowScale(),
                options.sackPermitted(),
                options.timestampValue(),
                options.timestampEcho(),
                options.sack().size() / 2,
                options.fastOpen(),
                notes | (options.bad() ? Segment.BAD_OPTIONS : 0));
    }

    /** As a trace writes it; empty for what is usual. */
    private String noted() {
        if ((notes & Segment.PAYLOAD_CUT) != 0) {
            return "  cut";
        }
        if ((notes & Segment.CHECKSUM_BAD) != 0) {
            return "  cksum bad";
        }
        return (notes & Segment.CHECKSUM_GOOD) == 0 ? "  cksum offload" : "";
    }

    @Override
    public String toString() {
        return (fromClient ? "C > S  " : "S > C  ") + Flags.text(flags)
                + "  " + start + ":" + (start + payload) + "(" + payload + ")"
                + ((flags & Flags.ACK) != 0 ? "  ack " + ack : "")
                + (window == DEFAULT_WINDOW ? "" : "  win " + window)
                + (options.equals(Options.NONE) ? "" : "  " + options)
                + noted()
                + (agent.equals(DEFAULT_AGENT) ? "" : "  @" + agent)
                + (offNs == 0 ? "" : "  ~" + Line.seconds(offNs));
    }
}
