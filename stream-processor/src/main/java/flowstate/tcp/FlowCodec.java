package flowstate.tcp;

/** What an agent saw of one direction as octets: differences from the facts about both ends, which must be read before. */
final class FlowCodec {
    /** Above the bits of {@link Flow#has}. */
    private static final int BROKEN = 1 << 16;

    private static final int WINDOW = 1 << 17;
    private static final int DUPLICATES = 1 << 18;

    private FlowCodec() {}

    static void put(Octets out, Connection c, Observer o, boolean low) {
        Flow f = o.flow(low);
        int has = f.has
                | (f.unbroken != f.next ? BROKEN : 0)
                | (f.window != c.end(low).window ? WINDOW : 0)
                | (f.duplicates != 0 ? DUPLICATES : 0);
        out.put(has);
        out.put(f.next - sent(c, o, low));
        out.put(c.lastNs - f.latestNs);
        out.put(f.latestNs - f.nextNs);
        if (f.has(Flow.ACKED)) {
            out.put(f.acked - acknowledged(c, low));
        }
        if (f.has(Flow.OFFERED)) {
            out.put(f.rightEdge - acknowledged(c, low));
        }
        if ((has & BROKEN) != 0) {
            out.put(f.next - f.unbroken);
        }
        if ((has & WINDOW) != 0) {
            out.put(f.window);
        }
        if ((has & DUPLICATES) != 0) {
            out.put(f.duplicates);
        }
    }

    static void take(Octets in, Connection c, Observer o, boolean low) {
        Flow f = o.flow(low);
        int has = in.takeInt();
        f.has = has & (BROKEN - 1);
        f.next = in.takeInt() + sent(c, o, low);
        f.latestNs = c.lastNs - in.take();
        f.nextNs = f.latestNs - in.take();
        f.acked = f.has(Flow.ACKED) ? in.takeInt() + acknowledged(c, low) : 0;
        f.rightEdge = f.has(Flow.OFFERED) ? in.takeInt() + acknowledged(c, low) : 0;
        f.unbroken = f.next - ((has & BROKEN) != 0 ? in.takeInt() : 0);
        f.window = (has & WINDOW) != 0 ? in.takeInt() : c.end(low).window;
        f.duplicates = (has & DUPLICATES) != 0 ? in.takeInt() : 0;
    }

    /** Where {@link Flow#next} usually is. */
    private static int sent(Connection c, Observer o, boolean low) {
        return c.end(low).base + (int) o.tally(low).highest;
    }

    /** Where {@link Flow#acked} usually is. */
    private static int acknowledged(Connection c, boolean low) {
        End peer = c.end(!low);
        return peer.base + (int) peer.acked;
    }
}
