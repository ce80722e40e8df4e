package flowstate.topology;

import flowstate.schema.SegmentBatch;
import flowstate.tcp.Timers;
import java.time.Duration;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Makes the processor of each task, and brings its stores along. */
final class TrackingSupplier implements ProcessorSupplier<byte[], SegmentBatch, byte[], SpecificRecord> {
    private final Timers timers;
    private final Duration observerLostAfter;

    TrackingSupplier(Timers timers, Duration observerLostAfter) {
        this.timers = timers;
        this.observerLostAfter = observerLostAfter;
    }

    @Override
    public Processor<byte[], SegmentBatch, byte[], SpecificRecord> get() {
        return new TrackingProcessor(timers, observerLostAfter);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
        return Stores.all();
    }
}
