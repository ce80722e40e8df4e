package flowstate.topology;

import flowstate.tcp.Standing;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Locale;

/**
 * What an instance says of itself to Prometheus: its connections, Kafka Streams' own metrics, the JVM's memory and CPU
 * time. Thread-safe.
 */
final class InstanceMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final KafkaStreamsMetrics ofStreams;

    InstanceMetrics(ProcessorApp app) {
        for (Standing standing : Standing.values()) {
            Gauge.builder("flowstate.processor.connections", app, each -> each.open(standing))
                    .description("Connections that are held: attempts that were not completed or are over by a RST,"
                            + " those of which one end only was seen, and all others (proven).")
                    .tag("state", standing.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        ofStreams = new KafkaStreamsMetrics(app.streams());
        ofStreams.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
    }

    /** All of them, in Prometheus' text format, version 0.0.4. */
    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        ofStreams.close();
        registry.close();
    }
}
