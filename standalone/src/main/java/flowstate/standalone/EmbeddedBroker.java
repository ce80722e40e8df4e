package flowstate.standalone;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker and controller (KRaft) in this JVM, on 127.0.0.1 only unless told otherwise, with a folder of its own
 * that is deleted with it: on {@link #close}, and also when the JVM is told to stop.
 *
 * <p>It is Kafka's own {@code KafkaRaftServer} on storage made by Kafka's own {@code Formatter}, with settings for one
 * node that lives for minutes. There is no authentication: while it runs, every user of this machine can reach it. A
 * fatal error inside Kafka, which would end the JVM without a word, completes {@link #failure} instead; Kafka's exit
 * procedure is one per JVM, so of several brokers the last one started is told. Thread-safe.
 */
public final class EmbeddedBroker implements AutoCloseable {
    /** How long a start may take by default. A start takes 2 to 4 s; one that cannot succeed may wait silently. */
    public static final Duration DEFAULT_START_LIMIT = Duration.ofSeconds(60);

    /** Stands for a free port of the system's choice. */
    public static final int FREE_PORT = 0;

    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    // a port found free may be taken before the broker binds it: then other ports are tried
    private static final int FREE_PORT_ATTEMPTS = 3;

    private final TemporaryFolder folder;
    private final String host;
    private final int port;
    private final CompletableFuture<String> failure = new CompletableFuture<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Runnable beforeExit = () -> {};
    private final Thread onExit = new Thread(this::exit, "flowstate-broker-exit");
    private final CountDownLatch startEnded = new CountDownLatch(1);
    private @Nullable Thread starter;
    private @Nullable KafkaRaftServer server;
    private boolean closing;

    private EmbeddedBroker(TemporaryFolder folder, String host, int port) {
        this.folder = folder;
        this.host = host;
        this.port = port;
    }

    /**
     * Starts a broker and waits until it answers.
     *
     * @param parent where its folder is made; must exist
     * @param port where clients reach it, 1 to 65535, or {@link #FREE_PORT}
     * @param limit how long the start may take
     * @throws StandaloneException if the port is taken, the folder cannot be written, or the limit is over; nothing is
     *     left behind then
     */
    public static EmbeddedBroker start(Path parent, int port, Duration limit) throws StandaloneException {
        return start(parent, LOOPBACK, port, limit);
    }

    /** The same on another address of this host, where all who reach that can use it. */
    static EmbeddedBroker start(Path parent, String host, int port, Duration limit) throws StandaloneException {
        for (int attempt = 1; ; attempt++) {
            if (port != FREE_PORT) {
                requireFree(host, port);
            }
            try {
                return startOn(parent, host, port == FREE_PORT ? freePort(host) : port, limit);
            } catch (StandaloneException e) {
                if (attempt == FREE_PORT_ATTEMPTS || !isAddressInUse(e)) {
                    throw e;
                }
            }
        }
    }

    private static EmbeddedBroker startOn(Path parent, String host, int port, Duration limit)
            throws StandaloneException {
        EmbeddedBroker broker = new EmbeddedBroker(TemporaryFolder.in(parent), host, port);
        try {
            Runtime.getRuntime().addShutdownHook(broker.onExit);
        } catch (IllegalStateException e) {
            broker.folder.close();
            throw new StandaloneException("interrupted while the embedded Kafka broker was starting", e);
        }
        boolean started = false;
        try {
            broker.run(limit);
            started = true;
            return broker;
        } finally {
            if (!started) {
                broker.close();
            }
        }
    }

    private void run(Duration limit) throws StandaloneException {
        Exit.setExitProcedure(this::fail);
        Exit.setHaltProcedure(this::fail);
        CompletableFuture<Void> start = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        startServer();
                        start.complete(null);
                    } catch (Throwable e) {
                        start.completeExceptionally(e);
                    } finally {
                        startEnded.countDown();
                    }
                },
                "flowstate-broker-start");
        thread.setDaemon(true);
        synchronized (this) {
            starter = thread;
        }
        thread.start();
        failure.thenAccept(why -> start.completeExceptionally(new StandaloneException(why)));
        try {
            start.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failedStart(Objects.requireNonNullElse(e.getCause(), e));
        } catch (TimeoutException e) {
            throw new StandaloneException(
                    "the embedded Kafka broker did not start within " + limit.toSeconds()
                            + " s: see with --verbose what it waits for",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StandaloneException("interrupted while the embedded Kafka broker was starting", e);
        }
    }

    private void startServer() throws Exception {
        int controllerPort = freePort(LOOPBACK);
        while (controllerPort == port) {
            // nothing listens on either yet, and Kafka wants two numbers
            controllerPort = freePort(LOOPBACK);
        }
        Path logs = folder.path().resolve("kafka");
        Properties settings = settings(host, port, controllerPort, logs);
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(nowhere)
                    .setNodeId(1)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(logs.toString())
                    .addDirectory(logs.toString())
                    .run();
        }
        KafkaRaftServer created = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        synchronized (this) {
            if (closing) {
                return;
            }
            server = created;
        }
        created.startup();
    }

    private static Properties settings(String host, int port, int controllerPort, Path logs) {
        Properties p = new Properties();
        p.put("process.roles", "broker,controller");
        p.put("node.id", "1");
        p.put("controller.quorum.voters", "1@" + LOOPBACK + ":" + controllerPort);
        p.put("listeners", "PLAINTEXT://" + host + ":" + port + ",CONTROLLER://" + LOOPBACK + ":" + controllerPort);
        p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.put("inter.broker.listener.name", "PLAINTEXT");
        p.put("controller.listener.names", "CONTROLLER");
        p.put("log.dirs", logs.toString());

        // one node: nobody to copy to, and nobody to hand leadership to at the end
        p.put("default.replication.factor", "1");
        p.put("offsets.topic.replication.factor", "1");
        p.put("transaction.state.log.replication.factor", "1");
        p.put("transaction.state.log.min.isr", "1");
        p.put("share.coordinator.state.topic.replication.factor", "1");
        p.put("share.coordinator.state.topic.min.isr", "1");
        p.put("controlled.shutdown.enable", "false");

        // one application: 50 partitions for its offsets and 50 for its transactions would only take time to make
        p.put("offsets.topic.num.partitions", "1");
        p.put("transaction.state.log.num.partitions", "1");
        p.put("share.coordinator.state.topic.num.partitions", "1");
        // nobody else will join the group, so there is nobody to wait for
        p.put("group.initial.rebalance.delay.ms", "0");
        // a mistyped name is an error, not a new topic
        p.put("auto.create.topics.enable", "false");

        // nothing is to be dropped while the replay lasts, nor a file to be started because of a record's time
        p.put("log.retention.ms", "-1");
        p.put("log.roll.ms", Long.toString(Long.MAX_VALUE));
        p.put("log.message.timestamp.before.max.ms", Long.toString(Long.MAX_VALUE));
        p.put("log.message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE));

        // memory and threads for one producer and one consumer on a small machine
        p.put("num.network.threads", "1");
        p.put("num.io.threads", "2");
        p.put("background.threads", "2");
        p.put("num.recovery.threads.per.data.dir", "1");
        p.put("log.cleaner.threads", "1");
        p.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        p.put("log.cleaner.io.buffer.size", Integer.toString(64 << 10));
        p.put("log.index.size.max.bytes", Integer.toString(1 << 20));

        // nobody reads the broker's metrics, and an idle broker has nothing to write
        p.put("metric.reporters", "");
        p.put("metadata.max.idle.interval.ms", "0");
        return p;
    }

    /** Where clients reach it: host and port. */
    public String bootstrapServers() {
        return host + ":" + port;
    }

    /** Its folder. Others may keep files there in folders of their own that are to be deleted with the broker's. */
    public Path folder() {
        return folder.path();
    }

    /** Completes with one line for a person if Kafka gives up while it runs; the broker is of no use then. */
    public CompletableFuture<String> failure() {
        return failure.copy();
    }

    /** Whether it is being closed, or is: by {@link #close} or because the JVM is told to stop. */
    public synchronized boolean isClosing() {
        return closing;
    }

    /** Stops the broker, within 10 s or leaving its threads to the JVM's end, and deletes its folder. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // the JVM is stopping: the hook runs, and stop() waits for it
        }
        stop();
    }

    /**
     * Has something done first when the JVM is told to stop, while the broker still answers.
     *
     * @param last returns within some seconds
     */
    public void beforeExit(Runnable last) {
        beforeExit = last;
    }

    private void exit() {
        beforeExit.run();
        stop();
    }

    private void stop() {
        boolean first;
        Thread starting;
        KafkaRaftServer running;
        synchronized (this) {
            first = !closing;
            closing = true;
            starting = starter;
            running = server;
        }
        if (!first) {
            awaitQuietly(closed, STOP_LIMIT.multipliedBy(2));
            return;
        }
        try {
            // one that failed may never come to an end
            if (running != null && !failure.isDone()) {
                stop(running);
            }
            if (starting != null && !failure.isDone()) {
                // it would make files again
                starting.interrupt();
                awaitQuietly(startEnded, STOP_LIMIT);
            }
        } finally {
            folder.close();
            closed.countDown();
        }
    }

    private static void stop(KafkaRaftServer running) {
        CountDownLatch stopped = new CountDownLatch(1);
        Thread stopper = new Thread(
                () -> {
                    try {
                        running.shutdown();
                        running.awaitShutdown();
                    } finally {
                        stopped.countDown();
                    }
                },
                "flowstate-broker-stop");
        stopper.setDaemon(true);
        stopper.start();
        awaitQuietly(stopped, STOP_LIMIT);
    }

    private static void awaitQuietly(CountDownLatch latch, Duration limit) {
        boolean interrupted = Thread.interrupted();
        try {
            latch.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** In place of System.exit and halt within Kafka; like them, it does not come back to the caller. */
    private void fail(int status, @Nullable String message) {
        String why = "the embedded Kafka broker gave up";
        if (message != null) {
            why += ": " + Words.oneLine(message);
        } else if (folder.isFull()) {
            why += ": no space left in " + folder.path().getParent() + ", give another folder with --temp-dir";
        } else {
            why += " (status " + status + "): see why with --verbose";
        }
        failure.complete(why);
        throw new IllegalStateException(why);
    }

    private static StandaloneException failedStart(Throwable cause) {
        if (cause instanceof StandaloneException known) {
            return known;
        }
        return new StandaloneException("the embedded Kafka broker cannot start: " + Words.reason(cause), cause);
    }

    private static boolean isAddressInUse(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    private static void requireFree(String host, int port) throws StandaloneException {
        try (ServerSocket probe = new ServerSocket()) {
            // as the broker binds: a port whose last connections are still in TIME_WAIT is free
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new StandaloneException(
                    "port " + port + " on " + host + " cannot be used (" + Words.reason(e)
                            + "): give another with --port, or none for a free one",
                    e);
        }
    }

    private static int freePort(String host) throws StandaloneException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(host, 0));
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new StandaloneException("no free port on " + host + ": " + Words.reason(e), e);
        }
    }
}
