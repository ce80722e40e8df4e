package flowstate.tcp;

/**
 * What was seen, in order, in Zeek's letters: upper case from the originator, lower case from the responder. S SYN, H
 * SYN-ACK, A acknowledgement, D data, F FIN, R RST, G gap, T retransmitted payload, W zero window, C bad checksum, I FIN and RST, Q two
 * other flags that exclude each other, ^ the roles are not those of the first segment.
 *
 * <p>A, D, I and Q come once per direction; S, H, F and R again when the sequence number differs; C, G, T and W at 1, 10,
 * 100 and so on.
 */
final class History {
    /** More than any sound connection has; what hostile ones add beyond is left out. */
    private static final int MAX_LENGTH = 64;

    private static final int SYN_BIT = 1;
    private static final int FIN_BIT = 2;
    private static final int RST_BIT = 4;
    private static final int ACK_BIT = 8;
    private static final int DATA_BIT = 16;
    private static final int FIN_RST_BIT = 32;
    private static final int MULTIPLE_BIT = 64;

    /** What one direction has shown. */
    static final class Direction {
        int shown;
        long lastSyn;
        long lastFin;
        long lastRst;
        long gaps;
        long retransmissions;
        long zeroWindows;
        long badChecksums;
    }

    final StringBuilder letters = new StringBuilder(16);
    final Direction low = new Direction();
    final Direction high = new Direction();

    /** Adds what the flags of a segment at {@code position} say. */
    void segment(Segment s, long position, boolean fromOriginator) {
        Direction d = s.fromLow() ? low : high;
        int kinds = Integer.bitCount(s.flags() & (Flags.SYN | Flags.FIN | Flags.RST));
        if (kinds > 1) {
            boolean finRst = s.has(Flags.FIN) && s.has(Flags.RST);
            once(d, finRst ? FIN_RST_BIT : MULTIPLE_BIT, finRst ? 'I' : 'Q', fromOriginator);
        } else if (s.has(Flags.SYN)) {
            char letter = s.has(Flags.ACK) ? 'H' : 'S';
            if (!once(d, SYN_BIT, letter, fromOriginator) && position != d.lastSyn) {
                append(letter, fromOriginator);
            }
            d.lastSyn = position;
        } else if (s.has(Flags.FIN)) {
            long end = position + s.payload();
            if (!once(d, FIN_BIT, 'F', fromOriginator) && end != d.lastFin) {
                append('F', fromOriginator);
            }
            d.lastFin = end;
        } else if (s.has(Flags.RST)) {
            if (!once(d, RST_BIT, 'R', fromOriginator) && position != d.lastRst) {
                append('R', fromOriginator);
            }
            d.lastRst = position;
        } else if (s.payload() > 0) {
            once(d, DATA_BIT, 'D', fromOriginator);
        } else if (s.has(Flags.ACK)) {
            once(d, ACK_BIT, 'A', fromOriginator);
        }
    }

    /** Another SYN takes the place of the first: both are at 0, and yet not the same. */
    void synMoves(boolean fromLow) {
        (fromLow ? low : high).lastSyn = -1;
    }

    void zeroWindow(boolean fromLow, boolean fromOriginator) {
        if (Logarithm.isMark(++(fromLow ? low : high).zeroWindows)) {
            append('W', fromOriginator);
        }
    }

    void retransmission(boolean fromLow, boolean fromOriginator) {
        if (Logarithm.isMark(++(fromLow ? low : high).retransmissions)) {
            append('T', fromOriginator);
        }
    }

    void badChecksum(boolean fromLow, boolean fromOriginator) {
        if (Logarithm.isMark(++(fromLow ? low : high).badChecksums)) {
            append('C', fromOriginator);
        }
    }

    void gaps(int more, boolean fromLow, boolean fromOriginator) {
        Direction d = fromLow ? low : high;
        for (int i = 0; i < more; i++) {
            if (Logarithm.isMark(++d.gaps)) {
                append('G', fromOriginator);
            }
        }
    }

    void flipped() {
        letters.append('^');
    }

    private boolean once(Direction d, int bit, char letter, boolean fromOriginator) {
        if ((d.shown & bit) != 0) {
            return false;
        }
        d.shown |= bit;
        append(letter, fromOriginator);
        return true;
    }

    private void append(char letter, boolean fromOriginator) {
        if (letters.length() < MAX_LENGTH) {
            letters.append(fromOriginator ? letter : Character.toLowerCase(letter));
        }
    }
}
