package flowstate.capture.decode;

/** What is done about checksums; the constants are named as users write them. */
public enum Checksums {
    /** Each is summed where the whole segment was captured: some 125 ns for a full one, 18 ns for an ACK. */
    verify,
    /** None is looked at: {@link DecodedSegment#checksum} is unknown, and payload is not read. */
    ignore
}
