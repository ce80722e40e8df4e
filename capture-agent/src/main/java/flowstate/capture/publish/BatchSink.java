package flowstate.capture.publish;

/** Where finished batches go, in the order in which a partition is to hold them. */
@FunctionalInterface
interface BatchSink {

    /**
     * Takes one batch.
     *
     * @param partition where it belongs
     * @param batch encoded; is the taker's own
     * @param segments how many it holds
     * @throws PublishException if this or an earlier batch could not be published
     */
    void accept(int partition, byte[] batch, int segments) throws PublishException;

    /** No more batches come for a while: those that were taken may go. */
    default void pause() {}
}
