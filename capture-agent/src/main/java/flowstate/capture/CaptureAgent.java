package flowstate.capture;

import flowstate.capture.publish.Batching;
import flowstate.capture.publish.CaptureAccount;
import flowstate.capture.publish.PublishException;
import flowstate.capture.publish.PublisherConfig;
import flowstate.capture.publish.SegmentPublisher;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.PacketFilter;
import flowstate.program.KafkaOptions;
import flowstate.program.Program;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command {@code capture-agent}: publishes capture files to Kafka, each as a session of its own, and prints the
 * account of each on stderr. May be mounted as a subcommand.
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

    @Mixin
    private KafkaOptions kafka;

    @Option(
            names = "--agent",
            paramLabel = "ID",
            description = "This agent's name, unique in the cluster (default: the host's name).")
    private @Nullable String agent;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description =
                    "Name of the network, where several have the same addresses; the same for all agents that see the"
                            + " same connections.",
            defaultValue = "")
    private String network;

    @Option(
            names = "--filter",
            paramLabel = "BPF",
            description = "Publish only packets that this tcpdump filter selects; needs libpcap.")
    private @Nullable String filter;

    /** The program: parses the command line, runs, and ends the JVM with the exit status. */
    public static void main(String[] args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", LOGGING);
        }
        System.exit(commandLine().execute(args));
    }

    /** The command with its ways to take options; may be mounted as a subcommand under another name. */
    public static CommandLine commandLine() {
        return Program.commandLine(new CaptureAgent(), System.getenv());
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
        return Program.usage(
                spec,
                () -> new PublisherConfig(
                        kafka.cluster(System.getenv()), agent == null ? hostName() : agent, network, Batching.DEFAULT));
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

    /** See {@link Program#version}. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return Program.version("capture-agent", CaptureAgent.class);
        }
    }
}
