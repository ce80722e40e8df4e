package flowstate.query;

import flowstate.schema.ConnectionKey;
import flowstate.schema.LifecycleEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an instance knows: its own part of the live connections, and who has the others. Called by several threads at a
 * time.
 */
public interface Instances {

    /** Under which address the others know this instance. */
    HostPort self();

    /** What it is doing, in one word. */
    String state();

    /** Whether it works: it has its partitions, and their state is restored. */
    boolean isReady();

    /**
     * The instance that has the live connections of a key.
     *
     * @throws NotAvailableException while that is not settled
     */
    HostPort ownerOf(ConnectionKey key) throws NotAvailableException;

    /**
     * The connection of a key that is live on this instance, as of {@link LifecycleEvent#getAt() at}; what the record
     * says of an event means nothing. Null if there is none.
     *
     * @throws NotAvailableException if the key belongs to another instance, or its state is being restored
     */
    @Nullable
    LifecycleEvent live(ConnectionKey key) throws NotAvailableException;

    /**
     * All instances of the group, this one among them, by address.
     *
     * @throws NotAvailableException while that is not settled
     */
    List<Instance> all() throws NotAvailableException;
}
