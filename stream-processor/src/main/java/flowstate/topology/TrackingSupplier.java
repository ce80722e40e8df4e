package flowstate.topology;

import flowstate.tcp.Timers;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Makes the processor of each task, and brings its stores along. */
final class TrackingSupplier implements ProcessorSupplier<byte[], byte[], byte[], Object> {
    private final Timers timers;
    private final Duration observerLostAfter;
    private final Limits limits;
    private final OpenConnections open;

    TrackingSupplier(Timers timers, Duration observerLostAfter, Limits limits, OpenConnections open) {
        this.open = open;
        this.timers = timers;
        this.limits = limits;
        this.observerLostAfter = observerLostAfter;
    }

    @Override
    public Processor<byte[], byte[], byte[], Object> get() {
        return new TrackingProcessor(timers, observerLostAfter, limits, open.ofPartition());
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
        return Stores.all();
    }
}
