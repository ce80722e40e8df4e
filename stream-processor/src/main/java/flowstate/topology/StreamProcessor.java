package flowstate.topology;

import flowstate.hosts.HostRules;
import flowstate.query.HostPort;
import flowstate.query.QueryServer;
import flowstate.query.StreamsInstances;
import flowstate.schema.Topics;
import flowstate.tcp.Timers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
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

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--brokers",
            paramLabel = "HOST:PORT",
            description = "Kafka brokers to ask first, separated by commas.",
            required = true)
    private String brokers;

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
                    + " restored from Kafka (default: FLOWSTATE_STATE_DIR's value if that is set, else"
                    + " .flowstate/processor in the home folder).",
            defaultValue = "${env:FLOWSTATE_STATE_DIR:-${sys:user.home}/.flowstate/processor}")
    private Path stateDir;

    @Option(
            names = "--timers",
            paramLabel = "default|zeek",
            description = "Whose timers decide when a connection is reported as stuck, and let go of"
                    + " (default: ${DEFAULT-VALUE}).",
            defaultValue = "default")
    private String timers;

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
                    + " loopback, open it only to networks that may see all connections (default: FLOWSTATE_HTTP's value if"
                    + " that is set, else 127.0.0.1:7070).",
            defaultValue = "${env:FLOWSTATE_HTTP:-127.0.0.1:7070}")
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

    @Option(
            names = "--create-topics",
            negatable = true,
            description = "Make the topics that do not exist (default: yes).",
            defaultValue = "true",
            fallbackValue = "true")
    private boolean createTopics;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description =
                    "Partitions of each topic that is made: no more threads than these, of all instances together,"
                            + " have work (default: ${DEFAULT-VALUE}).",
            defaultValue = "" + Topics.DEFAULT_PARTITIONS)
    private int partitions;

    @Option(
            names = "--replication-factor",
            paramLabel = "N",
            description = "Copies of each topic that is made (default: the brokers' own).",
            defaultValue = "-1")
    private short replicationFactor;

    @Option(
            names = "--connect-limit",
            paramLabel = "SECONDS",
            description = "How long to wait for brokers and topics at the start (default: ${DEFAULT-VALUE}).",
            defaultValue = "15")
    private int connectLimitSeconds;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Properties file with Kafka client and Kafka Streams settings; the place for passwords.")
    private @Nullable Path configFile;

    @Option(
            names = "-X",
            paramLabel = "KEY=VALUE",
            description = "One Kafka client or Kafka Streams setting; wins over the file's. May be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** The program: parses the command line, runs, and ends the JVM with the exit status. */
    public static void main(String[] args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", LOGGING);
        }
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new StreamProcessor()).setParameterExceptionHandler(StreamProcessor::explainUsage);
    }

    /** One line, and where to read more; the whole usage text would hide it. */
    private static int explainUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(name + ": " + oneLine(e.getMessage()) + " (see " + name + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        HostPort listen = usage(() -> HostPort.parse(http));
        // before anything is opened
        config(listen);
        try (QueryServer server = QueryServer.listen(listen)) {
            HostPort self = advertised(server.address());
            ProcessorConfig config = config(self);
            prepareStateDir();
            prepareTopics(config);
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
        try (ProcessorApp app = new ProcessorApp(config)) {
            // said here: the JVM ends with its hooks, whatever the main thread has still to say
            Thread stop = new Thread(
                    () -> {
                        app.close();
                        complain(err, "stopped");
                    },
                    "stop");
            Runtime.getRuntime().addShutdownHook(stop);
            server.answerFrom(new StreamsInstances(app.streams(), self));
            app.start();
            boolean running = app.awaitRunning(RUNNING_LIMIT);
            if (app.failure() == null) {
                err.println(spec.qualifiedName() + ": instance " + self + " of " + config.applicationId()
                        + (running ? " runs" : " still restores its state") + ", http://" + server.address());
            }
            app.awaitStopped();
            Throwable failure = app.failure();
            if (failure != null) {
                complain(err, failed("go on", failure));
            }
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private ProcessorConfig config(HostPort self) {
        Map<String, String> kafka = new LinkedHashMap<>(fileSettings());
        kafka.putAll(settings);
        return usage(() -> {
            if (connectLimitSeconds < 1) {
                throw new IllegalArgumentException("the connect limit must be at least 1 s, was " + connectLimitSeconds
                        + ": no broker could answer in time");
            }
            if (partitions < 1) {
                throw new IllegalArgumentException(
                        "partitions must be at least 1, was " + partitions + ": topics could not be made");
            }
            ProcessorConfig config = new ProcessorConfig(
                    brokers,
                    applicationId,
                    self.toString(),
                    stateDir,
                    Timers.named(timers),
                    ProcessorConfig.DEFAULT_OBSERVER_LOST_AFTER,
                    new Limits(halfOpenLimit, HostRules.of(flood, scan), 0),
                    Duration.ofMillis(commitIntervalMs),
                    threads,
                    kafka);
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

    private Map<String, String> fileSettings() {
        Map<String, String> read = new LinkedHashMap<>();
        if (configFile != null) {
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(configFile)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw new ParameterException(
                        spec.commandLine(),
                        "cannot read --config " + configFile + ": "
                                + e.getClass().getSimpleName(),
                        e);
            }
            properties.stringPropertyNames().forEach(name -> read.put(name, properties.getProperty(name)));
        }
        return read;
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

    private void prepareTopics(ProcessorConfig config) throws IOException, InterruptedException {
        long limitMs = TimeUnit.SECONDS.toMillis(connectLimitSeconds);
        Map<String, Object> admin =
                new StreamsConfig(config.streamsProperties()).getAdminConfigs("flowstate-processor-start");
        admin.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) limitMs);
        admin.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) limitMs);
        Admin client;
        try {
            client = Admin.create(admin);
        } catch (KafkaException e) {
            throw new IOException(
                    "cannot set up the Kafka client for " + brokers + ": " + reason(e)
                            + "; check the address and the settings",
                    e);
        }
        try {
            awaitBroker(client, limitMs);
            awaitTopics(client, limitMs);
        } finally {
            client.close(Duration.ZERO);
        }
    }

    private void awaitBroker(Admin client, long limitMs) throws IOException, InterruptedException {
        try {
            client.describeCluster().nodes().get(limitMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            boolean silent = e instanceof TimeoutException
                    || e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException;
            throw new IOException(
                    silent
                            ? "no Kafka broker answered at " + brokers + " within " + connectLimitSeconds
                                    + " s: check the address, and that Kafka runs there"
                            : "cannot talk to Kafka at " + brokers + ": " + reason(e),
                    e);
        }
    }

    private void awaitTopics(Admin client, long limitMs) throws IOException, InterruptedException {
        List<String> names = List.of(Topics.SEGMENTS.name(), Topics.LIFECYCLE.name(), Topics.ANOMALIES.name());
        try {
            if (createTopics) {
                Topics.create(client, partitions, replicationFactor, Duration.ofMillis(limitMs));
            } else {
                client.describeTopics(names).allTopicNames().get(limitMs, TimeUnit.MILLISECONDS);
            }
        } catch (TimeoutException e) {
            throw new IOException(
                    "the topics on " + brokers + " have partitions without a leader after " + connectLimitSeconds
                            + " s: check that all brokers run",
                    e);
        } catch (ExecutionException e) {
            throw new IOException(
                    e.getCause() instanceof UnknownTopicOrPartitionException
                            ? "not all of the topics " + String.join(", ", names) + " exist on " + brokers
                                    + ": make them, or let this program do it (--create-topics)"
                            : "cannot " + (createTopics ? "make" : "look up") + " the topics on " + brokers + ": "
                                    + reason(e),
                    e);
        }
    }

    private String failed(String toDo, Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            // how Kafka Streams says that its lock on the folder is taken
            if (String.valueOf(each.getMessage()).contains("same state directory")) {
                return "the state folder " + stateDir + " is in use by another instance of " + applicationId
                        + ": give each its own --state-dir";
            }
        }
        return "cannot " + toDo + ": " + reason(failure);
    }

    /** The innermost cause that says something, in one line. */
    private static String reason(Throwable failure) {
        String reason = failure.getClass().getSimpleName();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            String message = each.getMessage();
            if (message != null && !message.isBlank()) {
                reason = message;
            }
        }
        return oneLine(reason);
    }

    private static String oneLine(@Nullable String text) {
        return String.valueOf(text).strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private void complain(PrintWriter err, String problem) {
        err.println(spec.qualifiedName() + ": " + oneLine(problem));
    }

    /** The version that the build wrote into the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = StreamProcessor.class.getPackage().getImplementationVersion();
            return new String[] {"flowstate stream-processor " + (version == null ? "(not from a jar)" : version)};
        }
    }
}
