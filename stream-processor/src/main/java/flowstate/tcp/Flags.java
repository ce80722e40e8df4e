package flowstate.tcp;

/** The header's flag bits (RFC 9293 section 3.1; AE: RFC 9768), and how tcpdump prints them. */
public final class Flags {
    public static final int FIN = 1;
    public static final int SYN = 2;
    public static final int RST = 4;
    public static final int PSH = 8;
    public static final int ACK = 16;
    public static final int URG = 32;
    public static final int ECE = 64;
    public static final int CWR = 128;
    public static final int AE = 256;

    /** In the order in which tcpdump prints them. */
    private static final int[] BITS = {FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE};

    private static final String LETTERS = "FSRP.UEWe";

    private Flags() {}

    /** As tcpdump prints them: {@code S.} for SYN and ACK, {@code none} for no flag. */
    public static String text(int flags) {
        StringBuilder text = new StringBuilder(9);
        for (int i = 0; i < BITS.length; i++) {
            if ((flags & BITS[i]) != 0) {
                text.append(LETTERS.charAt(i));
            }
        }
        return text.length() == 0 ? "none" : text.toString();
    }

    /**
     * The flags that tcpdump would print so.
     *
     * @throws IllegalArgumentException if a letter is none of tcpdump's
     */
    public static int parse(String text) {
        int flags = 0;
        if (!text.equals("none")) {
            for (int i = 0; i < text.length(); i++) {
                int at = LETTERS.indexOf(text.charAt(i));
                if (at < 0) {
                    throw new IllegalArgumentException("no TCP flag is printed '" + text.charAt(i) + "': " + text);
                }
                flags |= BITS[at];
            }
        }
        return flags;
    }
}
