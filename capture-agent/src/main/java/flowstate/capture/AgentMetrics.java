package flowstate.capture;

import flowstate.capture.decode.SkipReason;
import flowstate.capture.publish.LiveAccount;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The counts of a live capture as Prometheus reads them, and the JVM's memory and CPU time. All counts of one answer are
 * of one moment, so that they balance. Thread-safe.
 */
final class AgentMetrics implements AutoCloseable {
    private static final String PREFIX = "flowstate.agent.";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Supplier<LiveAccount> accounts;
    private final LongSupplier unwritten;
    private volatile LiveAccount account;

    AgentMetrics(Supplier<LiveAccount> accounts, LongSupplier unwritten) {
        this.accounts = accounts;
        this.unwritten = unwritten;
        this.account = accounts.get();
        counter("seen.packets", "Packets that the kernel handed out.", LiveAccount::seen);
        counter("recovered.segments", "Segments that an earlier run left in the spool.", LiveAccount::recovered);
        counter("published.segments", "Segments that the broker has acknowledged.", LiveAccount::published);
        counter("published.batches", "Records that carried them.", LiveAccount::batches);
        counter("own.segments", "Segments by which agents publish: not published.", LiveAccount::own);
        counter("lost.segments", "Segments for which there was no room.", LiveAccount::lost);
        counter("kernel.dropped.packets", "Packets that came too fast.", LiveAccount::droppedByKernel);
        counter("interface.dropped.packets", "Packets that the interface dropped.", LiveAccount::droppedByInterface);
        FunctionCounter.builder(PREFIX + "unwritten.packets", this, metrics -> metrics.unwritten.getAsLong())
                .description("Packets that the disk did not take of what --write keeps.")
                .register(registry);
        for (SkipReason reason : SkipReason.values()) {
            FunctionCounter.builder(
                            PREFIX + "skipped.packets",
                            this,
                            metrics -> metrics.account.skipped().getOrDefault(reason, 0L))
                    .description("Packets that are no TCP segments, by reason.")
                    .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        gauge("pending.segments", "Segments on their way to the broker.", LiveAccount::pending);
        gauge("spooled.segments", "Those of them that are on disk only.", LiveAccount::spooled);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
    }

    private void counter(String name, String help, ToLongFunction<LiveAccount> count) {
        FunctionCounter.builder(PREFIX + name, this, metrics -> count.applyAsLong(metrics.account))
                .description(help)
                .register(registry);
    }

    private void gauge(String name, String help, ToLongFunction<LiveAccount> count) {
        Gauge.builder(PREFIX + name, this, metrics -> count.applyAsLong(metrics.account))
                .description(help)
                .register(registry);
    }

    /** All of them at this moment, in Prometheus' text format, version 0.0.4. */
    synchronized String scrape() {
        account = accounts.get();
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
