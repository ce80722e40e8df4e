package flowstate.tcp;

/** How much it takes to make a connection look as it does; in the order in which they are let go of for lack of room. */
public enum Standing {
    /** One packet: it was never established, or is over by a RST. */
    ATTEMPT,
    /** One packet: it seems established, but one end alone was seen. */
    ONE_SIDED,
    /** Both ends have talked, so neither address is made up. */
    PROVEN
}
