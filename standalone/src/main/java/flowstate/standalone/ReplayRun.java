package flowstate.standalone;

import flowstate.capture.source.CaptureException;
import flowstate.capture.source.PacketSource;
import flowstate.schema.Topics;
import flowstate.standalone.OutgoingTopics.Mark;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * One replay: files through the agent, an embedded Kafka and the processor to printed events.
 *
 * <p>One thread publishes the files in turn; the caller's prints what arrives. A capture is complete, and its events are
 * put in order and printed, when the processor has committed its input up to where the file ended and all that had been
 * written to the outgoing topics by then has been read.
 */
final class ReplayRun {
    static final int PARTITIONS = 2;
    private static final Duration TOPICS_LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(50);
    /** With Kafka's default of 500 ms a replay would end that much later. */
    static final Duration LONGEST_FETCH = Duration.ofMillis(20);

    private static final Duration STALL_LIMIT = Duration.ofSeconds(60);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(15);
    // about 600 octets each
    private static final int HELD_EVENTS = 50_000;

    private final ReplayOptions options;
    private final ReplayParts parts;
    private final PrintWriter err;
    private final EventPrinter printer;
    private final EventOrder order = new EventOrder(HELD_EVENTS);
    private final Map<String, Counts> counts = new HashMap<>();
    private final Queue<Outcome> published = new ConcurrentLinkedQueue<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private final long startedNs = System.nanoTime();
    private volatile @Nullable StandaloneException publishFailure;
    private long publishingNs;
    private long endedNs;

    /** How one file ended: with an account if it could be opened, with a problem if it could not be read to its end. */
    private record Outcome(
            Path file,
            @Nullable FileAccount account,
            @Nullable String problem) {
        String capture() {
            return file.toString();
        }
    }

    private static final class Counts {
        long events;
        long anomalies;
    }

    ReplayRun(ReplayOptions options, ReplayParts parts, Writer out, PrintWriter err) {
        this.options = options;
        this.parts = parts;
        this.err = err;
        this.printer = options.format().printer(out);
    }

    /**
     * Runs to the end.
     *
     * @return the exit status: 0, or 1 if a file could not be read to its end
     * @throws StandaloneException if it cannot go on
     * @throws OutputClosedException if nobody reads the events any more
     */
    int run() throws StandaloneException, OutputClosedException, InterruptedException {
        Deque<Path> files = new ArrayDeque<>(options.files());
        PacketSource first = openNext(files);
        if (first == null) {
            outcomes.addAll(published);
            return report();
        }
        try (first;
                EmbeddedBroker broker = EmbeddedBroker.start(
                        options.temporaryFolder(), options.port(), EmbeddedBroker.DEFAULT_START_LIMIT)) {
            replay(broker, first, files);
        }
        return report();
    }

    /** Opens the first of the files that can be opened, and leaves it at the head; null if none can. */
    private @Nullable PacketSource openNext(Deque<Path> files) {
        for (Path file = files.peek(); file != null; file = files.peek()) {
            try {
                return parts.open(file);
            } catch (CaptureException e) {
                published.add(new Outcome(file, null, e.getMessage()));
                files.remove();
            }
        }
        return null;
    }

    private void replay(EmbeddedBroker broker, PacketSource first, Deque<Path> files)
            throws StandaloneException, OutputClosedException, InterruptedException {
        String servers = broker.bootstrapServers();
        try (Closing closing = new Closing(CLOSE_LIMIT)) {
            Admin admin = closing.add(Admin.create(Map.of("bootstrap.servers", servers)));
            createTopics(admin);
            SegmentProcessor processor =
                    closing.add(parts.processor(servers, broker.folder().resolve("streams")));
            FilePublisher publisher = closing.add(parts.publisher(servers));
            OutgoingTopics outgoing = closing.add(
                    new OutgoingTopics(servers, admin, processor.applicationId(), processor::isEnding, LONGEST_FETCH));
            Thread publishing = new Thread(() -> publishAll(publisher, first, files), "flowstate-publish");
            publishing.setDaemon(true);
            publishingNs = System.nanoTime();
            publishing.start();
            closing.add(publishing::interrupt);
            follow(new Health(broker, processor), publisher, publishing, outgoing);
        } catch (StandaloneException | KafkaException e) {
            if (broker.isClosing()) {
                // not by this: the JVM is told to stop, and Kafka's parts fail in any order
                throw new InterruptedException("told to stop");
            }
            String brokerFailure = broker.failure().getNow(null);
            if (brokerFailure != null) {
                // the others only see that nobody answers
                throw new StandaloneException(brokerFailure, e);
            }
            if (e instanceof StandaloneException known) {
                throw known;
            }
            throw new StandaloneException("the embedded Kafka does not answer as it should: " + Words.reason(e), e);
        } catch (IOException e) {
            throw outputFailure(e);
        }
    }

    private static void createTopics(Admin admin) throws StandaloneException, InterruptedException {
        try {
            Topics.create(admin, PARTITIONS, (short) 1, TOPICS_LIMIT);
        } catch (ExecutionException | TimeoutException e) {
            throw new StandaloneException("cannot create the topics: " + Words.reason(e), e);
        }
    }

