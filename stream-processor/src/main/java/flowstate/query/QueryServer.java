package flowstate.query;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import flowstate.schema.ConnectionId;
import flowstate.schema.LifecycleEvent;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP interface of an instance. Every answer but that of /metrics is one JSON object; one that is not what was asked for has a field
 * {@code error}, a sentence for a person.
 *
 * <p>It listens before the instance runs, so that a port in use is found before anything is started; until
 * {@link #answerFrom} it answers 503.
 */
public final class QueryServer implements AutoCloseable {
    static final String CONNECTIONS = "/v1/connections";

    private static final Logger LOG = LoggerFactory.getLogger(QueryServer.class);
    private static final JsonFactory JSON = new JsonFactory();
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final int THREADS = 32;
    private static final int IDLE_THREADS = 2;
    private static final int IDLE_LIMIT_MS = 60_000;

    private final Peers peers = new Peers();
    private final Javalin javalin;
    private final HostPort address;
    private volatile @Nullable Instances instances;
    private volatile @Nullable Supplier<String> metrics;

    private QueryServer(HostPort wanted) throws IOException {
        javalin = Javalin.create(this::configure);
        try {
            javalin.start(wanted.host(), wanted.port());
        } catch (RuntimeException e) {
            javalin.stop();
            throw new IOException("cannot listen on " + wanted + ": " + innermost(e) + "; choose another address", e);
        }
        address = new HostPort(wanted.host(), javalin.port());
    }

    /**
     * Listens.
     *
     * @param address where; port 0 takes a free one
     * @throws IOException if that cannot be, with the reason in one line
     */
    public static QueryServer listen(HostPort address) throws IOException {
        return new QueryServer(address);
    }

    /** Where it listens, with the port that was taken. */
    public HostPort address() {
        return address;
    }

    /** From now on questions are answered. */
    public void answerFrom(Instances known) {
        instances = known;
    }

    /** From now on /metrics is answered with this. */
    public void metricsFrom(Supplier<String> scrape) {
        metrics = scrape;
    }

    /** Stops listening; does nothing the second time. */
    @Override
    public void close() {
        javalin.stop();
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.prefer405over404 = true;
        config.jetty.threadPool = new QueuedThreadPool(THREADS, IDLE_THREADS, IDLE_LIMIT_MS);
        config.jetty.modifyServer(server -> server.setErrorHandler(new JsonErrorHandler()));
        config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
        config.routes.get(
                "/healthz",
                context -> json(context, HttpStatus.OK, json -> {
                    json.writeStringField("status", "alive");
                }));
        config.routes.get("/readyz", this::ready);
        config.routes.get("/metrics", this::metrics);
        config.routes.get("/v1/instances", this::instances);
        config.routes.get(CONNECTIONS + "/{id}", this::connection);
        config.routes.exception(
                NotAvailableException.class,
                (e, context) -> error(context, HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage())));
        config.routes.exception(
                HttpResponseException.class,
                (e, context) -> error(context, HttpStatus.forStatus(e.getStatus()), String.valueOf(e.getMessage())));
        config.routes.exception(Exception.class, (e, context) -> {
            LOG.error("a question to {} failed", context.path(), e);
            error(context, HttpStatus.INTERNAL_SERVER_ERROR, "this is a defect; the instance's log says more");
        });
    }

    private Instances known() throws NotAvailableException {
        Instances known = instances;
        if (known == null) {
            throw new NotAvailableException("this instance is starting: ask again in a moment");
        }
        return known;
    }

    private void ready(Context context) throws NotAvailableException {
        Instances known = known();
        json(context, known.isReady() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE, json -> {
            json.writeStringField("instance", known.self().toString());
            json.writeStringField("state", known.state());
            if (!known.isReady()) {
                json.writeStringField("error", "this instance does not have its partitions, or restores their state");
            }
        });
    }

    private void metrics(Context context) throws NotAvailableException {
        Supplier<String> known = metrics;
        if (known == null) {
            throw new NotAvailableException("this instance is starting: ask again in a moment");
        }
        context.contentType(PROMETHEUS_TEXT).result(known.get());
    }

    private void instances(Context context) throws NotAvailableException {
        Instances known = known();
        List<Instance> all = known.all();
        json(context, HttpStatus.OK, json -> {
            json.writeStringField("instance", known.self().toString());
            json.writeStringField("state", known.state());
            json.writeArrayFieldStart("instances");
            for (Instance each : all) {
                json.writeStartObject();
                json.writeStringField("address", each.address().toString());
                writeNumbers(json, "active_partitions", each.active());
                writeNumbers(json, "standby_partitions", each.standby());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static void writeNumbers(JsonGenerator json, String name, List<Integer> numbers) throws IOException {
        json.writeArrayFieldStart(name);
        for (int number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }

    private void connection(Context context) throws NotAvailableException {
        ConnectionId id;
        try {
            id = ConnectionId.parse(context.pathParam("id"));
        } catch (IllegalArgumentException e) {
            error(context, HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
            return;
        }
        Instances known = known();
        if (!"true".equals(context.queryParam(Peers.LOCAL))) {
            HostPort owner = known.ownerOf(id.key());
            if (!owner.equals(known.self())) {
                ask(context, owner, id);
                return;
            }
        }
        answer(context, id, known.live(id.key()), known.self());
    }

    private static void answer(Context context, ConnectionId id, @Nullable LifecycleEvent live, HostPort self) {
        if (live == null) {
            json(context, HttpStatus.NOT_FOUND, json -> {
                json.writeStringField("error", "no connection " + id.key() + " is live: it has ended, or never was");
                json.writeStringField("instance", self.toString());
            });
        } else if (!ConnectionId.parse(live.getConnectionId()).equals(id)) {
            json(context, HttpStatus.NOT_FOUND, json -> {
                json.writeStringField(
                        "error",
                        "this connection " + id.key() + " is not live, but another one between the same ends is: "
                                + live.getConnectionId());
                json.writeStringField("instance", self.toString());
                json.writeStringField("live_connection_id", live.getConnectionId());
            });
        } else {
            body(context, HttpStatus.OK, json -> EventJson.writeLive(json, live, self));
        }
    }

    /** Passes the question on, and the answer back. */
    private void ask(Context context, HostPort owner, ConnectionId id) {
        context.future(() -> peers.connection(owner, id.toString()).handle((answer, failure) -> {
            if (failure != null) {
                error(
                        context,
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "instance " + owner + " has this connection and did not answer (" + Peers.why(failure)
                                + "): ask again in a moment");
            } else {
                passOn(context, owner, answer);
            }
            return null;
        }));
    }

    private static void passOn(Context context, HostPort owner, HttpResponse<String> answer) {
        HttpStatus status = HttpStatus.forStatus(answer.statusCode());
        switch (status) {
            case OK, NOT_FOUND, SERVICE_UNAVAILABLE ->
                context.status(status).contentType("application/json").result(answer.body());
            default ->
                error(
                        context,
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "instance " + owner + " has this connection and answered with status " + answer.statusCode());
        }
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    /** Writes into an object or array that is open. */
    private interface JsonPart {
        void write(JsonGenerator json) throws IOException;
    }

    private static void error(Context context, HttpStatus status, String error) {
        json(context, status, json -> json.writeStringField("error", error));
    }

    private static void json(Context context, HttpStatus status, JsonPart fields) {
        body(context, status, json -> {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        });
    }

    private static void body(Context context, HttpStatus status, JsonPart whole) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            whole.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can always be written to", e);
        }
        context.status(status)
                .contentType("application/json")
                .header("Cache-Control", "no-store")
                .result(bytes.toByteArray());
    }
}
