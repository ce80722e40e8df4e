package flowstate.tcp;

import flowstate.traffic.Plan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;

/** A change to what was captured that must not change the verdict, but for what it says. docs/testing.md has the reasons. */
enum Change {
    /** Every segment comes twice from the same agent: counted as sent again, as they may have been. */
    TWICE(Set.of(Part.SEGMENTS, Part.RETRANSMITTED, Part.LETTERS, Part.LETTERS_OF_LOSS, Part.ANOMALIES_OF_REPETITION)) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            List<Seen> changed = new ArrayList<>();
            for (Seen seen : all) {
                changed.add(seen);
                changed.add(seen);
            }
            return changed;
        }
    },
    /** A second agent on the way sees everything as well, a little later. */
    SECOND_AGENT(Set.of(Part.LETTERS)) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            return copied(all, 1 + random.nextInt(20_000_000), 0);
        }
    },
    /** The clock of the second agent is seconds off. */
    SECOND_AGENT_WITH_WRONG_CLOCK(Set.of(Part.LETTERS)) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            return copied(all, 1 + random.nextInt(20_000_000), shift(random));
        }
    },
    /** One agent sees one direction, another the other. */
    DIRECTIONS_APART(Set.of(Part.RETRANSMITTED, Part.ANOMALIES_OF_BOTH_WAYS)) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            return all.stream()
                    .map(s -> s.by(s.segment().fromLow() ? "a" : "b"))
                    .toList();
        }
    },
    /** The same, and the second agent's clock is seconds off. */
    DIRECTIONS_APART_WITH_WRONG_CLOCK(Set.of(Part.RETRANSMITTED, Part.ANOMALIES_OF_BOTH_WAYS)) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            long offNs = shift(random);
            return all.stream()
                    .map(s -> s.segment().fromLow() ? s.by("a") : s.later(offNs).by("b"))
                    .toList();
        }
    },
    /** The capture's order is another, by up to 50 ms. */
    REORDERED(Set.of(Part.STATES, Part.LETTERS, Part.RETRANSMITTED, Part.LETTERS_OF_LOSS, Part.ANOMALIES_OF_ORDER)) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            return inOrder(all, s -> random.nextInt(50_000_000));
        }
    },
    /** One direction is captured later than the other, by up to 50 ms, as by another agent or queue. */
    DIRECTIONS_SKEWED(
            Set.of(Part.STATES, Part.LETTERS, Part.RETRANSMITTED, Part.LETTERS_OF_LOSS, Part.ANOMALIES_OF_ORDER)) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            long lateNs = random.nextInt(50_000_000);
            boolean lowIsLate = random.nextBoolean();
            return inOrder(all, s -> s.segment().fromLow() == lowIsLate ? lateNs : 0);
        }
    },
    /**
     * Some segments that follow upon another of the same direction within 50 ms are noted before that, as by a capture of
     * several queues. What one end did because of what the other sent stays behind that.
     */
    NEIGHBOURS_SWAPPED(
            Set.of(Part.STATES, Part.LETTERS, Part.RETRANSMITTED, Part.LETTERS_OF_LOSS, Part.ANOMALIES_OF_ORDER)) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            List<Seen> changed = new ArrayList<>(all);
            for (int i = 0; i + 1 < changed.size(); i++) {
                Seen former = changed.get(i);
                Seen latter = changed.get(i + 1);
                long clockNs = latter.segment().clockNs();
                if (former.segment().fromLow() == latter.segment().fromLow()
                        && clockNs - former.segment().clockNs() < 50_000_000
                        && random.nextInt(3) == 0) {
                    changed.set(i, latter);
                    changed.set(++i, former.notedAt(clockNs));
                }
            }
            return changed;
        }
    },
    /** All sequence numbers are others, and wrap soon. */
    NUMBERS_SHIFTED(Set.of()) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            int low = wrapping(all, true, random);
            int high = wrapping(all, false, random);
            return all.stream().map(s -> s.shifted(low, high)).toList();
        }

        /** Puts the wrap among the first few thousand octets of a direction. */
        private int wrapping(List<Seen> all, boolean ofLow, Random random) {
            return all.stream()
                    .filter(s -> s.segment().fromLow() == ofLow)
                    .findFirst()
                    .map(s -> -s.segment().seq() - random.nextInt(5_000) + (random.nextBoolean() ? 1 << 31 : 0))
                    .orElse(random.nextInt());
        }
    },
    /** The end that the key calls low is the other one. */
    ENDS_SWAPPED(Set.of()) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            return all.stream().map(Seen::swapped).toList();
        }
    },
    /** What is known is stored and read again between any two segments. */
    RESTARTED(Set.of()) {
        @Override
        List<Seen> apply(List<Seen> all, Random random) {
            return all;
        }

        @Override
        UnaryOperator<Connection> between() {
            ConnectionCodec codec = new ConnectionCodec();
            return c -> codec.decode(codec.encode(c));
        }
    };

    /** A part of the verdict that may change. */
    enum Part {
        /** The order of the letters, and how often a letter comes. */
        LETTERS,
        /** The states on the way. */
        STATES,
        /** Zeek's T, G and W. */
        LETTERS_OF_LOSS,
        SEGMENTS,
        RETRANSMITTED,
        ANOMALIES_OF_REPETITION,
        ANOMALIES_OF_BOTH_WAYS,
        ANOMALIES_OF_ORDER
    }

    /** What says that segments came again, or how they follow upon each other. */
    private static final Set<AnomalyKind> OF_REPETITION = EnumSet.of(
            AnomalyKind.RETRANSMISSION,
            AnomalyKind.FAST_RETRANSMISSION,
            AnomalyKind.SPURIOUS_RETRANSMISSION,
            AnomalyKind.OUT_OF_ORDER,
            AnomalyKind.DUPLICATE_ACK,
            AnomalyKind.ACK_UNSEEN,
            AnomalyKind.SYN_RETRANSMITTED,
            AnomalyKind.WINDOW_SHRUNK,
            AnomalyKind.KEEP_ALIVE,
            AnomalyKind.KEEP_ALIVE_UNANSWERED,
            AnomalyKind.STALLED,
            AnomalyKind.ONE_SIDED);

    /** What follows from comparing one direction with the other. */
    private static final Set<AnomalyKind> OF_BOTH_WAYS = EnumSet.of(
            AnomalyKind.RETRANSMISSION,
            AnomalyKind.FAST_RETRANSMISSION,
            AnomalyKind.SPURIOUS_RETRANSMISSION,
            AnomalyKind.OUT_OF_ORDER,
            AnomalyKind.DUPLICATE_ACK,
            AnomalyKind.ACK_UNSEEN,
            AnomalyKind.KEEP_ALIVE_UNANSWERED);

    /** What says how segments follow upon each other, and what came first of all. */
    private static final Set<AnomalyKind> OF_ORDER = EnumSet.of(
            AnomalyKind.RETRANSMISSION,
            AnomalyKind.FAST_RETRANSMISSION,
            AnomalyKind.SPURIOUS_RETRANSMISSION,
            AnomalyKind.OUT_OF_ORDER,
            AnomalyKind.DUPLICATE_ACK,
            AnomalyKind.ACK_UNSEEN,
            AnomalyKind.SEGMENT_GAP,
            AnomalyKind.KEEP_ALIVE,
            AnomalyKind.KEEP_ALIVE_UNANSWERED,
            AnomalyKind.MIDSTREAM,
            AnomalyKind.ONE_SIDED,
            AnomalyKind.SYNACK_WITHOUT_SYN,
            AnomalyKind.ORPHAN_RST,
            AnomalyKind.ORPHAN_FIN);

    private final Set<Part> may;

    Change(Set<Part> may) {
        this.may = may.isEmpty() ? EnumSet.noneOf(Part.class) : EnumSet.copyOf(may);
    }

    /** Whether the tracker can know the same of a plan's connection afterwards; docs/testing.md says why not. */
    boolean leavesTellable(Plan plan) {
        boolean byOrder = EnumSet.of(Plan.Opening.SIMULTANEOUS, Plan.Opening.FAST_OPEN, Plan.Opening.MIDSTREAM)
                .contains(plan.opening());
        // a forged RST is judged by what was acknowledged when it came
        boolean forged = plan.trouble().name().startsWith("FORGED");
        boolean anotherOrder = this == REORDERED || this == DIRECTIONS_SKEWED || this == NEIGHBOURS_SWAPPED;
        return !anotherOrder || (!forged && !byOrder);
    }

    abstract List<Seen> apply(List<Seen> all, Random random);

    /** What happens to the connection between two segments. */
    UnaryOperator<Connection> between() {
        return c -> c;
    }

    /** The verdict without what this may change. */
    Verdict comparable(Verdict v) {
        return new Verdict(
                v.connState(),
                letters(v),
                v.handshake(),
                v.teardown(),
                v.endReason(),
                v.closedFirst(),
                end(v.originator()),
                end(v.responder()),
                anomalies(v.anomalies()));
    }

    private String letters(Verdict v) {
        if (!may.contains(Part.LETTERS)) {
            return v.history();
        }
        StringBuilder letters = new StringBuilder();
        for (char letter : v.letters()) {
            boolean ofLoss = "TGW".indexOf(Character.toUpperCase(letter)) >= 0;
            // after the roles were corrected, it says so
            if (letter != '^' && !(ofLoss && may.contains(Part.LETTERS_OF_LOSS))) {
                letters.append(letter);
            }
        }
        return letters.toString();
    }

    private Verdict.End end(Verdict.End end) {
        return new Verdict.End(
                may.contains(Part.STATES) ? List.of() : end.states(),
                end.bytes(),
                may.contains(Part.SEGMENTS) ? 0 : end.segments(),
                may.contains(Part.RETRANSMITTED) ? 0 : end.retransmittedSegments());
    }

    private SortedMap<AnomalyKind, Long> anomalies(SortedMap<AnomalyKind, Long> all) {
        SortedMap<AnomalyKind, Long> kept = new TreeMap<>(all);
        if (may.contains(Part.ANOMALIES_OF_REPETITION)) {
            kept.keySet().removeAll(OF_REPETITION);
        }
        if (may.contains(Part.ANOMALIES_OF_BOTH_WAYS)) {
            kept.keySet().removeAll(OF_BOTH_WAYS);
        }
        if (may.contains(Part.ANOMALIES_OF_ORDER)) {
            kept.keySet().removeAll(OF_ORDER);
        }
        // a second agent's copies and clock are told as what they are
        kept.keySet().removeIf(kind -> Set.of("DUPLICATE_CAPTURE", "CLOCK_SKEW").contains(kind.name()));
        return kept;
    }

    /** As captured if each were noted so much later. */
    private static List<Seen> inOrder(List<Seen> all, ToLongFunction<Seen> laterNs) {
        record Noted(long atNs, Seen seen) {}
        return all.stream()
                .map(s -> new Noted(s.segment().clockNs() + laterNs.applyAsLong(s), s))
                .sorted(Comparator.comparingLong(Noted::atNs))
                .map(noted -> noted.seen.notedAt(noted.atNs))
                .toList();
    }

    private static List<Seen> copied(List<Seen> all, long laterNs, long offNs) {
        record Placed(long atNs, Seen seen) {}
        List<Placed> placed = new ArrayList<>();
        for (Seen seen : all) {
            long atNs = seen.segment().clockNs();
            placed.add(new Placed(atNs, seen));
            placed.add(new Placed(atNs + laterNs, seen.later(laterNs + offNs).by("b")));
        }
        placed.sort(Comparator.comparingLong(Placed::atNs));
        return placed.stream().map(Placed::seen).toList();
    }

    /**
     * Up to two and a half seconds, fast or slow. With three, and no segment that both agents saw, two seconds of a half-closed
     * connection may look like the five at which that is told.
     */
    private static long shift(Random random) {
        return (random.nextBoolean() ? 1 : -1) * random.nextLong(2_500_000_000L);
    }
}
