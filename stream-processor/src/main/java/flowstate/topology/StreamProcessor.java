package flowstate.topology;

import flowstate.hosts.HostRules;
import flowstate.program.KafkaCluster;
import flowstate.program.KafkaOptions;
import flowstate.program.Program;
import flowstate.query.HostPort;
import flowstate.query.QueryServer;
import flowstate.query.StreamsInstances;
import flowstate.schema.Topics;
import flowstate.tcp.Timers;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code stream-processor}: one instance of the topology, with its HTTP interface, until it is told to stop.
 * Instances with the same application id share the partitions. May be mounted as a subcommand under another name.
 *
 * <p>Exit status: 1 it could not start or had to stop, with the reason in one line on stderr; 2 usage. INT and TERM stop
 * it within 30 s: what was read is finished and committed, and the status is the signal's (130, 143).
 */
@Command(
        name = "stream-processor",
        description = "Follows TCP connections from segments in Kafka; answers questions about live ones over HTTP.",
        mixinStandardHelpOptions = true,
        versionProvider = StreamProcessor.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:help or version was asked for",
            "1:it could not start, or had to stop (the reason is on stderr)",
            "2:wrong usage",
            "130, 143:stopped by INT, TERM"
        })
public final class StreamProcessor implements Callable<Integer> {
    private static final String LOGGING = "flowstate/topology/logback.xml";
    private static final Duration RUNNING_LIMIT = Duration.ofMinutes(1);
    private static final Duration NO_LIMIT = Duration.ofMillis(Long.MAX_VALUE);

    @Spec
    private CommandSpec spec;

    @Mixin
    private KafkaOptions kafka;

    @Option(
            names = "--application-id",
            paramLabel = "ID",
            description =
                    "Name of the group of instances that share the work; Kafka's own topics for them start with it"
                            + " (default: ${DEFAULT-VALUE}).",
            defaultValue = ProcessorConfig.DEFAULT_APPLICATION_ID)
    private String applicationId;

    @Option(
            names = "--state-dir",
            paramLabel = "FOLDER",
            description = "Where the state stores lie; made if absent, and for one instance alone. What is lost here is"
                    + " restored from Kafka (default: .flowstate/processor in the home folder).",
            defaultValue = "${sys:user.home}/.flowstate/processor")
    private Path stateDir;

    @Option(
            names = "--timers",
            paramLabel = "default|zeek",
            description = "Whose timers decide when a connection is reported as stuck, and let go of"
                    + " (default: ${DEFAULT-VALUE}).",
            defaultValue = "default")
    private String timers;

    @Mixin
    private EventOption events;

    @Option(
            names = "--half-open",
            paramLabel = "N",
            description = "Connections of a partition that may be half-open, or seen from one end only; beyond it the"
                    + " oldest are let go of. At least 100 (default: ${DEFAULT-VALUE}).",
            defaultValue = "" + Limits.DEFAULT_HALF_OPEN)
    private int halfOpenLimit;

    @Option(
            names = "--flood",
            paramLabel = "N",
            description =
                    "Attempts on one port, within 30 to 60 s, that must stay unanswered for SYN_FLOOD, at least 4; it"
                            + " ends below a quarter (default: ${DEFAULT-VALUE}).",
            defaultValue = "1000")
    private int flood;

