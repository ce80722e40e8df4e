package flowstate.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import flowstate.schema.LifecycleEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueryServerTest {
    /** 2026-01-01T00:00:00Z and some. */
    private static final long START_NS = 1_767_225_600_000_000_007L;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Deque<QueryServer> servers = new ArrayDeque<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private record Answer(int status, String contentType, String text, JsonNode json) {}

    @AfterEach
    void stop() {
        servers.forEach(QueryServer::close);
    }

    private QueryServer listen() throws IOException {
        QueryServer server = QueryServer.listen(new HostPort("127.0.0.1", 0));
        servers.add(server);
        return server;
    }

    private QueryServer instanceWith(LifecycleEvent... live) throws IOException {
        QueryServer server = listen();
        server.answerFrom(KnownInstances.alone(server.address(), live));
        return server;
    }

    private Answer get(QueryServer server, String path) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("http://" + server.address() + path))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        return new Answer(
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                response.body(),
                JSON.readTree(response.body()));
    }

    private Answer connection(QueryServer server, String id) throws IOException, InterruptedException {
        return get(server, "/v1/connections/" + id);
    }

    @Test
    void aLiveConnectionIsToldInFull() throws Exception {
        LifecycleEvent live = LiveConnection.startedAt(START_NS);
        QueryServer server = instanceWith(live);

        Answer answer = connection(server, live.getConnectionId());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo("application/json");
        assertThat(answer.json()).isEqualTo(JSON.readTree("""
                        {
                          "instance": "%s",
                          "as_of": "2026-01-01T00:00:01.015000007Z",
                          "capture": "eth0",
                          "started_at": "2026-01-01T00:00:00.000000007Z",
                          "duration_seconds": 0.015,
                          "connection_id": "%s",
                          "community_id": "%s",
                          "scope": "",
                          "originator": {
                            "address": "10.0.0.1", "port": 40000, "state": "ESTABLISHED",
                            "states": ["SYN_SENT", "ESTABLISHED"],
                            "segments": 2, "bytes": 0, "wire_bytes": 112,
                            "retransmitted_segments": 0, "retransmitted_bytes": 0, "zero_windows": 0,
                            "isn": 1000, "mss": 1460, "window_scale": 7, "sack_permitted": true, "timestamps": false
                          },
                          "responder": {
                            "address": "10.0.0.2", "port": 80, "state": "ESTABLISHED",
                            "states": ["LISTEN", "SYN_RECV", "ESTABLISHED"],
                            "segments": 1, "bytes": 0, "wire_bytes": 60,
                            "retransmitted_segments": 0, "retransmitted_bytes": 0, "zero_windows": 0,
                            "isn": 5000, "mss": 1460, "window_scale": 7, "sack_permitted": true, "timestamps": false
                          },
                          "role_confidence": 1.0,
                          "conn_state": "S1",
                          "history": "ShA", "completeness": 7,
                          "handshake": "THREE_WAY",
                          "syn_to_synack_seconds": 0.012,
                          "synack_to_ack_seconds": 0.003,
                          "teardown": "NONE",
                          "closed_first": "NONE",
                          "unseen_segments": false,
                          "observers": ["tap"],
                          "capture_loss_suspected": false
                        }
                        """.formatted(
                        server.address(), live.getConnectionId(), live.getCommunityId())));
    }

    @Test
    void anIdThatIsNoneIsABadRequest() throws Exception {
        QueryServer server = instanceWith();

        for (String id : new String[] {"x", "not*base64", "AAAAAAAAAAAAAAAA", "%22%3Cscript%3E"}) {
            Answer answer = connection(server, id);
            assertThat(answer.status()).as(id).isEqualTo(400);
            assertThat(answer.json().path("error").asText()).as(id).contains("not a connection id");
        }
    }

    @Test
    void aConnectionThatIsNotLiveIsNotFound() throws Exception {
        String id = LiveConnection.startedAt(START_NS).getConnectionId();

        Answer answer = connection(instanceWith(), id);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("error").asText()).contains("10.0.0.1:40000 <> 10.0.0.2:80");
    }

    @Test
    void aLaterConnectionBetweenTheSameEndsIsNotTakenForTheOneAskedFor() throws Exception {
        LifecycleEvent earlier = LiveConnection.startedAt(START_NS);
        LifecycleEvent later = LiveConnection.startedAt(START_NS + 1);

        Answer answer = connection(instanceWith(later), earlier.getConnectionId());

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("live_connection_id").asText()).isEqualTo(later.getConnectionId());
    }

    @Test
    void whileOwnersAreUnsettledTheAnswerIsNotAvailable() throws Exception {
        QueryServer server = listen();
        server.answerFrom(KnownInstances.unsettled(server.address()));
        String id = LiveConnection.startedAt(START_NS).getConnectionId();

        for (String path : new String[] {"/v1/connections/" + id, "/v1/connections/" + id + "?local=true", "/readyz"}) {
            Answer answer = get(server, path);
            assertThat(answer.status()).as(path).isEqualTo(503);
            assertThat(answer.json().path("error").asText()).as(path).isNotEmpty();
        }
        assertThat(get(server, "/healthz").status()).isEqualTo(200);
    }

    @Test
    void beforeItIsStartedAnInstanceIsAliveButNotReady() throws Exception {
        QueryServer server = listen();

        assertThat(get(server, "/healthz").status()).isEqualTo(200);
        assertThat(get(server, "/readyz").status()).isEqualTo(503);
        assertThat(get(server, "/v1/instances").status()).isEqualTo(503);
        assertThat(get(server, "/metrics").status()).isEqualTo(503);
    }

    @Test
    void anyInstanceAnswersByAskingTheOwner() throws Exception {
        LifecycleEvent live = LiveConnection.startedAt(START_NS);
        QueryServer owner = instanceWith(live);
        QueryServer asked = listen();
        asked.answerFrom(KnownInstances.owning(asked.address(), owner.address()));

        Answer answer = connection(asked, live.getConnectionId());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo("application/json");
        assertThat(answer.json().path("instance").asText())
                .isEqualTo(owner.address().toString());
        assertThat(answer.json())
                .isEqualTo(connection(owner, live.getConnectionId()).json());
    }

    @Test
    void anOwnersNotFoundIsPassedOn() throws Exception {
        QueryServer owner = instanceWith();
        QueryServer asked = listen();
        asked.answerFrom(KnownInstances.owning(asked.address(), owner.address()));

        Answer answer = connection(asked, LiveConnection.startedAt(START_NS).getConnectionId());

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("instance").asText())
                .isEqualTo(owner.address().toString());
    }

    @Test
    void twoInstancesThatTakeEachOtherForTheOwnerDoNotAskForEver() throws Exception {
        QueryServer one = listen();
        QueryServer other = listen();
        one.answerFrom(KnownInstances.owning(one.address(), other.address()));
        other.answerFrom(KnownInstances.owning(other.address(), one.address()));

        Answer answer = connection(one, LiveConnection.startedAt(START_NS).getConnectionId());

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("instance").asText())
                .isEqualTo(other.address().toString());
    }

    @Test
    void anOwnerThatIsAwayMakesTheAnswerUnavailable() throws Exception {
        QueryServer owner = listen();
        owner.close();
        QueryServer asked = listen();
        asked.answerFrom(KnownInstances.owning(asked.address(), owner.address()));

        Answer answer = connection(asked, LiveConnection.startedAt(START_NS).getConnectionId());

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json().path("error").asText())
                .contains(owner.address() + " has this connection and did not answer (nothing listens there)");
    }

    @Test
    void anOwnerThatTakesQuestionsButNeverAnswersIsGivenUp() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HostPort owner = new HostPort("127.0.0.1", silent.getLocalPort());
            QueryServer asked = listen();
            asked.answerFrom(KnownInstances.owning(asked.address(), owner));

            Answer answer = connection(asked, LiveConnection.startedAt(START_NS).getConnectionId());

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.json().path("error").asText())
                    .contains(owner + " has this connection and did not answer (not within 2 s)");
        }
    }

    @Test
    void theInstancesOfTheGroupAreListed() throws Exception {
        Answer answer = get(instanceWith(), "/v1/instances");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("state").asText()).isEqualTo("RUNNING");
        assertThat(answer.json().path("instances")).hasSize(1);
        assertThat(StreamSupport.stream(
                                answer.json()
                                        .path("instances")
                                        .path(0)
                                        .path("active_partitions")
                                        .spliterator(),
                                false)
                        .map(JsonNode::asInt))
                .containsExactly(0, 1, 2);
    }

    @Test
    void whatIsNotServedIsAnErrorInJson() throws Exception {
        QueryServer server = instanceWith();

        for (String path : new String[] {"/", "/v1/connections", "/v1/nothing", "/v1/connections/a/b"}) {
            Answer answer = get(server, path);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.json().path("error").asText()).as(path).isNotEmpty();
        }
    }

    @Test
    void aRequestTooMalformedForAnyRouteIsAnsweredInJson() throws Exception {
        QueryServer server = instanceWith();

        String answer = raw(server, "GET /v1/connections/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 400 ")
                .contains("application/json")
                .contains("{\"error\":");
        assertThat(answer).doesNotContain("<html").doesNotContain("org.eclipse");
    }

    private static String raw(QueryServer server, String request) throws IOException {
        try (Socket socket =
                new Socket(server.address().host(), server.address().port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void aPortInUseIsSaidInOneLine() throws Exception {
        QueryServer first = listen();

        assertThatThrownBy(() -> QueryServer.listen(first.address()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(first.address().toString())
                .hasMessageContaining("in use")
                .message()
                .doesNotContain("\n");
    }
}
