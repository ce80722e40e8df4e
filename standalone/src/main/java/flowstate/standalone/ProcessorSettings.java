package flowstate.standalone;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Kafka's settings of a processor that has the embedded broker to itself, where they differ from those of one among many. */
final class ProcessorSettings {
    /**
     * The first round of Kafka's group makes topics, and so calls for a second one, of which all threads but one hear with
     * their next heartbeat: by default up to 3 s later, in which the other one stands still. What was asked too soon, such as for
     * topics just made, is asked again after 10 ms instead of 100.
     *
     * <p>A transaction may last ten minutes instead of ten seconds: where a clock jumps, the timers of all that is open are
     * due at once, which are some 4 s for a million. The limit is for readers to go on when a processor is lost, and another
     * one goes on in its place: here all of them are lost together.
     */
    static final Map<String, String> LIVE = Map.of(
            StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
            "100",
            StreamsConfig.RETRY_BACKOFF_MS_CONFIG,
            "10",
            StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG),
            "10",
            StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
            "600000");

    /**
     * Nobody waits for a file's events as they come: what goes to the broker waits longer for more. With 20 ms, as elsewhere, it
     * takes four times as many requests, and a twelfth more of the processor's time. What still waits is sent with each commit.
     *
     * <p>Until it processes its first record, a thread waits for as long as a poll may take at each of some six steps: by default
     * 100 ms. A broker answers a connection's requests one after the other, and a fetch of what is not there yet only after 500 ms, by
     * default: so long did a thread wait that had nothing to restore, and again when it left. Who idles for days has no use for
     * so many questions.
     */
    static final Map<String, String> REPLAY = and(
            LIVE,
            Map.of(
                    StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG),
                    "300",
                    StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG),
                    PipelineParts.BATCH_OCTETS,
                    StreamsConfig.POLL_MS_CONFIG,
                    "10",
                    StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG),
                    Long.toString(ReplayRun.LONGEST_FETCH.toMillis())));

    private ProcessorSettings() {}

    private static Map<String, String> and(Map<String, String> some, Map<String, String> others) {
        Map<String, String> all = new HashMap<>(some);
        all.putAll(others);
        return Map.copyOf(all);
    }
}
