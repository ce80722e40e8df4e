package flowstate.topology;

import java.util.Set;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Makes the processor of each task, and brings its stores along. */
final class TrackingSupplier implements ProcessorSupplier<byte[], byte[], byte[], Object> {
    private final TrackerSettings settings;
    private final OpenConnections open;

    TrackingSupplier(TrackerSettings settings, OpenConnections open) {
        this.settings = settings;
        this.open = open;
    }

    @Override
    public Processor<byte[], byte[], byte[], Object> get() {
        return new TrackingProcessor(settings, open.ofPartition());
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
        return Stores.all();
    }
}
