package flowstate.capture;

import flowstate.capture.publish.CaptureAccount;
import flowstate.capture.publish.PublishException;
import flowstate.capture.publish.PublisherConfig;
import flowstate.capture.publish.SegmentPublisher;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.PacketFilter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command {@code capture-agent}: publishes capture files to Kafka, each as a session of its own, and prints the
 * account of each on stderr. As a subcommand: {@code new CommandLine(new CaptureAgent()).setCommandName("agent")}.
 *
 * <p>Exit status: 0 all files were published; 1 a file or Kafka failed, with the reason in one line; 2 usage. INT and TERM
 * stop it after the packet in hand; what was read is published, within 10 s.
 */
@Command(
        name = "capture-agent",
        description = "Publishes the TCP segments of capture files to Kafka.",
        mixinStandardHelpOptions = true,
        versionProvider = CaptureAgent.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all files were published",
            "1:a file could not be read or Kafka did not take it (the reason is on stderr)",
            "2:wrong usage"
        })
public final class CaptureAgent implements Callable<Integer> {
    private static final int STOP_LIMIT_SECONDS = 10;
    private static final String LOGGING = "flowstate/capture/logback.xml";

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Capture files: pcap or pcapng, gzipped or not.")
    private List<Path> files;

    @Option(
            names = "--brokers",
            paramLabel = "HOST:PORT",
            description = "Kafka brokers to ask first, separated by commas.",
            required = true)
    private String brokers;

    @Option(
            names = "--agent",
            paramLabel = "ID",
            description = "This agent's name, unique in the cluster (default: the host's name).")
    private @Nullable String agent;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description = "Name of the network, where several have the same addresses.",
            defaultValue = "")
    private String network;

    @Option(
            names = "--filter",
            paramLabel = "BPF",
            description = "Publish only packets that this tcpdump filter selects; needs libpcap.")
    private @Nullable String filter;

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
            description = "Partitions of each topic that is made (default: ${DEFAULT-VALUE}).",
            defaultValue = "" + PublisherConfig.DEFAULT_PARTITIONS)
    private int partitions;

    @Option(
            names = "--connect-limit",
            paramLabel = "SECONDS",
            description = "How long to wait for brokers and topics at the start (default: ${DEFAULT-VALUE}).",
            defaultValue = "" + PublisherConfig.DEFAULT_CONNECT_LIMIT_SECONDS)
    private long connectLimitSeconds;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Properties file with Kafka client settings; the place for passwords.")
    private @Nullable Path configFile;

    @Option(
            names = "-X",
            paramLabel = "KEY=VALUE",
            description = "One Kafka client setting; wins over the file's. May be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** The program: parses the command line, runs, and ends the JVM with the exit status. */
    public static void main(String[] args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", LOGGING);
        }
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new CaptureAgent()).setParameterExceptionHandler(CaptureAgent::explainUsage);
    }

    /** One line, and where to read more; the whole usage text would hide it. */
    private static int explainUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String problem = String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
        command.getErr().println(name + ": " + problem + " (see " + name + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        PublisherConfig config = config();
        try (PacketFilter packetFilter = filter == null ? null : compile(filter);
                Publishing publishing = new Publishing(SegmentPublisher.connect(config))) {
            return publishAll(publishing.publisher, packetFilter, err);
        } catch (CaptureException | PublishException e) {
            complain(err, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            err.println(spec.qualifiedName() + ": interrupted before anything was published");
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private int publishAll(SegmentPublisher publisher, @Nullable PacketFilter packetFilter, PrintWriter err)
            throws PublishException {
        int status = CommandLine.ExitCode.OK;
        for (Path file : files) {
            try {
                Instant now = Instant.now();
                long session = now.getEpochSecond() * 1_000_000_000 + now.getNano();
                CaptureAccount account = publisher.publishFile(file, file.toString(), session, packetFilter);
                err.println(account.render());
                if (account.brokenOff() != null) {
                    err.println(spec.qualifiedName() + ": " + account.brokenOff());
                }
                if (account.brokenOff() != null || account.interrupted() || !account.balances()) {
                    status = CommandLine.ExitCode.SOFTWARE;
                }
                if (account.interrupted()) {
                    return status;
                }
            } catch (CaptureException e) {
                complain(err, e);
                status = CommandLine.ExitCode.SOFTWARE;
            } catch (PublishException e) {
                CaptureAccount account = e.account();
                if (account != null) {
                    err.println(account.render());
                }
                throw e;
            }
        }
        return status;
    }

    private PacketFilter compile(String expression) throws CaptureException {
        try {
            return PacketFilter.compile(expression);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private PublisherConfig config() {
        Map<String, String> kafka = new LinkedHashMap<>(fileSettings());
        kafka.putAll(settings);
        try {
            return PublisherConfig.of(brokers, agent == null ? hostName() : agent)
                    .withNetwork(network)
                    .withTopics(createTopics, partitions)
                    .withConnectLimit(Duration.ofSeconds(connectLimitSeconds))
                    .withKafka(kafka);
        } catch (IllegalArgumentException e) {
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

    private String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            throw new ParameterException(
                    spec.commandLine(), "this host does not know its own name: give the agent one with --agent", e);
        }
    }

    private void complain(PrintWriter err, Exception e) {
        err.println(spec.qualifiedName() + ": " + e.getMessage());
    }

    /** A publisher that is stopped, and given time to finish, when the JVM is told to end. */
    private static final class Publishing implements AutoCloseable {
        final SegmentPublisher publisher;
        private final CountDownLatch done = new CountDownLatch(1);
        private final Thread hook = new Thread(this::stopAndWait, "stop");

        Publishing(SegmentPublisher publisher) {
            this.publisher = publisher;
            Runtime.getRuntime().addShutdownHook(hook);
        }

        private void stopAndWait() {
            publisher.stop();
            try {
                if (!done.await(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    System.err.println("capture-agent: Kafka did not take everything within " + STOP_LIMIT_SECONDS
                            + " s after the signal: the rest is lost");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            try {
                publisher.close();
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // the JVM is ending already: the hook is what waits for this
            } finally {
                done.countDown();
            }
        }
    }

    /** The version that the build wrote into the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = CaptureAgent.class.getPackage().getImplementationVersion();
            return new String[] {"flowstate capture-agent " + (version == null ? "(not from a jar)" : version)};
        }
    }
}
