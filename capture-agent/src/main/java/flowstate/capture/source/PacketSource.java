package flowstate.capture.source;

/** A sequence of captured packets with an end. Not thread-safe. */
public interface PacketSource extends AutoCloseable {

    /**
     * Fills {@code packet} with the next packet.
     *
     * @return false if there are no more
     * @throws CaptureException if the source breaks off: everything before was given out, nothing comes after
     */
    boolean next(RawPacket packet) throws CaptureException;

    /** Frees what the source holds; does nothing the second time. */
    @Override
    void close();
}
