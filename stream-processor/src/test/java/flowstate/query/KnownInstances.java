package flowstate.query;

import flowstate.schema.ConnectionKey;
import flowstate.schema.LifecycleEvent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A group whose division of work is given instead of coming from Kafka.
 *
 * @param owner who has all connections; null while that is not settled
 * @param live what is live on this instance; null while it is being restored
 */
record KnownInstances(
        HostPort self,
        boolean isReady,
        @Nullable HostPort owner,
        @Nullable Map<ConnectionKey, LifecycleEvent> live,
        List<Instance> all)
        implements Instances {

    /** An instance that has everything. */
    static KnownInstances alone(HostPort self, LifecycleEvent... live) {
        return owning(self, self, live);
    }

    /** An instance that thinks that {@code owner} has everything. */
    static KnownInstances owning(HostPort self, HostPort owner, LifecycleEvent... live) {
        Map<ConnectionKey, LifecycleEvent> byKey = live.length == 0 ? Map.of() : Map.of(LiveConnection.KEY, live[0]);
        return new KnownInstances(self, true, owner, byKey, List.of(new Instance(owner, List.of(0, 1, 2), List.of())));
    }

    /** An instance while partitions are moving. */
    static KnownInstances unsettled(HostPort self) {
        return new KnownInstances(self, false, null, null, List.of());
    }

    @Override
    public String state() {
        return isReady ? "RUNNING" : "REBALANCING";
    }

    @Override
    public HostPort ownerOf(ConnectionKey key) throws NotAvailableException {
        if (owner == null) {
            throw new NotAvailableException("partitions are moving");
        }
        return owner;
    }

    @Override
    public @Nullable LifecycleEvent live(ConnectionKey key) throws NotAvailableException {
        if (live == null) {
            throw new NotAvailableException("state is being restored");
        }
        return live.get(key);
    }
}
