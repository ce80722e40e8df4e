package flowstate.standalone;

import flowstate.capture.InterfaceOptions;
import flowstate.capture.LiveCapture;
import flowstate.capture.publish.Notices;
import flowstate.capture.publish.PublishException;
import flowstate.capture.publish.PublisherConfig;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.LiveOptions;
import flowstate.program.KafkaCluster;
import flowstate.schema.Topics;
import flowstate.standalone.OutgoingTopics.Mark;
import flowstate.topology.ProcessorApp;
import flowstate.topology.ProcessorConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Interfaces through the agent, an embedded Kafka and the processor to printed events, until the JVM is told to stop.
 * Then the capture ends, what was seen is processed and printed, and the account is told.
 */
final class LiveRun {
    private static final String AGENT = "live";
    private static final int PARTITIONS = 2;
    private static final int THREADS = 2;
    private static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);
    private static final Duration TOPICS_LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(50);
    /** Kafka's default: a twentieth of a core is saved where nothing happens, by not asking 50 times a second. */
    private static final Duration LONGEST_FETCH = Duration.ofMillis(500);

    private static final Duration FLUSH_LIMIT = Duration.ofSeconds(5);
    private static final long DRAIN_LIMIT_NS = Duration.ofSeconds(10).toNanos();
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final int HELD_EVENTS = 20_000;

    private final InterfaceOptions interfaces;
    private final LiveOptions live;
    private final PipelineOptions options;
    private final CommandSpec spec;
    private final PrintWriter err;
    private final EventPrinter printer;
    private final EventOrder order = new EventOrder(HELD_EVENTS);
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile boolean stopping;
    private long events;

    LiveRun(InterfaceOptions interfaces, LiveOptions live, PipelineOptions options, Writer out, CommandSpec spec) {
        this.interfaces = interfaces;
        this.live = live;
        this.options = options;
        this.spec = spec;
        this.err = spec.commandLine().getErr();
        this.printer = options.format().printer(out);
    }

    /**
     * Runs until the JVM is told to stop, which then ends with the signal's status.
     *
     * @throws StandaloneException if it cannot go on
     * @throws OutputClosedException if nobody reads the events any more
     */
    int run() throws StandaloneException, OutputClosedException, InterruptedException {
        try (EmbeddedBroker broker = EmbeddedBroker.start(
                options.temporaryFolder(), options.port(spec), EmbeddedBroker.DEFAULT_START_LIMIT)) {
            broker.beforeExit(this::stopAndWait);
            run(broker);
        } finally {
            drained.countDown();
        }
        return 0;
    }

    /** What the JVM waits for when it is told to stop. */
    private void stopAndWait() {
        stopping = true;
        try {
            drained.await(FLUSH_LIMIT.toNanos() + DRAIN_LIMIT_NS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(EmbeddedBroker broker) throws StandaloneException, OutputClosedException, InterruptedException {
        String servers = broker.bootstrapServers();
        try (Closing closing = new Closing(CLOSE_LIMIT)) {
            Admin admin = closing.add(Admin.create(Map.of("bootstrap.servers", servers)));
            Topics.create(admin, PARTITIONS, (short) 1, TOPICS_LIMIT);
            ProcessorApp processor = closing.add(processor(broker, servers));
            Notices notices = new Notices(this::say);
            LiveCapture capture = closing.add(LiveCapture.start(
                    PublisherConfig.of(KafkaCluster.at(servers, Map.of()), AGENT, options.checksumsLive()),
                    interfaces,
                    live,
                    null,
                    notices));
            OutgoingTopics outgoing = closing.add(new OutgoingTopics(
                    servers, admin, ProcessorConfig.DEFAULT_APPLICATION_ID, processor::isEnding, LONGEST_FETCH));
            say("captures " + String.join(", ", interfaces.interfaces()) + "; Ctrl-C ends it");
            while (!stopping) {
                check(broker, processor, capture);
                print(outgoing);
            }
            capture.close(FLUSH_LIMIT);
            drain(outgoing);
            err.println(capture.account().render(String.join(", ", interfaces.interfaces())));
            err.println("  printed: " + events + " events");
            err.flush();
            drained.countDown();
        } catch (CaptureException | PublishException e) {
            throw new StandaloneException(String.valueOf(e.getMessage()), e);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        } catch (ExecutionException | TimeoutException e) {
            throw new StandaloneException("cannot create the topics: " + Words.reason(e), e);
        } catch (KafkaException e) {
            throw new StandaloneException("the embedded Kafka does not answer as it should: " + Words.reason(e), e);
        } catch (IOException e) {
            throw ReplayRun.outputFailure(e);
        }
    }

    private ProcessorApp processor(EmbeddedBroker broker, String servers) {
        ProcessorApp app = new ProcessorApp(new ProcessorConfig(
                servers,
                ProcessorConfig.DEFAULT_APPLICATION_ID,
                "",
                broker.folder().resolve("streams"),
                options.tracker(),
                COMMIT_INTERVAL,
                THREADS,
                ProcessorSettings.LIVE));
        app.start();
        return app;
    }

    private void check(EmbeddedBroker broker, ProcessorApp processor, LiveCapture capture) throws StandaloneException {
        String brokerFailure = broker.failure().getNow(null);
        if (brokerFailure != null) {
            throw new StandaloneException(brokerFailure);
        }
        Throwable stopped = processor.failure();
        if (stopped != null) {
            throw new StandaloneException("the stream processor stopped: " + Words.reason(stopped), stopped);
        }
        if (capture.hasDied()) {
            throw new StandaloneException("a capture has ended by itself: this is a defect");
        }
    }

    /** Prints what has come; events that came together in the order of their times. */
    private void print(OutgoingTopics outgoing) throws IOException {
        for (Event event : outgoing.poll(POLL)) {
            events++;
            print(order.add(event));
        }
        print(order.finishAll());
        printer.flush();
    }

    private void print(Iterable<Event> some) throws IOException {
        for (Event event : some) {
            event.printTo(printer);
        }
    }

    private void drain(OutgoingTopics outgoing) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + DRAIN_LIMIT_NS;
        Mark end = outgoing.mark();
        while (!outgoing.reached(end)) {
            if (System.nanoTime() - deadlineNs >= 0) {
                say("not everything that was seen could be processed in time: the last events are missing");
                return;
            }
            print(outgoing);
        }
        print(outgoing);
    }

    private void say(String line) {
        err.println("flowstate: " + Words.oneLine(line));
        err.flush();
    }
}
