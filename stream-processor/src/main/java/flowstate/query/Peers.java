package flowstate.query;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Asks other instances. One client for all requests; thread-safe.
 *
 * <p>Each question says {@code local=true}, so that whoever is asked does not ask on: two instances that each think that
 * the other has the connection would pass it to and fro.
 */
final class Peers {
    static final String LOCAL = "local";

    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LIMIT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** What another instance answers for a connection, within 2 s; fails with an exception of java.net.http. */
    CompletableFuture<HttpResponse<String>> connection(HostPort owner, String id) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://" + owner + QueryServer.CONNECTIONS + "/" + id + "?" + LOCAL + "=true"))
                .timeout(LIMIT)
                .header("Accept", "application/json")
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    /** Why there was no answer, in a few words for a person. */
    static String why(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof HttpTimeoutException) {
                return "not within " + LIMIT.toSeconds() + " s";
            }
            if (each instanceof ConnectException) {
                return "nothing listens there";
            }
        }
        return "the connection to it broke";
    }
}
