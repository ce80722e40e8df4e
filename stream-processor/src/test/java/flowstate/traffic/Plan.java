package flowstate.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What a connection is to go through. The rest (sizes, pauses, latency, where the tap is, initial sequence numbers) comes
 * from the seed.
 *
 * @param opening how it begins
 * @param closing how it ends
 * @param serverCloses whether the server is the end that closes, or resets, first
 * @param trouble what goes wrong
 * @param seed of all other choices; the same plan gives the same segments
 */
public record Plan(Opening opening, Closing closing, boolean serverCloses, Trouble trouble, long seed) {

    /** How a connection begins. */
    public enum Opening {
        THREE_WAY,
        SIMULTANEOUS,
        FAST_OPEN,
        /** Nobody listens. */
        REFUSED,
        /** The SYN leads nowhere. */
        UNANSWERED,
        /** The client is gone after its SYN. */
        HALF_OPEN,
        /** The capture begins when it is open. */
        MIDSTREAM,
        /** The tap sees the client's packets only. */
        CLIENT_ONLY;

        boolean hasOneSyn() {
            return this == THREE_WAY || this == CLIENT_ONLY;
        }

        boolean opens() {
            return this != REFUSED && this != UNANSWERED && this != HALF_OPEN;
        }
    }

    /** How it ends. */
    public enum Closing {
        FOUR_SEGMENTS,
        THREE_SEGMENTS,
        SIMULTANEOUS,
        RESET,
        /** The end that closed first is gone, and data still comes. */
        RESET_AFTER_FIN,
        RESET_FOR_LAST_ACK,
        /** One end closes, the other sends on for hours. */
        HALF_CLOSED_FOR_HOURS,
        /** Not within the capture. */
        NONE;

        boolean isOrderly() {
            return this == FOUR_SEGMENTS || this == THREE_SEGMENTS || this == SIMULTANEOUS;
        }
    }

    /** Whether the parts make sense together. */
    public boolean isPossible() {
        if (!opening.opens()) {
            return closing == Closing.NONE && trouble == Trouble.NONE && !serverCloses;
        }
        if (opening == Opening.CLIENT_ONLY && closing == Closing.HALF_CLOSED_FOR_HOURS) {
            return false; // whether a FIN was acknowledged cannot be seen, so it is not waited for
        }
        boolean plain = opening == Opening.THREE_WAY;
        return switch (trouble.where()) {
            case NOWHERE -> true;
            case HANDSHAKE -> plain;
            // who opened shows only in the order where both did, or where no SYN was seen
            case TALK -> plain || (trouble == Trouble.CAPTURED_LATE && opening.hasOneSyn());
            case CLOSE -> plain && closing.isOrderly() && closing != Closing.SIMULTANEOUS;
            // a forged RST that is believed is itself the end
            case DEADLY -> plain && closing == Closing.NONE;
        };
    }

    /** Every possible plan once, with seeds from {@code seed} on. */
    public static List<Plan> all(long seed) {
        List<Plan> plans = new ArrayList<>();
        for (Opening opening : Opening.values()) {
            for (Closing closing : Closing.values()) {
                for (Trouble trouble : Trouble.values()) {
                    for (boolean server : new boolean[] {false, true}) {
                        Plan plan = new Plan(opening, closing, server, trouble, seed + plans.size());
                        if (plan.isPossible()) {
                            plans.add(plan);
                        }
                    }
                }
            }
        }
        return plans;
    }

    /** A possible plan, each as likely. */
    public static Plan random(Random random) {
        List<Plan> all = Holder.ALL;
        Plan shape = all.get(random.nextInt(all.size()));
        return new Plan(shape.opening, shape.closing, shape.serverCloses, shape.trouble, random.nextLong());
    }

    private static final class Holder {
        private static final List<Plan> ALL = all(0);
    }
}
