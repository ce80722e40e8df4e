package flowstate.capture;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import flowstate.program.DaemonThreads;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Health, readiness and counts of a live capture over HTTP; the counts as Prometheus reads them. */
final class AgentServer implements AutoCloseable {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService executor = Executors.newSingleThreadExecutor(DaemonThreads.named("http"));

    private final AgentMetrics metrics;

    private AgentServer(HttpServer server, AgentMetrics metrics) {
        this.server = server;
        this.metrics = metrics;
    }

    /** What is asked about. */
    private interface Answer {
        void to(HttpExchange question) throws IOException;
    }

    /**
     * A server that answers about a capture.
     *
     * @param address host:port; without a host, loopback; port 0 takes a free one
     * @throws IllegalArgumentException if it is no such address
     * @throws IOException if it cannot be listened on
     */
    static AgentServer listen(String address, LiveCapture capture) throws IOException {
        InetSocketAddress where = parse(address);
        HttpServer server;
        try {
            server = HttpServer.create(where, 16);
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + address + " (" + e.getMessage() + "): choose another --http", e);
        }
        AgentServer agent = new AgentServer(server, new AgentMetrics(capture::account, capture::unwritten));
        agent.answer("/healthz", question -> {
            boolean alive = !capture.hasDied();
            reply(question, alive ? 200 : 503, TEXT, alive ? "alive\n" : "a capture has ended by itself\n");
        });
        agent.answer("/readyz", question -> {
            String problem = capture.problem();
            String text = !capture.isCapturing()
                    ? "an interface is waited for\n"
                    : problem != null ? "the broker does not take segments: " + problem + "\n" : "ready\n";
            reply(question, text.equals("ready\n") ? 200 : 503, TEXT, text);
        });
        agent.answer("/metrics", question -> reply(question, 200, METRICS, agent.metrics.scrape()));
        server.setExecutor(agent.executor);
        server.start();
        return agent;
    }

    static InetSocketAddress parse(String address) {
        int colon = address.lastIndexOf(':');
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            String host = address.substring(0, Math.max(0, colon));
            InetSocketAddress where = host.isEmpty()
                    ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
                    : new InetSocketAddress(host, port);
            if (!where.isUnresolved()) {
                return where;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "--http must be HOST:PORT of this host, was " + address + ": nothing could be listened on");
    }

    private void answer(String path, Answer answer) {
        server.createContext(path, question -> {
            try (question) {
                if (!question.getRequestURI().getPath().equals(path)) {
                    reply(question, 404, TEXT, "there are /healthz, /readyz and /metrics\n");
                } else if (!question.getRequestMethod().equals("GET")) {
                    reply(question, 405, TEXT, "only GET\n");
                } else {
                    answer.to(question);
                }
            }
        });
    }

    private static void reply(HttpExchange question, int status, String type, String text) throws IOException {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        question.getResponseHeaders().set("Content-Type", type);
        question.sendResponseHeaders(status, octets.length);
        try (OutputStream body = question.getResponseBody()) {
            body.write(octets);
        }
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
        metrics.close();
    }
}
