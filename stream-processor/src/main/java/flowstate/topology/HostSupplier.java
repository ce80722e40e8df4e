package flowstate.topology;

import flowstate.hosts.HostCodec;
import flowstate.hosts.HostWatch;
import flowstate.schema.Anomaly;
import java.util.Set;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Makes the processor of hosts of each task, and brings its store along. */
final class HostSupplier implements ProcessorSupplier<byte[], byte[], byte[], Anomaly> {
    /** As long as their limit allows no host is read from the disk. */
    private static final int HOSTS_ON_HEAP = HostProcessor.MOST_HOSTS;

    private final Limits limits;

    HostSupplier(Limits limits) {
        this.limits = limits;
    }

    @Override
    public Processor<byte[], byte[], byte[], Anomaly> get() {
        return new HostProcessor(limits);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
        return Set.of(WriteBackStore.builder(Stores.HOSTS, serde(), HOSTS_ON_HEAP, 0));
    }

    private static Serde<HostWatch> serde() {
        return Serdes.serdeFrom((topic, watch) -> watch == null ? null : HostCodec.encode(watch), (topic, bytes) -> {
            try {
                return bytes == null ? null : HostCodec.watch(bytes);
            } catch (IllegalArgumentException e) {
                throw new SerializationException(e.getMessage(), e);
            }
        });
    }
}
