package flowstate.benchmarks;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Traffic that an agent reads from a named pipe while it is made: a capture that is still going on. What goes into the pipe,
 * and when, is the {@link Source}'s business, on a thread of its own.
 */
final class Live implements AutoCloseable {
    private final Path pipe;
    private final Program agent;
    private final CompletableFuture<Truth> traffic;

    /** Makes traffic. */
    @FunctionalInterface
    interface Source {
        Truth writeTo(CaptureOutput out) throws IOException;
    }

    private Live(Path pipe, Program agent, CompletableFuture<Truth> traffic) {
        this.pipe = pipe;
        this.agent = agent;
        this.traffic = traffic;
    }

    /** Starts an agent and the traffic that it reads. */
    static Live start(Cluster cluster, Path folder, Source source)
            throws IOException, InterruptedException, WrongResultException {
        Path pipe = folder.resolve("live.pcap");
        if (new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor() != 0) {
            throw new WrongResultException("no named pipe could be made in " + folder);
        }
        Program agent = cluster.startAgent(pipe, "live");
        CompletableFuture<Truth> traffic = new CompletableFuture<>();
        Thread writer = new Thread(
                () -> {
                    try (CaptureOutput out =
                            new CaptureOutput(new BufferedOutputStream(Files.newOutputStream(pipe), 1 << 16))) {
                        traffic.complete(source.writeTo(out));
                    } catch (IOException | RuntimeException e) {
                        traffic.completeExceptionally(e);
                    }
                },
                "traffic");
        writer.setDaemon(true);
        writer.start();
        return new Live(pipe, agent, traffic);
    }

    /** Waits until all has been written, and the agent has published it. */
    Truth await(Duration limit) throws IOException, InterruptedException, WrongResultException {
        try {
            Truth truth = traffic.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            agent.awaitSuccess(limit);
            return truth;
        } catch (ExecutionException | TimeoutException e) {
            throw new WrongResultException("the agent did not take the traffic: " + agent.errors());
        }
    }

    @Override
    public void close() throws IOException {
        agent.close();
        Files.deleteIfExists(pipe);
    }
}