    @Option(
            names = "--scan",
            paramLabel = "N",
            description =
                    "Ports that an originator must try in vain, within 30 to 60 s, for PORT_SCAN, at least 3; it ends"
                            + " below a third (default: ${DEFAULT-VALUE}).",
            defaultValue = "25")
    private int scan;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Stream threads, 1 to 64 (default: ${DEFAULT-VALUE}).",
            defaultValue = "2")
    private int threads;

    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            description = "Where to listen for questions; port 0 takes a free one. Nothing asks who calls: beyond"
                    + " loopback, open it only to networks that may see all connections (default: ${DEFAULT-VALUE}).",
            defaultValue = "127.0.0.1:7070")
    private String http;

    @Option(
            names = "--advertise",
            paramLabel = "HOST:PORT",
            description =
                    "Where the other instances reach this one's --http (default: the same; for 0.0.0.0 or [::], this"
                            + " host's name).")
    private @Nullable String advertise;

    @Option(
            names = "--commit-interval-ms",
            paramLabel = "MS",
            description = "How often results are committed, which is when readers of committed records see them; at"
                    + " least 10 (default: ${DEFAULT-VALUE}).",
            defaultValue = "1000")
    private long commitIntervalMs;

    /** The program: parses the command line, runs, and ends the JVM with the exit status. */
    public static void main(String[] args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", LOGGING);
        }
        System.exit(commandLine().execute(args));
    }

    /** The command with its ways to take options; may be mounted as a subcommand under another name. */
    public static CommandLine commandLine() {
        return Program.commandLine(new StreamProcessor(), System.getenv());
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        HostPort listen = usage(() -> HostPort.parse(http));
        // before anything is opened
        KafkaCluster cluster = usage(() -> kafka.cluster(System.getenv()));
        config(cluster, listen);
        KafkaOptions.remarks(cluster, ProcessorConfig::isOfStreams).forEach(remark -> complain(err, remark));
        try (QueryServer server = QueryServer.listen(listen)) {
            HostPort self = advertised(server.address());
            ProcessorConfig config = config(cluster, self);
            prepareStateDir();
            awaitTopics(cluster, config);
            return run(config, server, self, err);
        } catch (IOException e) {
            complain(err, String.valueOf(e.getMessage()));
        } catch (KafkaException e) {
            complain(err, failed("start", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            complain(err, "interrupted");
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private int run(ProcessorConfig config, QueryServer server, HostPort self, PrintWriter err)
            throws InterruptedException {
        try (ProcessorApp app = new ProcessorApp(config);
                InstanceMetrics metrics = new InstanceMetrics(app)) {
            // said here: the JVM ends with its hooks, whatever the main thread has still to say
            Thread stop = new Thread(
                    () -> {
                        app.close();
                        complain(err, "stopped");
                    },
                    "stop");
            Runtime.getRuntime().addShutdownHook(stop);
            server.answerFrom(new StreamsInstances(app.streams(), self));
            server.metricsFrom(metrics::scrape);
            app.start();
            String instance = spec.qualifiedName() + ": instance " + self + " of " + config.applicationId();
            boolean running = app.awaitRunning(RUNNING_LIMIT);
            if (!running && !app.hasStopped()) {
                err.println(instance + " still restores its state, http://" + server.address());
                running = app.awaitRunning(NO_LIMIT);
            }
            if (running) {
                err.println(instance + " runs, http://" + server.address());
            }
            app.awaitStopped();
            Throwable failure = app.failure();
            if (failure != null) {
                complain(err, failed("go on", failure));
            }
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private ProcessorConfig config(KafkaCluster cluster, HostPort self) {
        return usage(() -> {
            ProcessorConfig config = new ProcessorConfig(
                    cluster.brokers(),
                    applicationId,
                    self.toString(),
                    stateDir,
                    TrackerSettings.DEFAULT
                            .with(Timers.named(timers))
                            .with(events.events())
                            .with(new Limits(halfOpenLimit, HostRules.of(flood, scan), 0)),
                    Duration.ofMillis(commitIntervalMs),
                    threads,
                    cluster.settings());
            // Kafka's own checks of the settings
            new StreamsConfig(config.streamsProperties());
            return config;
        });
    }

    private HostPort advertised(HostPort listening) {
        if (advertise != null) {
            String text = advertise;
            return usage(() -> HostPort.parse(text));
        }
        if (!listening.isWildcard()) {
            return listening;
        }
        try {
            return new HostPort(InetAddress.getLocalHost().getHostName(), listening.port());
        } catch (UnknownHostException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "this host does not know its own name: say where others reach it with --advertise",
                    e);
        }
    }

    private <T> T usage(java.util.function.Supplier<T> checked) {
        try {
            return checked.get();
        } catch (IllegalArgumentException | ConfigException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void prepareStateDir() throws IOException {
        try {
            Files.createDirectories(stateDir);
        } catch (IOException e) {
            throw new IOException(
                    "cannot make the state folder " + stateDir + " ("
                            + e.getClass().getSimpleName() + "): choose another with --state-dir",
                    e);
        }
        if (!Files.isWritable(stateDir)) {
            throw new IOException("cannot write to the state folder " + stateDir + ": choose another with --state-dir");
        }
    }

    private static void awaitTopics(KafkaCluster cluster, ProcessorConfig config)
            throws IOException, InterruptedException {
        cluster.await(
                new StreamsConfig(config.streamsProperties()).getAdminConfigs("flowstate-processor-start"),
                List.of(Topics.SEGMENTS.name(), Topics.LIFECYCLE.name(), Topics.ANOMALIES.name()));
    }

    private String failed(String toDo, Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            // how Kafka Streams says that its lock on the folder is taken
            if (String.valueOf(each.getMessage()).contains("same state directory")) {
                return "the state folder " + stateDir + " is in use by another instance of " + applicationId
                        + ": give each its own --state-dir";
            }
        }
        return "cannot " + toDo + ": " + Program.reason(failure);
    }

    private void complain(PrintWriter err, String problem) {
        err.println(spec.qualifiedName() + ": " + Program.oneLine(problem));
    }

    /** See {@link Program#version}. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return Program.version("stream-processor", StreamProcessor.class);
        }
    }
}
