package flowstate.capture.source;

/**
 * One interface of a pcapng section: what its packets' first octets mean and what a tick of its clock is.
 *
 * @param linkType LINKTYPE_ value
 * @param snapLength most octets captured of a packet; 0: no limit
 * @param resolution if_tsresol as in the file: a negative power of 10, or of 2 if the top bit is set
 * @param offsetSeconds if_tsoffset: what to add to every time
 */
record PcapngInterface(int linkType, long snapLength, int resolution, long offsetSeconds) {
    /** Microseconds, which hold where the file says nothing. */
    static final int DEFAULT_RESOLUTION = 6;

    /** 10^-19 s is the finest decimal unit whose second fits into 64 bits. */
    private static final int FINEST_DECIMAL = 19;

    private static final int FINEST_BINARY = 63;
    private static final int BINARY = 0x80;
    private static final int NANOSECONDS_EXPONENT = 9;
    private static final long SECOND_NS = 1_000_000_000;
    private static final long[] POWERS_OF_TEN = powersOfTen();

    /** Whether times of that resolution can be told. */
    static boolean isSupported(int resolution) {
        return (resolution & BINARY) == 0 ? resolution <= FINEST_DECIMAL : (resolution & ~BINARY) <= FINEST_BINARY;
    }

    /**
     * Nanoseconds since 1970.
     *
     * @param ticks unsigned
     * @return the nearest {@code long} where the time does not fit, centuries from now
     */
    long nanoseconds(long ticks) {
        long ns = (resolution & BINARY) == 0 ? decimal(ticks, resolution) : binary(ticks, resolution & ~BINARY);
        return offsetSeconds == 0 ? ns : plusSeconds(ns, offsetSeconds);
    }

    private static long decimal(long ticks, int exponent) {
        if (exponent > NANOSECONDS_EXPONENT) {
            return Long.divideUnsigned(ticks, POWERS_OF_TEN[exponent - NANOSECONDS_EXPONENT]);
        }
        return times(ticks, POWERS_OF_TEN[NANOSECONDS_EXPONENT - exponent]);
    }

    private static long binary(long ticks, int exponent) {
        long seconds = ticks >>> exponent;
        long fraction = ticks & ((1L << exponent) - 1);
        // fraction * 10^9 has up to 93 bits: take the upper and the lower word of the product and shift them together
        long upper = Math.multiplyHigh(fraction, SECOND_NS);
        long lower = fraction * SECOND_NS;
        long fractionNs = exponent == 0 ? 0 : upper << (Long.SIZE - exponent) | lower >>> exponent;
        long ns = times(seconds, SECOND_NS);
        return ns > Long.MAX_VALUE - fractionNs ? Long.MAX_VALUE : ns + fractionNs;
    }

    /** @param value unsigned */
    private static long times(long value, long factor) {
        return Long.compareUnsigned(value, Long.MAX_VALUE / factor) > 0 ? Long.MAX_VALUE : value * factor;
    }

    private static long plusSeconds(long ns, long seconds) {
        long limit = Long.MAX_VALUE / SECOND_NS;
        long shift = Math.max(-limit, Math.min(limit, seconds)) * SECOND_NS;
        return shift > 0 && ns > Long.MAX_VALUE - shift ? Long.MAX_VALUE : ns + shift;
    }

    private static long[] powersOfTen() {
        long[] powers = new long[FINEST_DECIMAL];
        powers[0] = 1;
        for (int i = 1; i < powers.length; i++) {
            powers[i] = powers[i - 1] * 10;
        }
        return powers;
    }
}
