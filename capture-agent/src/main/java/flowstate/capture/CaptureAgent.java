package flowstate.capture;

import flowstate.capture.decode.Checksums;
import flowstate.capture.publish.Batching;
import flowstate.capture.publish.CaptureAccount;
import flowstate.capture.publish.Notices;
import flowstate.capture.publish.PublishException;
import flowstate.capture.publish.PublisherConfig;
import flowstate.capture.publish.SegmentPublisher;
import flowstate.capture.source.CaptureException;
import flowstate.capture.source.LiveOptions;
import flowstate.capture.source.LiveSource;
import flowstate.capture.source.PacketFilter;
import flowstate.program.KafkaOptions;
import flowstate.program.Program;
import flowstate.schema.EpochNanos;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
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
 * The command {@code capture-agent}: publishes to Kafka what network interfaces see, until it is told to stop, or capture
 * files, each as a session of its own; prints accounts on stderr. May be mounted as a subcommand.
 *
 * <p>Exit status: 0 all files were published; 1 a file, an interface or Kafka failed, with the reason in one line; 2
 * usage. INT and TERM stop it after the packet in hand; what was read is published, within 10 s.
 */
@Command(
        name = "capture-agent",
        description = "Publishes the TCP segments of network interfaces, or of capture files, to Kafka.",
        mixinStandardHelpOptions = true,
        versionProvider = CaptureAgent.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all files were published",
            "1:a file could not be read, an interface not captured, or Kafka did not take it (the reason is on stderr)",
            "2:wrong usage",
            "130, 143:stopped by INT, TERM"
        })
public final class CaptureAgent implements Callable<Integer> {
    private static final int STOP_LIMIT_SECONDS = 10;
    private static final long WATCH_MS = 500;
    private static final String LOGGING = "flowstate/capture/logback.xml";

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "Capture files, pcap or pcapng, gzipped or not; or else -i.")
    private List<Path> files = List.of();

    @Mixin
    private KafkaOptions kafka;

    @Mixin
    private InterfaceOptions interfaces;

    @Mixin
    private SpoolOptions spool;

    @Mixin
    private ChecksumOption checksums;

    @Option(
            names = "--agent",
            order = 2,
            paramLabel = "ID",
            description = "This agent's name, unique in the cluster (default: the host's name).")
    private @Nullable String agent;

    @Option(
            names = "--network",
            order = 3,
            paramLabel = "NAME",
            description =
                    "Name of the network, where several have the same addresses; the same for all agents that see the"
                            + " same connections.",
            defaultValue = "")
    private String network;

    @Option(
            names = "--filter",
            order = 4,
            paramLabel = "BPF",
            description = "Publish only packets that this tcpdump filter selects; needs libpcap.")
    private @Nullable String filter;

    @Option(
            names = "--http",
            order = 31,
            paramLabel = "HOST:PORT",
            description = "Answer /healthz, /readyz and /metrics of a live capture there; 127.0.0.1 without a host"
                    + " (default: nowhere).")
    private @Nullable String http;

    @Option(
            names = "--list",
            order = 32,
            help = true,
            description = "List the interfaces that can be captured, and end.")
    private boolean list;

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
        if (list) {
            return listInterfaces(err);
        }
        boolean live = !interfaces.interfaces().isEmpty();
        if (live == !files.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    live
                            ? "capture files or interfaces, not both: what is past and what is present have other clocks"
                            : "name capture files, or interfaces with -i");
        }
        PublisherConfig config = config(
                checksums.or(live ? Checksums.ignore : Checksums.verify), live ? Batching.LIVE : Batching.DEFAULT);
        KafkaOptions.remarks(config.cluster(), name -> false).forEach(remark -> complain(err, remark));
        return live ? captureLive(config, err) : publishFiles(config, err);
    }

    private int listInterfaces(PrintWriter err) {
        try {
            spec.commandLine().getOut().println(LiveSource.list());
            return CommandLine.ExitCode.OK;
        } catch (CaptureException e) {
            complain(err, String.valueOf(e.getMessage()));
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private int captureLive(PublisherConfig config, PrintWriter err) {
        LiveOptions options = Program.usage(spec, () -> interfaces.live(filter));
        Notices notices = new Notices(line -> complain(err, line));
        try {
            LiveCapture capture =
                    usage(() -> LiveCapture.start(config, interfaces, options, spool.spool(config.agent()), notices));
            // closed by the hook: the JVM ends with it, whatever the main thread has still to say
            Runtime.getRuntime().addShutdownHook(new Thread(() -> finish(capture, err), "stop"));
            if (http != null) {
                String address = http;
                AgentServer server = usage(() -> AgentServer.listen(address, capture));
                notices.say(
                        "http",
                        "http://" + server.address().getHostString() + ":"
                                + server.address().getPort());
            }
            notices.say("start", "captures " + String.join(", ", interfaces.interfaces()) + " as " + config.agent());
            while (!capture.hasDied()) {
                Thread.sleep(WATCH_MS);
            }
            complain(err, "a capture has ended by itself: this is a defect");
        } catch (CaptureException | PublishException | IOException e) {
            complain(err, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private void finish(LiveCapture capture, PrintWriter err) {
        capture.close(Duration.ofSeconds(STOP_LIMIT_SECONDS));
        err.println(capture.account().render(String.join(", ", interfaces.interfaces())));
        err.flush();
    }

    /** What can fail in its own way, or by a wrong option. */
    private interface Checked<T> {
        T get() throws CaptureException, PublishException, IOException, InterruptedException;
    }

    private <T> T usage(Checked<T> checked)
            throws CaptureException, PublishException, IOException, InterruptedException {
        try {
            return checked.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private int publishFiles(PublisherConfig config, PrintWriter err) {
        try (PacketFilter packetFilter = filter == null ? null : compile(filter);
                Publishing publishing = new Publishing(SegmentPublisher.connect(config))) {
            return publishAll(publishing.publisher, packetFilter, err);
        } catch (CaptureException | PublishException e) {
            complain(err, String.valueOf(e.getMessage()));
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
                CaptureAccount account = publisher.publishFile(file, file.toString(), EpochNanos.now(), packetFilter);
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
                complain(err, String.valueOf(e.getMessage()));
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

    private PublisherConfig config(Checksums wanted, Batching batching) {
        return Program.usage(
                spec,
                () -> new PublisherConfig(
                        kafka.cluster(System.getenv()), agent == null ? hostName() : agent, network, batching, wanted));
    }

    private String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            throw new ParameterException(
                    spec.commandLine(), "this host does not know its own name: give the agent one with --agent", e);
        }
    }

    private void complain(PrintWriter err, String problem) {
        err.println(spec.qualifiedName() + ": " + problem);
        err.flush();
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
