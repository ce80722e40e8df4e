package flowstate.standalone;

import flowstate.capture.source.PacketSource;

/** The agent's side of a replay: publishes captures to flowstate.segments, one after the other. */
public interface FilePublisher extends AutoCloseable {

    /**
     * Publishes a capture to its end and waits until Kafka has all of it, the end of the capture included.
     *
     * @param capture the name under which its events appear
     * @param source its packets; the caller closes it
     * @throws StandaloneException if Kafka does not take it; a source that breaks off is part of the account instead
     */
    FileAccount publish(String capture, PacketSource source) throws StandaloneException, InterruptedException;

    /** Packets read so far from all captures; may be asked by any thread. */
    long packetsRead();

    /** Stops what is going on and frees what it holds. */
    @Override
    void close();
}
