package flowstate.traffic;

import flowstate.tcp.EndReason;
import flowstate.traffic.Plan.Closing;
import flowstate.traffic.Plan.Opening;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Two connections, one after the other, between the same ends and the same ports, as one tap saw them.
 *
 * @param kind why the ports were free, or not
 * @param former the first, with its truth
 * @param latter the second, times since its own start
 * @param latterAtNs when the second starts, since the start of the first
 */
public record Reuse(Kind kind, Conversation former, Conversation latter, long latterAtNs) {

    /** When and how the ports are taken again. */
    public enum Kind {
        /** In the server's TIME_WAIT, by a number above all of the old ones: RFC 9293 section 3.6.1, RFC 6191. */
        HIGHER_NUMBER(Closing.FOUR_SEGMENTS, true, "PORT_REUSED"),
        /** In the server's TIME_WAIT, by a lower number with a later timestamp: RFC 6191 section 2. */
        LATER_TIMESTAMP(Closing.FOUR_SEGMENTS, true, "PORT_REUSED"),
        /** When nobody remembers the old one. */
        AFTER_TIME_WAIT(Closing.FOUR_SEGMENTS, true),
        /** A RST leaves no TIME_WAIT: the ports are free, whoever still remembers the old one. */
        AFTER_RESET(Closing.RESET, false, "PORT_REUSED"),
        /** Both hosts have started anew, and neither said a word. */
        WHILE_OPEN(Closing.NONE, true, "PREMATURE_REUSE");

        private final Closing closing;
        private final boolean certain;
        private final List<String> findings;

        Kind(Closing closing, boolean certain, String... findings) {
            this.closing = closing;
            this.certain = certain;
            this.findings = List.of(findings);
        }
    }

    private static final long MS = 1_000_000;
    private static final long SECOND_NS = 1000 * MS;
    private static final long LONGEST_NS = 60 * SECOND_NS;

    /** Lets both happen. */
    public static Reuse of(Kind kind, long seed) {
        Random random = new Random(seed);
        long stampMs = kind == Kind.LATER_TIMESTAMP ? random.nextInt(1_000_000_000) : -1;
        // who closes first has the TIME_WAIT, and only the other may come back so soon
        boolean serverCloses = kind != Kind.AFTER_RESET || random.nextBoolean();
        Conversation former = Conversation.of(
                new Plan(Opening.THREE_WAY, kind.closing, serverCloses, Trouble.NONE, random.nextLong()),
                LONGEST_NS,
                stampMs);
        long lastNs = former.lines().get(former.lines().size() - 1).atNs();
        long pauseNs = (1 + random.nextInt(50)) * SECOND_NS + (kind == Kind.AFTER_TIME_WAIT ? LONGEST_NS : 0);
        long latterAtNs = lastNs + pauseNs;
        Conversation latter = Conversation.of(
                new Plan(
                        Opening.THREE_WAY,
                        Closing.FOUR_SEGMENTS,
                        random.nextBoolean(),
                        Trouble.NONE,
                        random.nextLong()),
                LONGEST_NS,
                stampMs < 0 ? -1 : stampMs + latterAtNs / MS);
        // all that the old one sent, its SYN and its FIN
        int sent = (int) former.truth().client().bytes() + 2;
        int ahead = 1 + random.nextInt(1_000_000);
        int isn = former.clientIsn() + (kind == Kind.LATER_TIMESTAMP ? -ahead : sent + ahead);
        // no number twice so soon: RFC 6528
        int serverIsn = former.serverIsn() + (int) former.truth().server().bytes() + 2 + random.nextInt(1_000_000);
        return new Reuse(
                kind,
                kind == Kind.WHILE_OPEN ? cutShort(former) : former,
                new Conversation(
                        latter.plan(),
                        isn,
                        serverIsn,
                        latter.lines(),
                        with(latter.truth(), kind.certain, kind.findings)),
                latterAtNs);
    }

    /** The new SYN is what says that it is over; until it is answered, it is taken for a segment of the old one. */
    private static Conversation cutShort(Conversation c) {
        Truth truth = with(c.truth(), true, List.of("SYN_IN_ESTABLISHED"));
        return new Conversation(
                c.plan(),
                c.clientIsn(),
                c.serverIsn(),
                c.lines(),
                new Truth(
                        truth.connState(),
                        truth.letters(),
                        truth.handshake(),
                        truth.teardown(),
                        EndReason.REUSED,
                        truth.closedFirst(),
                        new Truth.End(
                                truth.client().states(),
                                truth.client().bytes(),
                                truth.client().segments() + 1,
                                truth.client().retransmittedSegments()),
                        truth.server(),
                        truth.anomalies(),
                        truth.allowed()));
    }

    private static Truth with(Truth truth, boolean certain, List<String> findings) {
        Set<String> anomalies = new HashSet<>(truth.anomalies());
        Set<String> allowed = new HashSet<>(truth.allowed());
        (certain ? anomalies : allowed).addAll(findings);
        return new Truth(
                truth.connState(),
                truth.letters(),
                truth.handshake(),
                truth.teardown(),
                truth.endReason(),
                truth.closedFirst(),
                truth.client(),
                truth.server(),
                anomalies,
                allowed);
    }
}