    private void publishAll(FilePublisher publisher, PacketSource first, Deque<Path> files) {
        try {
            publish(publisher, first, files.remove());
            for (PacketSource next = openNext(files); next != null; next = openNext(files)) {
                try (PacketSource source = next) {
                    publish(publisher, source, files.remove());
                }
            }
        } catch (StandaloneException e) {
            publishFailure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            publishFailure = new StandaloneException("interrupted while publishing", e);
        } catch (RuntimeException | Error e) {
            // a defect, but one that must not leave the other thread waiting
            publishFailure = new StandaloneException("publishing failed unexpectedly: " + e, e);
        }
    }

    private void publish(FilePublisher publisher, PacketSource source, Path file)
            throws StandaloneException, InterruptedException {
        FileAccount account = publisher.publish(file.toString(), source);
        published.add(new Outcome(file, account, account.brokenOff()));
    }

    /** What must be well while a replay runs. */
    private record Health(EmbeddedBroker broker, SegmentProcessor processor) {
        void check(@Nullable StandaloneException publishFailure) throws StandaloneException {
            // the broker first: when it is gone, the others fail too, and know less about why
            if (broker.failure().isDone()) {
                throw new StandaloneException(broker.failure().join());
            }
            String stopped = processor.failure();
            if (stopped != null) {
                throw new StandaloneException("the stream processor stopped: " + stopped);
            }
            if (publishFailure != null) {
                throw publishFailure;
            }
        }
    }

    private void follow(Health health, FilePublisher publisher, Thread publishing, OutgoingTopics outgoing)
            throws StandaloneException, InterruptedException, IOException {
        Progress progress = new Progress(err, options.watched(), startedNs);
        Stall stall = new Stall(STALL_LIMIT, System.nanoTime());
        // files that were published after the mark, and up to it
        List<Outcome> waiting = new ArrayList<>();
        List<Outcome> ending = List.of();
        Mark mark = null;
        long events = 0;
        while (true) {
            // asked before the queue is emptied: what a thread that has ended left there is seen then
            boolean allPublished = !publishing.isAlive();
            health.check(publishFailure);
            for (Event event : outgoing.poll(POLL)) {
                count(event);
                print(order.add(event));
                events++;
            }
            for (Outcome next = published.poll(); next != null; next = published.poll()) {
                outcomes.add(next);
                waiting.add(next);
            }
            if (mark == null && !waiting.isEmpty()) {
                mark = outgoing.mark();
                ending = waiting;
                waiting = new ArrayList<>();
            }
            if (mark != null && outgoing.reached(mark)) {
                for (Outcome ended : ending) {
                    print(order.finish(ended.capture()));
                }
                printer.flush();
                mark = null;
            }
            if (allPublished && mark == null && waiting.isEmpty()) {
                break;
            }
            long nowNs = System.nanoTime();
            stall.check(nowNs, publisher.packetsRead(), outgoing.progress());
            progress.tell(
                    nowNs,
                    publisher.packetsRead(),
                    events,
                    outcomes.size(),
                    options.files().size());
        }
        health.check(publishFailure);
        print(order.finishAll());
        printer.flush();
        endedNs = System.nanoTime();
    }

    private void count(Event event) {
        Counts ofCapture = counts.computeIfAbsent(event.capture(), name -> new Counts());
        if (event instanceof Event.Lifecycle) {
            ofCapture.events++;
        } else {
            ofCapture.anomalies++;
        }
    }

    private void print(List<Event> events) throws IOException {
        for (Event event : events) {
            event.printTo(printer);
        }
    }

    /** Says what became of each file. */
    private int report() {
        int status = 0;
        long packets = 0;
        Map<String, Outcome> lastOfName = new HashMap<>();
        outcomes.forEach(outcome -> lastOfName.put(outcome.capture(), outcome));
        for (Outcome outcome : outcomes) {
            FileAccount account = outcome.account();
            if (account != null) {
                packets += account.packets();
                err.println(account.text());
                // a file that was given twice is one name to its events
                if (lastOfName.get(outcome.capture()) == outcome) {
                    Counts printed = counts.getOrDefault(outcome.capture(), new Counts());
                    err.println(String.format(
                            Locale.ROOT, "  printed: events %,d, anomalies %,d", printed.events, printed.anomalies));
                }
                if (!account.balances()) {
                    status = 1;
                }
            }
            String problem = outcome.problem();
            if (problem != null) {
                err.println("flowstate: " + problem);
                status = 1;
            }
        }
        if (publishingNs != 0) {
            // without the broker's start, which has nothing to do with how long a capture is
            double seconds = (endedNs - publishingNs) / 1e9;
            err.println(String.format(
                    Locale.ROOT,
                    "%,d of %,d files, %,d packets in %.1f s, %,.0f packets/s",
                    outcomes.stream().filter(o -> o.account() != null).count(),
                    options.files().size(),
                    packets,
                    seconds,
                    packets / seconds));
        }
        err.flush();
        return status;
    }

    /** A reader that has gone is told apart from a full disk. */
    static StandaloneException outputFailure(IOException e) throws OutputClosedException {
        String message = e.getMessage();
        if (message != null && (message.contains("Broken pipe") || message.contains("closed"))) {
            throw new OutputClosedException(e);
        }
        return new StandaloneException("cannot write the events to stdout: " + Words.reason(e), e);
    }
}
